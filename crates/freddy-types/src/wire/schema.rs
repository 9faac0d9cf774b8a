//! A shape as a JSON Schema of the dialect 2020-12, in two forms.

use serde_json::{Map, Value, json};

use crate::wire::shape::{EnumShape, FieldShape, ObjectShape, Shape, TextShape, UnionShape, capitalized};

/// Which of the contracts a schema states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Exactly what a client of this crate reads: objects, lists of names and unions are open.
    Open,
    /// The open form as generated clients need it, which accepts no more than [`Open`](Self::Open) does: a union names
    /// the fields of all its variants. It accepts whatever a sender builds, and later variants as long as a field's name
    /// keeps its type.
    Published,
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
    (form != Form::Strict).into()
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
            Self::AnyObject => {
                let mut schema = with_description(json!({ "type": "object" }), description);
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("additionalProperties".to_owned(), true.into());
                }
                schema
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
        let is_as_sent = form == Form::Strict || !self.is_open;
        let pattern = self.pattern.filter(|_| is_as_sent).or(self.received_pattern);
        let describe_first = self.format.is_none();
        if describe_first && !description.is_empty() {
            set("description", description.into());
        }
        if let Some(pattern) = pattern {
            set("pattern", pattern.into());
            // In Ruby, PHP and Python `$` stands before a last line feed too. All texts with a pattern are visible ASCII.
            set("not", json!({ "type": "string", "pattern": "[^!-~]" }));
        }
        if self.min_chars > 0 && is_as_sent {
            set("minLength", self.min_chars.into());
        }
        if let Some(max) = self.max_chars.filter(|_| is_as_sent) {
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
            Form::Open | Form::Published => open_names(description, self.advice, &names),
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
        let mut schema = object_schema(&self.description, self.properties(form, definitions), &self.required(), form);
        if let (Form::Strict, Some(Value::Object(rule)), Some(keywords)) = (form, &self.rule, schema.as_object_mut()) {
            keywords.extend(rule.clone());
        }
        schema
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

fn object_schema(description: &str, properties: Map<String, Value>, required: &[&str], form: Form) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    if !description.is_empty() {
        schema.insert("description".to_owned(), description.into());
    }
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema.insert("additionalProperties".to_owned(), additional(form));
    schema.into()
}

impl UnionShape {
    fn objects(&self) -> impl Iterator<Item = (&'static str, ObjectShape)> {
        self.variants.iter().filter_map(|variant| match (variant.shape)() {
            Shape::Object(object) => Some((variant.name, object)),
            _ => None,
        })
    }

    fn schema(&self, form: Form, definitions: &mut Definitions) -> Value {
        match form {
            Form::Strict => {
                let variants: Vec<_> = self
                    .objects()
                    .map(|(name, object)| self.variant(&object, json!({ "const": name }), form, definitions))
                    .collect();
                json!({ "description": self.description, "oneOf": variants })
            }
            Form::Open => {
                let properties = Map::from_iter([(self.tag.to_owned(), self.open_tag())]);
                object_schema(&self.description, properties, &[self.tag], form)
            }
            Form::Published => self.published(definitions),
        }
    }

    /// A variant with its tag.
    fn variant(&self, object: &ObjectShape, tag: Value, form: Form, definitions: &mut Definitions) -> Value {
        let mut properties = Map::from_iter([(self.tag.to_owned(), tag)]);
        properties.extend(object.properties(form, definitions));
        let required: Vec<_> = std::iter::once(self.tag).chain(object.required()).collect();
        object_schema(&object.description, properties, &required, form)
    }

    fn open_tag(&self) -> Value {
        let names: Vec<_> = self.variants.iter().map(|variant| variant.name).collect();
        open_names("Which of the variants it is.", "More may be added.", &names)
    }

    /// One object with the fields of all variants, none of them required but the tag. Of the forms that lose nothing in the
    /// clients that generators make, it is the one that they all give types: see `docs/spec-form.md`.
    fn published(&self, definitions: &mut Definitions) -> Value {
        let mut fields = Map::new();
        let mut variants = Map::new();
        let mut has_clash = false;
        for (name, object) in self.objects() {
            let component = format!("{}{}", self.name, capitalized(name));
            let reference = definitions.reference(&component, |definitions| {
                self.variant(&object, self.open_tag(), Form::Published, definitions)
            });
            variants.insert(name.to_owned(), reference.get("$ref").cloned().unwrap_or_default());
            for field in &object.fields {
                let schema = field.schema(Form::Published, definitions);
                has_clash |=
                    field.name == self.tag || fields.get(field.name).is_some_and(|known| !is_alike(known, &schema));
                fields.entry(field.name).or_insert(schema);
            }
        }
        let mut properties = Map::from_iter([(self.tag.to_owned(), self.open_tag())]);
        // A name with two types breaks the clients that check types, so then the variants' own schemas have to do.
        if !has_clash {
            properties.extend(fields);
        }
        let mut schema = object_schema(&self.description, properties, &[self.tag], Form::Published);
        if let Some(keywords) = schema.as_object_mut() {
            keywords.insert("x-variants".to_owned(), variants.into());
        }
        schema
    }
}

/// Whether two schemas differ in nothing but their words.
fn is_alike(one: &Value, other: &Value) -> bool {
    let bare = |schema: &Value| {
        let keywords = schema.as_object().into_iter().flatten();
        let keywords = keywords.filter(|(keyword, _)| *keyword != "description" && *keyword != "examples");
        keywords.map(|(keyword, value)| (keyword.clone(), value.clone())).collect::<std::collections::BTreeMap<_, _>>()
    };
    bare(one) == bare(other)
}
