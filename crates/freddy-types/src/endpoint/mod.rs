//! An endpoint as data: everything that a server, a client and the spec need to know of it.

pub(crate) mod auth;
pub mod headers;
pub(crate) mod method;
pub(crate) mod page;
pub(crate) mod path;
pub(crate) mod request;
pub(crate) mod response_headers;
pub(crate) mod rows;
pub(crate) mod success;

use crate::endpoint::auth::AuthScheme;
use crate::endpoint::method::Method;
use crate::endpoint::page::{Cursor, ReceivedPage};
use crate::endpoint::path::PathTemplate;
use crate::endpoint::request::{EncodedRequest, IncomingRequest, InvalidRequest, Parameter};
use crate::endpoint::success::SuccessResponse;
use crate::error::table::ErrorCode;

/// One operation of the API. The implementing type is its request, and [`endpoint!`](crate::endpoint) declares it.
///
/// A server mounts [`METHOD`](Self::METHOD) and [`PATH`](Self::PATH) and reads a request with [`decode`](Self::decode);
/// a client sends what [`encode`](Self::encode) gives; the spec lists the rest. None of them writes a path or a status
/// again.
///
/// ```
/// use freddy_types::{Endpoint, connector_id, personal_connectors::DisconnectConnector};
///
/// let request = DisconnectConnector { connector_id: connector_id!("pcon_abc123") };
/// assert_eq!(DisconnectConnector::METHOD.as_str(), "DELETE");
/// assert_eq!(request.path(), "/v1/personal-connectors/pcon_abc123");
/// assert_eq!(DisconnectConnector::from_path("/v1/personal-connectors/pcon_abc123"), Ok(request));
/// ```
pub trait Endpoint: Clone + std::fmt::Debug + PartialEq + Send + Sync + Sized + 'static {
    /// The HTTP method.
    const METHOD: Method;
    /// The path, with a name in braces where a parameter stands.
    const PATH: PathTemplate;
    /// The name of the operation, unique in the API, from which generated clients make a function name.
    const OPERATION_ID: &'static str;
    /// The group that the documentation lists it in.
    const TAG: Tag;
    /// What it does, in a few words.
    const SUMMARY: &'static str;
    /// What it does, in Markdown.
    const DESCRIPTION: &'static str;
    /// What a success returns, in Markdown.
    const RETURNS: &'static str;
    /// What has happened when it succeeded. Code samples print it.
    const SUCCESS_MESSAGE: &'static str;
    /// The codes that the documentation lists, in the order of their statuses. A client can receive others.
    const ERRORS: &'static [ErrorCode];
    /// The ways to authenticate, each of them enough.
    const AUTH: &'static [AuthScheme] = AuthScheme::ALL;

    /// The answer to a request that succeeded.
    type Response: SuccessResponse;

    /// What a request is made of, a row each, in the order of the declaration.
    fn parameters() -> Vec<Parameter>;

    /// The request to send.
    fn encode(&self) -> EncodedRequest;

    /// Reads a request.
    ///
    /// # Errors
    /// The path is not this endpoint's, or something is not what it should be; then all that is wrong and can be found at
    /// once is told, each with its place.
    fn decode(request: &IncomingRequest<'_>) -> Result<Self, InvalidRequest>;

    /// The path to send, each parameter percent-encoded.
    #[must_use]
    fn path(&self) -> String {
        self.encode().path
    }

    /// Reads a request that is nothing but a path, percent-encoded as it came and without a query.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    fn from_path(path: &str) -> Result<Self, InvalidRequest> {
        Self::decode(&IncomingRequest::new(path))
    }
}

/// An endpoint that answers a list in [pages](crate::Page). The line `cursor: FIELD of ITEM` in [`endpoint!`](crate::endpoint)
/// implements it.
pub trait Paged: Endpoint<Response: SuccessResponse<Received = ReceivedPage<Self::Item>>> {
    /// An item of the list, as a client reads it.
    type Item: Clone + std::fmt::Debug + PartialEq + Send + 'static;

    /// The same request for the page that begins here.
    #[must_use]
    fn with_cursor(self, cursor: Cursor) -> Self;
}

/// A group of endpoints in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The heading of the group.
    pub name: &'static str,
    /// What its endpoints are about, in Markdown.
    pub description: &'static str,
}

