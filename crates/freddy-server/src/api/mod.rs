//! What answers the endpoints: one file for each family of endpoints.

pub(crate) mod personal_connectors;
