//! What the macros make of the rows of a declaration.
#![allow(missing_docs, clippy::missing_errors_doc, reason = "only for the macros, which say what they are for")]

use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::wire::fault::{At, Faults};
use crate::wire::read::{Object, ObjectReader, ReceivedObject};
use crate::wire::shape::{
    EnumShape, FieldShape, ObjectShape, Presence, Shape, TextShape, UnionShape, VariantShape, doc_text,
};
use crate::wire::tree::Tree;

pub fn serialize_object<T: Object, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.serialize_fields(&mut map)?;
    map.end()
}

pub fn serialize_received<T: ReceivedObject, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.serialize_fields(&mut map)?;
    map.end()
}

pub fn read_object<T: Object>(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<T> {
    let mut reader = ObjectReader::new(tree, at, faults)?;
    let read = T::read_fields(&mut reader);
    reader.refuse_others();
    read
}

#[must_use]
pub fn object_shape(name: &'static str, doc: &[&str], fields: Vec<FieldShape>) -> ObjectShape {
    ObjectShape { name: name.into(), description: doc_text(doc), fields, rule: None }
}

#[must_use]
pub fn field_shape(
    name: &'static str,
    doc: &[&str],
    presence: Presence,
    shape: fn() -> Shape,
    example: Option<Value>,
) -> FieldShape {
    FieldShape { name, description: doc_text(doc), presence, shape, example }
}

#[must_use]
pub fn enum_shape(name: &'static str, doc: &[&str], values: &[(&'static str, &[&str])]) -> EnumShape {
    let values = values.iter().map(|(name, doc)| (*name, doc_text(doc))).collect();
    EnumShape { name, description: doc_text(doc), values, advice: "More may be added." }
}

#[must_use]
pub fn union_shape(name: &'static str, doc: &[&str], tag: &'static str, variants: Vec<VariantShape>) -> UnionShape {
    UnionShape { name, description: doc_text(doc), tag, variants }
}

#[must_use]
pub fn variant_shape(name: &'static str, doc: &[&str], shape: fn() -> Shape) -> VariantShape {
    VariantShape { name, description: doc_text(doc), shape }
}

#[must_use]
pub fn id_shape(name: &'static str, doc: &[&str], pattern: &'static str, example: &'static str) -> TextShape {
    TextShape { name: Some(name), description: doc_text(doc), pattern: Some(pattern), ..TextShape::any(example) }
}
