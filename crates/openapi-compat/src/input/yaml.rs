//! YAML 1.2 as events.

use granit_parser::{Event as Yaml, Marker, Options, Parser, ScalarStyle, StrInput, Tag};

use super::event::{Event, Fault, Style, What};

/// What the parser allows, for texts that are not built. A document has a limit of its own, in either notation.
const MOST_NESTED: usize = 4096;

/// The events of the only document in a text.
pub(super) struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    documents: usize,
    is_over: bool,
}

impl<'a> Events<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.flow_nesting_limit = MOST_NESTED;
        options.block_nesting_limit = MOST_NESTED;
        Self { parser: Parser::new_from_str_with_options(text, options), documents: 0, is_over: false }
    }

    fn event(&mut self) -> Result<Option<Event<'a>>, Fault> {
        loop {
            let Some(next) = self.parser.next() else { return Ok(None) };
            let (event, span) = next.map_err(|error| {
                let what = format!("is no YAML: {}", error.info());
                Fault { source: Some(error.clone().into()), ..Fault::new(offset(error.marker()), what) }
            })?;
            let at = offset(&span.start);
            let (what, anchor) = match event {
                Yaml::DocumentStart(_, version) => {
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(Fault::new(at, "holds a second document, and only one is compared"));
                    }
                    if version.is_some_and(|version| (version.major, version.minor) != (1, 2)) {
                        let what = "declares another YAML than 1.2, in which `on`, `off`, `yes` and `no` are texts";
                        return Err(Fault::new(at, what));
                    }
                    continue;
                }
                Yaml::Alias(anchor) => (What::Alias(anchor), 0),
                Yaml::Scalar(text, style, anchor, tag) => {
                    let is_plain = style == ScalarStyle::Plain;
                    let style = match tag.as_deref() {
                        None if is_plain => Style::Plain,
                        None => Style::Quoted,
                        Some(tag) if is_non_specific(tag) => Style::Quoted,
                        Some(tag) => Style::Tagged(core_name(tag, at)?),
                    };
                    (What::Scalar(text, style), anchor)
                }
                Yaml::SequenceStart(_, anchor, tag) => (collection(What::Array, tag.as_deref(), "seq", at)?, anchor),
                Yaml::MappingStart(_, anchor, tag) => (collection(What::Object, tag.as_deref(), "map", at)?, anchor),
                Yaml::SequenceEnd | Yaml::MappingEnd => (What::End, 0),
                _ => continue,
            };
            return Ok(Some(Event { what, at, anchor }));
        }
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let event = self.event();
        self.is_over = !matches!(event, Ok(Some(_)));
        event.transpose()
    }
}

fn offset(marker: &Marker) -> usize {
    marker.byte_offset().unwrap_or_default()
}

/// `!` alone: a text, an array or an object, and nothing that is resolved by its looks.
fn is_non_specific(tag: &Tag) -> bool {
    tag.original() == "!"
}

fn core_name(tag: &Tag, at: usize) -> Result<&'static str, Fault> {
    ["str", "int", "float", "bool", "null", "map", "seq"]
        .into_iter()
        .find(|name| tag.core_suffix() == Some(name))
        .ok_or_else(|| Fault::new(at, format!("has the tag `{}`, which YAML 1.2 does not define", tag.original())))
}

fn collection<'a>(what: What<'a>, tag: Option<&Tag>, name: &str, at: usize) -> Result<What<'a>, Fault> {
    match tag {
        Some(tag) if !is_non_specific(tag) && core_name(tag, at)? != name => {
            Err(Fault::new(at, format!("has the tag `{}` on what is none", tag.original())))
        }
        _ => Ok(what),
    }
}
