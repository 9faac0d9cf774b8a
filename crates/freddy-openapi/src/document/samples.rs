//! Code samples in the three languages of the documentation.

use freddy_types::{AuthScheme, headers};
use serde_json::Value;

use crate::spec::Operation;

/// The environment variable from which the samples read the key.
const KEY_VARIABLE: &str = "FREDDY_API_KEY";

pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// The language's name for syntax highlighters.
    pub(crate) highlighting: &'static str,
    pub(crate) source: String,
}

pub(crate) fn all(operation: &Operation) -> Vec<Sample> {
    vec![
        Sample { name: "curl", highlighting: "Shell", source: curl(operation) },
        Sample { name: "Python", highlighting: "Python", source: python(operation) },
        Sample { name: "JavaScript", highlighting: "JavaScript", source: javascript(operation) },
    ]
}

fn curl(operation: &Operation) -> String {
    let mut lines = vec![
        format!("curl -X {} \"{}\"", operation.method, operation.example_url()),
        format!("-H \"{}: ${KEY_VARIABLE}\"", AuthScheme::ApiKey.header()),
    ];
    lines.extend(operation.example_headers().into_iter().map(|(name, value)| format!("-H \"{name}: {value}\"")));
    if let Some(body) = operation.example_body() {
        lines.push(format!("-H \"{}: {}\"", headers::CONTENT_TYPE, headers::JSON));
        // The shell has no escape within single quotes: the string ends, an escaped quote follows, and another begins.
        lines.push(format!("-d '{}'", body.to_string().replace('\'', r"'\''")));
    }
    lines.join(" \\\n  ") + "\n"
}

fn python(operation: &Operation) -> String {
    let mut arguments = vec![format!("\"{}\"", operation.example_url()), "headers=headers".to_owned()];
    arguments.extend(operation.example_body().map(|body| format!("json={}", python_value(&body, 4))));
    let headers = operation.example_headers().into_iter().map(|(name, value)| format!(", \"{name}\": \"{value}\""));
    format!(
        r#"import requests
import os

api_key = os.environ.get("{KEY_VARIABLE}")
headers = {{ "{header}": api_key{headers} }}

response = requests.{method}(
    {arguments}
)

if response.status_code == {status}:
    print("{message}")
"#,
        header = AuthScheme::ApiKey.header(),
        headers = headers.collect::<String>(),
        method = operation.method.as_str().to_ascii_lowercase(),
        arguments = arguments.join(",\n    "),
        status = operation.success_status,
        message = operation.success_message,
    )
}

/// JSON as a Python literal.
fn python_value(value: &Value, indent: usize) -> String {
    let inner = " ".repeat(indent + 4);
    let outer = " ".repeat(indent);
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().map(|item| format!("{inner}{}", python_value(item, indent + 4)));
            format!("[\n{}\n{outer}]", items.collect::<Vec<_>>().join(",\n"))
        }
        Value::Object(fields) if !fields.is_empty() => {
            let fields = fields.iter().map(|(name, value)| {
                format!("{inner}{}: {}", Value::from(name.as_str()), python_value(value, indent + 4))
            });
            format!("{{\n{}\n{outer}}}", fields.collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}

fn javascript(operation: &Operation) -> String {
    let authorization =
        format!("'{}': `{}${{process.env.{KEY_VARIABLE}}}`", AuthScheme::Bearer.header(), AuthScheme::Bearer.prefix());
    let mut lines = vec![authorization];
    lines.extend(operation.example_headers().into_iter().map(|(name, value)| format!("'{name}': '{value}'")));
    let body = operation.example_body();
    if body.is_some() {
        lines.push(format!("'{}': '{}'", headers::CONTENT_TYPE, headers::JSON));
    }
    let body = body.map(|body| {
        let json = format!("{body:#}").replace('\n', "\n    ");
        format!(",\n    body: JSON.stringify({json})")
    });
    let success = if operation.success_body.is_some() {
        format!("  console.log('{}', await response.json());", operation.success_message)
    } else {
        format!(
            "  console.log('{}');\n  // No response body for {} {}",
            operation.success_message, operation.success_status, operation.success_heading
        )
    };
    format!(
        r"const response = await fetch(
  '{url}',
  {{
    method: '{method}',
    headers: {{ {headers} }}{body}
  }}
);

if (response.status === {status}) {{
{success}
}}
",
        url = operation.example_url(),
        method = operation.method,
        headers = lines.join(", "),
        body = body.unwrap_or_default(),
        status = operation.success_status,
    )
}
