//! What is measured of requests and connections, at the cost of a few atomic operations each.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper::StatusCode;
use metrics::{Gauge, Histogram};

use super::{CONNECTIONS, REQUEST_SECONDS, REQUESTS_IN_FLIGHT, REQUESTS_QUEUED};

/// What is measured of each request. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestMetrics(Arc<Routes>);

/// By route, then by method and status.
type Routes = List<Option<Box<str>>, List<(&'static str, StatusCode), Histogram>>;

impl RequestMetrics {
    /// Records how long an answer took. The method is [a label](crate::http::metrics::method_label), and the route is the
    /// template of a path: everything that is recorded once is kept.
    pub(crate) fn record(&self, method: &'static str, route: Option<&str>, status: StatusCode, elapsed: Duration) {
        let answers =
            self.0.get_or_insert(|known| known.as_deref() == route, || (route.map(Box::from), List::default()));
        let register = || {
            let labels = [
                ("method", metrics::SharedString::from(method)),
                ("route", route.unwrap_or("none").to_owned().into()),
                ("status", status.as_str().to_owned().into()),
            ];
            ((method, status), metrics::histogram!(REQUEST_SECONDS, &labels))
        };
        answers.get_or_insert(|(of, answered)| *answered == status && *of == method, register).record(elapsed);
    }
}

/// A map that only grows, for a few keys. Looking up takes no lock.
#[derive(Debug)]
struct List<K, V>(OnceLock<Box<Entry<K, V>>>);

#[derive(Debug)]
struct Entry<K, V> {
    key: K,
    value: V,
    rest: List<K, V>,
}

impl<K, V> Default for List<K, V> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<K, V> List<K, V> {
    /// The value whose key `is` the one; a `new` one if there is none.
    fn get_or_insert(&self, is: impl Fn(&K) -> bool, new: impl Fn() -> (K, V)) -> &V {
        let mut list = self;
        loop {
            let entry = list.0.get_or_init(|| {
                let (key, value) = new();
                Box::new(Entry { key, value, rest: Self::default() })
            });
            if is(&entry.key) {
                return &entry.value;
            }
            list = &entry.rest;
        }
    }
}

/// A gauge of how many there are of something.
#[derive(Clone, Debug)]
pub(crate) struct Occupancy(Gauge);

impl Occupancy {
    /// Requests that are not answered yet.
    pub(crate) fn requests_in_flight() -> Self {
        Self(metrics::gauge!(REQUESTS_IN_FLIGHT))
    }

    /// Requests that wait for their turn.
    pub(crate) fn requests_queued() -> Self {
        Self(metrics::gauge!(REQUESTS_QUEUED))
    }

    /// Connections of clients.
    pub(crate) fn connections() -> Self {
        Self(metrics::gauge!(CONNECTIONS))
    }

    /// Counts one more until the result is dropped.
    pub(crate) fn enter(&self) -> Occupied {
        self.0.increment(1);
        Occupied(self.0.clone())
    }
}

/// One of those that an [`Occupancy`] counts.
#[derive(Debug)]
#[must_use]
pub(crate) struct Occupied(Gauge);

impl Drop for Occupied {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn what_several_threads_record_adds_up_by_method_route_and_status() {
        let recorder = PrometheusBuilder::new().set_buckets(&[1.0]).unwrap().build_recorder();
        let (answered, in_flight) =
            metrics::with_local_recorder(&recorder, || (RequestMetrics::default(), Occupancy::requests_in_flight()));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    metrics::with_local_recorder(&recorder, || {
                        for _ in 0..100 {
                            let _occupied = in_flight.enter();
                            answered.record("GET", Some("/a"), StatusCode::OK, Duration::from_millis(1));
                            answered.record("GET", Some("/a"), StatusCode::NOT_FOUND, Duration::from_secs(2));
                            answered.record("PUT", Some("/a"), StatusCode::OK, Duration::from_secs(2));
                            answered.record("GET", None, StatusCode::NOT_FOUND, Duration::from_secs(2));
                        }
                        std::mem::forget(in_flight.enter());
                    });
                });
            }
        });
        let text = recorder.handle().render();
        for line in [
            r#"freddy_request_seconds_bucket{method="GET",route="/a",status="200",le="1"} 400"#,
            r#"freddy_request_seconds_bucket{method="GET",route="/a",status="404",le="1"} 0"#,
            r#"freddy_request_seconds_count{method="GET",route="/a",status="404"} 400"#,
            r#"freddy_request_seconds_count{method="PUT",route="/a",status="200"} 400"#,
            r#"freddy_request_seconds_count{method="GET",route="none",status="404"} 400"#,
            "freddy_requests_in_flight 4",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}: {text}");
        }
        assert_eq!(text.matches("_count{").count(), 4, "{text}");
    }
}
