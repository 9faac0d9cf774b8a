//! Serves the Freddy API, and manages what it serves.

use std::env::VarError;
use std::error::Error;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use freddy_server::demo::Demo;
use freddy_server::key::NewKey;
use freddy_server::store::Store;
use freddy_server::{App, Settings, serve};
use freddy_types::ConnectorId;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

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
    /// Make and revoke API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Add and list connectors
    #[command(subcommand)]
    Connector(ConnectorCommand),
}

#[derive(Args)]
struct Database {
    /// The database: `sqlite://` and a file, which is created if it is missing, or `postgres://…`
    #[arg(
        long,
        env = "FREDDY_DATABASE_URL",
        default_value = "sqlite://freddy.db",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: String,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make a key and show it once
    Create {
        #[command(flatten)]
        database: Database,
        /// Whose key it is
        #[arg(long)]
        owner: String,
    },
    /// Revoke a key
    Revoke {
        #[command(flatten)]
        database: Database,
        /// The key's number, which `key create` printed
        key: i64,
    },
}

#[derive(Subcommand)]
enum ConnectorCommand {
    /// Add a connector
    Add {
        #[command(flatten)]
        database: Database,
        /// Whose connector it is
        #[arg(long)]
        owner: String,
        /// Its ID; a random one if it is not given
        #[arg(long)]
        id: Option<ConnectorId>,
    },
    /// List every connector
    List {
        #[command(flatten)]
        database: Database,
    },
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
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
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Demo { settings } => demo(settings).await,
        Command::Serve { database, settings } => {
            let store = Store::open(&database.database_url).await?;
            serve_until_stopped(store, settings, |address| format!("Listening on http://{address}")).await
        }
        Command::Key(command) => key(command).await,
        Command::Connector(command) => connector(command).await,
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
    start_log()?;
    std::panic::set_hook(Box::new(freddy_server::log_panic));
    if let Some(address) = settings.metrics_listen {
        metrics_exporter_prometheus::PrometheusBuilder::new()
            .with_http_listener(address)
            .install()
            .map_err(|error| format!("cannot serve metrics on {address}: {error}"))?;
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let address = settings.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let (app, writer) =
        App::new(store.clone(), settings.clone()).await.map_err(|error| format!("cannot use Redis: {error}"))?;
    println!("{}", greeting(listener.local_addr()?));
    serve(listener, app.router(), &settings, stop).await;
    // Every request is answered, so nothing more will be written.
    writer.await?;
    store.close().await;
    Ok(())
}

fn start_log() -> Result<()> {
    // A filter with a mistake in it is reported: what it was to show may be needed later, and then it is too late.
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(filter) => filter.parse().map_err(|error| format!("RUST_LOG is not a filter: {error}"))?,
        Err(VarError::NotPresent) => EnvFilter::new("info"),
        Err(error @ VarError::NotUnicode(_)) => return Err(format!("RUST_LOG is not a filter: {error}").into()),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.compact().init();
    } else {
        log.json().with_span_list(false).init();
    }
    Ok(())
}

async fn key(command: KeyCommand) -> Result<()> {
    let now = jiff::Timestamp::now().as_millisecond();
    match command {
        KeyCommand::Create { database, owner } => {
            let store = Store::open(&database.database_url).await?;
            let key = NewKey::generate()?;
            let number = store.add_key(&owner, key.hash(), now).await?;
            println!("{}", key.reveal());
            eprintln!("key {number} of {owner}; it is not shown again");
        }
        KeyCommand::Revoke { database, key } => {
            let store = Store::open(&database.database_url).await?;
            if !store.revoke_key(key, now).await? {
                return Err(format!("there is no valid key {key}").into());
            }
            eprintln!("key {key} is revoked");
        }
    }
    Ok(())
}

async fn connector(command: ConnectorCommand) -> Result<()> {
    match command {
        ConnectorCommand::Add { database, owner, id } => {
            let store = Store::open(&database.database_url).await?;
            let id = match id {
                Some(id) => id,
                None => {
                    let mut bits = [0; 16];
                    getrandom::fill(&mut bits)?;
                    format!("pcon_{:032x}", u128::from_be_bytes(bits)).parse()?
                }
            };
            if !store.add_connector(&id, &owner, jiff::Timestamp::now().as_millisecond()).await? {
                return Err(format!("there is a connector {id} already").into());
            }
            println!("{id}");
        }
        ConnectorCommand::List { database } => {
            let store = Store::open(&database.database_url).await?;
            for connector in store.connectors().await? {
                let state = match connector.disconnected_at.map(jiff::Timestamp::from_millisecond) {
                    Some(Ok(at)) => format!("disconnected at {at:.0}"),
                    Some(Err(_)) => "disconnected".to_owned(),
                    None => "connected".to_owned(),
                };
                println!("{}\t{}\t{state}", connector.id, connector.owner);
            }
        }
    }
    Ok(())
}
