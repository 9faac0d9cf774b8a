//! API keys, which are shown once and stored as a hash.

use std::fmt;

use sha2::{Digest, Sha256};

/// What every key begins with.
const PREFIX: &str = "frd_";

/// The random bytes of a key.
const LENGTH: usize = 32;

/// The SHA-256 of an API key, which is all that is stored of it. A key has 256 random bits, so it needs no slower hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub(crate) [u8; 32]);

impl KeyHash {
    /// The hash of what a request gives as its key; `None` if it does not have the form of a key, `frd_` and 64 lower-case
    /// hexadecimal digits.
    #[must_use]
    pub fn of(key: &[u8]) -> Option<Self> {
        let digits = key.strip_prefix(PREFIX.as_bytes())?;
        let is_key =
            digits.len() == 2 * LENGTH && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        is_key.then(|| Self::digest(key))
    }

    fn digest(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// A new API key, to be shown once.
pub struct NewKey(String);

impl NewKey {
    /// A key from the operating system's random source.
    ///
    /// # Errors
    /// The random source fails.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes.iter().fold(PREFIX.to_owned(), |key, byte| key + &format!("{byte:02x}"))))
    }

    /// The key itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash::digest(self.0.as_bytes())
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_form_of_a_key_has_a_hash() {
        let key = NewKey::generate().unwrap();
        assert_eq!(KeyHash::of(key.reveal().as_bytes()), Some(key.hash()));
        let digits = "0123456789abcdef".repeat(4);
        assert!(KeyHash::of(format!("frd_{digits}").as_bytes()).is_some());
        for other in [
            String::new(),
            "frd_".to_owned(),
            digits.clone(),
            format!("frd_{}", &digits[1..]),
            format!("frd_{digits}0"),
            format!("frd_{}g", &digits[1..]),
            format!("frd_{}", digits.to_uppercase()),
            format!("FRD_{digits}"),
            format!(" frd_{digits}"),
            format!("frd_{} ", &digits[1..]),
        ] {
            assert!(KeyHash::of(other.as_bytes()).is_none(), "{other}");
        }
    }
}
