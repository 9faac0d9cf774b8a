//! Disconnecting connectors: what is asked, what a database finds, and what follows from it.

use std::collections::HashSet;

use freddy_types::{ConnectorId, TraceId};

/// A request to disconnect a connector.
#[derive(Clone, Debug)]
pub struct Disconnect {
    /// The key that it was made with.
    pub key_id: i64,
    /// The connector.
    pub connector_id: ConnectorId,
    /// The request, for the audit table.
    pub trace_id: TraceId,
    /// When it arrived, in Unix milliseconds. A key that has expired by then is not valid.
    pub at: i64,
}

/// What became of a [`Disconnect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectOutcome {
    /// The connector is disconnected, by this request or an earlier one.
    Disconnected,
    /// There is no such connector, or it is somebody else's.
    NotYours,
    /// The key has been revoked since it was looked up, or has expired.
    KeyRevoked,
    /// Another transaction has locked what it needs. Nothing was done.
    Busy,
}

/// What a transaction found of each request.
#[derive(sqlx::FromRow)]
pub(super) struct Found {
    pub(super) key_valid: bool,
    pub(super) yours: bool,
    pub(super) disconnected: bool,
}

impl Found {
    /// Why the request is refused, if it is.
    pub(super) fn refusal(&self) -> Option<DisconnectOutcome> {
        match self {
            Self { key_valid: false, .. } => Some(DisconnectOutcome::KeyRevoked),
            Self { yours: false, .. } => Some(DisconnectOutcome::NotYours),
            Self { .. } => None,
        }
    }
}

/// What a transaction has to do, and what to answer.
pub(super) struct Plan<'a> {
    pub(super) outcomes: Vec<DisconnectOutcome>,
    /// The first request of each connector that is to be disconnected.
    pub(super) changes: Vec<&'a Disconnect>,
}

pub(super) fn plan<'a>(requests: &'a [Disconnect], found: &[Found]) -> Plan<'a> {
    let mut changes: Vec<&Disconnect> = Vec::new();
    let mut seen = HashSet::new();
    let outcomes = requests
        .iter()
        .zip(found)
        .map(|(request, found)| {
            found.refusal().unwrap_or_else(|| {
                if !found.disconnected && seen.insert(&request.connector_id) {
                    changes.push(request);
                }
                DisconnectOutcome::Disconnected
            })
        })
        .collect();
    Plan { outcomes, changes }
}
