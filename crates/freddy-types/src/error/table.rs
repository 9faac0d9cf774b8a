//! The table of error codes: one row each, everything else derived from it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use crate::error::details::rate_limit::{RateLimit, RateLimitDetails};
use crate::error::details::{Details, DetailsRow, DetailsSource, SentDetails};
use crate::value::time::Timestamp;
use crate::value::trace_id::TraceId;
use crate::wire::fault::{At, Faults, Reason};
use crate::wire::names::is_same;
use crate::wire::open::Open;
use crate::wire::read::{Wire, WireType};
use crate::wire::scalar::{HeaderScalar, Scalar, name_from_text, read_scalar};
use crate::wire::shape::{EnumShape, Shape};
use crate::wire::tree::Tree;

/// One row of the table, or of another crate's [`ExtensionCode`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Row {
    pub wire: &'static str,
    pub status: u16,
    pub error_type: ErrorType,
    pub heading: &'static str,
    pub message: &'static str,
    pub system_message: &'static str,
    pub example_trace_id: &'static str,
    pub documented: bool,
    pub retry_after: Option<u32>,
    pub details: Option<DetailsRow>,
}

macro_rules! error_codes {
    ($(
        $(#[$doc:meta])*
        $Variant:ident $(($Data:ty => $Details:ty))? {
            code: $wire:literal,
            status: $status:literal,
            error_type: $Type:ident,
            heading: $heading:literal,
            message: $message:literal,
            system_message: $system_message:literal,
            example_trace_id: $example_trace_id:literal,
            documented: $documented:literal,
            $(retry_after: $retry_after:literal,)?
        }
    )+) => {
        /// A code of the table: what went wrong, as a machine reads it.
        ///
        /// The code decides the HTTP status and the [`ErrorType`]; they are never chosen apart from it.
        /// On the wire it is [`as_str`](Self::as_str), in `error.code`.
        ///
        /// Codes are an open set: a server may send one that this version of the crate does not know.
        /// What is received therefore has accessors that return `Option<ErrorCode>` beside the string
        /// as it came, and `match` ends with a `_` arm:
        ///
        /// ```
        /// # use freddy_types::{ErrorCode, ErrorResponse};
        /// # fn advice(response: &ErrorResponse) -> &'static str {
        /// match response.code() {
        ///     Some(ErrorCode::Unauthorized) => "check the API key",
        ///     Some(ErrorCode::Forbidden) => "not your connector",
        ///     Some(ErrorCode::RateLimitExceeded) => "slow down",
        ///     _ if response.is_retryable() => "try again",
        ///     _ => "give up",
        /// }
        /// # }
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(
                #[doc = concat!("`", $wire, "`, HTTP ", stringify!($status), ", [`ErrorType::", stringify!($Type), "`].")]
                #[doc = ""]
                $(#[$doc])*
                $Variant,
            )+
            /// A code that is not in the table, but in another crate.
            Extension(ExtensionRow),
        }

        $($(
            impl ErrorDetails for $Details {
                const CODE: ErrorCode = ErrorCode::$Variant;
            }

            // The data of a row make its details, and no others.
            const _: fn() = || {
                fn makes<S: DetailsSource<Details = D>, D: Details>() {}
                makes::<$Data, $Details>();
            };
        )?)+

        impl ErrorCode {
            /// Every code of the table, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),+];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$Variant => const { &Row {
                        wire: $wire,
                        status: $status,
                        error_type: ErrorType::$Type,
                        heading: $heading,
                        message: $message,
                        system_message: $system_message,
                        example_trace_id: $example_trace_id,
                        documented: $documented,
                        retry_after: $crate::__optional!($($retry_after)?),
                        details: $crate::__details_row!($($Data)?),
                    } },)+
                    Self::Extension(extension) => extension.0,
                }
            }
        }

        $crate::__wire_names!(ErrorCode, "an error code" { $($wire => $Variant,)+ });

        /// Why a server refuses a request: an [`ErrorCode`] together with the data its `details` need.
        ///
        /// This is what [`ApiError::new`](crate::ApiError::new) takes. A code that documents details carries
        /// what they are made from, and no other code can carry any, so a body with the wrong details does
        /// not compile.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Failure {
            $(
                #[doc = concat!("Answered with [`ErrorCode::", stringify!($Variant), "`], HTTP ", stringify!($status), ".")]
                $Variant $(($Data))?,
            )+
            /// Answered with a code of another crate: made by [`ExtensionCode::failure`] or from an [`ExtensionCode`].
            Extension(ExtensionFailure),
        }

        impl Failure {
            /// The code that a client will read.
            pub const fn code(&self) -> ErrorCode {
                match self {
                    $(Self::$Variant { .. } => ErrorCode::$Variant,)+
                    Self::Extension(failure) => ErrorCode::Extension(failure.code),
                }
            }

            pub(crate) fn details_at(&self, timestamp: &Timestamp) -> Option<SentDetails> {
                match self {
                    $(error_codes!(@pattern $Variant $(data: $Data)?) => error_codes!(@details timestamp $(data: $Data)?),)+
                    Self::Extension(failure) => failure.details.clone(),
                }
            }

            /// The failure with this code as the documentation shows it.
            pub(crate) fn example(code: ErrorCode) -> Self {
                match code {
                    $(ErrorCode::$Variant => Self::$Variant $((<$Data as DetailsSource>::example()))?,)+
                    ErrorCode::Extension(code) => Self::Extension(ExtensionFailure::example(code)),
                }
            }
        }
    };
    (@pattern $Variant:ident) => { Self::$Variant };
    (@pattern $Variant:ident $data:ident: $Data:ty) => { Self::$Variant($data) };
    (@details $timestamp:ident) => { None };
    (@details $timestamp:ident $data:ident: $Data:ty) => { Some(SentDetails::of($data, $timestamp)) };
}

