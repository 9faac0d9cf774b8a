//! Sends what its standard input says, and writes what the generated client gave for it.

use std::io::BufRead;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};
use serde_json::{Value, json};

progenitor::generate_api!("freddy-3.0.json");

async fn call(base_url: &str, scheme: &str, key: &str, connector_id: &str) -> Value {
    let connector_id: types::ConnectorId = match connector_id.parse() {
        Ok(connector_id) => connector_id,
        Err(error) => return json!({ "refused": format!("{error}") }),
    };
    let (name, value) = match scheme {
        "apiKeyAuth" => (HeaderName::from_static("x-api-key"), key.to_owned()),
        _ => (AUTHORIZATION, format!("Bearer {key}")),
    };
    let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
    let http = reqwest::Client::builder().default_headers(headers).build().unwrap();
    match Client::new_with_client(base_url, http).disconnect_connector(&connector_id).await {
        Ok(answer) => head(answer.status(), answer.headers()),
        Err(Error::ErrorResponse(answer)) => {
            let mut result = head(answer.status(), answer.headers());
            let types::ErrorEnvelope { success, error, extra } = answer.into_inner();
            let limit = serde_json::from_value::<types::RateLimitDetails>(error.details.clone().into());
            if let (Ok(limit), "RATE_LIMIT_EXCEEDED") = (limit, &*error.code) {
                result["rate_limit"] = json!({
                    "retry_after": limit.retry_after,
                    "limit": limit.limit,
                    "remaining": limit.remaining,
                    "reset_at": limit.reset_at,
                });
            }
            result["envelope"] = json!({
                "success": success,
                "error": {
                    "code": error.code,
                    "message": error.message,
                    "system_message": error.system_message,
                    "type": error.type_,
                    "status": error.status,
                    "details": error.details,
                    "trace_id": error.trace_id,
                    "timestamp": error.timestamp,
                    "extra": error.extra,
                },
                "extra": extra,
            });
            result
        }
        Err(Error::UnexpectedResponse(answer)) => head(answer.status(), answer.headers()),
        Err(Error::InvalidResponsePayload(_, error)) => {
            json!({ "exception": format!("InvalidResponsePayload: {error}") })
        }
        Err(other) => json!({ "exception": other.to_string() }),
    }
}

fn head(status: reqwest::StatusCode, headers: &HeaderMap) -> Value {
    let header = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    json!({
        "http_status": status.as_u16(),
        "request_id": header("X-Request-Id"),
        "retry_after": header("Retry-After"),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let [base_url, scheme, key, connector_id] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        println!("{}", call(base_url, scheme, key, connector_id).await);
    }
}
