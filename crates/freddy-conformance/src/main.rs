//! Holds servers and clients of any language to the contract of the Freddy API.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use freddy_conformance::server;

/// Proves that a server or a client of any language keeps the contract of the Freddy API
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hold a running server to the contract
    Server(server::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Server(arguments) => server::run(&arguments),
    }
}
