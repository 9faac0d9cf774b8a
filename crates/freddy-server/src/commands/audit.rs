//! Listing what was done.

use clap::Subcommand;
use freddy_server::store::{AuditQuery, AuditRow};
use freddy_types::ConnectorId;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::listing::{Listing, Row};
use super::{Database, printable, time};
use crate::Result;

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// List which connectors were disconnected, the newest first, in pages
    ///
    /// The columns are the time at which the request arrived, the connector, the number of the key, the owner, and the
    /// request's `X-Request-Id`.
    List {
        #[command(flatten)]
        database: Database,
        /// Only what was done with the key of this number
        #[arg(long, value_name = "NUMBER")]
        key: Option<i64>,
        /// Only what was done to this connector
        #[arg(long, value_name = "ID")]
        connector: Option<ConnectorId>,
        /// Only what was done at this time or later, such as `2027-01-31T12:00:00Z` or `2027-01-31`
        #[arg(long, value_name = "TIME", value_parser = time::timestamp)]
        since: Option<Timestamp>,
        /// Go on after the row of this connector, with what was done before it
        #[arg(long, value_name = "ID")]
        after: Option<ConnectorId>,
        #[command(flatten)]
        listing: Listing,
    },
}

pub(crate) async fn run(command: AuditCommand) -> Result<()> {
    let AuditCommand::List { database, key, connector, since, after, listing } = command;
    let audit = AuditQuery {
        key_id: key,
        connector_id: connector.as_ref(),
        since: since.map(Timestamp::as_millisecond),
        after: after.as_ref(),
        limit: listing.rows_to_read(),
    };
    match (database.open().await?.audit(audit).await?, after) {
        (Some(rows), _) => listing.show(rows),
        (None, Some(after)) => Err(format!("the audit has no row of {after} to go on after").into()),
        (None, None) => listing.show(Vec::<AuditRow>::new()),
    }
}

impl Row for AuditRow {
    const NAME: &str = "row";

    fn cursor(&self) -> Value {
        self.connector_id.clone().into()
    }

    fn columns(&self) -> Vec<String> {
        let key = self.key_id.to_string();
        vec![
            time::shown(self.at),
            printable(&self.connector_id),
            key,
            printable(&self.owner),
            printable(&self.trace_id),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "at": time::exact(self.at),
            "connector_id": self.connector_id,
            "key": self.key_id,
            "owner": self.owner,
            "trace_id": self.trace_id,
        })
    }
}