error_codes! {
    /// The request does not have the documented form, for example because the connector ID is malformed.
    /// Sending it again cannot help.
    ValidationError {
        code: "VALIDATION_ERROR",
        status: 400,
        error_type: Validation,
        heading: "Bad Request",
        message: "Invalid request parameters",
        system_message: "Validation failed",
        example_trace_id: "req_xyz789",
        documented: true,
    }
    /// No valid credential came with the request.
    Unauthorized {
        code: "UNAUTHORIZED",
        status: 401,
        error_type: Authentication,
        heading: "Unauthorized",
        message: "Authentication required. Please provide a valid API key.",
        system_message: "Missing or invalid authorization header",
        example_trace_id: "req_abc123",
        documented: true,
    }
    /// The caller may not do this. A connector that does not exist answers the same as somebody else's,
    /// so that nobody can probe for IDs.
    Forbidden {
        code: "FORBIDDEN",
        status: 403,
        error_type: Authorization,
        heading: "Forbidden",
        message: "You do not have permission to perform this action.",
        system_message: "Insufficient permissions",
        example_trace_id: "req_def456",
        documented: true,
    }
    /// There is nothing at this path.
    NotFound {
        code: "NOT_FOUND",
        status: 404,
        error_type: NotFound,
        heading: "Not Found",
        message: "The requested resource was not found.",
        system_message: "No route for this path",
        example_trace_id: "req_pqr678",
        documented: false,
    }
    /// The path does not take this method. The `Allow` header names those that it takes.
    MethodNotAllowed {
        code: "METHOD_NOT_ALLOWED",
        status: 405,
        error_type: Client,
        heading: "Method Not Allowed",
        message: "This method is not allowed here.",
        system_message: "No route for this method at this path",
        example_trace_id: "req_stu901",
        documented: false,
    }
    /// The request did not arrive in time. It had no effect.
    RequestTimeout {
        code: "REQUEST_TIMEOUT",
        status: 408,
        error_type: Client,
        heading: "Request Timeout",
        message: "The request took too long to arrive. Please try again.",
        system_message: "Request body not received in time",
        example_trace_id: "req_vwx234",
        documented: false,
    }
    /// The body is larger than the server reads.
    PayloadTooLarge {
        code: "PAYLOAD_TOO_LARGE",
        status: 413,
        error_type: Client,
        heading: "Payload Too Large",
        message: "The request is too large.",
        system_message: "Request body over the limit",
        example_trace_id: "req_yza567",
        documented: false,
    }
    /// Too many requests with this key. `details` are [`RateLimitDetails`](crate::RateLimitDetails).
    RateLimitExceeded(RateLimit => RateLimitDetails) {
        code: "RATE_LIMIT_EXCEEDED",
        status: 429,
        error_type: RateLimit,
        heading: "Rate Limit",
        message: "Too many requests. Please try again later.",
        system_message: "Rate limit exceeded for endpoint",
        example_trace_id: "req_ghi789",
        documented: true,
    }
    /// The server failed. Whether the request took effect is not known; the documented endpoint is safe to call again.
    InternalServerError {
        code: "INTERNAL_SERVER_ERROR",
        status: 500,
        error_type: Server,
        heading: "Server Error",
        message: "An unexpected error occurred. Please try again later.",
        system_message: "Database connection timeout",
        example_trace_id: "req_jkl012",
        documented: true,
    }
    /// The server has too much to do, or is going down. The `Retry-After` header says when to try again.
    ServiceUnavailable {
        code: "SERVICE_UNAVAILABLE",
        status: 503,
        error_type: Server,
        heading: "Service Unavailable",
        message: "The service is temporarily unavailable. Please try again later.",
        system_message: "Server overloaded or shutting down",
        example_trace_id: "req_bcd890",
        documented: false,
        retry_after: 1,
    }
}

