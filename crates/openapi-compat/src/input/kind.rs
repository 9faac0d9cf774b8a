//! The objects of OpenAPI, and which of their fields hold others. What is not in this table holds data, such as an example,
//! in which `$ref` or `nullable` mean nothing.

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    Header,
    RequestBody,
    Response,
    MediaType,
    Encoding,
    Example,
    Link,
    Callback,
    SecurityScheme,
    Schema,
    Discriminator,
}

/// How a field holds objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    One(Kind),
    /// In an object, by name.
    Map(Kind),
    List(Kind),
}

impl Kind {
    /// Whether a `$ref` may stand for it.
    pub(super) fn may_be_reference(self) -> bool {
        use Kind::{Components, Discriminator, Document, Encoding, Operation};
        !matches!(self, Document | Components | Operation | Encoding | Discriminator)
    }

    /// What the field of this name holds.
    pub(super) fn field(self, name: &str) -> Option<Shape> {
        use Shape::{List, Map, One};

        Some(match (self, name) {
            (Self::Document, "paths" | "webhooks") => Map(Self::PathItem),
            (Self::Document, "components") => One(Self::Components),
            (Self::Components, "schemas") => Map(Self::Schema),
            (Self::Components, "responses") => Map(Self::Response),
            (Self::Components, "parameters") => Map(Self::Parameter),
            (Self::Components, "examples") => Map(Self::Example),
            (Self::Components, "requestBodies") => Map(Self::RequestBody),
            (Self::Components, "headers") => Map(Self::Header),
            (Self::Components, "securitySchemes") => Map(Self::SecurityScheme),
            (Self::Components, "links") => Map(Self::Link),
            (Self::Components, "callbacks") => Map(Self::Callback),
            (Self::Components, "pathItems") => Map(Self::PathItem),
            (Self::Components, "mediaTypes") => Map(Self::MediaType),
            (Self::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" | "query") => {
                One(Self::Operation)
            }
            (Self::PathItem, "additionalOperations") => Map(Self::Operation),
            (Self::PathItem | Self::Operation, "parameters") => List(Self::Parameter),
            (Self::Operation, "requestBody") => One(Self::RequestBody),
            (Self::Operation, "responses") => Map(Self::Response),
            (Self::Operation, "callbacks") => Map(Self::Callback),
            (Self::Callback, name) if !name.starts_with("x-") => One(Self::PathItem),
            (Self::Parameter | Self::Header | Self::MediaType, "schema") | (Self::MediaType, "itemSchema") => {
                One(Self::Schema)
            }
            (Self::Parameter | Self::Header | Self::RequestBody | Self::Response, "content") => Map(Self::MediaType),
            (Self::Parameter | Self::Header | Self::MediaType, "examples") => Map(Self::Example),
            (Self::Response | Self::Encoding, "headers") => Map(Self::Header),
            (Self::Response, "links") => Map(Self::Link),
            (Self::MediaType | Self::Encoding, "encoding") => Map(Self::Encoding),
            (Self::MediaType | Self::Encoding, "prefixEncoding") => List(Self::Encoding),
            (Self::MediaType | Self::Encoding, "itemEncoding") => One(Self::Encoding),
            (
                Self::Schema,
                "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "$defs" | "definitions",
            ) => Map(Self::Schema),
            (Self::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => List(Self::Schema),
            (
                Self::Schema,
                "items"
                | "additionalItems"
                | "unevaluatedItems"
                | "contains"
                | "additionalProperties"
                | "unevaluatedProperties"
                | "propertyNames"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contentSchema",
            ) => One(Self::Schema),
            (Self::Schema, "discriminator") => One(Self::Discriminator),
            _ => return None,
        })
    }
}
