//! Which OpenAPI a document is written in.

use serde_json::Value;

/// A version that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V30,
    V31,
    V32,
}

impl Version {
    /// The version of a document, or why it is none that is read, with a pointer to the place that says so.
    pub(super) fn of(document: &Value) -> Result<Self, (&'static str, String)> {
        let Some(fields) = document.as_object() else {
            return Err(("", "is no OpenAPI document: it is not an object".to_owned()));
        };
        if let Some(swagger) = fields.get("swagger") {
            let what = format!(
                "is Swagger {}, and OpenAPI 3.0, 3.1 and 3.2 are read; convert it first, for instance with \
                 `npx swagger2openapi` or converter.swagger.io",
                swagger.as_str().map_or_else(|| swagger.to_string(), str::to_owned)
            );
            return Err(("/swagger", what));
        }
        match fields.get("openapi") {
            None => Err((
                "",
                "is no OpenAPI document: it has no field `openapi` with the version, such as \"3.1.0\"".to_owned(),
            )),
            Some(Value::String(version)) => {
                let mut parts = version.split('.');
                match (parts.next(), parts.next()) {
                    (Some("3"), Some("0")) => Ok(Self::V30),
                    (Some("3"), Some("1")) => Ok(Self::V31),
                    (Some("3"), Some("2")) => Ok(Self::V32),
                    _ => Err(("/openapi", format!("is OpenAPI `{version}`, and 3.0, 3.1 and 3.2 are read"))),
                }
            }
            Some(Value::Number(number)) => Err((
                "/openapi",
                format!("has the number {number} as its version, which is a text, such as \"3.1.0\": put it in quotes"),
            )),
            Some(_) => Err(("/openapi", "has a version that is not a text, such as \"3.1.0\"".to_owned())),
        }
    }
}
