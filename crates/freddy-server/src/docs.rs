//! The published documents, and a page to read and try them.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;

const JSON: &str = include_str!("../../../openapi/freddy.json");
const YAML: &str = include_str!("../../../openapi/freddy.yaml");

/// The published JSON, but that a call which is tried out goes to the server that shows the page.
const TRY_IT: &str = "/docs/openapi.json";

pub(crate) fn routes() -> Router<App> {
    let page: Router<App> = SwaggerUi::new("/docs").config(Config::new([TRY_IT]).try_it_out_enabled(true)).into();
    let try_it = with_this_server();
    page.route("/openapi.json", get(|| async { ([(CONTENT_TYPE, "application/json")], JSON) }))
        .route("/openapi.yaml", get(|| async { ([(CONTENT_TYPE, "application/yaml")], YAML) }))
        .route(TRY_IT, get(|| async { ([(CONTENT_TYPE, "application/json")], try_it) }))
}

fn with_this_server() -> String {
    let mut document: serde_json::Value = serde_json::from_str(JSON).unwrap_or_default();
    if let Some(document) = document.as_object_mut() {
        document.insert("servers".to_owned(), serde_json::json!([{ "url": "/" }]));
    }
    document.to_string()
}
