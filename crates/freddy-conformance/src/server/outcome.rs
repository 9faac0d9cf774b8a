//! What came of a case.

use crate::report::{Outcome, Problem};
use crate::vectors::Level;

/// How many failures of one case are shown.
pub(super) const MAX_FINDINGS: usize = 3;

/// What was sent and got where a case fails.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) sent: String,
    pub(super) got: String,
    pub(super) expected: String,
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

/// What a report shows of a case that matters so much.
pub(super) fn outcome(result: Result<(), Stop>, level: Level) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(Stop::Failed(findings)) => {
            let problem =
                |Finding { sent, got, expected }| Problem { level, about: String::new(), sent, got, expected };
            Outcome::Failed { problems: findings.into_iter().map(problem).collect() }
        }
        Err(Stop::Skipped(because)) => Outcome::Skipped { because },
    }
}
