//! When two values of JSON are the same.

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