/// What each list of the table is on the wire, with what its schema says.
macro_rules! wire_of_table {
    ($($Name:ident: $description:literal;)+) => {$(
        impl $Name {
            /// As data: the names of the table.
            pub(crate) fn names() -> EnumShape {
                EnumShape {
                    name: stringify!($Name),
                    description: $description.into(),
                    values: Self::ALL.iter().map(|name| (name.as_str(), "".into())).collect(),
                    advice: "More may be added: treat an unknown one by the HTTP status.",
                }
            }
        }

        impl Wire for $Name {
            type Received = Open<Self>;

            fn shape() -> Shape {
                Shape::Enum(Self::names())
            }

            fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
                read_scalar(tree, at, faults)
            }
        }

        impl HeaderScalar for $Name {}

        impl Scalar for $Name {
            fn to_text(&self) -> Cow<'_, str> {
                self.as_str().into()
            }

            fn from_text(text: &str) -> Result<Self, Reason> {
                name_from_text(text)
            }
        }
    )+};
}

wire_of_table! {
    ErrorCode: "What went wrong, for a program to decide by.";
    ErrorType: "The family that the code belongs to.";
}

impl ErrorCode {
    /// The wire form, such as `RATE_LIMIT_EXCEEDED`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().wire
    }

    /// The HTTP status that goes with this code: always 4xx or 5xx.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.row().status
    }

    /// The `error.type` that goes with this code.
    #[must_use]
    pub const fn error_type(self) -> ErrorType {
        self.row().error_type
    }

    /// The documented `error.message`, fit for a user's eyes.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.row().message
    }

    /// The documented `error.system_message`, for developers and logs.
    #[must_use]
    pub const fn system_message(self) -> &'static str {
        self.row().system_message
    }

    /// Whether the documentation has a body with this code. The others are those of a server that has to say more than
    /// the documentation lists; the published document covers them with its `default` response.
    #[must_use]
    pub const fn is_documented(self) -> bool {
        self.row().documented
    }

    pub(crate) const fn details(self) -> Option<&'static DetailsRow> {
        self.row().details.as_ref()
    }

    /// The type of the details that go with this code, where it has some.
    #[must_use]
    pub fn details_type(self) -> Option<WireType> {
        self.details().map(|details| details.wire)
    }

    pub(crate) const fn example_trace_id(self) -> &'static str {
        self.row().example_trace_id
    }

    /// The seconds that the `Retry-After` header asks for, with a code that asks for it and has no details that do.
    #[must_use]
    pub const fn retry_after(self) -> Option<u32> {
        self.row().retry_after
    }

    /// The heading under which the documentation lists the response, such as `Rate Limit`.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        self.row().heading
    }
}

// Checked like those of another crate; that two rows have one name is found by `__wire_names!`.
const _: () = {
    let mut unread = ErrorCode::ALL;
    while let [code, tail @ ..] = unread {
        code.row().check();
        unread = tail;
    }
};

impl Row {
    const fn check(&self) {
        // A success or a redirect can never be the status of an error.
        assert!(self.status >= 400 && self.status <= 599, "an error code needs a 4xx or 5xx status");
        assert!(matches!(self.wire.as_bytes(), [b'A'..=b'Z', ..]), "an error code starts with a capital letter");
        let mut unread = self.wire.as_bytes();
        while let [byte, tail @ ..] = unread {
            assert!(
                matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'),
                "an error code has capital letters, digits and underscores"
            );
            unread = tail;
        }
        assert!(TraceId::is_valid(self.example_trace_id), "an example needs a trace ID");
    }
}

