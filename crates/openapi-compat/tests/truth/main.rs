//! Random pairs of schemas, held against values that tell them apart. `examples/truth.rs` tries many more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic in its helpers, too"
)]

mod pairs;

use fastrand::Rng;
use openapi_compat::Direction;
use pairs::{Pair, Truth};

#[test]
fn no_break_that_a_value_shows_is_missed_and_few_other_changes_are_alarms() {
    let (mut breaking, mut compatible, mut alarms) = (0, 0, 0);
    for seed in 0..2500 {
        let mut rng = Rng::with_seed(seed);
        let pair = Pair::random(&mut rng);
        let findings = pair.findings();
        for direction in [Direction::Request, Direction::Response] {
            let is_said = Pair::is_said_to_break(&findings, direction);
            match pair.truth(&mut rng, direction, 100) {
                Truth::Breaks(value) => {
                    breaking += 1;
                    assert!(is_said, "seed {seed}, {direction}: {value}\n{pair:#?}");
                }
                Truth::Compatible => {
                    // Where both say the same, there is nothing to decide.
                    compatible += u32::from(pair.old != pair.new);
                    alarms += u32::from(is_said);
                }
                Truth::Lost => {}
            }
        }
    }
    assert!(breaking >= 100, "values show only {breaking} breaks");
    assert!(alarms * 10 <= compatible, "{alarms} alarms for {compatible} changes that no value shows to break");
}

#[test]
fn what_is_said_does_not_depend_on_where_the_documents_are_in_memory() {
    for seed in 0..2500 {
        let mut rng = Rng::with_seed(seed);
        let pair = Pair::random(&mut rng);
        let said = || format!("{:?}", pair.findings());
        let first = said();
        // Leaves holes, into which the values of the next documents go in another order.
        let blocks: Vec<Vec<u8>> = (0..200).map(|_| Vec::with_capacity(rng.usize(8..400))).collect();
        let kept: Vec<_> = blocks.into_iter().filter(|_| rng.bool()).collect();
        assert_eq!(first, said(), "seed {seed}: {pair:#?}");
        drop(kept);
    }
}
