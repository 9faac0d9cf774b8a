//! Prints the cases of the tables of verdicts as pairs of documents, each on a line: what `tests/peers/run` reads.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a command for whoever works on the comparison"
)]

#[path = "../tests/verdicts/cases.rs"]
mod cases;

use serde_json::json;

fn main() {
    // What a setting decides is nothing to compare.
    for case in cases::cases().into_iter().filter(|case| case.extensions.is_empty()) {
        let expected = case.expected();
        let breaks = |code: bool| {
            expected.iter().any(|it| it.starts_with("breaking ") && it.starts_with("breaking code ") == code)
        };
        println!(
            "{}",
            json!({
                "name": case.name, "breaks": breaks(false), "breaks_code": breaks(true),
                "old": case.before(), "new": case.after(),
            })
        );
    }
}
