//! The span of an attempt, with OpenTelemetry's names for a client's HTTP request.

use freddy_types::Endpoint;
use tracing::{Span, field, info_span};

use crate::base_url::BaseUrl;
use crate::error::{BodyFault, Cause, TimedOut};

/// The span of an attempt. It has the template of the path rather than the URL, since a path may name a person's things.
pub(crate) struct AttemptSpan(Span);

impl AttemptSpan {
    pub(crate) fn new<E: Endpoint>(base_url: &BaseUrl, attempt: u32) -> Self {
        // The conventions leave the count out of a request that is sent for the first time.
        let resends = Some(attempt - 1).filter(|resends| *resends > 0);
        Self(info_span!(
            "freddy attempt",
            otel.name = format_args!("{} {}", E::METHOD, E::PATH),
            otel.kind = "client",
            otel.status_code = field::Empty,
            http.request.method = E::METHOD.as_str(),
            http.request.resend_count = resends,
            http.response.status_code = field::Empty,
            server.address = base_url.host(),
            server.port = base_url.port(),
            url.scheme = if base_url.is_plain() { "http" } else { "https" },
            url.template = E::PATH.as_str(),
            error.type = field::Empty,
        ))
    }

    pub(crate) fn span(&self) -> Span {
        self.0.clone()
    }

    pub(crate) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.in_scope(work)
    }

    pub(crate) fn record_status(&self, status: u16) {
        self.0.record("http.response.status_code", status);
    }

    /// The status of an answer that failed by it, else what kind of fault there was.
    pub(crate) fn record_failure(&self, cause: &Cause) {
        self.0.record("otel.status_code", "ERROR");
        let kind = match cause {
            Cause::Response { response, .. } => {
                self.0.record("error.type", field::display(response.status()));
                return;
            }
            Cause::UnexpectedStatus { .. } => "unexpected_status",
            Cause::UnexpectedBody { .. } | Cause::BrokenBody { fault: BodyFault::TooLong { .. }, .. } => {
                "unexpected_body"
            }
            Cause::Timeout(TimedOut::Connect(_)) => "connect_timeout",
            Cause::Timeout(_) | Cause::BrokenBody { fault: BodyFault::Timeout(_), .. } => "timeout",
            Cause::Transport(fault) if fault.is_connect() => "connect",
            Cause::Transport(_) | Cause::BrokenBody { fault: BodyFault::Transport(_), .. } => "transport",
            Cause::BrokenList(_) | Cause::Request(_) | Cause::Credential(_) | Cause::Limited { .. } => "request",
        };
        self.0.record("error.type", kind);
    }
}
