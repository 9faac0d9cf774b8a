//! Adding and listing connectors.

use std::io::ErrorKind;

use clap::{Subcommand, ValueEnum};
use freddy_server::store::{ConnectorQuery, ConnectorRow};
use freddy_types::ConnectorId;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::listing::{Listing, Row};
use super::{Database, print, printable, say, time};
use crate::Result;

#[derive(Subcommand)]
pub(crate) enum ConnectorCommand {
    /// Add a connector
    ///
    /// Prints its ID on standard output.
    Add {
        #[command(flatten)]
        database: Database,
        /// Whose connector it is
        #[arg(long, value_parser = super::owner)]
        owner: String,
        /// Its ID; a random one if it is not given
        #[arg(long)]
        id: Option<ConnectorId>,
    },
    /// List connectors by ID, in pages
    ///
    /// The columns are the ID, the owner and the state.
    List {
        #[command(flatten)]
        database: Database,
        /// Only the connectors of this owner
        #[arg(long)]
        owner: Option<String>,
        /// Only the connectors in this state
        #[arg(long, value_enum)]
        state: Option<State>,
        /// Go on after the connector with this ID
        #[arg(long, value_name = "ID")]
        after: Option<ConnectorId>,
        #[command(flatten)]
        listing: Listing,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    Connected,
    Disconnected,
}

pub(crate) async fn run(command: ConnectorCommand) -> Result<()> {
    match command {
        ConnectorCommand::Add { database, owner, id } => {
            let id = match id {
                Some(id) => id,
                None => {
                    let mut bits = [0; 16];
                    getrandom::fill(&mut bits)?;
                    format!("pcon_{:032x}", u128::from_be_bytes(bits)).parse()?
                }
            };
            if !database.open().await?.add_connector(&id, &owner, Timestamp::now().as_millisecond()).await? {
                return Err(format!("there is a connector {id} already").into());
            }
            say(&format!("connector {id} of {} is added", printable(&owner)));
            match print(&format!("{id}\n")) {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    Err(format!("the ID of connector {id} could not be printed: {error}").into())
                }
                _ => Ok(()),
            }
        }
        ConnectorCommand::List { database, owner, state, after, listing } => {
            let connectors = ConnectorQuery {
                owner: owner.as_deref(),
                disconnected: state.map(|state| state == State::Disconnected),
                after: after.as_ref(),
                limit: listing.rows_to_read(),
            };
            listing.show(database.open().await?.connectors(connectors).await?)
        }
    }
}

impl Row for ConnectorRow {
    const NAME: &str = "connector";

    fn cursor(&self) -> Value {
        self.id.clone().into()
    }

    fn columns(&self) -> Vec<String> {
        let disconnected = |at| format!("disconnected at {}", time::shown(at));
        let state = self.disconnected_at.map_or_else(|| "connected".to_owned(), disconnected);
        vec![printable(&self.id), printable(&self.owner), state]
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "owner": self.owner,
            "created_at": time::exact(self.created_at),
            "disconnected_at": self.disconnected_at.map(time::exact),
            "disconnected_by": self.disconnected_by,
        })
    }
}
