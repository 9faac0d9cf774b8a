//! Sends what its standard input says, and writes what the generated client gave for it.

use std::io::BufRead;

use freddy::apis::configuration::{ApiKey, Configuration};
use freddy::apis::{Error, personal_connectors_api};
use freddy::models::{ErrorEnvelope, RateLimitDetails};
use serde_json::{Value, json};

fn envelope_of(entity: Option<personal_connectors_api::DisconnectConnectorError>) -> Option<ErrorEnvelope> {
    use personal_connectors_api::DisconnectConnectorError as E;
    match entity? {
        E::Status400(envelope)
        | E::Status401(envelope)
        | E::Status403(envelope)
        | E::Status429(envelope)
        | E::Status500(envelope)
        | E::DefaultResponse(envelope) => Some(envelope),
        E::UnknownValue(_) => None,
    }
}

async fn call(base_url: &str, scheme: &str, key: &str, connector_id: &str) -> Value {
    let mut configuration = Configuration { base_path: base_url.to_owned(), ..Configuration::new() };
    match scheme {
        "apiKeyAuth" => configuration.api_key = Some(ApiKey { prefix: None, key: key.to_owned() }),
        _ => configuration.bearer_access_token = Some(key.to_owned()),
    }
    match personal_connectors_api::disconnect_connector(&configuration, connector_id).await {
        Ok(answer) => json!({ "http_status": answer.status.as_u16() }),
        Err(Error::ResponseError(answer)) => {
            let mut result = json!({ "http_status": answer.status.as_u16() });
            let Some(ErrorEnvelope { success, error }) = envelope_of(answer.entity) else { return result };
            let limit = serde_json::from_value::<RateLimitDetails>(json!(error.details));
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
                    "type": error.r#type,
                    "status": error.status,
                    "details": error.details,
                    "trace_id": error.trace_id,
                    "timestamp": error.timestamp,
                },
            });
            result
        }
        Err(other) => json!({ "exception": other.to_string() }),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let [base_url, scheme, key, connector_id] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        println!("{}", call(base_url, scheme, key, connector_id).await);
    }
}
