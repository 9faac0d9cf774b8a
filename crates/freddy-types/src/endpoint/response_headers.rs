//! The headers of a success as typed data.

use crate::endpoint::headers::HeaderLookup;
use crate::endpoint::request::Parameter;
use crate::endpoint::success::{EncodedResponse, SuccessResponse, UnexpectedBody};
use crate::wire::fault::Faults;
use crate::wire::read::WireType;

/// The headers that a success has beside those of every response. [`response_headers!`](crate::response_headers) declares
/// them, and [`WithHeaders`] sends them.
pub trait ResponseHeaders: Clone + std::fmt::Debug + PartialEq + Send + Sync + Sized + 'static {
    /// What they are, a row each, in the order of the declaration.
    fn rows() -> Vec<Parameter>;

    /// Their names and values.
    fn encode(&self) -> Vec<(&'static str, String)>;

    /// Reads them.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with its name.
    fn decode(headers: &dyn HeaderLookup) -> Result<Self, Faults>;
}

/// A success with [headers](ResponseHeaders) of its own: `WithHeaders<Json<Job>, JobHeaders>`.
#[derive(Clone, Debug, PartialEq)]
pub struct WithHeaders<S, H> {
    /// The success without them.
    pub response: S,
    /// The headers.
    pub headers: H,
}

impl<S: SuccessResponse, H: ResponseHeaders> SuccessResponse for WithHeaders<S, H> {
    type Received = WithHeaders<S::Received, H>;

    const STATUS: u16 = S::STATUS;
    const HEADING: &'static str = S::HEADING;

    fn headers() -> Vec<Parameter> {
        let mut rows = S::headers();
        rows.extend(H::rows());
        rows
    }

    fn body() -> Option<WireType> {
        S::body()
    }

    fn encode(&self) -> EncodedResponse {
        let mut response = self.response.encode();
        response.headers.extend(self.headers.encode());
        response
    }

    fn decode(headers: &dyn HeaderLookup, body: &[u8]) -> Result<Self::Received, UnexpectedBody> {
        let response = S::decode(headers, body)?;
        let headers = H::decode(headers).map_err(UnexpectedBody::new)?;
        Ok(WithHeaders { response, headers })
    }
}

/// Declares the [headers of a success](crate::ResponseHeaders), a row each.
///
/// ```
/// use freddy_types::{Integer, Json, ResponseHeaders, SuccessResponse, Text, WithHeaders, identifier, response_headers};
///
/// identifier! {
///     /// The version of a job.
///     pub struct JobVersion: "job version" {
///         prefix: "v",
///         characters: "0-9", "a digit",
///         max: 9,
///         example: "v7",
///     }
/// }
///
/// response_headers! {
///     /// What is said beside a job.
///     pub struct JobHeaders {
///         /// The version, to be sent back with a change.
///         pub required version: JobVersion as "X-Job-Version",
///         /// Seconds until the job will have changed.
///         pub optional retry_after: Integer<0, 3600> as "Retry-After",
///     }
/// }
///
/// type Answer = WithHeaders<Json<Text<1, 80>>, JobHeaders>;
///
/// let headers = JobHeaders { version: "v7".parse()?, retry_after: None };
/// let sent = Answer { response: Json("Hello".parse()?), headers }.encode();
/// assert_eq!(sent.headers, [("Content-Type", "application/json".to_owned()), ("X-Job-Version", "v7".to_owned())]);
///
/// let answer = Answer::decode(&sent.headers, &sent.body)?;
/// assert_eq!(answer.headers.version, "v7");
/// assert_eq!(Answer::decode(&(), &sent.body).unwrap_err().to_string(), "header X-Job-Version: is missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A row is `/// documentation`, the visibility, `required` or `optional`, the name, the type and `as` the name of the
/// header. The types are those that fit in a header: see [`HeaderScalar`](crate::HeaderScalar).
#[macro_export]
macro_rules! response_headers {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $Name:ident {
            $( $(#[doc = $fdoc:literal])+ $fvis:vis $presence:ident $field:ident : $T:ty as $wire:literal ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $Name {
            $(
                $(#[doc = $fdoc])+
                $fvis $field: $crate::__response_header_type!($presence $T),
            )+
        }

        $(
            const _: () = assert!(
                $crate::__private::is_header_name($wire),
                "the name of a header has a character that HTTP forbids"
            );
        )+

        const _: () = assert!(
            $crate::__private::are_distinct(&[$($wire),+], true),
            "two rows have the same name on the wire"
        );

        impl $crate::ResponseHeaders for $Name {
            fn rows() -> Vec<$crate::Parameter> {
                vec![$(
                    $crate::__private::parameter::header(
                        $wire,
                        &[$($fdoc),+],
                        $crate::__private::required_optional_defaulted_or_repeated::$presence::presence::<$T>(),
                        $crate::WireType::of::<$T>(),
                    ),
                )+]
            }

            fn encode(&self) -> Vec<(&'static str, String)> {
                let mut headers = Vec::new();
                $(
                    $crate::__private::push_header(
                        $wire,
                        $crate::__private::required_optional_defaulted_or_repeated::$presence::texts(&self.$field),
                        &mut headers,
                    );
                )+
                headers
            }

            fn decode(headers: &dyn $crate::HeaderLookup) -> Result<Self, $crate::Faults> {
                let mut reader = $crate::__private::header_reader(headers);
                // All of them are read before one that is missing ends it, so that every fault is found.
                $( let $field = $crate::__private::required_optional_defaulted_or_repeated::$presence::read::<$T>(reader.header::<$T>($wire)); )+
                let headers = (|| Some(Self { $( $field: $field?, )+ }))();
                reader.into_result(headers)
            }
        }
    };
}

/// The Rust type of a row. A word that is no presence of a response header is an error here, at the row.
#[doc(hidden)]
#[macro_export]
macro_rules! __response_header_type {
    (required $T:ty) => { $T };
    (optional $T:ty) => { Option<$T> };
    ($presence:ident $T:ty) => {
        $crate::__private::a_response_header_is_required_or_optional::$presence
    };
}
