//! Whether one pattern allows everything that another allows.

use std::collections::HashSet;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind, nfa::thompson};

/// The memory that a pattern may take, in bytes. Those of the documents take a few thousand.
const SIZE_LIMIT: usize = 1 << 20;
/// The number of pairs of states to look at before giving up.
const MOST_PAIRS: usize = 1 << 14;

/// Whether `other` matches every text that `one` matches; `None` if that cannot be decided.
pub(super) fn is_within(one: &str, other: &str) -> Option<bool> {
    let (one, other) = (automaton(one)?, automaton(other)?);
    let start = |dfa: &Dfa| dfa.start_state(&start::Config::new().anchored(Anchored::No)).ok();
    let mut unread = vec![(Run::new(start(&one)?), Run::new(start(&other)?))];
    let mut seen = HashSet::new();
    while let Some(pair) = unread.pop() {
        if !seen.insert(pair) {
            continue;
        }
        if seen.len() > MOST_PAIRS {
            return None;
        }
        let (left, right) = pair;
        if left.accepts(&one) && !right.accepts(&other) {
            return Some(false);
        }
        let is_lost = !left.matched && one.is_dead_state(left.state);
        if !is_lost && !right.matched {
            unread.extend((0..=u8::MAX).map(|byte| (left.step(&one, byte), right.step(&other, byte))));
        }
    }
    Some(true)
}

type Dfa = dense::DFA<Vec<u32>>;

/// The state of a search through a text. A pattern matches a text if it matches anywhere in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Run {
    state: StateID,
    matched: bool,
}

impl Run {
    fn new(state: StateID) -> Self {
        Self { state, matched: false }
    }

    fn step(self, dfa: &Dfa, byte: u8) -> Self {
        let state = dfa.next_state(self.state, byte);
        Self { state, matched: self.matched || dfa.is_match_state(state) }
    }

    /// Whether the text may end here.
    fn accepts(self, dfa: &Dfa) -> bool {
        self.matched || dfa.is_match_state(dfa.next_eoi_state(self.state))
    }
}

fn automaton(pattern: &str) -> Option<Dfa> {
    if !means_the_same_in_rust(pattern) {
        return None;
    }
    let config = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .match_kind(MatchKind::All)
        .dfa_size_limit(Some(SIZE_LIMIT))
        .determinize_size_limit(Some(SIZE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new())
        .thompson(thompson::Config::new().nfa_size_limit(Some(SIZE_LIMIT)))
        .build(pattern)
        .ok()
}

/// Whether a pattern uses only syntax that means the same in ECMA 262, as JSON Schema has it, and in the regex crate: no
/// `.`, no classes such as `\d`, no flags, no set operations.
fn means_the_same_in_rust(pattern: &str) -> bool {
    let differs = ["(?", "&&", "--", "~~", "{,", "[]", "[^]"];
    let plain = pattern.replace("(?:", "(");
    if differs.iter().any(|notation| plain.contains(notation)) {
        return false;
    }
    let mut in_class = false;
    let mut chars = plain.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' if !chars.next().is_some_and(|escaped| r"\.+*?()|[]{}^$-/".contains(escaped)) => return false,
            '[' if in_class => return false,
            '.' if !in_class => return false,
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn containment_is_decided_in_both_directions() {
        let cases = [
            ("^pcon_[0-9A-Za-z]{1,64}$", "^pcon_[0-9A-Za-z]{1,64}$", Some(true), Some(true)),
            ("^pcon_[0-9a-z]{1,64}$", "^pcon_[0-9A-Za-z]{1,64}$", Some(true), Some(false)),
            ("^pcon_[0-9A-Za-z]{1,64}$", "^pcon_[0-9A-Za-z]{1,65}$", Some(true), Some(false)),
            ("^pcon_[0-9A-Za-z]{1,64}$", "^pcon_[0-9A-Za-z]+$", Some(true), Some(false)),
            ("^a$", "a", Some(true), Some(false)),
            ("^a", "a$", Some(false), Some(false)),
            ("^a|b$", "^(?:a|b)$", Some(false), Some(true)),
            ("^[^a]*$", "^[^ab]*$", Some(false), Some(true)),
            ("", "a", Some(false), Some(true)),
            ("^a{0}$", "^$", Some(true), Some(true)),
            ("^a\\.b$", "^a[.]b$", Some(true), Some(true)),
            ("^ä$", "^[ä-ü]$", Some(true), Some(false)),
            ("^(ab)*$", "^(abab)*$", Some(false), Some(true)),
        ];
        for (one, other, within, contains) in cases {
            assert_eq!(is_within(one, other), within, "{one} within {other}");
            assert_eq!(is_within(other, one), contains, "{other} within {one}");
        }
    }

    #[test]
    fn a_pattern_that_ecma_reads_differently_or_that_costs_too_much_is_not_decided() {
        for pattern in
            ["^.$", r"^\d$", r"^\w", r"\ba", "(?i)a", "(?=a)", "[[:alpha:]]", "[a&&b]", "[]a]", "a{,3}", "a{", "("]
        {
            assert_eq!(is_within(pattern, pattern), None, "{pattern}");
        }
        assert_eq!(is_within("[ab]*a[ab]{30}", "a"), None);
    }
}
