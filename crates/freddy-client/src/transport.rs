//! What carries the requests, and how it is set up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Request, Response, Version, redirect};

use crate::base_url::BaseUrl;
use crate::build_error::BuildError;
use crate::builder::Settings;
#[cfg(feature = "mock")]
use crate::mock::Plan;
use crate::pool::{Lease, Pool};

type Step = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// What the program says of the connections.
#[derive(Clone, Default)]
pub(crate) struct TransportSettings {
    given: Option<reqwest::Client>,
    /// Each with the name of the builder's method.
    steps: Vec<(&'static str, Step)>,
}

impl TransportSettings {
    pub(crate) fn give(&mut self, http: reqwest::Client) {
        self.given = Some(http);
    }

    pub(crate) fn add(
        &mut self,
        setting: &'static str,
        step: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) {
        self.steps.push((setting, Arc::new(step)));
    }

    pub(crate) fn build(self, settings: &Settings, base_url: &BaseUrl) -> Result<Transport, BuildError> {
        if let (Some(_), Some(&(setting, _))) = (&self.given, self.steps.first()) {
            return Err(BuildError::TransportConflict { setting });
        }
        let connect = self.connect(settings.connect_timeout, base_url);
        Pool::new(!base_url.is_plain(), connect).map(Transport::Http).map_err(|error| BuildError::Setup(error.into()))
    }

    /// Makes a client of reqwest, each with connections of its own unless one was given.
    fn connect(
        self,
        connect_timeout: Duration,
        base_url: &BaseUrl,
    ) -> impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static {
        let (is_plain, is_plain_loopback) = (base_url.is_plain(), base_url.is_plain_loopback());
        move || {
            if let Some(http) = &self.given {
                return Ok(http.clone());
            }
            let http = reqwest::Client::builder().connect_timeout(connect_timeout);
            // The program's own come first, so that it cannot lose what follows.
            let mut http = self
                .steps
                .iter()
                .fold(http, |http, (_, step)| step(http))
                .https_only(!is_plain)
                // A redirect must not send the credential elsewhere. No endpoint documents one, so it is a failed response.
                .redirect(redirect::Policy::none())
                // Only the policy retries, so that every attempt is counted, waited for and traced.
                .retry(reqwest::retry::never());
            if is_plain_loopback {
                // A proxy would carry the credential to another machine, in the clear.
                http = http.no_proxy();
            }
            http.build()
        }
    }
}

impl fmt::Debug for TransportSettings {
    /// Without the values: a proxy may have a password, and an identity has a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.steps.iter().map(|(name, _)| name).collect();
        f.debug_struct("TransportSettings").field("given", &self.given.is_some()).field("steps", &names).finish()
    }
}

/// What carries the requests.
pub(crate) enum Transport {
    Http(Pool),
    #[cfg(feature = "mock")]
    Mock(Arc<Plan>),
}

/// What carries one of them.
pub(crate) enum Line<'t> {
    Http(&'t Pool, Lease),
    #[cfg(feature = "mock")]
    Mock(&'t Plan),
}

/// Why there is no head of an answer.
pub(crate) enum SendFault {
    Http(reqwest::Error),
    /// As if the timeout of the attempt had passed.
    #[cfg(feature = "mock")]
    Timeout,
    /// The mock has nothing to say.
    #[cfg(feature = "mock")]
    Unplanned(&'static str),
}

impl Transport {
    pub(crate) fn line(&self) -> Line<'_> {
        match self {
            Self::Http(pool) => Line::Http(pool, pool.lease()),
            #[cfg(feature = "mock")]
            Self::Mock(plan) => Line::Mock(plan),
        }
    }
}

impl Line<'_> {
    /// Sends a request of an operation and waits for the head of the answer.
    pub(crate) async fn execute(
        &self,
        #[cfg_attr(not(feature = "mock"), expect(unused_variables, reason = "the mock answers by operation"))]
        operation: &'static str,
        request: Request,
    ) -> Result<Response, SendFault> {
        match self {
            Self::Http(_, lease) => lease.http.execute(request).await.map_err(SendFault::Http),
            #[cfg(feature = "mock")]
            Self::Mock(plan) => {
                let planned = plan.take(operation, &request)?;
                drop(request);
                planned.happen().await
            }
        }
    }

    /// Notes what an answer says of the connection.
    pub(crate) fn answered(&self, version: Version) {
        match self {
            Self::Http(pool, _) => pool.answered(version),
            #[cfg(feature = "mock")]
            Self::Mock(_) => {}
        }
    }

    /// Notes that no answer came in time.
    pub(crate) fn fell_silent(&self) {
        match self {
            Self::Http(pool, lease) => pool.fell_silent(lease),
            #[cfg(feature = "mock")]
            Self::Mock(_) => {}
        }
    }
}