/// Declares an endpoint: its request, with one row for each part, its answer, and its documentation.
///
/// ```
/// use freddy_types::{
///     ConnectorId, Endpoint, ErrorCode, IncomingRequest, Integer, Json, Tag, Text, endpoint, object,
/// };
///
/// object! {
///     /// A note on a connector.
///     pub struct Note, received as ReceivedNote {
///         /// What it says.
///         pub required text: Text<1, 500>,
///     }
/// }
///
/// endpoint! {
///     /// Adds a note to a connector.
///     pub struct AddNote {
///         /// The connector.
///         pub required path connector_id: ConnectorId,
///         /// The days after which the note is deleted.
///         pub defaulted query days: Integer<1, 365> = Integer::literal::<30>(),
///         /// The note.
///         pub required body note: Note,
///     }
///     method: Post,
///     path: "/v1/personal-connectors/{connector_id}/notes",
///     response: Json<Note>,
///     operation_id: "addNote",
///     tag: Tag { name: "Notes", description: "Notes on connectors." },
///     summary: "Add Note",
///     description: "Add a note to a connector.",
///     returns: "Returns the note.",
///     success_message: "Note added",
///     errors: [ErrorCode::ValidationError, ErrorCode::Unauthorized],
/// }
///
/// let path = "/v1/personal-connectors/pcon_1/notes";
/// let wrong = AddNote::decode(&IncomingRequest::new(path).query("days=0").body(br#"{"txt": "Hello"}"#)).unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "query.days: is not an integer from 1 to 365; body /text: is missing; \
///      body: has an unknown field `txt`, perhaps `text` is meant",
/// );
/// ```
///
/// A row is `/// documentation`, the visibility, the presence, the place, the name, the type, then `as` and the
/// wire name, if it differs from the Rust name. The places are `path`, `query`, `header` and `body`; the presences `required`, `optional`, `defaulted`
/// with `=` the value that is taken, and `repeated` (any number of times, in a query). A path that does not fit its rows
/// does not compile. Behind `errors` may stand `auth: [AuthScheme::Bearer],` where not every scheme is taken, and
/// `cursor: FIELD of ITEM,` for a list in pages, naming the field that takes the [`Cursor`](crate::Cursor).
#[macro_export]
macro_rules! endpoint {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($Derive:path),+ $(,)?)])?
        $vis:vis struct $Name:ident {
            $(
                $(#[doc = $fdoc:literal])+
                $fvis:vis $presence:ident $place:ident $field:ident : $T:ty $(as $wire:literal)? $(= $default:expr)?
            ),* $(,)?
        }
        method: $Method:ident,
        path: $path:literal,
        response: $Response:ty,
        operation_id: $operation_id:expr,
        tag: $tag:expr,
        summary: $summary:expr,
        description: $description:expr,
        returns: $returns:expr,
        success_message: $success_message:expr,
        errors: [$($error:expr),* $(,)?],
        $(auth: [$($auth:expr),* $(,)?],)?
        $(cursor: $cursor:ident of $Item:ty,)?
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq $($(, $Derive)+)?)]
        $vis struct $Name {
            $(
                $(#[doc = $fdoc])+
                $fvis $field: $crate::__parameter_type!($presence $place $T $(= $default)?),
            )*
        }

        // An item, which `cargo check` evaluates: a path that does not fit is an error where it is declared.
        const _: $crate::PathTemplate = <$Name as $crate::Endpoint>::PATH;

        impl $crate::Endpoint for $Name {
            const METHOD: $crate::Method = $crate::Method::$Method;
            const PATH: $crate::PathTemplate = $crate::PathTemplate::new($path)
                .with_rows(&[$((stringify!($place), $crate::__wire_name!($field $($wire)?))),*]);
            const OPERATION_ID: &'static str = $operation_id;
            const TAG: $crate::Tag = $tag;
            const SUMMARY: &'static str = $summary;
            const DESCRIPTION: &'static str = $description;
            const RETURNS: &'static str = $returns;
            const SUCCESS_MESSAGE: &'static str = $success_message;
            const ERRORS: &'static [$crate::ErrorCode] = &[$($error),*];
            $(const AUTH: &'static [$crate::AuthScheme] = &[$($auth),*];)?

            type Response = $Response;

            fn parameters() -> Vec<$crate::Parameter> {
                vec![$(
                    $crate::__private::parameter::$place(
                        $crate::__wire_name!($field $($wire)?),
                        &[$($fdoc),+],
                        $crate::__private::required_optional_defaulted_or_repeated::$presence::presence::<$T>($($default)?),
                        $crate::WireType::of::<$T>(),
                    ),
                )*]
            }

            fn encode(&self) -> $crate::EncodedRequest {
                let mut writer = $crate::__private::RequestWriter::new(<Self as $crate::Endpoint>::PATH);
                $( $crate::__encode!(writer, $presence $place $crate::__wire_name!($field $($wire)?), &self.$field); )*
                writer.finish()
            }

            fn decode(request: &$crate::IncomingRequest<'_>) -> Result<Self, $crate::InvalidRequest> {
                let mut reader = $crate::__private::RequestReader::new(<Self as $crate::Endpoint>::PATH, request)
                    .ok_or($crate::InvalidRequest::NoMatch)?;
                // All of them are read before one that is missing ends it, so that every fault is found.
                $(
                    let $field = $crate::__decode!(
                        reader, $presence $place $crate::__wire_name!($field $($wire)?), $T $(, $default)?
                    );
                )*
                let request = (|| Some(Self { $( $field: $field?, )* }))();
                reader.finish(request)
            }
        }

        $(
            impl $crate::Paged for $Name {
                type Item = <$Item as $crate::Wire>::Received;

                fn with_cursor(self, cursor: $crate::Cursor) -> Self {
                    Self { $cursor: Some(cursor), ..self }
                }
            }
        )?
    };
}

