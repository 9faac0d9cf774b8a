//! The reference page, in Markdown.

use std::borrow::Cow;

use freddy_types::shape::{Presence, Shape};
use freddy_types::{AuthScheme, ErrorCode, Parameter, ParameterPlace, ParameterPresence, headers};

use super::{example, samples};
use crate::spec::{Operation, Spec};

pub(crate) fn page(spec: &Spec) -> String {
    let mut page = Page::default();
    page.line(&format!("# {}", spec.info.title));
    page.line(spec.info.description);
    for tag in spec.tags() {
        page.line(&format!("## {}", tag.name));
        page.line(tag.description);
        for operation in spec.operations.iter().filter(|operation| operation.tag == tag) {
            page.operation(operation);
        }
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// Adds a paragraph, a heading, or a whole list.
    fn line(&mut self, text: &str) {
        let separator = if self.text.is_empty() { "" } else { "\n" };
        self.text += &format!("{separator}{text}\n");
    }

    fn code(&mut self, fence: &str, source: &str) {
        self.line(&format!("```{fence}\n{}\n```", source.trim_end()));
    }

    #[expect(clippy::expect_used, reason = "a status is documented by a code")]
    fn operation(&mut self, operation: &Operation) {
        self.line(&format!("### {}", operation.summary));
        self.line(operation.description);
        self.line(&format!("`{} {}`", operation.method, operation.url()));

        self.line("#### Authentication");
        let ways = operation.auth.iter().map(|scheme| way(*scheme)).collect::<Vec<_>>();
        self.line(&format!("Any one of:\n\n{}", ways.join("\n")));

        for (heading, place) in [
            ("Path parameters", ParameterPlace::Path),
            ("Query parameters", ParameterPlace::Query),
            ("Headers", ParameterPlace::Header),
        ] {
            let rows: Vec<_> = operation.rows(place).map(parameter).collect();
            if !rows.is_empty() {
                self.line(&format!("#### {heading}"));
                self.line(&rows.join("\n"));
            }
        }
        if let Some(row) = &operation.body {
            self.line("#### Request body");
            self.line(&row.description);
            self.fields(&row.shape());
        }

        self.line("#### Returns");
        self.line(operation.returns);

        self.line("#### Request samples");
        for sample in samples::all(operation) {
            self.line(sample.name);
            self.code(&sample.highlighting.to_ascii_lowercase(), &sample.source);
        }

        self.line("#### Responses");
        self.line(&format!("##### {} {}", operation.success_status, operation.success_heading));
        self.line(&format!("{}.", operation.success_message));
        if let Some(shape) = &operation.success_body {
            self.fields(shape);
            self.code("json", &format!("{:#}", shape.example()));
        }
        if !operation.success_headers.is_empty() {
            let names = operation.success_headers.iter().map(|header| format!("`{}`", header.name));
            self.line(&format!("Headers: {}", names.collect::<Vec<_>>().join(", ")));
        }
        for (status, codes) in operation.errors_by_status() {
            let heading = codes.first().expect("a status has a code").heading();
            self.line(&format!("##### {status} {heading}"));
            for code in codes {
                self.error(code);
            }
        }
    }

    /// Adds the fields of an object, and of the objects in it.
    fn fields(&mut self, shape: &Shape) {
        let mut lines = Vec::new();
        field_lines(shape, "", &mut lines);
        if !lines.is_empty() {
            self.line(&lines.join("\n"));
        }
    }

    fn error(&mut self, code: ErrorCode) {
        self.code("json", &format!("{:#}", example::body(code)));
        let example = freddy_types::ApiError::example(code);
        let names = example.headers().map(|(name, _)| name).filter(|name| *name != headers::CONTENT_TYPE);
        let names = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        self.line(&format!("Headers: {names}"));
    }
}

fn way(scheme: AuthScheme) -> String {
    format!("- `{}: {}$FREDDY_API_KEY`", scheme.header(), scheme.prefix())
}

fn parameter(row: &Parameter) -> String {
    let presence = match &row.presence {
        ParameterPresence::Required => "required".to_owned(),
        ParameterPresence::Defaulted(default) => format!("optional, by default `{default}`"),
        ParameterPresence::Repeated => "any number of times".to_owned(),
        _ => "optional".to_owned(),
    };
    format!("- **`{}`** {}, {presence}. {}", row.name, kind(&row.shape()), row.description)
}

/// An object that is nested deeper is taken for one of a type that contains itself.
const MAX_INDENT: usize = 8;

fn field_lines(shape: &Shape, indent: &str, lines: &mut Vec<String>) {
    if indent.len() > MAX_INDENT {
        return;
    }
    let deeper = format!("{indent}  ");
    match shape {
        Shape::Object(object) => {
            for field in &object.fields {
                let presence = match field.presence {
                    Presence::Optional => ", optional",
                    Presence::Nullable => ", may be `null`",
                    Presence::Patchable => ", optional, may be `null`",
                    _ => "",
                };
                let shape = (field.shape)();
                lines.push(format!("{indent}- **`{}`** {}{presence}. {}", field.name, kind(&shape), field.description));
                field_lines(&shape, &deeper, lines);
            }
        }
        Shape::Union(union) => {
            for variant in &union.variants {
                lines.push(format!("{indent}- **`{}: \"{}\"`** {}", union.tag, variant.name, variant.description));
                field_lines(&(variant.shape)(), &deeper, lines);
            }
        }
        Shape::List(item) | Shape::Map(item) => field_lines(item, indent, lines),
        _ => {}
    }
}

/// The kind of a value, in a word or two.
fn kind(shape: &Shape) -> Cow<'static, str> {
    match shape {
        Shape::Boolean => "boolean".into(),
        Shape::Integer { min, max } => format!("integer from {min} to {max}").into(),
        Shape::Text(text) if text.format == Some("date-time") => "time".into(),
        Shape::Enum(names) => {
            let names = names.values.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
            format!("string, one of {} and others to come", names.join(", ")).into()
        }
        Shape::Object(_) | Shape::Union(_) => "object".into(),
        Shape::List(item) => format!("list of {}", kind(item)).into(),
        Shape::Map(value) => format!("map of {}", kind(value)).into(),
        _ => "string".into(),
    }
}
