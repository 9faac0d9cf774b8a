//! What the API has: a file for each family of endpoints.

pub mod personal_connectors;
