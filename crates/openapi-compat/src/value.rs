//! When two values of JSON are the same.

use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::decimal::Decimal;

/// Whether two values are the same: 1 and 1.0 are one number, and the order of fields says nothing.
pub(crate) fn is_same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || Decimal::new(one).is_some_and(|one| Some(one) == Decimal::new(other))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_in_other = |(name, one): (&String, &Value)| other.get(name).is_some_and(|it| is_same_value(one, it));
            one.len() == other.len() && one.iter().all(is_in_other)
        }
        _ => one == other,
    }
}

/// A value among others, of which none is the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distinct<'a>(pub(crate) &'a Value);

impl PartialEq for Distinct<'_> {
    fn eq(&self, other: &Self) -> bool {
        is_same_value(self.0, other.0)
    }
}

impl Eq for Distinct<'_> {}

impl Hash for Distinct<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Value::Null => {}
            Value::Bool(value) => value.hash(state),
            Value::Number(number) => Decimal::new(number).hash(state),
            Value::String(text) => text.hash(state),
            Value::Array(items) => items.iter().for_each(|item| Distinct(item).hash(state)),
            Value::Object(fields) => {
                // In whatever order the fields are.
                let mut names: Vec<_> = fields.keys().collect();
                names.sort_unstable();
                names.hash(state);
            }
        }
    }
}
