//! What came of a case.

use serde::Serialize;

use crate::vectors::Case;

/// How much of a text from the outside is shown.
const MAX_SHOWN: usize = 1500;
/// How many failures of one case are shown.
pub(super) const MAX_FINDINGS: usize = 3;

/// What was sent and got where a case fails.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) sent: String,
    pub(super) got: String,
    pub(super) expected: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase", tag = "result")]
pub(super) enum Outcome {
    Passed,
    Failed { findings: Vec<Finding> },
    Skipped { because: String },
}

impl Outcome {
    pub(super) fn of(result: Result<(), Stop>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(Stop::Failed(findings)) => Self::Failed { findings },
            Err(Stop::Skipped(because)) => Self::Skipped { because },
        }
    }
}

/// Why a case does not pass.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(Vec<Finding>),
    Skipped(String),
}

impl Stop {
    pub(super) fn failed(finding: Finding) -> Self {
        Self::Failed(vec![finding])
    }

    pub(super) fn skip(because: impl Into<String>) -> Self {
        Self::Skipped(because.into())
    }
}

/// A case that was run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Done {
    #[serde(flatten)]
    pub(super) case: Case,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    pub(super) reference: String,
    pub(super) seconds: f64,
}

/// The beginning of a text, in which only line feeds and visible characters are left.
pub(super) fn one_line(text: &str) -> String {
    let mut shown = String::new();
    for character in text.replace("\r\n", "\n").chars() {
        if shown.len() > MAX_SHOWN {
            shown.push('…');
            break;
        }
        if character == '\n' {
            shown.push('\n');
        } else if character.is_control() || is_bidirectional(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters that change the order of what stands around them.
fn is_bidirectional(character: char) -> bool {
    matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
