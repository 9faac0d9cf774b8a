//! Code samples in the three languages of the documentation.

use freddy_types::AuthScheme;

use crate::operation::Operation;

/// The environment variable that the samples take the key from.
const KEY_VARIABLE: &str = "FREDDY_API_KEY";

pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// The language, as highlighters know it.
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
    format!(
        r#"curl -X {method} "{url}" \
  -H "{header}: ${KEY_VARIABLE}"
"#,
        method = operation.method,
        url = operation.example_url(),
        header = AuthScheme::ApiKey.header(),
    )
}

fn python(operation: &Operation) -> String {
    format!(
        r#"import requests
import os

api_key = os.environ.get("{KEY_VARIABLE}")
headers = {{ "{header}": api_key }}

response = requests.{method}(
    "{url}",
    headers=headers
)

if response.status_code == {status}:
    print("{message}")
"#,
        header = AuthScheme::ApiKey.header(),
        method = operation.method.as_str().to_ascii_lowercase(),
        url = operation.example_url(),
        status = operation.success_status,
        message = operation.success_message,
    )
}

fn javascript(operation: &Operation) -> String {
    format!(
        r"const response = await fetch(
  '{url}',
  {{
    method: '{method}',
    headers: {{ '{header}': `{prefix}${{process.env.{KEY_VARIABLE}}}` }}
  }}
);

if (response.status === {status}) {{
  console.log('{message}');
  // No response body for {status} {heading}
}}
",
        url = operation.example_url(),
        method = operation.method,
        header = AuthScheme::Bearer.header(),
        prefix = AuthScheme::Bearer.prefix(),
        status = operation.success_status,
        heading = operation.success_heading,
        message = operation.success_message,
    )
}
