//! The published documents, and a page to read and try them.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{HeaderMap, Method, StatusCode};
use utoipa_swagger_ui::Config;

use super::context::{Context, Response, empty};
use super::fixed;
use super::service::Learned;

const JSON: &str = include_str!("../../../../openapi/freddy.json");
const YAML: &str = include_str!("../../../../openapi/freddy.yaml");

/// The document that the page shows: the published one, except that calls go to the server that serves the page.
const TRY_IT: &str = "/docs/openapi.json";

/// The documents, and the page.
pub(crate) struct Docs(Arc<Config<'static>>, String);

impl Docs {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Config::new([TRY_IT]).try_it_out_enabled(true)), with_this_server())
    }

    pub(super) async fn answer(
        &self,
        context: &Context,
        method: &Method,
        path: &str,
        _headers: &HeaderMap,
        _learned: &Learned<'_>,
    ) -> Option<Response> {
        let (content_type, bytes): (_, Bytes) = match path {
            "/openapi.json" => ("application/json".to_owned(), Bytes::from_static(JSON.as_bytes())),
            "/openapi.yaml" => ("application/yaml".to_owned(), Bytes::from_static(YAML.as_bytes())),
            TRY_IT => ("application/json".to_owned(), self.1.clone().into()),
            "/docs" => {
                let mut r = empty(StatusCode::SEE_OTHER);
                r.headers_mut().insert(LOCATION, HeaderValue::from_static("/docs/"));
                return Some(r);
            }
            path => {
                let path = path.strip_prefix("/docs/")?;
                let file = utoipa_swagger_ui::serve(path, self.0.clone()).ok()??;
                (file.content_type, file.bytes.into_owned().into())
            }
        };
        if let Some(answer) = fixed::other_than_get(context, method) {
            return Some(answer);
        }
        let mut r = Response::new(bytes.into());
        r.headers_mut().insert(CONTENT_TYPE, content_type.parse().ok()?);
        Some(r)
    }
}

// As text, since parsing would lose the order of the fields in the examples.
#[expect(clippy::expect_used, reason = "a document that kept its server would have a test page call production")]
fn with_this_server() -> String {
    const SERVERS: &str = "\"servers\": [";
    let (before, servers) = JSON.split_once(SERVERS).expect("the published document lists its servers");
    let (_, after) = servers.split_once(']').expect("the list of servers ends");
    format!("{before}{SERVERS}{{ \"url\": \"/\" }}]{after}")
}