/// The Rust type of a row. A presence that the place does not have is an error here, at the row.
#[doc(hidden)]
#[macro_export]
macro_rules! __parameter_type {
    (required path $T:ty) => { $T };
    (required query $T:ty) => { $T };
    (required header $T:ty) => { $T };
    (required body $T:ty) => { $T };
    (defaulted query $T:ty = $default:expr) => { $T };
    (defaulted header $T:ty = $default:expr) => { $T };
    (optional query $T:ty) => { Option<$T> };
    (optional header $T:ty) => { Option<$T> };
    (repeated query $T:ty) => { Vec<$T> };
    // What is left is an error, told by the name of a module without anything in it.
    ($presence:ident query $T:ty = $default:expr) => { $crate::__private::only_a_defaulted_row_has_a_default::$presence };
    ($presence:ident header $T:ty = $default:expr) => { $crate::__private::only_a_defaulted_row_has_a_default::$presence };
    (defaulted query $T:ty) => { $crate::__private::a_defaulted_row_has_its_default_after_an_equals_sign::query };
    (defaulted header $T:ty) => { $crate::__private::a_defaulted_row_has_its_default_after_an_equals_sign::header };
    (required $place:ident $T:ty) => { $crate::__private::a_place_is_path_query_header_or_body::$place };
    (optional $place:ident $T:ty) => { $crate::__private::optional_is_for_query_and_header::$place };
    (defaulted $place:ident $T:ty $(= $default:expr)?) => { $crate::__private::defaulted_is_for_query_and_header::$place };
    (repeated $place:ident $T:ty) => { $crate::__private::repeated_is_for_query::$place };
    ($presence:ident $place:ident $T:ty $(= $default:expr)?) => {
        $crate::__private::required_optional_defaulted_or_repeated::$presence::presence
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __encode {
    ($writer:ident, required body $name:expr, $value:expr) => {
        $writer.body($value)
    };
    ($writer:ident, $presence:ident $place:ident $name:expr, $value:expr) => {
        $writer.$place($name, $crate::__private::required_optional_defaulted_or_repeated::$presence::texts($value))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __decode {
    ($reader:ident, required body $name:expr, $T:ty) => {
        $reader.body::<$T>()
    };
    ($reader:ident, $presence:ident header $name:expr, $T:ty $(, $default:expr)?) => {
        $crate::__private::required_optional_defaulted_or_repeated::$presence::read::<$T>($reader.header::<$T>($name) $(, $default)?)
    };
    ($reader:ident, $presence:ident $place:ident $name:expr, $T:ty $(, $default:expr)?) => {
        $crate::__private::required_optional_defaulted_or_repeated::$presence::read::<$T>($reader.$place($name) $(, $default)?)
    };
}
