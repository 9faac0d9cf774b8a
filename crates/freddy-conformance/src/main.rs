//! Holds servers and clients of any language to the contract of the Freddy API.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use freddy_conformance::{client, server};

/// Proves from outside that a server or a client keeps the contract of the Freddy API.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Holds a running server to the contract: `freddy-conformance server --base-url http://localhost:8080 --setup setup.yaml`
    Server(server::Arguments),
    /// Holds a client to the contract: `freddy-conformance client -- python3 adapter.py`
    Client(client::Arguments),
    /// Serves the cases by connector ID, for people
    Stub(client::StubArguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Server(arguments) => server::run(&arguments),
        Command::Client(arguments) => client::run(&arguments),
        Command::Stub(arguments) => client::stub(&arguments),
    }
}
