//! The speed of the server as ratios, each with a bar: `cargo bench -p freddy-server` fails if a bar is missed.
//!
//! The server is the program itself, in a process of its own and with its log on, which goes to a pipe that is read. So is
//! what it is compared with: a bare axum route, and a route with a transaction for each request. The load comes from this
//! process. What an answer costs is the processor time of the process that gives it, the kernel's part of it included: how
//! many answers there are in a second depends on this process as well, which takes its share of the cores. Whatever is
//! compared takes turns in short rounds, so that what slows the machine slows both, and a ratio is the median of those of the
//! rounds.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot run has nothing to say")]

mod baseline;
mod database;
mod load;
mod report;
mod server;

use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use database::{Database, LARGE, Order, SMALL};
use load::{Load, exchange, latency, load, path_of, request};
use report::{Report, Unit, compare};
use server::Server;

const CONNECTIONS: usize = 64;

/// Of load.
const ROUNDS: usize = 15;

/// Of a few requests on one connection.
const LONE_ROUNDS: usize = 150;

const FIRST_CONNECTIONS: usize = 1_000;
const IDLE_CONNECTIONS: usize = 5_000;

/// After a second without a request, a connection gives back what it does not need.
const IDLE: Duration = Duration::from_secs(3);

/// Where the server, PostgreSQL and this process have fewer cores than this, a second server has none to use.
const CORES_FOR_TWO: usize = 4;

const NO_LIMIT: [&str; 2] = ["--rate-limit", "1000000000"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, url] = arguments.as_slice()
        && flag == "--baseline"
    {
        baseline::serve(url);
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    // Over the last minute: a core that was taken all the time counts as one.
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    if load.split(' ').next().unwrap().parse::<f64>().unwrap() > 1.0 {
        report
            .note("this machine is busy with something else, which tells on whatever is not processor time or memory");
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        refusals(&mut report).await;
        disconnects(&mut report).await;
        postgres(&mut report).await;
        size_of_the_database(&mut report).await;
        idle_connections(&mut report).await;
    });
    report.title("log");
    report.at_least("lines that were read, for each answer", server::lines_for_each_answer(), 0.99);
    report.end()
}

/// 400, 401 and 429, compared with a route that answers 204 and does nothing, and 403 with a durable 204.
async fn refusals(report: &mut Report) {
    report.title("processor time of an answer, beside that of a bare axum route");
    let database = Database::sqlite(400_000).await;
    let server = Server::start(&database, &NO_LIMIT);
    let strict = Server::start(&database, &["--rate-limit", "1", "--rate-window", "86400"]);
    let bare = Server::baseline(&database);
    let malformed = || database.request("malformed");
    let anonymous = || request(&path_of("pcon_0"), "");
    for (first, request) in [(400, malformed()), (401, anonymous())] {
        assert_eq!(exchange(&mut strict.connect().await, &request).await, first);
    }
    let bare = async || [load(&[&bare], CONNECTIONS, 204, || request("/bare", "")).await.processor_time];
    let answer = async |server: &Server, status, request: &dyn Fn() -> String| {
        [load(&[server], CONNECTIONS, status, request).await.processor_time]
    };
    for (what, server, status, request) in [
        ("400", &server, 400, &malformed as &dyn Fn() -> String),
        ("401, without a key", &server, 401, &anonymous),
        ("429, of a key", &strict, 429, &malformed),
        ("429, of an address", &strict, 429, &anonymous),
    ] {
        let [ratio] = compare(ROUNDS, async || answer(server, status, request).await, bare).await;
        report.ratio_at_most(what, &ratio, Unit::Time, 2.5);
    }
    report.title("processor time of an answer, beside that of a durable 204");
    let forbidden = async || answer(&server, 403, &|| database.next_of_somebody_else()).await;
    let durable = async || answer(&server, 204, &|| database.next(Order::Neighbours)).await;
    let [ratio] = compare(ROUNDS, forbidden, durable).await;
    report.ratio_at_most("403", &ratio, Unit::Time, 1.0);
}

