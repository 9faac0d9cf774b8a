//! Tells `freddy-conformance client` what `freddy-client` made of each case.

use std::error::Error;
use std::io::stdin;
use std::time::Duration;

use freddy_client::{Client, ErrorKind, RetryPolicy};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{AuthScheme, ConnectorId};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in stdin().lines() {
        println!("{}", call(&serde_json::from_str(&line?)?).await?);
    }
    Ok(())
}

async fn call(task: &Value) -> Result<Value, Box<dyn Error>> {
    let text = |pointer: &str| task.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let may_retry = task["retry"] == true;
    if may_retry && task["time_scale"] != 1.0 {
        return Ok(json!({ "unsupported": "its waits cannot be scaled" }));
    }
    let Ok(connector_id) = text("/values/connector_id").parse::<ConnectorId>() else {
        return Ok(json!({ "outcome": "refused" }));
    };
    let key = text("/credential/key");
    let deadline = Duration::from_millis(task["deadline_ms"].as_u64().unwrap_or(10_000));
    let builder = Client::builder().base_url(text("/base_url")).deadline(deadline);
    let is_bearer = text("/credential/scheme") == AuthScheme::Bearer.name();
    let builder = if is_bearer { builder.bearer_token(key) } else { builder.api_key(key) };
    let builder = if may_retry { builder } else { builder.retry(RetryPolicy::never()) };
    let client = builder.build()?;
    let error = match client.call(&DisconnectConnector { connector_id }).with_metadata().await {
        Ok(answer) => {
            let (status, request_id) = (answer.metadata.status(), answer.metadata.request_id());
            return Ok(json!({ "outcome": "success", "status": status, "request_id": request_id }));
        }
        Err(error) => error,
    };
    let outcome = match error.kind() {
        ErrorKind::Response | ErrorKind::UnexpectedSuccess => "failure",
        ErrorKind::Request => "refused",
        _ => "no_answer",
    };
    let response = error.response();
    let details = response.and_then(|response| serde_json::from_str::<Value>(response.details_json()?).ok());
    Ok(json!({
        "outcome": outcome,
        "status": error.status(),
        "code": response.and_then(|response| response.code_str()),
        "type": response.and_then(|response| response.error_type_str()),
        "message": response.and_then(|response| response.message()),
        "details": details,
        "timestamp": response.and_then(|response| response.timestamp()).map(ToString::to_string),
        "request_id": error.request_id(),
        "retryable": error.is_retryable(),
        "wait": error.retry_after().map(|wait| wait.as_secs()),
    }))
}