/// The details of one code, as a type: [`ReceivedError::details`](crate::ReceivedError::details) reads them.
///
/// The row of the code implements it, in the table or in [`extension_code!`](crate::extension_code), so details can never
/// be read from an error of another code.
pub trait ErrorDetails: Details {
    /// The code whose details these are.
    const CODE: ErrorCode;
}

/// A code that another crate adds to the table: for a server that says more than this version of the contract, and
/// the clients that know it. Made by [`extension_code!`](crate::extension_code), with the columns of the table.
///
/// `S` is what a server has to know to send it, [`NoDetails`] for most. A client that does not know the other
/// crate sees an unknown code; one that does asks [`ErrorResponse::has_code`](crate::ErrorResponse::has_code).
pub struct ExtensionCode<S = NoDetails> {
    row: ExtensionRow,
    source: PhantomData<fn() -> S>,
}

/// The source of the details of a code that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoDetails;

impl<S> ExtensionCode<S> {
    /// As a code of the contract.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        ErrorCode::Extension(self.row)
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn new(row: &'static Row) -> Self {
        row.check();
        let mut unread = ErrorCode::ALL;
        while let [code, tail @ ..] = unread {
            assert!(!is_same(code.row().wire, row.wire), "the table has a code with this name");
            unread = tail;
        }
        Self { row: ExtensionRow(row), source: PhantomData }
    }
}

impl<S: DetailsSource> ExtensionCode<S> {
    /// The failure that a server answers with this code.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "reads as `Failure::X(data)` does, and takes the same")]
    pub fn failure(self, source: S) -> Failure {
        // Of the extensions' details none depends on the time.
        let details = SentDetails::of(&source, &Timestamp::from(jiff::Timestamp::UNIX_EPOCH));
        Failure::Extension(ExtensionFailure { code: self.row, details: Some(details) })
    }
}

impl<S> Clone for ExtensionCode<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for ExtensionCode<S> {}

impl<S> fmt::Debug for ExtensionCode<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

impl<S> From<ExtensionCode<S>> for ErrorCode {
    fn from(code: ExtensionCode<S>) -> Self {
        code.code()
    }
}

impl From<ExtensionCode> for Failure {
    /// Only of a code without details: one with them needs [`ExtensionCode::failure`].
    fn from(code: ExtensionCode) -> Self {
        Self::Extension(ExtensionFailure { code: code.row, details: None })
    }
}

/// The row of an [`ExtensionCode`].
#[derive(Clone, Copy)]
pub struct ExtensionRow(&'static Row);

impl PartialEq for ExtensionRow {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ExtensionRow {}

impl PartialOrd for ExtensionRow {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ExtensionRow {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for ExtensionRow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl ExtensionRow {
    /// Two crates may give one name to different codes; everything that a client reads tells them apart.
    fn key(&self) -> (&str, u16, ErrorType, &str, &str, &str) {
        let Row { wire, status, error_type, heading, message, system_message, .. } = self.0;
        (wire, *status, *error_type, heading, message, system_message)
    }
}

impl fmt::Debug for ExtensionRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.wire)
    }
}

/// A failure with an [`ExtensionCode`] and its details.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtensionFailure {
    code: ExtensionRow,
    details: Option<SentDetails>,
}

impl ExtensionFailure {
    fn example(code: ExtensionRow) -> Self {
        let epoch = Timestamp::from(jiff::Timestamp::UNIX_EPOCH);
        Self { code, details: code.0.details.as_ref().map(|details| (details.example)(&epoch)) }
    }
}

