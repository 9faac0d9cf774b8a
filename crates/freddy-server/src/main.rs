//! Serves the Freddy API, and manages what it serves.

mod commands;
mod log;
mod signals;

use std::env::VarError;
use std::error::Error;
use std::io::{self, IsTerminal as _, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use freddy_server::demo::Demo;
use freddy_server::key::NewKey;
use freddy_server::store::Store;
use freddy_server::{App, Settings, serve};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

use crate::commands::audit::AuditCommand;
use crate::commands::connector::ConnectorCommand;
use crate::commands::key::KeyCommand;
use crate::commands::{Database, audit, connector, key};
use crate::log::Log;
use crate::signals::stop_signal;

/// How long a text may take to be printed, and the last lines of the log to be written. A pipe may have no reader.
const PRINT_TIMEOUT: Duration = Duration::from_millis(800);

/// What a stop leaves at least for closing the database.
const MIN_CLOSE_TIMEOUT: Duration = Duration::from_millis(100);

/// The Freddy API's personal-connector endpoint.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a temporary database with two users, and print what to try
    Demo {
        #[command(flatten)]
        settings: Settings,
    },
    /// Serve a database
    Serve {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        settings: Settings,
    },
    /// Make, list, rotate and revoke API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Add and list connectors
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// List what was done
    #[command(subcommand)]
    Audit(AuditCommand),
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let result = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let result = runtime.block_on(run(command));
        // Whatever still hangs, such as the lookup of a name, does not hold the exit up.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                let reason = error.to_string();
                // Some errors include their cause.
                if !text.contains(&reason) {
                    text = format!("{text}: {reason}");
                }
                cause = error.source();
            }
            print_to(io::stderr(), format!("error: {text}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Prints a text if that is possible in time. A server neither fails nor hangs because nobody reads what it prints.
fn print_to(mut output: impl Write + Send + 'static, text: String) {
    let (done, printed) = mpsc::channel();
    let print = move || drop(done.send(output.write_all(text.as_bytes()).and_then(|()| output.flush())));
    if std::thread::Builder::new().spawn(print).is_ok() {
        let _ = printed.recv_timeout(PRINT_TIMEOUT);
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Demo { settings } => demo(settings).await,
        Command::Serve { database, settings } => {
            let store = database.open_with(&settings.database()).await?;
            serve_until_stopped(store, settings, |address| format!("Listening on http://{address}")).await
        }
        Command::Key(command) => key::run(command).await,
        Command::Connector(command) => connector::run(command).await,
        Command::Audit(command) => audit::run(command).await,
    }
}

async fn demo(settings: Settings) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("demo.db");
    let store = Store::open(&format!("sqlite://{}", file.display())).await?;
    let demo = Demo::fill(&store, NewKey::generate()?, NewKey::generate()?).await?;
    let requests = settings.rate_limit.get();
    serve_until_stopped(store, settings, |address| demo.text(address, requests)).await
}

/// Serves until a signal. The greeting is printed once everything that the settings name works.
async fn serve_until_stopped(
    store: Store,
    settings: Settings,
    greeting: impl FnOnce(SocketAddr) -> String,
) -> Result<()> {
    // Before the log, which counts in these metrics what it drops.
    if let Some(address) = settings.metrics_listen {
        freddy_server::metrics::install(address)
            .map_err(|error| format!("cannot serve metrics on {address}: {error}"))?;
    }
    let log = Log::to_stderr()?;
    start_log(log.clone())?;
    std::panic::set_hook(Box::new(freddy_server::log_panic));
    let result = serve_store(store, settings, greeting).await;
    log.flush_within(PRINT_TIMEOUT);
    result
}

async fn serve_store(store: Store, settings: Settings, greeting: impl FnOnce(SocketAddr) -> String) -> Result<()> {
    let mut stop = std::pin::pin!(stop_signal()?);
    let address = settings.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let (app, writer) = tokio::select! {
        app = App::new(store.clone(), settings.clone()) => app.map_err(|error| format!("cannot use Redis: {error}"))?,
        () = &mut stop => return Ok(()),
    };
    print_to(io::stdout(), format!("{}\n", greeting(listener.local_addr()?)));
    let mut stopped_at = Instant::now();
    let stop = async {
        stop.await;
        stopped_at = Instant::now();
    };
    serve(listener, app.service(), &settings, stop).await;
    // Every request is answered or given up. Once what they asked for is written, the writer ends.
    let close = async {
        let written = writer.await;
        store.close().await;
        written
    };
    let left = settings.stop_timeout.saturating_sub(stopped_at.elapsed()).max(MIN_CLOSE_TIMEOUT);
    match tokio::time::timeout(left, close).await {
        Ok(written) => written?,
        Err(_) => tracing::warn!("the database could not be closed in time"),
    }
    Ok(())
}

fn start_log(writer: Log) -> Result<()> {
    // A filter with a mistake in it is reported: what it was to show may be needed later, and then it is too late.
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(filter) => filter.parse().map_err(|error| format!("RUST_LOG is not a filter: {error}"))?,
        Err(VarError::NotPresent) => EnvFilter::new("info"),
        Err(error @ VarError::NotUnicode(_)) => return Err(format!("RUST_LOG is not a filter: {error}").into()),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || writer.clone())
        // It would print them to standard error, which is what has just failed.
        .log_internal_errors(false);
    if io::stderr().is_terminal() {
        log.compact().init();
    } else {
        log.json().with_span_list(false).init();
    }
    Ok(())
}
