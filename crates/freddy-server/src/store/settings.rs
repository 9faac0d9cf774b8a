//! How a database is used.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::{Args, Command, FromArgMatches as _};

use crate::settings::milliseconds;

/// How a database is used. Each is a flag and an environment variable.
#[derive(Args, Clone, Debug)]
#[non_exhaustive]
pub struct DatabaseSettings {
    /// Connections to PostgreSQL at most
    #[arg(long, env = "FREDDY_POOL_SIZE", default_value = "16", value_name = "CONNECTIONS")]
    pub pool_size: NonZeroU32,
    /// How long to wait for a connection to the database
    #[arg(long = "connect-timeout-ms", env = "FREDDY_CONNECT_TIMEOUT_MS", default_value = "5000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub connect_timeout: Duration,
    /// How long PostgreSQL may take for a statement; at most `--answer-timeout-ms`
    #[arg(long = "statement-timeout-ms", env = "FREDDY_STATEMENT_TIMEOUT_MS", default_value = "4000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub statement_timeout: Duration,
    /// How long to wait for what another program has locked in the database; at most `--statement-timeout-ms`
    #[arg(long = "lock-timeout-ms", env = "FREDDY_LOCK_TIMEOUT_MS", default_value = "2000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub lock_timeout: Duration,
}

impl Default for DatabaseSettings {
    /// The default of each setting, whatever the environment says.
    #[expect(clippy::expect_used, reason = "every setting has a default that it takes")]
    fn default() -> Self {
        let command = Self::augment_args(Command::new("settings")).mut_args(|arg| arg.env(None));
        let matches = command.no_binary_name(true).try_get_matches_from([""; 0]).expect("no setting is required");
        Self::from_arg_matches(&matches).expect("the defaults are values of the settings")
    }
}
