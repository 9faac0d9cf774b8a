use reqwest::header::{HeaderMap, HeaderName};

progenitor::generate_api!("freddy-3.0.json"); // the path from your Cargo.toml

/// What a proxy answers is no envelope, and progenitor would drop its status.
impl ClientHooks for Client {
    async fn post<E>(&self, answer: &reqwest::Result<reqwest::Response>, _: &OperationInfo) -> Result<(), Error<E>> {
        let Ok(answer) = answer else { return Ok(()) };
        let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        if answer.status().is_success() || content_type.is_some_and(|value| value.contains("json")) {
            return Ok(());
        }
        Err(Error::Custom(format!("HTTP {}", answer.status())))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base_url = std::env::var("FREDDY_BASE_URL").unwrap_or_else(|_| "https://api.aitronos.com".to_owned());
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("x-api-key"), std::env::var("FREDDY_API_KEY")?.parse()?);
    let client = Client::new_with_client(&base_url, reqwest::Client::builder().default_headers(headers).build()?);
    let connector_id: types::ConnectorId = std::env::args().nth(1).unwrap_or_default().parse()?;

    match client.disconnect_connector(&connector_id).await {
        Ok(_) => println!("disconnected"),
        Err(Error::ErrorResponse(answer)) => {
            let error = answer.into_inner().error;
            println!("{}: {} ({})", error.code, error.message, error.trace_id);
            if error.code == "RATE_LIMIT_EXCEEDED" {
                let details: types::RateLimitDetails = serde_json::from_value(error.details.into())?;
                println!("again in {} s", details.retry_after);
            }
        }
        Err(other) => println!("{other}"),
    }
    Ok(())
}
