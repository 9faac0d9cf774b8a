//! A shape as a JSON Schema of the dialect 2020-12, in two forms.

use serde_json::{Map, Value, json};

use crate::wire::shape::{EnumShape, FieldShape, ObjectShape, Shape, TextShape, UnionShape};

/// Which of the two contracts a schema states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What a client reads: objects, lists of names and unions are open, so that generated clients take what a later
    /// version says.
    Open,
    /// What a sender builds: nothing that is not in the contract.
    Strict,
}

/// The schemas that others refer to by name, and where in the document they stand.
#[derive(Clone, Debug)]
pub struct Definitions {
    path: &'static str,
    schemas: Map<String, Value>,
    clash: Option<String>,
}

impl Definitions {
    /// None yet. References begin with `path`, such as `#/components/schemas/`.
    #[must_use]
    pub fn new(path: &'static str) -> Self {
        Self { path, schemas: Map::new(), clash: None }
    }

    /// The schemas, in the order in which they were met.
    ///
    /// # Errors
    /// The name of two schemas that are not the same.
    pub fn into_schemas(self) -> Result<Map<String, Value>, String> {
        match self.clash {
            Some(name) => Err(name),
            None => Ok(self.schemas),
        }
    }

    fn reference(&mut self, name: &str, schema: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.schemas.contains_key(name) {
            // Its place is taken before it is made, for one that refers to itself.
            self.schemas.insert(name.to_owned(), Value::Null);
            let made = schema(self);
            self.schemas.insert(name.to_owned(), made);
        } else if self.schemas.get(name).is_some_and(|known| !known.is_null()) {
            // Made once more, beside the others, to see that it is the same.
            let mut beside = Self { schemas: Map::new(), clash: None, ..*self };
            beside.schemas.insert(name.to_owned(), Value::Null);
            if self.schemas.get(name) != Some(&schema(&mut beside)) {
                self.clash.get_or_insert_with(|| name.to_owned());
            }
        }
        json!({ "$ref": format!("{}{name}", self.path) })
    }
}

/// What `additionalProperties` says of an object.
fn additional(form: Form) -> Value {
    (form == Form::Open).into()
}

impl Shape {
    /// The schema, which refers to named ones in `definitions`.
    #[must_use]
    pub fn schema(&self, form: Form, definitions: &mut Definitions) -> Value {
        self.described("", form, definitions)
    }

    /// A schema that stands by itself: a string under its name, where it has one.
    #[must_use]
    pub fn reference(&self, form: Form, definitions: &mut Definitions) -> Value {
        match self {
            Self::Text(text) => match text.name {
                Some(name) => definitions.reference(name, |_| text.schema(&text.description, form)),
                None => text.schema("", form),
            },
            _ => self.schema(form, definitions),
        }
    }

    /// The schema of a value with a description of its own, which a reference cannot have.
    pub(crate) fn described(&self, description: &str, form: Form, definitions: &mut Definitions) -> Value {
        match self {
            Self::Boolean => with_description(json!({ "type": "boolean" }), description),
            Self::Integer { min, max } => {
                let is_small = i32::try_from(*min).is_ok() && i32::try_from(*max).is_ok();
                let format = if is_small { "int32" } else { "int64" };
                let schema = json!({ "type": "integer", "format": format, "minimum": min, "maximum": max });
                with_description(schema, description)
            }
            Self::Text(text) => text.schema(description, form),
            Self::Enum(names) => names.schema(description, form),
            Self::Object(object) => definitions.reference(&object.name, |definitions| object.schema(form, definitions)),
            Self::Union(union) => definitions.reference(union.name, |definitions| union.schema(form, definitions)),
            Self::List(item) => {
                let items = item.schema(form, definitions);
                with_description(json!({ "type": "array", "items": items }), description)
            }
            Self::Map(value) => {
                let values = value.schema(form, definitions);
                with_description(json!({ "type": "object", "additionalProperties": values }), description)
            }
        }
    }
}

fn with_description(mut schema: Value, description: &str) -> Value {
    if let (Some(schema), false) = (schema.as_object_mut(), description.is_empty()) {
        schema.insert("description".to_owned(), description.into());
    }
    schema
}

