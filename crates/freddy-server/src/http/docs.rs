//! The published documents, and a page to read and try them.

use std::borrow::Cow;
use std::collections::HashMap;

use hyper::header::HeaderValue;

use super::context::{Context, Response};
use super::read_only;
use super::service::{Learned, Request};
use super::static_file::{Headers, StaticFile, redirect};

/// What a server shows of its API: of the artifacts that `freddy-openapi` makes, those of these names.
#[derive(Clone, Debug)]
pub struct Documents {
    /// `freddy.json`, at `/openapi.json`.
    pub json: Cow<'static, str>,
    /// `freddy.yaml`, at `/openapi.yaml`.
    pub yaml: Cow<'static, str>,
    /// `index.html`, at `/docs/`, where it calls the server that serves it.
    pub page: Cow<'static, str>,
}

impl Default for Documents {
    /// Those of the Freddy API.
    fn default() -> Self {
        Self {
            json: include_str!("../../../../openapi/freddy.json").into(),
            yaml: include_str!("../../../../openapi/freddy.yaml").into(),
            page: include_str!("../../../../openapi/index.html").into(),
        }
    }
}

/// The page without the `/` at its end, which it is sent to.
const PAGE_PATH: &str = "/docs";

/// The page is for readers only.
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
    pub(crate) fn new(documents: Documents) -> Self {
        Self(files(documents).into_iter().collect())
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
        if let Some(mut answer) = read_only::other_than_get(context, request.method()) {
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
fn files(documents: Documents) -> [(String, StaticFile); 3] {
    let file = |text: Cow<'static, str>, content_type, headers| {
        let bytes = match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        };
        StaticFile::new(bytes, content_type, headers)
    };
    let mut page = file(of_this_server(&documents.page).into(), "text/html; charset=utf-8", OWN);
    if let Some(policy) = policy_of_this_server(&documents.page) {
        page = page.with_policy(policy);
    }
    let files = [
        ("/openapi.json", file(documents.json, "application/json", PUBLISHED)),
        ("/openapi.yaml", file(documents.yaml, "application/yaml", PUBLISHED)),
        ("/docs/", page),
    ];
    files.map(|(path, file)| (path.to_owned(), file))
}

/// The page, which calls the server that serves it instead of the one in production.
fn of_this_server(page: &str) -> String {
    match split_attribute(page, " data-server=\"") {
        Some((before, after)) => format!("{before}/{after}"),
        None => page.to_owned(),
    }
}

/// The page's own policy, which names its style and its script by their hashes, with no requests but to this server.
fn policy_of_this_server(page: &str) -> Option<HeaderValue> {
    const NAME: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
    let (_, policy) = page.split_once(NAME)?;
    let (policy, _) = policy.split_once('"')?;
    let policy = policy.replace("connect-src *", "connect-src 'self'");
    HeaderValue::try_from(format!("{policy}; frame-ancestors 'none'")).ok()
}

/// The page up to the value of an attribute, and what follows the value.
fn split_attribute<'a>(page: &'a str, opening: &str) -> Option<(&'a str, &'a str)> {
    let start = page.find(opening)? + opening.len();
    let (before, rest) = page.split_at_checked(start)?;
    Some((before, rest.get(rest.find('"')?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_calls_this_server_and_runs_nothing_but_its_own_script() {
        let published = Documents::default().page;
        let page = of_this_server(&published);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\" data-server=\"/\">"), "{page:.200}");
        let policy = policy_of_this_server(&published).unwrap();
        let directives: Vec<_> = policy.to_str().unwrap().split("; ").collect();
        for directive in ["default-src 'none'", "connect-src 'self'", "form-action 'none'", "frame-ancestors 'none'"] {
            assert!(directives.contains(&directive), "{policy:?}");
        }
        for kind in ["script-src 'sha256-", "style-src 'sha256-"] {
            assert_eq!(directives.iter().filter(|directive| directive.starts_with(kind)).count(), 1, "{policy:?}");
        }
    }
}
