// The twin of the cases that do not compile: the same things, done as they are meant.
use freddy_types::{
    ApiError, ConnectorId, Endpoint, ErrorCode, ErrorEnvelope, Failure, Method, NoContent, PathTemplate, RateLimit,
    Tag, TraceId, connector_id,
};

fn rate_limited(limit: RateLimit) -> ApiError {
    ApiError::new(Failure::RateLimitExceeded(limit), TraceId::from_bits(7), jiff::Timestamp::UNIX_EPOCH)
}

fn answer(upstream: ErrorEnvelope) -> Result<NoContent, ApiError> {
    Err(ApiError::try_from(upstream).unwrap_or_else(|_| ApiError::example(ErrorCode::InternalServerError)))
}

struct ReadConnector {
    connector_id: ConnectorId,
}

impl Endpoint for ReadConnector {
    const METHOD: Method = Method::Get;
    const PATH: PathTemplate = PathTemplate::new("/v1/personal-connectors/{connector_id}");
    const OPERATION_ID: &'static str = "readConnector";
    const TAG: Tag = Tag { name: "Personal Connectors", description: "" };
    const SUMMARY: &'static str = "";
    const DESCRIPTION: &'static str = "";
    const RETURNS: &'static str = "";
    const SUCCESS_MESSAGE: &'static str = "";
    const ERRORS: &'static [ErrorCode] = &[];

    type PathParameters = (ConnectorId,);
    type Response = NoContent;

    fn path_parameters(&self) -> (&ConnectorId,) {
        (&self.connector_id,)
    }

    fn from_path_parameters((connector_id,): (ConnectorId,)) -> Self {
        Self { connector_id }
    }
}

fn main() {
    let limit = RateLimit { limit: 100, remaining: 0, reset_at: jiff::Timestamp::UNIX_EPOCH };
    assert_eq!(rate_limited(limit).status(), 429);
    assert_eq!(ApiError::example(ErrorCode::Forbidden).status(), 403);

    let body = r#"{"success": false, "error": {"code": "NOT_FOUND", "message": "m", "system_message": "s",
        "type": "t", "status": 404, "trace_id": "i", "timestamp": "2025-11-13T10:30:00Z"}}"#;
    assert_eq!(answer(serde_json::from_str(body).unwrap()).unwrap_err().code(), ErrorCode::InternalServerError);

    let told = ApiError::example(ErrorCode::InternalServerError).with_system_message("storage is not reachable");
    assert_eq!(told.system_message(), "storage is not reachable");

    let request = ReadConnector { connector_id: connector_id!("pcon_abc123") };
    assert_eq!(request.path(), "/v1/personal-connectors/pcon_abc123");
}
