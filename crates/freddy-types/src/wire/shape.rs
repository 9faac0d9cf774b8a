//! What stands on the wire in the place of a type, as data: the source of schemas, strategies and reference pages.

use std::borrow::Cow;

use serde_json::Value;

/// The form of a wire type.
///
/// Each type of the contract has one, [`Wire::shape`](crate::Wire::shape), made from the rows that declare it. The open
/// schema, the strict schema, the generated values of the property tests and the reference page all follow from it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number within bounds.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A string.
    Text(TextShape),
    /// A string from a list of names, which a later version may extend.
    Enum(EnumShape),
    /// An object with the fields of its rows.
    Object(ObjectShape),
    /// One of several objects, told apart by the name in one of their fields, the tag.
    Union(UnionShape),
    /// An array.
    List(Box<Shape>),
    /// An object with any names, all of them with values of one shape.
    Map(Box<Shape>),
    /// An object with any fields.
    AnyObject,
}

/// The form of a string.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TextShape {
    /// The name of its schema, where it has one of its own.
    pub name: Option<&'static str>,
    /// What it is, in Markdown.
    pub description: Cow<'static, str>,
    /// The format of JSON Schema, such as `date-time`.
    pub format: Option<&'static str>,
    /// The regular expression, in the dialect of JSON Schema, for the sender.
    pub pattern: Option<&'static str>,
    /// The regular expression for a client, where the sender's does not hold for it or where there is only a format.
    pub received_pattern: Option<&'static str>,
    /// Whether the pattern and the number of characters hold only for what is sent. A client then takes any string of the
    /// format.
    pub is_open: bool,
    /// The fewest characters.
    pub min_chars: usize,
    /// The most characters.
    pub max_chars: Option<usize>,
    /// A value.
    pub example: &'static str,
}

impl TextShape {
    /// Any string.
    #[must_use]
    pub const fn any(example: &'static str) -> Self {
        Self {
            name: None,
            description: Cow::Borrowed(""),
            format: None,
            pattern: None,
            received_pattern: None,
            is_open: false,
            min_chars: 0,
            max_chars: None,
            example,
        }
    }
}

/// The form of a string from a list of names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EnumShape {
    /// The name of its schema in the strict contract.
    pub name: &'static str,
    /// What it says, in Markdown.
    pub description: Cow<'static, str>,
    /// The names that are known, each with what it means.
    pub values: Vec<(&'static str, Cow<'static, str>)>,
    /// What a client should know of other names.
    pub advice: &'static str,
}

/// The form of an object.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObjectShape {
    /// The name of its schema.
    pub name: Cow<'static, str>,
    /// What it is, in Markdown.
    pub description: Cow<'static, str>,
    /// Its fields, in their order.
    pub fields: Vec<FieldShape>,
    /// What holds between its fields where it is sent: keywords of a JSON Schema.
    pub rule: Option<Value>,
}

/// A field of an object.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FieldShape {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it says, in Markdown.
    pub description: Cow<'static, str>,
    /// Whether it may be left out, or be `null`.
    pub presence: Presence,
    /// The shape of its value. A function, since an object may contain itself.
    pub shape: fn() -> Shape,
    /// A value, where the row has one of its own.
    pub example: Option<Value>,
}

/// Whether a field may be left out, or be `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// It is always there.
    Required,
    /// It may be left out; it is never `null`.
    Optional,
    /// It is always there, and may be `null`.
    Nullable,
    /// It may be left out, which leaves things as they are, and may be `null`, which takes the value away.
    Patchable,
}

impl Presence {
    /// Whether an object without the field is complete.
    #[must_use]
    pub const fn may_be_absent(self) -> bool {
        matches!(self, Self::Optional | Self::Patchable)
    }

    /// Whether `null` may stand there.
    #[must_use]
    pub const fn may_be_null(self) -> bool {
        matches!(self, Self::Nullable | Self::Patchable)
    }
}

/// The form of a tagged union.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnionShape {
    /// The name of its schema.
    pub name: &'static str,
    /// What it is, in Markdown.
    pub description: Cow<'static, str>,
    /// The name of the field that says which variant it is.
    pub tag: &'static str,
    /// The variants.
    pub variants: Vec<VariantShape>,
}

/// A variant of a tagged union.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VariantShape {
    /// What stands in the tag.
    pub name: &'static str,
    /// What it is, in Markdown.
    pub description: Cow<'static, str>,
    /// The object, whose fields stand beside the tag.
    pub shape: fn() -> Shape,
}

/// The examples of objects end at this depth, for one that contains itself.
const MAX_DEPTH: usize = 12;

impl Shape {
    /// A value, as a server sends it.
    #[must_use]
    pub fn example(&self) -> Value {
        self.example_within(MAX_DEPTH)
    }

    fn example_within(&self, depth: usize) -> Value {
        match self {
            Self::Boolean => true.into(),
            Self::Integer { min, max } => 1.clamp(*min, *max).into(),
            Self::Text(text) => text.example.into(),
            Self::Enum(names) => names.values.first().map_or(Value::Null, |(name, _)| (*name).into()),
            Self::Object(object) => Value::Object(object.example_fields(depth)),
            Self::Union(union) => {
                let Some(variant) = union.variants.first() else { return Value::Null };
                let mut fields = serde_json::Map::new();
                fields.insert(union.tag.to_owned(), variant.name.into());
                if let Self::Object(object) = (variant.shape)() {
                    fields.extend(object.example_fields(depth));
                }
                Value::Object(fields)
            }
            Self::AnyObject => Value::Object(serde_json::Map::new()),
            Self::List(_) if depth == 0 => Value::Array(Vec::new()),
            Self::List(item) => vec![item.example_within(depth - 1)].into(),
            Self::Map(value) => {
                let mut map = serde_json::Map::new();
                if depth > 0 {
                    map.insert("name".to_owned(), value.example_within(depth - 1));
                }
                Value::Object(map)
            }
        }
    }
}

impl ObjectShape {
    fn example_fields(&self, depth: usize) -> serde_json::Map<String, Value> {
        let fields = self.fields.iter().filter(|field| depth > 0 || !field.presence.may_be_absent());
        fields
            .map(|field| {
                let own = field.example.clone();
                let example = own.unwrap_or_else(|| (field.shape)().example_within(depth.saturating_sub(1)));
                (field.name.to_owned(), example)
            })
            .collect()
    }
}

/// The text of a documentation comment: its lines without the space that each starts with, joined as Markdown is.
#[doc(hidden)]
#[must_use]
pub fn doc_text(lines: &[&str]) -> Cow<'static, str> {
    let mut text = String::new();
    for line in lines {
        let line = line.trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.into()
}

/// A name of the wire in the notation of components: `run_once` is `RunOnce`.
#[doc(hidden)]
#[must_use]
pub fn capitalized(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)))
        .collect()
}