/// Declares an [`ExtensionCode`]: the row of a code that is not in the table, checked at compile time.
///
/// ```
/// use freddy_types::{ErrorCode, Failure, extension_code};
///
/// extension_code! {
///     /// The connector is in use just now.
///     pub const CONNECTOR_BUSY {
///         code: "CONNECTOR_BUSY",
///         status: 409,
///         error_type: Client,
///         heading: "Conflict",
///         message: "The connector is in use. Please try again later.",
///         system_message: "Connector has a running job",
///         example_trace_id: "req_efg456",
///         retry_after: 5,
///     }
/// }
///
/// assert_eq!(Failure::from(CONNECTOR_BUSY).code(), CONNECTOR_BUSY.code());
/// assert_eq!((CONNECTOR_BUSY.code().as_str(), CONNECTOR_BUSY.code().status()), ("CONNECTOR_BUSY", 409));
/// ```
///
/// A last line `details: BusyDetails,` names a type of [`Details`](crate::Details). The code can then not be sent without
/// them, and a client reads them by their type:
///
/// ```
/// # use freddy_types::{Details, Integer, extension_code, object};
/// # object! {
/// #     /// How long it will take.
/// #     pub struct BusyDetails, received as ReceivedBusyDetails {
/// #         /// Jobs that are waiting.
/// #         pub required waiting: Integer<0, 1000>,
/// #     }
/// # }
/// # impl Details for BusyDetails {}
/// extension_code! {
///     /// The connector has too many jobs.
///     pub const TOO_MANY_JOBS {
/// #       code: "TOO_MANY_JOBS",
/// #       status: 409,
/// #       error_type: Client,
/// #       heading: "Conflict",
/// #       message: "The connector has too many jobs.",
/// #       system_message: "Queue is full",
/// #       example_trace_id: "req_efg456",
///         // …
///         details: BusyDetails,
///     }
/// }
///
/// let failure = TOO_MANY_JOBS.failure(BusyDetails { waiting: Integer::literal::<7>() });
/// assert_eq!(failure.code(), TOO_MANY_JOBS.code());
/// ```
///
/// A name of the table, a name in another notation, and a status that is no error do not compile:
///
/// ```compile_fail
/// freddy_types::extension_code! {
///     /// Not mine.
///     pub const NOT_MINE {
///         code: "FORBIDDEN",
///         status: 409,
///         error_type: Client,
///         heading: "Conflict",
///         message: "…",
///         system_message: "…",
///         example_trace_id: "req_efg456",
///     }
/// }
/// ```
#[macro_export]
macro_rules! extension_code {
    (
        $(#[doc = $doc:literal])+
        $vis:vis const $NAME:ident {
            code: $wire:literal,
            status: $status:literal,
            error_type: $Type:ident,
            heading: $heading:literal,
            message: $message:literal,
            system_message: $system_message:literal,
            example_trace_id: $example_trace_id:literal,
            $(retry_after: $retry_after:literal,)?
            $(details: $Details:ty,)?
        }
    ) => {
        $(#[doc = $doc])+
        $vis const $NAME: $crate::ExtensionCode<$crate::__details_type!($($Details)?)> =
            $crate::ExtensionCode::new(&$crate::__private::CodeRow {
                wire: $wire,
                status: $status,
                error_type: $crate::ErrorType::$Type,
                heading: $heading,
                message: $message,
                system_message: $system_message,
                example_trace_id: $example_trace_id,
                documented: false,
                retry_after: $crate::__optional!($($retry_after)?),
                details: $crate::__details_row!($($Details)?),
            });

        $(impl $crate::ErrorDetails for $Details {
            const CODE: $crate::ErrorCode = $NAME.code();
        })?
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __optional {
    () => {
        None
    };
    ($value:literal) => {
        Some($value)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __details_row {
    () => {
        None
    };
    ($Source:ty) => {
        Some($crate::__private::DetailsRow::of::<$Source>())
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __details_type {
    () => {
        $crate::NoDetails
    };
    ($Details:ty) => {
        $Details
    };
}

macro_rules! error_types {
    ($( $(#[$doc:meta])* $Variant:ident = $wire:literal, )+) => {
        /// The family that an error belongs to: `error.type` on the wire.
        ///
        /// Like codes, types are an open set on the reading side.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorType {
            $(
                #[doc = concat!("`", $wire, "`.")]
                $(#[$doc])*
                $Variant,
            )+
        }

        impl ErrorType {
            /// Every type that a code of the table has.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),+];

            /// The wire form, such as `rate_limit_error`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Variant => $wire,)+
                }
            }
        }

        $crate::__wire_names!(ErrorType, "an error type" { $($wire => $Variant,)+ });
    };
}

error_types! {
    /// The request is malformed.
    Validation = "validation_error",
    /// The caller is not known.
    Authentication = "authentication_error",
    /// Who is calling is known and may not do this.
    Authorization = "authorization_error",
    /// There is no such thing.
    NotFound = "not_found_error",
    /// The request cannot be answered as it was sent.
    Client = "client_error",
    /// Too many requests.
    RateLimit = "rate_limit_error",
    /// The server is at fault.
    Server = "server_error",
}
