//! A database to try the API on, and the commands to try.

use std::net::SocketAddr;

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{AuthScheme, ConnectorId, Endpoint, ErrorCode, NoContent, SuccessResponse, connector_id};

use crate::key::NewKey;
use crate::store::{Result, Store};

/// What a demo has: two users with a key each.
#[derive(Debug)]
pub struct Demo {
    alice: NewKey,
    bob: NewKey,
}

impl Demo {
    /// Adds the users, their keys and their connectors to a new database.
    ///
    /// # Errors
    /// The database failed.
    pub async fn fill(store: &Store, alice: NewKey, bob: NewKey) -> Result<Self> {
        let now = jiff::Timestamp::now().as_millisecond();
        for (owner, key) in [("alice", &alice), ("bob", &bob)] {
            store.add_key(owner, key.hash(), now).await?;
        }
        for (id, owner) in [
            (connector_id!("pcon_abc123"), "alice"),
            (connector_id!("pcon_alice2"), "alice"),
            (bobs_connector(), "bob"),
            (connector_id!("pcon_bob2"), "bob"),
        ] {
            store.add_connector(&id, owner, now).await?;
        }
        Ok(Self { alice, bob })
    }

    /// What a demo prints: the keys, and commands to paste into a shell.
    #[must_use]
    pub fn text(&self, address: SocketAddr, requests: u32) -> String {
        let key = self.alice.reveal();
        let url = |path: &str| format!("http://{address}{path}");
        let call =
            |header: &str, path: &str| format!("curl -i -X {} {header}\"{}\"", DisconnectConnector::METHOD, url(path));
        let with_key = format!("-H \"{}: {key}\" ", AuthScheme::ApiKey.header());
        let path_of = |connector_id: ConnectorId| DisconnectConnector { connector_id }.path();
        let mine = path_of(connector_id!("pcon_abc123"));
        let malformed = mine.replace("pcon_", "");
        let until_limited = format!(
            "for i in $(seq {}); do curl -s -o /dev/null -X {} {with_key}\"{}\"; done; {}",
            requests,
            DisconnectConnector::METHOD,
            url(&mine),
            call(&with_key, &mine)
        );
        let lines = [
            (NoContent::STATUS, "disconnected", call(&with_key, &mine)),
            (ErrorCode::ValidationError.status(), "not a connector ID", call(&with_key, &malformed)),
            (ErrorCode::Unauthorized.status(), "no key", call("", &mine)),
            (ErrorCode::Forbidden.status(), "somebody else's connector", call(&with_key, &path_of(bobs_connector()))),
            (ErrorCode::RateLimitExceeded.status(), "too many requests", until_limited),
        ];
        let mut text = format!(
            "Listening on {}\nReference: {}\n\nKeys\n  alice  {key}\n  bob    {}\n",
            url(""),
            url("/docs"),
            self.bob.reveal()
        );
        for (status, what, line) in lines {
            text += &format!("\n# {status}: {what}\n{line}\n");
        }
        text
    }
}

fn bobs_connector() -> ConnectorId {
    connector_id!("pcon_bob1")
}
