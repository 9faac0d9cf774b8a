//! What the server measures: the name of every metric, what it says, and how Prometheus gets it.
//!
//! Whatever is measured adds up over processes: counters, gauges of what there is now, and histograms with the same buckets
//! everywhere. A label takes a few values that are known in advance, since every series is kept as long as the process lives.

mod exporter;
mod requests;

use std::io;
use std::net::{SocketAddr, TcpListener};

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

pub(crate) use requests::{Occupancy, RequestMetrics};

use crate::settings::Settings;

/// How long answers take: a histogram by `method`, `route` and `status`.
pub const REQUEST_SECONDS: &str = "freddy_request_seconds";
/// Requests that are not answered yet.
pub const REQUESTS_IN_FLIGHT: &str = "freddy_requests_in_flight";
/// Those of them that wait for their turn.
pub const REQUESTS_QUEUED: &str = "freddy_requests_queued";
/// How many may wait.
pub const REQUESTS_QUEUED_LIMIT: &str = "freddy_requests_queued_limit";
/// Open connections of clients.
pub const CONNECTIONS: &str = "freddy_connections";
/// How many there may be.
pub const CONNECTIONS_LIMIT: &str = "freddy_connections_limit";
/// Connections that were closed at once, or given up for others.
pub const CONNECTIONS_REFUSED: &str = "freddy_connections_refused_total";
/// Connections to the database, by `state`: `idle` or `used`.
pub const DATABASE_CONNECTIONS: &str = "freddy_database_connections";
/// How many there may be.
pub const DATABASE_CONNECTIONS_LIMIT: &str = "freddy_database_connections_limit";
/// How long commits take: a histogram.
pub const COMMIT_SECONDS: &str = "freddy_commit_seconds";
/// How many requests are committed together: a histogram.
pub const COMMIT_REQUESTS: &str = "freddy_commit_requests";
/// Answers with 429, by `subject`: `key` or `address`.
pub const RATE_LIMITED: &str = "freddy_rate_limited_total";
/// Requests that were counted by this process alone, since Redis did not answer.
pub const REDIS_FALLBACK: &str = "freddy_redis_fallback_total";
/// Log lines that could not be written.
pub const LOG_LINES_DROPPED: &str = "freddy_log_lines_dropped_total";

/// From half a millisecond to the longest that an answer may take, and a little more.
const SECONDS: [f64; 15] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const GROUP_SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// A metric.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it says, which is its `HELP`.
    pub help: &'static str,
    unit: Unit,
    kind: Kind,
}

/// What a metric is, and its series that exist from the start: the increase of a series that begins with its first event
/// does not contain that event.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Counter(&'static [Labels]),
    Gauge(&'static [Labels]),
    Histogram(&'static [f64], &'static [Labels]),
}

type Labels = &'static [(&'static str, &'static str)];

const NO_LABELS: &[Labels] = &[&[]];

