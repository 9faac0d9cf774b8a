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

// As text: a parsed document would show the fields of its examples in another order.
fn with_this_server() -> String {
    const SERVERS: &str = "\"servers\": [";
    let Some((before, servers)) = JSON.split_once(SERVERS) else { return JSON.to_owned() };
    let Some((_, after)) = servers.split_once(']') else { return JSON.to_owned() };
    format!("{before}{SERVERS}{{ \"url\": \"/\" }}]{after}")
}
