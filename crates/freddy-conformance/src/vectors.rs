//! The cases, made from the types of the contract.

pub mod bytes;
pub mod call;
pub mod decode;
pub mod exchange;
mod files;
pub mod request;

pub use files::{ExchangeFile, File, files};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every case has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// The name, in `kebab-case`. It is never given to another case.
    pub name: String,
    /// What it is about, in a word or two. Reports count by it.
    pub group: String,
    /// Why this has to hold, in a sentence.
    pub why: String,
    /// How much it matters.
    pub level: Level,
}

impl Case {
    pub(crate) fn new(level: Level, name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), group: String::new(), why: why.into(), level }
    }

    pub(crate) fn in_group(self, group: &str) -> Self {
        Self { group: group.to_owned(), ..self }
    }

    /// The ID of a connector that stands for the case: `pcon_case` and the letters and digits of its name.
    #[must_use]
    pub fn connector_id(&self) -> String {
        let letters: String = self.name.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("pcon_case{letters}")
    }
}

/// The cases of several groups, each of which knows its own.
pub(crate) fn grouped<T>(
    groups: impl IntoIterator<Item = (&'static str, Vec<T>)>,
    case: impl Fn(&mut T) -> &mut Case,
) -> Vec<T> {
    let mut all = Vec::new();
    for (group, cases) in groups {
        all.extend(cases.into_iter().map(|mut one| {
            group.clone_into(&mut case(&mut one).group);
            one
        }));
    }
    all
}

/// How much a case matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "runner", derive(clap::ValueEnum))]
pub enum Level {
    /// An implementation that does not keep it breaks the contract.
    Must,
    /// An implementation that does not keep it serves its users badly.
    Should,
    /// Good to have.
    May,
}

impl Level {
    /// All of them, what matters most first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::May];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}
