//! What stands on the wire, pinned.

use freddy_types::{Accepted, ApiError, Created, ErrorCode, Json, Page, SuccessResponse, object};

object! {
    /// A job.
    struct Job, received as ReceivedJob {
        /// Its name.
        required name: String,
    }
}

fn job() -> Job {
    Job { name: "a".to_owned() }
}

fn sent(response: &impl SuccessResponse) -> String {
    let sent = response.encode();
    let headers: String = sent.headers.iter().map(|(name, value)| format!(" {name}: {value}")).collect();
    format!("{}{headers} {}", sent.status, String::from_utf8(sent.body).unwrap())
}

#[test]
fn successes() {
    assert_eq!(sent(&Json(job())), r#"200 Content-Type: application/json {"name":"a"}"#);
    assert_eq!(sent(&Accepted(job())), r#"202 Content-Type: application/json {"name":"a"}"#);
    let created = Created { location: "/v1/jobs/a".parse().unwrap(), body: job() };
    assert_eq!(sent(&created), r#"201 Content-Type: application/json Location: /v1/jobs/a {"name":"a"}"#);
    let first = Page { items: vec![job()], next_cursor: Some("b".parse().unwrap()) };
    assert_eq!(
        sent(&first),
        r#"200 Content-Type: application/json {"items":[{"name":"a"}],"has_more":true,"next_cursor":"b"}"#
    );
    let last = Page::<Job> { items: vec![], next_cursor: None };
    assert_eq!(sent(&last), r#"200 Content-Type: application/json {"items":[],"has_more":false}"#);
}

#[test]
fn codes() {
    let lines = ErrorCode::ALL.iter().map(|code| {
        let error = serde_json::to_value(ApiError::example(*code)).unwrap();
        format!("{} {} {} {}", error["status"], error["code"], error["type"], error.get("details").is_some())
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    400 "VALIDATION_ERROR" "validation_error" false
    401 "UNAUTHORIZED" "authentication_error" false
    403 "FORBIDDEN" "authorization_error" false
    404 "NOT_FOUND" "not_found_error" false
    405 "METHOD_NOT_ALLOWED" "client_error" false
    408 "REQUEST_TIMEOUT" "client_error" false
    413 "PAYLOAD_TOO_LARGE" "client_error" false
    429 "RATE_LIMIT_EXCEEDED" "rate_limit_error" true
    500 "INTERNAL_SERVER_ERROR" "server_error" false
    503 "SERVICE_UNAVAILABLE" "server_error" false
    "#);
}
