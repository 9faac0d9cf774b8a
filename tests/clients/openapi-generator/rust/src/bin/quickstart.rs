use freddy::apis::configuration::{ApiKey, Configuration};
use freddy::apis::{Error, personal_connectors_api};
use freddy::models::{ErrorEnvelope, RateLimitDetails};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let configuration = Configuration {
        base_path: std::env::var("FREDDY_BASE_URL").unwrap_or_else(|_| "https://api.aitronos.com".to_owned()),
        api_key: Some(ApiKey { prefix: None, key: std::env::var("FREDDY_API_KEY")? }),
        ..Configuration::default()
    };
    let connector_id = std::env::args().nth(1).unwrap_or_default();

    match personal_connectors_api::disconnect_connector(&configuration, &connector_id).await {
        Ok(_) => println!("disconnected"),
        Err(Error::ResponseError(answer)) => {
            // Every error is the same envelope, whichever variant of `entity` it is. What is none came from a proxy.
            let Ok(ErrorEnvelope { error, .. }) = serde_json::from_str(&answer.content) else {
                println!("HTTP {}", answer.status);
                return Ok(());
            };
            println!("{}: {} ({})", error.code, error.message, error.trace_id);
            if error.code == "RATE_LIMIT_EXCEEDED" {
                let details = serde_json::to_value(error.details)?;
                let details: RateLimitDetails = serde_json::from_value(details)?;
                println!("again in {} s", details.retry_after);
            }
        }
        Err(other) => println!("{other}"),
    }
    Ok(())
}
