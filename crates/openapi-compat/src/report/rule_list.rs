//! The list of rules, for people and programs.

use clap::ValueEnum;
use serde_json::json;

use crate::rules::Rule;

/// How rules are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleFormat {
    /// A paragraph for each
    Text,
    /// An array of objects
    Json,
    /// A table
    Markdown,
}

/// A list of rules, as whole lines.
#[must_use]
pub fn rules(rules: &[&Rule], format: RuleFormat) -> String {
    match format {
        RuleFormat::Text => {
            let paragraph = |rule: &&Rule| format!("{}\n  {}\n  Instead: {}\n", rule.id, rule.finds, rule.advice);
            rules.iter().map(paragraph).collect::<Vec<_>>().join("\n")
        }
        RuleFormat::Json => {
            let object = |rule: &&Rule| json!({ "id": rule.id, "finds": rule.finds, "advice": rule.advice });
            format!("{:#}\n", rules.iter().map(object).collect::<serde_json::Value>())
        }
        RuleFormat::Markdown => {
            let cell = |text: &str| text.replace('|', "\\|");
            let row = |rule: &&Rule| format!("| `{}` | {} | {} |\n", rule.id, cell(rule.finds), cell(rule.advice));
            let head = "| Rule | What it finds | What to do instead |\n| --- | --- | --- |\n";
            head.to_owned() + &rules.iter().map(row).collect::<String>()
        }
    }
}
