//! The published documents, and a page to read and try them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use utoipa_swagger_ui::Config;

use super::context::{Context, Response};
use super::fixed;
use super::service::{Learned, Request};
use super::static_file::{Headers, StaticFile, redirect};

const JSON: &str = include_str!("../../../../openapi/freddy.json");
const YAML: &str = include_str!("../../../../openapi/freddy.yaml");

/// The page without the `/` at its end, which it is sent to.
const PAGE_PATH: &str = "/docs";

/// The document that the page shows: the published one, except that calls go to the server that serves the page.
const TRY_IT: &str = "/docs/openapi.json";

/// The files of the page that it loads.
const PAGE: [&str; 8] = [
    "index.html",
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
];

/// What the page is made of is for the page only.
const OWN: Headers = &[("cross-origin-resource-policy", "same-origin")];

/// The published documents are no secret, and tools in a browser read them from other pages.
const PUBLISHED: Headers = &[
    ("cross-origin-resource-policy", "cross-origin"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, HEAD"),
    ("access-control-allow-headers", "If-None-Match"),
    ("access-control-expose-headers", "ETag"),
];

/// The files by their paths.
#[derive(Debug, Default)]
pub(crate) struct Docs(HashMap<String, StaticFile>);

impl Docs {
    pub(crate) fn new() -> Self {
        Self(files().into_iter().collect())
    }

    /// The answer, if the path is that of a file.
    pub(super) async fn answer<'a>(
        &'a self,
        context: &Context,
        request: &Request,
        learned: &Learned<'a>,
    ) -> Option<Response> {
        let path = request.uri().path();
        let is_page = path == PAGE_PATH && !self.0.is_empty();
        let file = self.0.get_key_value(path);
        let route = file.map_or(PAGE_PATH, |(path, _)| path);
        if !is_page && file.is_none() {
            return None;
        }
        let _ = learned.route.set(route);
        if let Some(mut answer) = fixed::other_than_get(context, request.method()) {
            // A page elsewhere asks before it reads a document.
            if let Some((_, file)) = file.filter(|_| answer.status().is_success()) {
                answer.headers_mut().extend(file.headers().clone());
            }
            return Some(answer);
        }
        Some(match file {
            Some((_, file)) => file.answer(request.headers()).await,
            None => redirect("/docs/"),
        })
    }
}

/// Every file and its path.
fn files() -> Vec<(String, StaticFile)> {
    let config = Arc::new(
        Config::new([TRY_IT])
            .try_it_out_enabled(true)
            // The default asks a server of somebody else.
            .validator_url("none"),
    );
    let page = PAGE.into_iter().filter_map(|name| {
        let file = utoipa_swagger_ui::serve(name, Arc::clone(&config)).ok().flatten()?;
        let bytes = match file.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        let name = if name == "index.html" { "" } else { name };
        Some((format!("/docs/{name}"), StaticFile::new(bytes, &file.content_type, OWN)))
    });
    let json = "application/json";
    let published = |text: &'static str, content_type| StaticFile::new(text.into(), content_type, PUBLISHED);
    let documents = [
        ("/openapi.json", published(JSON, json)),
        ("/openapi.yaml", published(YAML, "application/yaml")),
        (TRY_IT, StaticFile::new(with_this_server().into(), json, OWN)),
    ];
    documents.map(|(path, file)| (path.to_owned(), file)).into_iter().chain(page).collect()
}

// As text, since parsing would lose the order of the fields in the examples.
#[expect(clippy::expect_used, reason = "a document that kept its server would have a test page call production")]
fn with_this_server() -> String {
    const SERVERS: &str = "\"servers\": [";
    let (before, servers) = JSON.split_once(SERVERS).expect("the published document lists its servers");
    let (_, after) = servers.split_once(']').expect("the list of servers ends");
    format!("{before}{SERVERS}{{ \"url\": \"/\" }}]{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_the_page_names_is_there() {
        let files = files();
        assert_eq!(files.len(), PAGE.len() + 3);
    }
}
