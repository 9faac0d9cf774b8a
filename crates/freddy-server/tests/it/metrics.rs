//! What is measured, and that it is documented and watched.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};

use freddy_server::metrics::{METRICS, REQUEST_SECONDS};
use freddy_types::ErrorCode;

use crate::support::{CONNECTORS, Database, Process, send};

const ALERTS: &str = include_str!("../../prometheus/alerts.yml");
const GUIDE: &str = include_str!("../../../../docs/operating.md");

/// A server, and the address of its metrics.
fn serve(database: &Database, flags: &[&str]) -> (Process, SocketAddr) {
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = metrics.to_string();
    (Process::serve(database.url(), &[&["--metrics-listen", &listen], flags].concat()), metrics)
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
}

async fn scrape(metrics: SocketAddr) -> Vec<String> {
    let answer = send(metrics, &get("/metrics")).await;
    String::from_utf8(answer.body).unwrap().lines().map(str::to_owned).collect()
}

/// The names of metrics in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let words = words.filter(|word| word.starts_with("freddy_"));
    words
        .map(|word| ["_bucket", "_count", "_sum"].iter().fold(word, |word, end| word.strip_suffix(end).unwrap_or(word)))
        .collect()
}

#[tokio::test]
async fn every_metric_is_described_and_shown_from_the_start() {
    let database = Database::sqlite();
    let (server, metrics) = serve(&database, &["--max-queue", "17"]);
    send(server.address, &get("/healthz")).await.assert_no_content();
    let lines = scrape(metrics).await;
    for metric in METRICS {
        let series = lines.iter().filter(|line| names(line).contains(metric.name) && !line.starts_with('#'));
        assert!(series.count() > 0, "{}", metric.name);
        let help = format!("# HELP {} {}", metric.name, metric.help);
        assert_eq!(lines.iter().filter(|line| **line == help).count(), 1, "{help}");
    }
    let shown = lines.join("\n");
    assert_eq!(names(&shown).len(), METRICS.len(), "something is shown that has no constant");
    assert!(!shown.contains("quantile="), "a quantile does not add up over processes");
    for line in [
        "# TYPE freddy_request_seconds histogram",
        "# TYPE freddy_connections gauge",
        "# TYPE freddy_log_lines_dropped_total counter",
        r#"freddy_request_seconds_count{method="GET",route="/healthz",status="204"} 1"#,
        r#"freddy_request_seconds_bucket{method="GET",route="/healthz",status="204",le="30"} 1"#,
        "freddy_requests_queued_limit 17",
        "freddy_requests_queued 0",
    ] {
        assert!(lines.iter().any(|shown| shown == line), "{line}: {shown}");
    }
}

#[tokio::test]
async fn the_labels_of_a_request_are_what_the_server_knows() {
    let database = Database::sqlite();
    let (server, metrics) = serve(&database, &[]);
    send(server.address, &get("/metrics")).await.assert_error(ErrorCode::NotFound);
    for (method, path) in [
        ("DELETE", format!("{CONNECTORS}pcon_abc123")),
        ("DELETE", format!("{CONNECTORS}{}", "a".repeat(5000))),
        ("INVENTED", "/x".to_owned()),
        ("GET", "/x?y=z".to_owned()),
    ] {
        send(server.address, &format!("{method} {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")).await;
    }
    let lines = scrape(metrics).await;
    let mut counted: Vec<_> =
        lines.iter().filter_map(|line| line.strip_prefix("freddy_request_seconds_count")).collect();
    counted.sort_unstable();
    assert_eq!(
        counted,
        [
            r#"{method="DELETE",route="/v1/personal-connectors/{connector_id}",status="401"} 2"#,
            r#"{method="GET",route="none",status="404"} 2"#,
            r#"{method="other",route="none",status="404"} 1"#,
        ]
    );
}

#[test]
fn every_metric_is_in_the_guide_and_the_alerts_name_no_other() {
    let known: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(known.len(), METRICS.len(), "two metrics have one name");
    assert!(known.contains(REQUEST_SECONDS));
    assert_eq!(names(GUIDE), known);
    assert!(names(ALERTS).is_subset(&known), "{:?}", names(ALERTS).difference(&known));
}

#[test]
fn every_alert_has_a_row_in_the_guide_and_says_what_to_do() {
    let alerts: Vec<_> = ALERTS.split("- alert: ").skip(1).collect();
    for alert in &alerts {
        for part in ["expr: ", "for: ", "severity: ", "summary: ", "description: ", "runbook: docs/operating.md#alarms"]
        {
            assert_eq!(alert.matches(part).count(), 1, "{part} of {alert}");
        }
        assert!(alert.contains("severity: critical\n") || alert.contains("severity: warning\n"), "{alert}");
    }
    let alerts: Vec<_> = alerts.iter().map(|alert| alert.lines().next().unwrap()).collect();
    let (_, section) = GUIDE.split_once("\n## Alarms\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")).map(|row| row.split('`').next().unwrap());
    assert_eq!(rows.collect::<Vec<_>>(), alerts);
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        assert!(row.split('|').skip(2).take(2).all(|cell| cell.trim().len() > 10), "{row}");
    }
}