/// Every metric.
pub const METRICS: &[Metric] = &[
    Metric {
        name: REQUEST_SECONDS,
        help: "Seconds from the head of a request to its answer, by method, route and status. \
               The route is the template of the path, and none if the API does not have the path.",
        unit: Unit::Seconds,
        kind: Kind::Histogram(&SECONDS, &[]),
    },
    Metric {
        name: REQUESTS_IN_FLIGHT,
        help: "Requests that are not answered yet, with those that queue.",
        unit: Unit::Count,
        kind: Kind::Gauge(NO_LABELS),
    },
    Metric {
        name: REQUESTS_QUEUED,
        help: "Requests that wait for their turn.",
        unit: Unit::Count,
        kind: Kind::Gauge(NO_LABELS),
    },
    Metric {
        name: REQUESTS_QUEUED_LIMIT,
        help: "Requests that may wait for their turn: the setting --max-queue.",
        unit: Unit::Count,
        kind: Kind::Gauge(&[]),
    },
    Metric { name: CONNECTIONS, help: "Open connections of clients.", unit: Unit::Count, kind: Kind::Gauge(NO_LABELS) },
    Metric {
        name: CONNECTIONS_LIMIT,
        help: "Connections that may be open: the setting --max-connections.",
        unit: Unit::Count,
        kind: Kind::Gauge(&[]),
    },
    Metric {
        name: CONNECTIONS_REFUSED,
        help: "Connections that were refused because too many were open.",
        unit: Unit::Count,
        kind: Kind::Counter(NO_LABELS),
    },
    Metric {
        name: DATABASE_CONNECTIONS,
        help: "Open connections to the database, by state: idle or used.",
        unit: Unit::Count,
        kind: Kind::Gauge(&[&[("state", "idle")], &[("state", "used")]]),
    },
    Metric {
        name: DATABASE_CONNECTIONS_LIMIT,
        help: "Connections to the database that may be open.",
        unit: Unit::Count,
        kind: Kind::Gauge(&[]),
    },
    Metric {
        name: COMMIT_SECONDS,
        help: "Seconds that the transaction of a group of requests took, with its commit.",
        unit: Unit::Seconds,
        kind: Kind::Histogram(&SECONDS, NO_LABELS),
    },
    Metric {
        name: COMMIT_REQUESTS,
        help: "Requests that were committed together.",
        unit: Unit::Count,
        kind: Kind::Histogram(&GROUP_SIZES, NO_LABELS),
    },
    Metric {
        name: RATE_LIMITED,
        help: "Requests that were answered with 429, by subject: key, or address of callers without a valid key.",
        unit: Unit::Count,
        kind: Kind::Counter(&[&[("subject", "key")], &[("subject", "address")]]),
    },
    Metric {
        name: REDIS_FALLBACK,
        help: "Requests that this process counted by itself because Redis did not answer.",
        unit: Unit::Count,
        kind: Kind::Counter(NO_LABELS),
    },
    Metric {
        name: LOG_LINES_DROPPED,
        help: "Log lines that could not be written.",
        unit: Unit::Count,
        kind: Kind::Counter(NO_LABELS),
    },
];

/// Has everything measured from now on, and serves it at `/metrics` of an address. What was registered before is not
/// measured.
///
/// # Errors
/// The address cannot be listened on, the metrics of this process are recorded already, or a thread cannot be started.
pub fn install(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    let recorder = METRICS.iter().try_fold(PrometheusBuilder::new(), |builder, metric| match metric.kind {
        Kind::Histogram(buckets, _) => builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets),
        Kind::Counter(_) | Kind::Gauge(_) => Ok(builder),
    });
    let recorder = recorder.map_err(io::Error::other)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| io::Error::other(error.to_string()))?;
    METRICS.iter().for_each(Metric::register);
    exporter::start(listener, handle)
}

/// Records the settings that a metric is compared with.
pub(crate) fn record_limits(settings: &Settings) {
    #[expect(clippy::cast_precision_loss, reason = "a limit beyond 2^53 is none")]
    let record = |name: &'static str, limit: usize| metrics::gauge!(name).set(limit as f64);
    record(REQUESTS_QUEUED_LIMIT, settings.max_queue);
    record(CONNECTIONS_LIMIT, settings.max_connections.get());
    record(DATABASE_CONNECTIONS_LIMIT, settings.database().pool_size.get() as usize);
}

impl Metric {
    fn register(&self) {
        let Self { name, help, unit, kind } = *self;
        match kind {
            Kind::Counter(series) => {
                metrics::describe_counter!(name, unit, help);
                for labels in series {
                    metrics::counter!(name, *labels).increment(0);
                }
            }
            Kind::Gauge(series) => {
                metrics::describe_gauge!(name, unit, help);
                for labels in series {
                    metrics::gauge!(name, *labels).set(0);
                }
            }
            Kind::Histogram(_, series) => {
                metrics::describe_histogram!(name, unit, help);
                for labels in series {
                    drop(metrics::histogram!(name, *labels));
                }
            }
        }
    }
}
