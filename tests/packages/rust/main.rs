//! What the crates are for, from their packages alone: `STATUS BODY`.

use std::error::Error;
use std::{env, fs};

use freddy_client::Client;
use freddy_openapi::validate::Side;
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ErrorCode, ErrorEnvelope, Failure, RateLimitDetails, connector_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [status, file] = arguments.as_slice() else { return Err("give a status and a file".into()) };
    let body = fs::read(file)?;

    let problems = freddy_openapi::contract().validate(status.parse()?, &body, Side::Received);
    if let Some(problem) = problems.first() {
        println!("not an envelope: {problem}");
        return Ok(());
    }
    let envelope: ErrorEnvelope = serde_json::from_slice(&body)?;
    let error = envelope.error();
    println!("{}: {}", error.code_str(), error.message());
    if let Ok(Some(details)) = error.details::<RateLimitDetails>() {
        println!("again in {} s", details.retry_after());
    }

    let (client, mock) = Client::mock();
    mock.on::<DisconnectConnector>().fail(Failure::Forbidden);
    let refused = client.disconnect_connector(&connector_id!("pcon_abc123")).await;
    assert_eq!(refused.err().and_then(|error| error.code()), Some(ErrorCode::Forbidden));
    Ok(())
}
