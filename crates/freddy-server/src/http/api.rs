//! Answers a request to the API. What its head decides is decided before anything of its body is read.

use std::sync::Arc;

use freddy_types::{ConnectorId, Failure, RateLimit};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use super::body::Bodies;
use super::connection::Watch;
use super::context::{Context, Response, empty};
use super::credential::credential;
use super::routes::{Endpoints, Route, Routes};
use super::service::{Learned, Request};
use super::turns::Turns;
use crate::key_cache::KeyCache;
use crate::limit::{Limiter, Subject};
use crate::settings::Settings;
use crate::store::Caller;

/// The parameter of the contract's paths that names a connector.
const CONNECTOR_ID: &str = "connector_id";

/// The endpoints, and what each request to them has to pass.
pub(crate) struct Api {
    turns: Arc<Turns>,
    keys: KeyCache,
    limiter: Limiter,
    bodies: Bodies,
    routes: Routes,
}

impl Api {
    pub(crate) fn new(
        settings: &Settings,
        turns: Arc<Turns>,
        keys: KeyCache,
        limiter: Limiter,
        endpoints: Endpoints,
    ) -> Self {
        let bodies = Bodies::new(settings.max_body, settings.read_timeout);
        Self { turns, keys, limiter, bodies, routes: Routes::new(endpoints) }
    }

    pub(super) async fn answer<'a>(
        &'a self,
        context: &Context,
        watch: &Arc<Watch>,
        request: Request,
        learned: &Learned<'a>,
    ) -> Response {
        let (head, body) = request.into_parts();
        let route = self.route(head.uri.path(), learned);
        let (mut body, mut limit) = (Some(body), None);
        let answered = self.try_answer(context, &head, &mut body, route, &mut limit, learned).await;
        let mut response = match answered {
            Ok(response) => response,
            Err(failure) => context.refuse(failure),
        };
        let headers = response.headers_mut();
        if let Some(limit) = limit {
            for (name, value) in limit.headers() {
                headers.insert(name, number(&value));
            }
        }
        if let Some(route) = route.filter(|route| route.answer(&head.method).is_none()) {
            headers.insert(ALLOW, route.allow.clone());
        }
        if let Some(body) = body
            && !self.bodies.discard(context.address, &head.headers, body, watch.busy())
        {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn try_answer<'a>(
        &'a self,
        context: &Context,
        head: &Parts,
        body: &mut Option<Incoming>,
        route: Option<&'a Route>,
        limit: &mut Option<RateLimit>,
        learned: &Learned<'a>,
    ) -> Result<Response, Failure> {
        let mut turn = self.turns.take().await?;
        let caller = self.caller(context, head, learned).await?;
        let subject = caller.as_ref().map_or(Subject::address(context.address), |caller| Subject::Key(caller.key_id));
        let verdict = self.limiter.check(subject, context.now).await;
        *limit = Some(verdict.limit);
        if !verdict.allowed {
            return Err(Failure::RateLimitExceeded(verdict.limit));
        }
        let route = route.ok_or(Failure::NotFound)?;
        let Some(answer) = route.answer(&head.method) else {
            let is_question = head.method == Method::OPTIONS;
            return if is_question { Ok(empty(StatusCode::NO_CONTENT)) } else { Err(Failure::MethodNotAllowed) };
        };
        let caller = caller.ok_or(Failure::Unauthorized)?;
        if body.as_ref().is_some_and(|body| self.bodies.is_too_large(body)) {
            return Err(Failure::PayloadTooLarge);
        }
        let body = match body.take().filter(|body| !Bodies::is_over(body)) {
            // Whoever sends it slowly keeps nobody else from being answered.
            Some(body) => {
                drop(turn);
                let body = self.bodies.read(context.address, body).await?;
                turn = self.turns.take().await?;
                body
            }
            None => bytes::Bytes::new(),
        };
        let response = answer(context.clone(), caller, head, body).await;
        drop(turn);
        Ok(response)
    }

    /// The route of a path.
    fn route<'a>(&'a self, path: &str, learned: &Learned<'a>) -> Option<&'a Route> {
        let (route, connector_id) = self.routes.find(path, CONNECTOR_ID)?;
        let _ = learned.route.set(route.template);
        let connector_id = connector_id.and_then(|text| percent_decode_str(text).decode_utf8().ok()?.parse().ok());
        if let Some(connector_id) = connector_id {
            let _: Result<(), ConnectorId> = learned.connector_id.set(connector_id);
        }
        Some(route)
    }

    /// Who is calling; `None` without a valid key.
    async fn caller(&self, context: &Context, head: &Parts, learned: &Learned<'_>) -> Result<Option<Caller>, Failure> {
        let Some(key) = credential(&head.headers) else { return Ok(None) };
        let caller = self.keys.caller(key, context.now_millisecond()).await.map_err(|error| {
            tracing::error!(kind = error.kind(), "a key could not be looked up");
            Failure::InternalServerError
        })?;
        if let Some(caller) = &caller {
            let _ = learned.key_id.set(caller.key_id);
        }
        Ok(caller)
    }
}

#[expect(clippy::expect_used, reason = "the headers of a rate limit are numbers")]
fn number(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a number is a header value")
}
