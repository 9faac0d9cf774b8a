//! How much work is done before something counts as too large to decide.
//!
//! A few thousand bytes of alternatives that lead to one another can ask for more comparisons than anybody can wait for.
//! Every operation on schemas is paid for in steps, whose number depends on nothing but the documents.

use serde_json::Value;

/// The steps that any two documents may take.
const LEAST_IN_ALL: usize = 16_000_000;
/// The steps that are added for each value in them.
const PER_VALUE: usize = 64;
/// Which part of all the steps two schemas that stand at the same position may take, with what they lead to.
const PART: usize = 4;

/// The steps that are left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    in_all: usize,
    most: usize,
    left: usize,
    spent: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(LEAST_IN_ALL)
    }
}

impl Budget {
    fn new(in_all: usize) -> Self {
        let most = in_all / PART;
        Self { in_all, most, left: most, spent: 0 }
    }

    /// That of two documents, which grows as they do.
    pub(crate) fn of(old: &Value, new: &Value) -> Self {
        Self::new(LEAST_IN_ALL + PER_VALUE * (count(old) + count(new)))
    }

    /// Begins with two other schemas.
    pub(super) fn begin(&mut self) {
        self.left = self.most.min(self.in_all - self.spent);
    }

    /// Takes some steps. Returns whether there are any left.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        let steps = steps.min(self.left);
        self.left -= steps;
        self.spent += steps;
        self.left > 0
    }

    /// Whether the two schemas that are being compared have taken all that they may.
    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Whether the documents have taken all that they may.
    pub(super) fn is_spent_in_all(&self) -> bool {
        self.spent == self.in_all
    }
}

/// How many values there are in a value, itself among them.
fn count(value: &Value) -> usize {
    let mut count = 0;
    let mut unread = vec![value];
    while let Some(value) = unread.pop() {
        count += 1;
        match value {
            Value::Array(items) => unread.extend(items),
            Value::Object(fields) => unread.extend(fields.values()),
            _ => {}
        }
    }
    count
}
