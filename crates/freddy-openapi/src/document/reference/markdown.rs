//! The reference in Markdown, for forges and editors.

use super::field::{Field, Kind};
use super::{Body, Described, Reference, Response};

pub(crate) fn page(reference: &Reference<'_>) -> String {
    let mut page = Page::default();
    page.line(&format!("# {}", reference.info.title));
    page.line(reference.info.description);
    page.line(&format!("Version {}, served at <{}>.", reference.info.version, reference.info.base_url));

    page.line("## Authentication");
    page.line("Authenticate with one of these headers:");
    let ways = reference.auth.iter().map(|auth| {
        let scheme = auth.scheme;
        format!("- `{}: {}$FREDDY_API_KEY`: {}", scheme.header(), scheme.prefix(), auth.description)
    });
    page.list(ways);

    for tag in &reference.tags {
        page.line(&format!("## {}", tag.name));
        page.line(tag.description);
        for operation in &tag.operations {
            page.operation(operation);
        }
    }

    page.line("## Error codes");
    page.line(
        "These codes are known. Others may be added: for a code that you do not know, decide by the HTTP status.",
    );
    let rows = reference.codes.iter().map(|row| {
        let (code, details) = (row.code, row.details.as_ref().map_or("–", Kind::words));
        format!(
            "| `{code}` | {} | `{}` | {} | {details} |",
            code.status(),
            code.error_type().as_str(),
            code.message().replace('|', r"\|")
        )
    });
    let head = ["| code | status | type | message | details |", "|---|---|---|---|---|"].map(str::to_owned);
    page.list(head.into_iter().chain(rows));

    page.line("## Models");
    page.line("An object may have further fields: ignore those that you do not know.");
    for model in &reference.models {
        page.line(&format!("### {}", model.name));
        page.line(&sentence(&[model.description], &model.notes));
        if model.fields.is_empty() {
            page.line(&format!("Type: {}", model.kind.words()));
        }
        page.fields(&model.fields);
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

    fn list(&mut self, lines: impl IntoIterator<Item = String>) {
        let lines = lines.into_iter().collect::<Vec<_>>().join("\n");
        if !lines.is_empty() {
            self.line(&lines);
        }
    }

    fn code(&mut self, fence: &str, source: &str) {
        self.line(&format!("```{fence}\n{}\n```", source.trim_end()));
    }

    fn fields(&mut self, fields: &[Field<'_>]) {
        self.list(fields.iter().map(field));
    }

    fn operation(&mut self, described: &Described<'_>) {
        let operation = described.operation;
        self.line(&format!("### {}", operation.summary));
        self.line(&format!("`{} {}`", operation.method, operation.url()));
        self.line(operation.description);
        let ways = operation.auth.iter().map(|scheme| format!("`{}`", scheme.header())).collect::<Vec<_>>();
        self.line(&format!("[Authentication](#authentication): {}", ways.join(" or ")));

        for (heading, rows) in &described.parameters {
            self.line(&format!("#### {heading}"));
            self.list(rows.iter().map(|row| field(&row.field)));
        }
        if let Some(body) = &described.body {
            self.line("#### Request body");
            self.line(body.description);
            self.body(body);
        }

        self.line("#### Returns");
        self.line(operation.returns);

        self.line("#### Request samples");
        for sample in &described.samples {
            self.line(sample.name);
            self.code(&sample.highlighting.to_ascii_lowercase(), &sample.source);
        }

        self.line("#### Responses");
        for response in &described.responses {
            self.response(response);
        }
    }

    fn response(&mut self, response: &Response<'_>) {
        self.line(&format!("##### {}", response.heading));
        self.line(response.description);
        if !response.headers.is_empty() {
            self.line("Headers:");
            self.fields(&response.headers);
        }
        if let Some(body) = &response.body {
            self.body(body);
        }
    }

    fn body(&mut self, body: &Body<'_>) {
        self.line(&format!("JSON body: {}", body.kind.words()));
        for (_, example) in &body.examples {
            self.code("json", &format!("{example:#}"));
        }
    }
}

fn field(field: &Field<'_>) -> String {
    let separator = if field.presence.is_empty() { "" } else { ", " };
    let facts = format!("{}{separator}{}.", field.kind.words(), field.presence);
    format!("- **`{}`** {}", field.name, sentence(&[&facts, field.description], &field.notes))
}

/// Sentences in one paragraph.
fn sentence(texts: &[&str], notes: &[String]) -> String {
    let texts = texts.iter().copied().chain(notes.iter().map(String::as_str)).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}
