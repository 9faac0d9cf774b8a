//! The details of errors: a file for each code of the table that has some.

pub(crate) mod rate_limit;

use serde_json::value::RawValue;

use crate::value::time::Timestamp;
use crate::wire::read::{Object, WireType, read_json};
use crate::wire::tree::Tree;

/// The `details` of an error, as a server sends them: an [`object!`](crate::object) that a row of the code table names.
///
/// For most of them this is all there is to write:
///
/// ```
/// # use freddy_types::{Details, Integer, object};
/// object! {
///     /// Which version is stored.
///     pub struct ConflictDetails, received as ReceivedConflictDetails {
///         /// The version of the connector.
///         pub required version: Integer<0, 2147483647>,
///     }
/// }
///
/// impl Details for ConflictDetails {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the details of an error",
    label = "not details",
    note = "declare it with `object!` and write `impl Details for {Self} {{}}`"
)]
pub trait Details: Object {
    /// The headers that say the same as the details, as names and values in visible ASCII.
    fn headers(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// A rule that no schema can state, between the details and the time of the error.
    ///
    /// # Errors
    /// The JSON pointer below `details`, and what is wrong there.
    fn check_against(&self, timestamp: &Timestamp) -> Result<(), (&'static str, &'static str)> {
        let _ = timestamp;
        Ok(())
    }
}

/// What a server knows when it fails, from which the [`Details`] of the error are made. Details are their own source.
pub trait DetailsSource: Clone + std::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The details.
    type Details: Details;

    /// The details of an error that happens at this time.
    fn details_at(&self, timestamp: &Timestamp) -> Self::Details;

    /// The one of the example in the documentation.
    fn example() -> Self;
}

impl<D: Details> DetailsSource for D {
    type Details = D;

    fn details_at(&self, _: &Timestamp) -> D {
        self.clone()
    }

    #[expect(clippy::expect_used, reason = "the laws of the contract read the example of every shape")]
    fn example() -> D {
        let example = D::shape().example().to_string();
        read_json(example.as_bytes()).expect("the example of the rows is not a value of the type")
    }
}

/// Details as they are sent: their JSON text, and the headers that say the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SentDetails {
    /// An object, and not its text, so that it is laid out as what is around it.
    pub(crate) tree: Tree,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl SentDetails {
    pub(crate) fn of(source: &impl DetailsSource, timestamp: &Timestamp) -> Self {
        Self::from_details(&source.details_at(timestamp))
    }

    fn from_details(details: &impl Details) -> Self {
        Self { tree: Tree::of(details), headers: details.headers() }
    }
}

/// What a row of the code table knows of its details, with their type erased.
#[doc(hidden)]
#[derive(Debug)]
pub struct DetailsRow {
    pub(crate) wire: WireType,
    pub(crate) example: fn(&Timestamp) -> SentDetails,
    pub(crate) read: fn(&RawValue, &Timestamp) -> Result<SentDetails, DetailsFault>,
}

/// Why details are none that a server sends.
#[derive(Debug)]
pub(crate) enum DetailsFault {
    /// They have another form.
    Form,
    /// They break a rule that no schema can state.
    Rule { pointer: &'static str, rule: &'static str },
}

impl DetailsRow {
    #[must_use]
    pub const fn of<S: DetailsSource>() -> Self {
        Self {
            wire: WireType::of::<S::Details>(),
            example: |timestamp| SentDetails::of(&S::example(), timestamp),
            read: |json, timestamp| {
                let details: S::Details = read_json(json.get().as_bytes()).map_err(|_| DetailsFault::Form)?;
                match details.check_against(timestamp) {
                    Ok(()) => Ok(SentDetails::from_details(&details)),
                    Err((pointer, rule)) => Err(DetailsFault::Rule { pointer, rule }),
                }
            },
        }
    }
}
