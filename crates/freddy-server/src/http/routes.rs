//! Which function answers which request.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use freddy_types::{ApiError, Endpoint, Failure, IncomingRequest, InvalidRequest, SuccessResponse as _};
use hyper::http::request::Parts;
use hyper::{Method, header::HeaderValue};

use super::context::{Context, Response, respond};
use crate::store::Caller;

/// Answers one endpoint.
type Answer = Box<dyn Fn(Context, Caller, &Parts, Bytes) -> Answering + Send + Sync>;
type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The endpoints that are answered.
#[derive(Default)]
pub struct Endpoints(BTreeMap<&'static str, Vec<(Method, Answer)>>);

impl Endpoints {
    /// Routes an endpoint to the function that answers it. The endpoint defines its method, its path, how a request is
    /// read, and the status of the answer.
    ///
    /// The function is called with a request that is within its rate limit, and with a caller whose key was valid when it
    /// was looked up, at most [`Settings::key_cache`](crate::Settings::key_cache) ago. A function that changes something
    /// has to check the key again in the same transaction.
    ///
    /// # Panics
    /// Another endpoint has the same method and path.
    #[must_use]
    #[expect(clippy::panic, reason = "an endpoint that is not routed would be a 404 that nobody notices")]
    pub fn mount<E, H, F>(mut self, handler: H) -> Self
    where
        E: Endpoint,
        H: Fn(Context, Caller, E) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<E::Response, ApiError>> + Send + 'static,
    {
        let answer: Answer = Box::new(move |context, caller, head, body| {
            let decoded = E::decode(
                &IncomingRequest::new(head.uri.path())
                    .query(head.uri.query().unwrap_or_default())
                    .headers(&head.headers)
                    .body(&body),
            );
            let failure = match decoded {
                Ok(endpoint) => {
                    let answering = handler(context, caller, endpoint);
                    return Box::pin(async move {
                        match answering.await {
                            Ok(success) => respond(success.encode()),
                            Err(error) => respond(error),
                        }
                    });
                }
                Err(InvalidRequest::Faults(faults)) => context.invalid(&faults),
                Err(_) => context.error(Failure::ValidationError),
            };
            Box::pin(std::future::ready(respond(failure)))
        });
        let (method, path) = (Method::from(E::METHOD), E::PATH.as_str());
        let methods = self.0.entry(path).or_default();
        if methods.iter().any(|(other, _)| *other == method) {
            panic!("two endpoints answer {method} {path}");
        }
        methods.push((method, answer));
        self
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// The endpoints by their paths.
pub(super) struct Routes(matchit::Router<Route>);

/// A path of the API.
pub(super) struct Route {
    /// The template of the path.
    pub(super) template: &'static str,
    /// The methods that the path takes, as the header `Allow` has them.
    pub(super) allow: HeaderValue,
    methods: Vec<(Method, Answer)>,
}

impl Routes {
    /// # Panics
    /// Two paths differ in nothing but the name of a parameter.
    #[expect(clippy::expect_used, reason = "an endpoint that is not routed would be a 404 that nobody notices")]
    pub(super) fn new(endpoints: Endpoints) -> Self {
        let mut routes = matchit::Router::new();
        for (template, methods) in endpoints.0 {
            let names = methods.iter().map(|(method, _)| method.as_str()).chain([Method::OPTIONS.as_str()]);
            let allow = HeaderValue::try_from(names.collect::<Vec<_>>().join(", ")).expect("methods are tokens");
            routes.insert(template, Route { template, allow, methods }).expect("paths differ in more than a name");
        }
        Self(routes)
    }

    /// The route of a path, and the parameter of the path that has this name, as it was written.
    pub(super) fn find<'p>(&self, path: &'p str, parameter: &str) -> Option<(&Route, Option<&'p str>)> {
        let found = self.0.at(path).ok()?;
        Some((found.value, found.params.get(parameter)))
    }
}

impl Route {
    /// What answers a method.
    pub(super) fn answer(&self, method: &Method) -> Option<&Answer> {
        self.methods.iter().find(|(other, _)| other == method).map(|(_, answer)| answer)
    }
}
