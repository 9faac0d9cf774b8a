//! How much work is done before something counts as too large to decide.
//!
//! A few thousand bytes of alternatives that lead to one another can ask for more comparisons than anybody can wait for.
//! Every operation on schemas is paid for in steps, whose number depends on nothing but the documents.

use serde_json::Value;

/// The steps that any two documents may take.
const LEAST_IN_ALL: usize = 16_000_000;
/// The steps that are added for each value in them.
const PER_VALUE: usize = 128;
/// Which part of all the steps two schemas that stand at the same position may take, with what they lead to.
const PART: usize = 2;

/// The steps that are left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    in_all: usize,
    most: usize,
    left: usize,
    spent: usize,
    /// How many more were asked for when none were left.
    #[cfg(test)]
    refused: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(LEAST_IN_ALL)
    }
}

impl Budget {
    fn new(in_all: usize) -> Self {
        let most = in_all / PART;
        Self {
            in_all,
            most,
            left: most,
            spent: 0,
            #[cfg(test)]
            refused: 0,
        }
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
        #[cfg(test)]
        {
            self.refused += steps.saturating_sub(self.left);
        }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Budget;
    use crate::api;
    use crate::finding::{Class, Finding};
    use crate::judge::Judge;
    use crate::node::Node;
    use crate::rules;

    /// Few enough that a test is soon over, and many for an ordinary document of this size.
    const FEW: usize = 400_000;

    fn reference(name: impl std::fmt::Display) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn document(schemas: &serde_json::Map<String, Value>) -> Value {
        let content = json!({ "application/json": { "schema": reference("S0") } });
        json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1.0.0" }, "components": { "schemas": schemas },
            "paths": { "/s": { "post": {
                "operationId": "s", "requestBody": { "content": content },
                "responses": { "200": { "description": "It.", "content": content } },
            } } },
        })
    }

    /// How a schema is made of its number and of references to others.
    type Make = fn(usize, Vec<Value>) -> Value;

    /// Schemas of which each leads to several others and to two leaves.
    fn dense(make: Make, most: u64) -> Value {
        const COUNT: usize = 16;
        let mut schemas = serde_json::Map::new();
        for at in 0..COUNT {
            let others = [1, 3, 5, 7].map(|step| reference(format!("S{}", (at * step + step) % COUNT)));
            let leaves = [0, 1].map(|step| reference(format!("L{}", (at + step) % 3)));
            schemas.insert(format!("S{at}"), make(at, others.into_iter().chain(leaves).collect()));
        }
        for at in 0..3 {
            let field = format!("f{at}");
            let bound = if at == 2 { most } else { 10 };
            let properties = json!({ &field: { "type": "string" }, "v": { "type": "integer", "maximum": bound } });
            let leaf = json!({ "type": "object", "required": [field], "properties": properties });
            schemas.insert(format!("L{at}"), leaf);
        }
        document(&schemas)
    }

    const KINDS: &[(&str, Make)] = &[
        ("oneOf", |_, all| json!({ "oneOf": all })),
        ("anyOf", |_, all| json!({ "anyOf": all })),
        ("oneOf in allOf", |at, all| {
            let properties = json!({ "w": reference(format!("S{}", (at + 1) % 16)) });
            json!({ "allOf": [{ "oneOf": all }, { "type": "object", "properties": properties }] })
        }),
        (
            "oneOf in a field",
            |_, all| json!({ "type": "object", "required": ["p"], "properties": { "p": { "oneOf": all } } }),
        ),
        ("oneOf in items", |_, all| json!({ "type": "array", "items": { "oneOf": all } })),
        ("not", |_, all| json!({ "not": { "oneOf": all } })),
        ("not in a field", |_, all| json!({ "type": "object", "properties": { "p": { "not": { "anyOf": all } } } })),
        (
            "not of each",
            |_, all| json!({ "allOf": all.into_iter().map(|it| json!({ "not": it })).collect::<Vec<_>>() }),
        ),
        (
            "if",
            |at, all| json!({ "if": reference(format!("S{}", (at + 1) % 16)), "then": { "oneOf": all }, "else": reference("S0") }),
        ),
        ("dependentSchemas", |at, all| {
            let dependent = json!({ "f0": reference(format!("S{}", (at + 1) % 16)), "f1": { "oneOf": all } });
            json!({ "type": "object", "dependentSchemas": dependent })
        }),
        ("contains", |_, all| {
            let contains = all.into_iter().map(|it| json!({ "contains": it })).collect::<Vec<_>>();
            json!({ "type": "array", "allOf": contains })
        }),
        (
            "discriminator",
            |_, all| json!({ "oneOf": all, "discriminator": { "propertyName": "f0", "mapping": { "a": "S1", "b": "S2" } } }),
        ),
        ("enum", |at, all| {
            let mut value = json!(at);
            (0..12).for_each(|_| value = json!({ "p": value, "w": value }));
            json!({ "enum": [value], "anyOf": [{ "properties": { "p": { "anyOf": all.clone() } } }, { "oneOf": all }] })
        }),
    ];

    fn compared<'a>(old: &'a Value, new: &'a Value, steps: usize) -> (Judge<'a>, Vec<Finding>) {
        let mut judge = Judge::default();
        judge.schemas.budget = Budget::new(steps);
        api::compare(&mut judge, &Node::root(old), &Node::root(new));
        let findings = judge.take_findings();
        (judge, findings)
    }

    #[test]
    fn schemas_that_lead_to_one_another_take_no_more_steps_than_there_are() {
        for (kind, make) in KINDS {
            let (old, new) = (dense(*make, 10), dense(*make, 9));
            let (judge, findings) = compared(&old, &new, FEW);
            let budget = judge.schemas.budget;
            assert!(budget.spent <= FEW, "{kind}: {budget:?}");
            // When nothing is left, what is still looked at is only what stands in the documents.
            assert!(budget.refused <= FEW, "{kind}: {budget:?}");
            assert!(findings.iter().any(|finding| finding.class == Class::Breaking), "{kind}: {findings:?}");
        }
    }

    #[test]
    fn what_is_too_large_to_decide_is_said_to_be_and_breaks() {
        let make: Make = |_, all| json!({ "oneOf": all });
        // What is allowed is the same in the end.
        let (old, new) = (dense(make, 10), dense(|_, all| json!({ "oneOf": all, "minimum": -5 }), 10));
        for (steps, said) in [(20_000, "too large to compare"), (200, "too much to compare")] {
            let (_, findings) = compared(&old, &new, steps);
            let is_said = |finding: &&Finding| finding.message.contains(said);
            let finding = findings.iter().find(is_said).unwrap_or_else(|| panic!("{steps}: {findings:?}"));
            assert_eq!((finding.class, finding.rule.id), (Class::Breaking, rules::SCHEMA_UNDECIDED.id));
        }
    }

    #[test]
    fn two_circles_of_references_are_not_compared_in_every_pairing() {
        let circle = |count: usize, most: usize| {
            let schemas = (0..count).map(|at| {
                let properties =
                    json!({ "n": reference(format!("S{}", (at + 1) % count)), "v": { "type": "integer", "maximum": most } });
                (format!("S{at}"), json!({ "type": "object", "properties": properties }))
            });
            document(&schemas.collect())
        };
        let (old, new) = (circle(60, 10), circle(61, 9));
        let (judge, findings) = compared(&old, &new, FEW);
        assert!(judge.schemas.budget.refused <= FEW, "{:?}", judge.schemas.budget);
        assert!(findings.iter().any(|finding| finding.message.contains("too much to compare")), "{findings:?}");
    }

    #[test]
    fn an_ordinary_change_takes_fewer_steps_for_each_value_than_are_added_for_it() {
        let ordinary = |most: usize| {
            let schemas = (0..200).map(|at| {
                let next = reference(format!("S{}", (at + 1) % 200));
                let properties = json!({
                    "a": { "type": "string", "maxLength": most }, "b": { "type": "integer", "maximum": most },
                    "c": { "type": "string", "format": "date-time" }, "next": next,
                });
                (format!("S{at}"), json!({ "type": "object", "properties": properties }))
            });
            document(&schemas.collect())
        };
        let (old, new) = (ordinary(10), ordinary(9));
        let (judge, _) = compared(&old, &new, usize::MAX / 2);
        let values = super::count(&old) + super::count(&new);
        assert!(judge.schemas.budget.spent <= values * super::PER_VALUE, "{:?}, {values}", judge.schemas.budget);
    }
}
