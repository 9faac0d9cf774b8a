//! Answers a request to the API. What its head decides is decided before anything of its body is read.

use std::sync::Arc;

use freddy_types::{ConnectorId, Failure, RateLimit};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;

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

/// Look-ups at the same time of keys from addresses that are over their limit, all of them together.
const FEW: usize = 4;

/// The endpoints, and what each request to them has to pass.
pub(crate) struct Api {
    turns: Arc<Turns>,
    keys: KeyCache,
    limiter: Limiter,
    bodies: Bodies,
    routes: Routes,
    /// For look-ups of keys from addresses that are over their limit.
    few: Semaphore,
}

/// How far a request has come.
#[derive(Default)]
struct Progress {
    /// The body, as long as it is not read.
    body: Option<Incoming>,
    /// Whether reading it has begun and not ended.
    is_broken_off: bool,
    /// Where the caller's rate limit stands.
    limit: Option<RateLimit>,
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
        Self { turns, keys, limiter, bodies, routes: Routes::new(endpoints), few: Semaphore::new(FEW) }
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
        let mut progress = Progress { body: Some(body), ..Progress::default() };
        let answered = self.try_answer(context, &head, route, &mut progress, learned).await;
        let mut response = match answered {
            Ok(response) => response,
            Err(failure) => context.refuse(failure),
        };
        let headers = response.headers_mut();
        if let Some(limit) = progress.limit {
            for (name, value) in limit.headers() {
                headers.insert(name, number(&value));
            }
        }
        if let Some(route) = route.filter(|route| route.answer(&head.method).is_none()) {
            headers.insert(ALLOW, route.allow.clone());
        }
        let is_read = match progress.body {
            Some(body) => self.bodies.discard(context.address, &head.headers, body, watch.busy()),
            None => !progress.is_broken_off,
        };
        if !is_read {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn try_answer<'a>(
        &'a self,
        context: &Context,
        head: &Parts,
        route: Option<&'a Route>,
        progress: &mut Progress,
        learned: &Learned<'a>,
    ) -> Result<Response, Failure> {
        // An address over its limit may have callers with valid keys behind it, and strangers who invent keys.
        let one_of_few = if self.needs_look_up(context, head) { self.few.acquire().await.ok() } else { None };
        let mut turn = self.turns.take().await?;
        let caller = self.caller(context, head, learned).await?;
        drop(one_of_few);
        let subject = caller.as_ref().map_or(Subject::address(context.address), |caller| Subject::Key(caller.key_id));
        let verdict = self.limiter.check(subject, context.now).await;
        progress.limit = Some(verdict.limit);
        if !verdict.allowed {
            return Err(Failure::RateLimitExceeded(verdict.limit));
        }
        let route = route.ok_or(Failure::NotFound)?;
        let Some(answer) = route.answer(&head.method) else {
            let is_question = head.method == Method::OPTIONS;
            return if is_question { Ok(empty(StatusCode::NO_CONTENT)) } else { Err(Failure::MethodNotAllowed) };
        };
        let caller = caller.ok_or(Failure::Unauthorized)?;
        if progress.body.as_ref().is_some_and(|body| self.bodies.is_too_large(body)) {
            return Err(Failure::PayloadTooLarge);
        }
        let body = match progress.body.take().filter(|body| !Bodies::is_over(body)) {
            // Whoever sends it slowly keeps nobody else from being answered.
            Some(body) => {
                drop(turn);
                progress.is_broken_off = true;
                let body = self.bodies.read(context.address, body).await?;
                progress.is_broken_off = false;
                turn = self.turns.take().await?;
                body
            }
            None => bytes::Bytes::new(),
        };
        let response = answer(context.clone(), caller, head, body).await;
        drop(turn);
        Ok(response)
    }

    /// Whether a request for which nobody knows yet whether its key is valid comes from an address over its limit.
    fn needs_look_up(&self, context: &Context, head: &Parts) -> bool {
        self.limiter.exhausted(Subject::address(context.address), context.now).is_some()
            && credential(&head.headers).is_some_and(|key| self.keys.needs_look_up(key))
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
            tracing::error!(trace_id = context.trace_id.as_str(), kind = error.kind(), "a key could not be looked up");
            if error.is_busy() { Failure::ServiceUnavailable } else { Failure::InternalServerError }
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
