//! The published documents, and a page to read and try them.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa_swagger_ui::{Config, SwaggerUi};

const JSON: &str = include_str!("../../../../openapi/freddy.json");
const YAML: &str = include_str!("../../../../openapi/freddy.yaml");

/// The document that the page shows: the published one, except that calls go to the server that serves the page.
const TRY_IT: &str = "/docs/openapi.json";

pub(crate) fn routes() -> Router {
    let page: Router = SwaggerUi::new("/docs").config(Config::new([TRY_IT]).try_it_out_enabled(true)).into();
    let try_it = with_this_server();
    page.route("/openapi.json", get(|| async { ([(CONTENT_TYPE, "application/json")], JSON) }))
        .route("/openapi.yaml", get(|| async { ([(CONTENT_TYPE, "application/yaml")], YAML) }))
        .route(TRY_IT, get(|| async { ([(CONTENT_TYPE, "application/json")], try_it) }))
}

// As text, since parsing would lose the order of the fields in the examples.
#[expect(clippy::expect_used, reason = "a document that kept its server would have a test page call production")]
fn with_this_server() -> String {
    const SERVERS: &str = "\"servers\": [";
    let (before, servers) = JSON.split_once(SERVERS).expect("the published document lists its servers");
    let (_, after) = servers.split_once(']').expect("the list of servers ends");
    format!("{before}{SERVERS}{{ \"url\": \"/\" }}]{after}")
}