impl TextShape {
    pub(crate) fn schema(&self, description: &str, form: Form) -> Value {
        let mut schema = Map::new();
        let mut set = |keyword: &str, value: Value| schema.insert(keyword.to_owned(), value);
        set("type", "string".into());
        if let Some(format) = self.format {
            set("format", format.into());
        }
        let pattern = self.pattern.filter(|_| form == Form::Strict || !self.is_open);
        let describe_first = self.format.is_none();
        if describe_first && !description.is_empty() {
            set("description", description.into());
        }
        if let Some(pattern) = pattern {
            set("pattern", pattern.into());
        }
        if self.min_chars > 0 {
            set("minLength", self.min_chars.into());
        }
        if let Some(max) = self.max_chars {
            set("maxLength", max.into());
        }
        if !describe_first && !description.is_empty() {
            set("description", description.into());
        }
        if self.format.is_some() || self.pattern.is_some() {
            set("examples", json!([self.example]));
        }
        schema.into()
    }
}

impl EnumShape {
    pub(crate) fn schema(&self, description: &str, form: Form) -> Value {
        let names: Vec<_> = self.values.iter().map(|(name, _)| *name).collect();
        let description = if description.is_empty() { &self.description } else { description };
        match form {
            Form::Strict => json!({ "type": "string", "description": description, "enum": names }),
            Form::Open => open_names(description, "More may be added.", &names),
        }
    }
}

/// A string from an open set. `x-extensible-enum` is how tools are told of one; the description tells people.
pub(crate) fn open_names(description: &str, advice: &str, names: &[&str]) -> Value {
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    json!({
        "type": "string",
        "description": format!("{description} Known values: {list}. {advice}"),
        "examples": names,
        "x-extensible-enum": names,
    })
}

impl ObjectShape {
    /// The schema of the object itself, not a reference to it.
    #[must_use]
    pub fn schema(&self, form: Form, definitions: &mut Definitions) -> Value {
        json!({
            "type": "object",
            "description": self.description,
            "properties": self.properties(form, definitions),
            "required": self.required(),
            "additionalProperties": additional(form),
        })
    }

    fn properties(&self, form: Form, definitions: &mut Definitions) -> Map<String, Value> {
        self.fields.iter().map(|field| (field.name.to_owned(), field.schema(form, definitions))).collect()
    }

    fn required(&self) -> Vec<&'static str> {
        let required = self.fields.iter().filter(|field| !field.presence.may_be_absent());
        required.map(|field| field.name).collect()
    }
}

impl FieldShape {
    fn schema(&self, form: Form, definitions: &mut Definitions) -> Value {
        let mut schema = (self.shape)().described(&self.description, form, definitions);
        if !self.presence.may_be_null() {
            return schema;
        }
        match schema.as_object_mut() {
            Some(keywords) if keywords.contains_key("type") => {
                if let Some(name) = keywords.get_mut("type") {
                    *name = json!([name, "null"]);
                }
                if let Some(Value::Array(names)) = keywords.get_mut("enum") {
                    names.push(Value::Null);
                }
                schema
            }
            _ => json!({ "anyOf": [schema, { "type": "null" }], "description": self.description }),
        }
    }
}

impl UnionShape {
    fn schema(&self, form: Form, definitions: &mut Definitions) -> Value {
        match form {
            Form::Open => self.open_schema(definitions),
            Form::Strict => {
                let variants: Vec<_> = self
                    .variants
                    .iter()
                    .filter_map(|variant| match (variant.shape)() {
                        Shape::Object(object) => Some((variant.name, object)),
                        _ => None,
                    })
                    .map(|(name, object)| {
                        let mut properties = Map::new();
                        properties.insert(self.tag.to_owned(), json!({ "const": name }));
                        properties.extend(object.properties(form, definitions));
                        let required: Vec<_> = std::iter::once(self.tag).chain(object.required()).collect();
                        json!({
                            "type": "object",
                            "description": object.description,
                            "properties": properties,
                            "required": required,
                            "additionalProperties": false,
                        })
                    })
                    .collect();
                json!({ "description": self.description, "oneOf": variants })
            }
        }
    }

    /// An open object with the tag: a variant that is not known, or not in this form, is in the contract too.
    fn open_schema(&self, definitions: &mut Definitions) -> Value {
        let names: Vec<_> = self.variants.iter().map(|variant| variant.name).collect();
        let variants: Map<_, _> = self
            .variants
            .iter()
            .map(|variant| {
                let reference = (variant.shape)().schema(Form::Open, definitions);
                (variant.name.to_owned(), reference.get("$ref").cloned().unwrap_or_default())
            })
            .collect();
        json!({
            "type": "object",
            "description": self.description,
            "properties": { self.tag: open_names("Which of the variants it is.", "More may be added.", &names) },
            "required": [self.tag],
            "additionalProperties": true,
            "x-variants": variants,
        })
    }
}
