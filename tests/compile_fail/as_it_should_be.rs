//! The twin of the cases that do not compile: the same things, done as they are meant.

use freddy_types::{
    ApiError, ConnectorId, Details, Endpoint, ErrorCode, ErrorEnvelope, Failure, Integer, NoContent, RateLimit, Tag,
    TraceId, connector_id, endpoint, extension_code, object,
};

fn rate_limited(limit: RateLimit) -> ApiError {
    ApiError::new(Failure::RateLimitExceeded(limit), TraceId::from_bits(7), jiff::Timestamp::UNIX_EPOCH)
}

#[expect(clippy::result_large_err, reason = "the signature of the case whose twin it is")]
fn answer(upstream: ErrorEnvelope) -> Result<NoContent, ApiError> {
    Err(ApiError::try_from(upstream).unwrap_or_else(|_| ApiError::example(ErrorCode::InternalServerError)))
}

object! {
    /// Every presence of a field.
    pub struct Label, received as ReceivedLabel {
        /// What it says.
        pub required text: String,
        /// Its color.
        pub optional color: String,
        /// Its shade.
        pub nullable shade: String,
        /// Its size.
        pub patchable size: Integer<1, 9>,
    }
}

endpoint! {
    /// Reads a connector.
    pub struct ReadConnector {
        /// The connector, a name in braces with a row.
        pub required path connector_id: ConnectorId,
        /// A name in braces that no other has.
        pub required path label: String,
        /// How many.
        pub defaulted query count: Integer<1, 9> = Integer::literal::<1>(),
        /// Any number of words.
        pub repeated query word: String,
        /// A key.
        pub optional header key: TraceId as "X-Key",
    }
    method: Get,
    path: "/v1/personal-connectors/{connector_id}/.../{label}",
    response: NoContent,
    operation_id: "readConnector",
    tag: Tag { name: "Personal Connectors", description: "" },
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
}

object! {
    /// How many jobs there are.
    pub struct BusyDetails, received as ReceivedBusyDetails {
        /// Jobs that are waiting.
        pub required waiting: Integer<0, 1000>,
    }
}

impl Details for BusyDetails {}

extension_code! {
    /// The connector has too many jobs.
    pub const TOO_MANY_JOBS {
        code: "TOO_MANY_JOBS",
        status: 409,
        error_type: Client,
        heading: "Conflict",
        message: "The connector has too many jobs.",
        system_message: "Queue is full",
        example_trace_id: "req_efg456",
        details: BusyDetails,
    }
}

#[test]
fn what_is_done_as_it_is_meant_compiles() {
    let limit = RateLimit { limit: 100, remaining: 0, reset_at: jiff::Timestamp::UNIX_EPOCH };
    assert_eq!(rate_limited(limit).status(), 429);
    assert_eq!(ApiError::example(ErrorCode::Forbidden).status(), 403);

    let body = r#"{"success": false, "error": {"code": "NOT_FOUND", "message": "m", "system_message": "s",
        "type": "t", "status": 404, "trace_id": "i", "timestamp": "2025-11-13T10:30:00Z"}}"#;
    assert_eq!(answer(serde_json::from_str(body).unwrap()).unwrap_err().code(), ErrorCode::InternalServerError);

    let told = ApiError::example(ErrorCode::InternalServerError).with_system_message("storage is not reachable");
    assert_eq!(told.system_message(), "storage is not reachable");

    let request = ReadConnector::from_path("/v1/personal-connectors/pcon_abc123/.../a").unwrap();
    assert_eq!(request.connector_id, connector_id!("pcon_abc123"));
    assert_eq!(request.path(), "/v1/personal-connectors/pcon_abc123/.../a");

    let failure = TOO_MANY_JOBS.failure(BusyDetails { waiting: Integer::literal::<7>() });
    assert_eq!(failure.code(), TOO_MANY_JOBS.code());
}
