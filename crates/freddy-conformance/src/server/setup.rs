//! What a run has to know of the server.

use std::collections::BTreeSet;
use std::path::Path;

use freddy_types::ConnectorId;
use serde::Deserialize;

/// The longest window that a rate limit may have, in seconds: a day.
pub(super) const LONGEST_WINDOW: u32 = 86_400;

/// The setup file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setup {
    /// Who calls.
    pub(super) owner: User,
    /// Somebody else.
    pub(super) stranger: User,
    /// Keys that were revoked, or have expired.
    #[serde(default)]
    pub(super) revoked_keys: Vec<String>,
    /// The rate limit.
    pub(super) limit: Option<Limit>,
    /// A command that connects every connector of the file again.
    pub(super) reset: Option<Command>,
    /// A command that prints the connectors that are disconnected, each at the beginning of a line.
    pub(super) disconnected: Option<Command>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) key: String,
    /// Those that may be disconnected.
    pub(super) connectors: Vec<ConnectorId>,
}

/// How many requests a key may make in how many seconds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    /// A key whose requests may be used up.
    pub(super) key: String,
    pub(super) requests: u32,
    pub(super) seconds: u32,
    /// Those of the key that may be disconnected: what succeeds is counted as well.
    #[serde(default)]
    pub(super) connectors: Vec<ConnectorId>,
}

/// A program and its arguments. No shell reads them.
pub(super) type Command = Vec<String>;

impl Setup {
    /// # Errors
    /// What is wrong with the file, with its name.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let named = |problem: String| format!("{}: {problem}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
        let setup: Self = serde_saphyr::from_str(&text).map_err(|error| named(error.to_string()))?;
        setup.check().map_err(named)?;
        Ok(setup)
    }

    fn check(&self) -> Result<(), String> {
        for (place, user) in [("owner", &self.owner), ("stranger", &self.stranger)] {
            if user.connectors.is_empty() {
                return Err(format!("{place}.connectors: needs at least one connector that may be disconnected"));
            }
        }
        let mut ids = BTreeSet::new();
        let of_limit = self.limit.iter().flat_map(|limit| &limit.connectors);
        for id in self.owner.connectors.iter().chain(&self.stranger.connectors).chain(of_limit) {
            if !ids.insert(id.as_str()) {
                return Err(format!("connectors: {id} stands twice"));
            }
        }
        let mut keys = BTreeSet::new();
        for (place, key) in self.keys() {
            if key.len() < 4 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(format!("{place}: is not a key of at least 4 visible ASCII characters"));
            }
            let may_repeat = place == "limit.key";
            if !keys.insert(key) && !may_repeat {
                return Err(format!("{place}: is the key of somebody else as well"));
            }
        }
        if self.limit.as_ref().is_some_and(|limit| limit.requests == 0 || limit.seconds == 0) {
            return Err("limit: `requests` and `seconds` are at least 1".to_owned());
        }
        if self.limit.as_ref().is_some_and(|limit| limit.seconds > LONGEST_WINDOW) {
            return Err(format!("limit: `seconds` is at most {LONGEST_WINDOW}"));
        }
        for (place, command) in [("reset", &self.reset), ("disconnected", &self.disconnected)] {
            if command.as_ref().is_some_and(Vec::is_empty) {
                return Err(format!("{place}: names no program"));
            }
        }
        Ok(())
    }

    /// The rate limit, with what is shown in the place of its key.
    pub(super) fn limit_as_shown(&self) -> Option<(String, &Limit)> {
        let limit = self.limit.as_ref()?;
        // It may be the key of a user as well.
        let (place, _) = self.keys().find(|(_, key)| *key == limit.key)?;
        Some((format!("<{place}>"), limit))
    }

    /// Every key, with its place in the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let revoked = self.revoked_keys.iter().map(|key| ("revoked_keys", key.as_str()));
        let users = [("owner.key", self.owner.key.as_str()), ("stranger.key", self.stranger.key.as_str())];
        users.into_iter().chain(revoked).chain(self.limit.iter().map(|limit| ("limit.key", limit.key.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let setup: Result<Setup, _> = serde_saphyr::from_str(text);
        match setup {
            Ok(setup) => setup.check().unwrap_err(),
            Err(error) => error.to_string(),
        }
    }

    const STRANGER: &str = "stranger: {key: sk_b, connectors: [pcon_b]}\n";

    #[test]
    fn what_is_wrong_with_a_file_is_named() {
        for (owner, said) in [
            ("owner: {key: sk_a, connectors: [pcon_a], colour: red}", "colour"),
            ("owner: {key: sk_a, connectors: []}", "owner.connectors"),
            ("owner: {key: sk_a, connectors: [pcon_b]}", "pcon_b stands twice"),
            ("owner: {key: sk_a, connectors: [con_a]}", "pcon_"),
            ("owner: {key: sk_b, connectors: [pcon_a]}", "stranger.key"),
            ("owner: {key: 'sk a', connectors: [pcon_a]}", "owner.key"),
            ("owner: {key: sk_a, connectors: [pcon_a]}\nreset: []", "reset"),
            ("owner: {key: sk_a, connectors: [pcon_a]}\nlimit: {key: sk_c, requests: 0, seconds: 1}", "limit"),
            ("owner: {key: sk_a, connectors: [pcon_a]}\nlimit: {key: sk_c, requests: 1, seconds: 86401}", "86400"),
            ("owner: {key: sk_a, connectors: [pcon_a]}\nlimit: {key: sk_c, requests: 1, seconds: 4294967295}", "86400"),
            (
                "owner: {key: sk_a, connectors: [pcon_a]}\nlimit: {key: sk_c, requests: 1, seconds: 1, connectors: [pcon_a]}",
                "pcon_a stands twice",
            ),
        ] {
            let problem = problem(&format!("{STRANGER}{owner}\n"));
            assert!(problem.contains(said), "{owner}: {problem}");
        }
    }
}
