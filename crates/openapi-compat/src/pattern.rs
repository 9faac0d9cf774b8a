//! Whether one pattern allows everything that another allows.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind, nfa::thompson};

use crate::schema::Budget;

/// The memory that a pattern may take, in bytes. Those of the documents take a few thousand.
const SIZE_LIMIT: usize = 1 << 20;
/// The number of pairs of states to look at before giving up.
const MOST_PAIRS: usize = 1 << 14;
/// The longest pattern that is read, in bytes.
const LONGEST: usize = 1 << 12;
/// The memory of the patterns to keep.
const MOST_KEPT: usize = 1 << 26;
/// How many bytes of an automaton are built for a step.
const BYTES_A_STEP: usize = 4;

/// The patterns of two documents, each read once.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    /// What those that are kept take.
    memory: usize,
    automata: HashMap<String, Option<Rc<Dfa>>>,
    within: HashMap<(String, String), Option<bool>>,
}

impl Patterns {
    /// Whether `other` matches every text that `one` matches; `None` if that cannot be decided.
    pub(crate) fn is_within(&mut self, one: &str, other: &str, budget: &mut Budget) -> Option<bool> {
        if one == other {
            return Some(true);
        }
        budget.spend(1 + (one.len() + other.len()) / BYTES_A_STEP);
        let question = (one.to_owned(), other.to_owned());
        if let Some(answer) = self.within.get(&question) {
            return *answer;
        }
        let answer = match (self.automaton(one, budget), self.automaton(other, budget)) {
            (Some(one), Some(other)) => contains(&other, &one, budget),
            _ => None,
        };
        if !budget.is_spent() {
            self.within.insert(question, answer);
        }
        answer
    }

    /// Whether a pattern matches a text; `None` if that cannot be decided.
    pub(crate) fn matches(&mut self, pattern: &str, text: &str, budget: &mut Budget) -> Option<bool> {
        let dfa = self.automaton(pattern, budget)?;
        if !budget.spend(1 + text.len() / BYTES_A_STEP) {
            return None;
        }
        let mut run = Run::new(start(&dfa)?);
        for byte in text.bytes() {
            run = run.step(&dfa, byte);
        }
        Some(run.accepts(&dfa))
    }

    fn automaton(&mut self, pattern: &str, budget: &mut Budget) -> Option<Rc<Dfa>> {
        if let Some(known) = self.automata.get(pattern) {
            return known.clone();
        }
        if budget.is_spent() {
            return None;
        }
        if self.memory > MOST_KEPT {
            self.memory = 0;
            self.automata.clear();
        }
        let dfa = automaton(pattern).map(Rc::new);
        let memory = dfa.as_ref().map(|dfa| dfa.memory_usage());
        self.memory += pattern.len() + memory.unwrap_or(0);
        budget.spend(memory.unwrap_or(SIZE_LIMIT) / BYTES_A_STEP);
        self.automata.insert(pattern.to_owned(), dfa.clone());
        dfa
    }
}

fn start(dfa: &Dfa) -> Option<StateID> {
    dfa.start_state(&start::Config::new().anchored(Anchored::No)).ok()
}