/// Durable disconnects in SQLite, compared with a transaction for each.
async fn disconnects(report: &mut Report) {
    report.title("durable disconnects in SQLite, beside a transaction for each");
    let (database, alone) = (Database::sqlite(600_000).await, Database::sqlite(600_000).await);
    let (server, baseline) = (Server::start(&database, &NO_LIMIT), Server::baseline(&alone));
    let each = |order| request(&format!("/each/{}", alone.next_id(order)), "");
    let both = |load: Load| [load.answers_a_second, load.p99];
    let at_once = async |order| {
        compare(
            ROUNDS,
            async || both(load(&[&server], CONNECTIONS, 204, || database.next(order)).await),
            async || both(load(&[&baseline], CONNECTIONS, 204, || each(order)).await),
        )
        .await
    };
    let [throughput, p99] = at_once(Order::Neighbours).await;
    report.ratio_at_least("at 64 connections, in a second", &throughput, Unit::Rate, 10.0);
    report.ratio_at_most("at 64 connections, p99", &p99, Unit::Time, 1.0);
    let [throughput, p99] = at_once(Order::FarApart).await;
    report.ratio_without_a_bar("at 64 connections, IDs far apart, in a second", &throughput, Unit::Rate);
    report.ratio_at_most("at 64 connections, IDs far apart, p99", &p99, Unit::Time, 1.0);
    let (mut grouped, mut single) = (server.connect().await, baseline.connect().await);
    let [ratio] = compare(
        LONE_ROUNDS,
        async || [latency(&server, &mut grouped, || database.next(Order::Neighbours)).await],
        async || [latency(&baseline, &mut single, || each(Order::Neighbours)).await],
    )
    .await;
    report.ratio_at_most("on one connection, best of three", &ratio, Unit::Time, 1.15);
}

/// Durable disconnects in PostgreSQL, compared with those in SQLite, and two servers with one.
async fn postgres(report: &mut Report) {
    report.title("durable disconnects in PostgreSQL, in a second");
    let Ok(url) = std::env::var("FREDDY_TEST_POSTGRES_URL") else {
        report.note("skipped: FREDDY_TEST_POSTGRES_URL names no PostgreSQL, which `.ci/services` starts");
        return;
    };
    let (database, sqlite) = (Database::postgres(&url, 800_000).await, Database::sqlite(800_000).await);
    let in_sqlite = Server::start(&sqlite, &NO_LIMIT);
    let [one, other] = [(); 2].map(|()| Server::start(&database, &NO_LIMIT));
    let rate = |load: Load| [load.answers_a_second];
    for (what, order) in [
        ("at 64 connections, beside SQLite", Order::Neighbours),
        ("at 64 connections, IDs far apart, beside SQLite", Order::FarApart),
    ] {
        let [ratio] = compare(
            ROUNDS,
            async || rate(load(&[&one], CONNECTIONS, 204, || database.next(order)).await),
            async || rate(load(&[&in_sqlite], CONNECTIONS, 204, || sqlite.next(order)).await),
        )
        .await;
        report.ratio_at_least(what, &ratio, Unit::Rate, 0.8);
    }
    let next = || database.next(Order::Neighbours);
    let [ratio] = compare(
        ROUNDS,
        async || rate(load(&[&one, &other], 2 * CONNECTIONS, 204, next).await),
        async || rate(load(&[&one], 2 * CONNECTIONS, 204, next).await),
    )
    .await;
    let what = "at 128 connections to two servers, beside one";
    let cores = available_parallelism().unwrap().get();
    if cores >= CORES_FOR_TWO {
        report.ratio_at_least(what, &ratio, Unit::Rate, 1.3);
    } else {
        report.ratio_without_a_bar(what, &ratio, Unit::Rate);
        report.note(&format!("it has a bar, ≥ 1.3, where there are {CORES_FOR_TWO} cores; here are {cores}"));
    }
    drop((one, other));
    database.remove().await;
}

/// The same with a thousand times as many connectors.
async fn size_of_the_database(report: &mut Report) {
    report.title("durable disconnects among 1,000,000 connectors in SQLite, beside 1,000");
    let (large, small) = (Database::sqlite(LARGE).await, Database::sqlite(SMALL).await);
    let (of_large, of_small) = (Server::start(&large, &NO_LIMIT), Server::start(&small, &NO_LIMIT));
    let (mut to_large, mut to_small) = (of_large.connect().await, of_small.connect().await);
    let [ratio] = compare(
        LONE_ROUNDS,
        async || [latency(&of_large, &mut to_large, || large.next(Order::FarApart)).await],
        async || [latency(&of_small, &mut to_small, || small.next(Order::FarApart)).await],
    )
    .await;
    report.ratio_at_most("on one connection, best of three", &ratio, Unit::Time, 1.3);
}

/// What 5,000 connections take on top of 1,000, so that what the server takes once does not count. All are opened within a
/// second or two, so that the server has the buffers of most of them at the same time.
async fn idle_connections(report: &mut Report) {
    report.title("memory of an idle connection");
    let database = Database::sqlite(2).await;
    let server = Server::start(&database, &NO_LIMIT);
    let mut connections = Vec::new();
    let mut with = async |count| {
        while connections.len() < count {
            let mut connection = server.connect().await;
            assert_eq!(exchange(&mut connection, &database.request("malformed")).await, 400);
            connections.push(connection);
        }
        tokio::time::sleep(IDLE).await;
        server.memory() as f64
    };
    let before = with(FIRST_CONNECTIONS).await;
    let each = (with(FIRST_CONNECTIONS + IDLE_CONNECTIONS).await - before) / IDLE_CONNECTIONS as f64;
    report.at_most("KiB, of 5,000 that have each made a request", each / 1024.0, 8.0);
}
