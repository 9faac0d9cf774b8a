//! Disconnects a personal connector.
//!
//! ```sh
//! FREDDY_API_KEY=… cargo run -p freddy-client --example disconnect -- pcon_abc123
//! ```
//!
//! `FREDDY_BASE_URL` names another server, such as one on this machine.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use freddy_client::Client;
use freddy_client::freddy_types::personal_connectors::DisconnectConnector;
use freddy_client::freddy_types::{ConnectorId, Endpoint};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match disconnect().await {
        Ok(()) => {
            println!("{}", DisconnectConnector::SUCCESS_MESSAGE);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("{error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

async fn disconnect() -> Result<(), Box<dyn Error>> {
    let connector_id: ConnectorId = env::args().nth(1).ok_or("usage: disconnect <connector ID>")?.parse()?;
    Client::from_env()?.disconnect_connector(&connector_id).await?;
    Ok(())
}
