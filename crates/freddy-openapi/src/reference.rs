//! The page that people read.

use std::fmt::Write as _;

use freddy_types::{AuthScheme, ErrorCode, headers};

use crate::operation::Operation;
use crate::{Spec, example, samples};

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
    /// A paragraph, a heading, or a whole list.
    fn line(&mut self, text: &str) {
        let separator = if self.text.is_empty() { "" } else { "\n" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.text, "{separator}{text}");
    }

    fn code(&mut self, fence: &str, source: &str) {
        self.line(&format!("```{fence}\n{}\n```", source.trim_end()));
    }

    fn operation(&mut self, operation: &Operation) {
        self.line(&format!("### {}", operation.summary));
        self.line(operation.description);
        self.line(&format!("`{} {}`", operation.method, operation.url()));

        self.line("#### Authentication");
        let ways = operation.auth.iter().map(|scheme| way(*scheme)).collect::<Vec<_>>();
        self.line(&format!("Any one of:\n\n{}", ways.join("\n")));

        self.line("#### Path parameters");
        let parameters = operation
            .parameters
            .iter()
            .map(|parameter| format!("- **`{}`** string, required. {}", parameter.name, parameter.docs.description));
        self.line(&parameters.collect::<Vec<_>>().join("\n"));

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
        for (status, codes) in operation.errors_by_status() {
            let heading = codes.first().map_or("", |code| code.heading());
            self.line(&format!("##### {status} {heading}"));
            for code in codes {
                self.error(code);
            }
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