/// Walks through both automata at once; `None` after too many steps.
fn contains(other: &Dfa, one: &Dfa, budget: &mut Budget) -> Option<bool> {
    // Bytes that neither tells from the one before lead to the same states.
    let classes = |byte: u8| [one, other].map(|dfa| dfa.byte_classes().get(byte));
    let is_first = |byte: &u8| byte.checked_sub(1).is_none_or(|before| classes(before) != classes(*byte));
    let bytes: Vec<u8> = (0..=u8::MAX).filter(is_first).collect();
    let mut unread = vec![(Run::new(start(one)?), Run::new(start(other)?))];
    let mut seen = HashSet::new();
    while let Some(pair) = unread.pop() {
        if !seen.insert(pair) {
            continue;
        }
        if seen.len() > MOST_PAIRS || !budget.spend(2 * bytes.len()) {
            return None;
        }
        let (left, right) = pair;
        if left.accepts(one) && !right.accepts(other) {
            return Some(false);
        }
        let is_lost = !left.matched && one.is_dead_state(left.state);
        if !is_lost && !right.matched {
            unread.extend(bytes.iter().map(|byte| (left.step(one, *byte), right.step(other, *byte))));
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
    let config = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .match_kind(MatchKind::All)
        .dfa_size_limit(Some(SIZE_LIMIT))
        .determinize_size_limit(Some(SIZE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new())
        .thompson(thompson::Config::new().nfa_size_limit(Some(SIZE_LIMIT)))
        .build(&in_rust(pattern)?)
        .ok()
}

/// `\d`, `\w` and `\s` of ECMA 262, as the inside of a class.
const DIGITS: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
const SPACE: &str = r"\x09-\x0d\x20\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
/// What `.` does not match.
const LINE_ENDS: &str = r"\n\r\x{2028}\x{2029}";

/// A pattern of ECMA 262, as JSON Schema has it, in the syntax of the regex crate; `None` if it has no equivalent there.
fn in_rust(pattern: &str) -> Option<String> {
    if pattern.len() > LONGEST {
        return None;
    }
    let mut rest = pattern;
    let mut rust = String::new();
    let mut in_class = false;
    // Whether the last character of a class is a dash that could start the second half of a range.
    let mut after_dash = false;
    while let Some(char) = rest.chars().next() {
        // Both halves of such a class together are every character.
        if let Some(after) = [r"[\s\S]", r"[\S\s]", r"[\d\D]", r"[\D\d]", r"[\w\W]", r"[\W\w]"]
            .iter()
            .find_map(|every| rest.strip_prefix(every).filter(|_| !in_class))
        {
            rust.push_str("(?s:.)");
            rest = after;
            continue;
        }
        rest = rest.get(char.len_utf8()..)?;
        let follows_dash = std::mem::replace(&mut after_dash, in_class && char == '-' && !rust.ends_with(['[', '^']));
        let mut class = |inside: &str, negated: bool| {
            match (in_class, negated) {
                (true, true) => return None,
                (true, false) => rust.push_str(inside),
                (false, true) => rust.push_str(&format!("[^{inside}]")),
                (false, false) => rust.push_str(&format!("[{inside}]")),
            }
            Some(())
        };
        match char {
            '\\' => {
                let escaped = rest.chars().next()?;
                rest = rest.get(escaped.len_utf8()..)?;
                match escaped {
                    // A range from or to a class is none.
                    'd' | 'w' | 's'
                        if in_class && (follows_dash || rest.starts_with('-') && !rest.starts_with("-]")) =>
                    {
                        return None;
                    }
                    '<' | '>' => rust.push(escaped),
                    'd' | 'D' => class(DIGITS, escaped == 'D')?,
                    'w' | 'W' => class(WORD, escaped == 'W')?,
                    's' | 'S' => class(SPACE, escaped == 'S')?,
                    'n' | 'r' | 't' | 'f' | 'v' => rust.extend(['\\', escaped]),
                    'u' | 'x' => {
                        let length = if escaped == 'u' { 4 } else { 2 };
                        let digits = rest.get(..length).filter(|it| it.chars().all(|char| char.is_ascii_hexdigit()))?;
                        rust.push_str(&format!(r"\x{{{digits}}}"));
                        rest = rest.get(length..)?;
                    }
                    _ if escaped.is_ascii_punctuation() => rust.extend(['\\', escaped]),
                    _ => return None,
                }
            }
            '.' if !in_class => class(LINE_ENDS, true)?,
            '[' if !in_class => {
                if rest.starts_with(']') || rest.starts_with("^]") {
                    return None;
                }
                in_class = true;
                rust.push('[');
            }
            ']' => {
                in_class = false;
                rust.push(']');
            }
            '-' if in_class && rest.starts_with('-') => return None,
            '[' | '&' | '~' if in_class => rust.extend(['\\', char]),
            '(' if !in_class && rest.starts_with('?') && !rest.starts_with("?:") => return None,
            '{' if !in_class && rest.starts_with(',') => return None,
            _ => rust.push(char),
        }
    }
    Some(rust)
}

#[cfg(test)]
mod tests {
    use super::Patterns;
    use crate::schema::Budget;

    fn is_within(one: &str, other: &str) -> Option<bool> {
        Patterns::default().is_within(one, other, &mut Budget::default())
    }

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
            (r"^\d+$", "^[0-9]+$", Some(true), Some(true)),
            (r"^\w$", r"^[\d_a-zA-Z]$", Some(true), Some(true)),
            (r"^\s$", "^ $", Some(false), Some(true)),
            ("^.$", r"^[\s\S]$", Some(true), Some(false)),
            (r"^\D$", "^[^5]$", Some(true), Some(false)),
            (r"^\u00e4$", "^ä$", Some(true), Some(true)),
            ("^[a&&b]$", "^[ab&]$", Some(true), Some(true)),
            (r"^[\w-]$", r"^[-\w]$", Some(true), Some(true)),
            (r"^[+\-\d]$", r"^[-+\d]$", Some(true), Some(true)),
            (r"^\<a\>$", "^<a>$", Some(true), Some(true)),
        ];
        for (one, other, within, contains) in cases {
            assert_eq!(is_within(one, other), within, "{one} within {other}");
            assert_eq!(is_within(other, one), contains, "{other} within {one}");
        }
    }

    #[test]
    fn a_pattern_that_ecma_reads_differently_or_that_costs_too_much_is_not_decided() {
        for pattern in [
            r"[\w-z]", r"[+-\d]", r"\ba", "(?i)a", "(?=a)", r"[\D]", "[a--b]", "[]a]", "a{,3}", "a{", "(", r"\p{L}",
            r"\1", r"\u12",
        ] {
            assert_eq!(is_within(pattern, "a"), None, "{pattern}");
            let budget = &mut Budget::default();
            assert_eq!(Patterns::default().matches(pattern, "a", budget), None, "{pattern}");
        }
        assert_eq!(is_within("[ab]*a[ab]{30}", "a"), None);
    }
}
