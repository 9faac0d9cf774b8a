//! Lists in pages: items, whether there is more, and where the next page begins.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use crate::endpoint::headers::HeaderLookup;
use crate::endpoint::success::{EncodedResponse, SuccessResponse, UnexpectedBody, read_json};
use crate::identifier;
use crate::wire::extra::Extra;
use crate::wire::fault::{At, Faults, Reason};
use crate::wire::presence::{optional, required};
use crate::wire::read::{ObjectReader, Wire, WireType, known};
use crate::wire::shape::{FieldShape, ObjectShape, Presence, Shape};
use crate::wire::tree::Tree;
use crate::wire::{fill, keys};

/// `200 OK` with a page of a list as the body.
///
/// ```json
/// {"items": [], "has_more": true, "next_cursor": "job_7"}
/// ```
///
/// `next_cursor` is there exactly where there is more, and left out on the last page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next_cursor: Option<Cursor>,
}

/// A [`Page`] as it was received.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedPage<R> {
    /// The items, in the order of the list.
    pub items: Vec<R>,
    /// Whether there are further items.
    pub has_more: bool,
    /// Where the next page begins.
    pub next_cursor: Option<Cursor>,
    unknown: Extra,
}

impl<R> ReceivedPage<R> {
    /// The fields that the contract does not name, with their values as JSON text, sorted by name.
    pub fn unknown_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.unknown.iter().map(|(name, value)| (name, value.get()))
    }
}

impl<R: Serialize> ReceivedPage<R> {
    /// The page that this is, if nothing of it is unknown.
    ///
    /// # Errors
    /// Names every place that has something unknown.
    pub fn known<T: Wire<Received = R>>(&self) -> Result<Page<T>, Faults>
    where
        R: Clone + std::fmt::Debug + PartialEq + serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        known::<Page<T>>(self)
    }
}

const ITEMS: &str = "items";
const HAS_MORE: &str = "has_more";
const NEXT_CURSOR: &str = "next_cursor";

impl<T: Serialize> Serialize for Page<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(ITEMS, &self.items)?;
        map.serialize_entry(HAS_MORE, &self.next_cursor.is_some())?;
        optional::serialize(&self.next_cursor, NEXT_CURSOR, &mut map)?;
        map.end()
    }
}

impl<R: Serialize> Serialize for ReceivedPage<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(ITEMS, &self.items)?;
        map.serialize_entry(HAS_MORE, &self.has_more)?;
        optional::serialize(&self.next_cursor, NEXT_CURSOR, &mut map)?;
        self.unknown.serialize_into(&mut map)?;
        map.end()
    }
}

keys! {
    Key {
        Items = ITEMS,
        HasMore = HAS_MORE,
        NextCursor = NEXT_CURSOR,
    }
}

impl<'de, R: Deserialize<'de>> Deserialize<'de> for ReceivedPage<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PageVisitor<R>(std::marker::PhantomData<R>);

        impl<'de, R: Deserialize<'de>> Visitor<'de> for PageVisitor<R> {
            type Value = ReceivedPage<R>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a page")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReceivedPage<R>, A::Error> {
                let (mut items, mut has_more, mut next_cursor) = (None, None, None);
                let mut unknown = Extra::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Items => fill(&mut items, ITEMS, &mut map)?,
                        Key::HasMore => fill(&mut has_more, HAS_MORE, &mut map)?,
                        Key::NextCursor => fill(&mut next_cursor, NEXT_CURSOR, &mut map)?,
                        Key::Other(name) => unknown.take(name, &mut map)?,
                    }
                }
                Ok(ReceivedPage {
                    items: required::value(items, ITEMS)?,
                    has_more: required::value(has_more, HAS_MORE)?,
                    next_cursor,
                    unknown,
                })
            }
        }

        deserializer.deserialize_map(PageVisitor(std::marker::PhantomData))
    }
}

impl<T: Wire> Wire for Page<T> {
    type Received = ReceivedPage<T::Received>;

    fn shape() -> Shape {
        let field = |name, description: &'static str, presence, shape| FieldShape {
            name,
            description: description.into(),
            presence,
            shape,
            example: None,
        };
        let item = match T::shape() {
            Shape::Object(object) => object.name,
            _ => "Item".into(),
        };
        Shape::Object(ObjectShape {
            name: format!("{item}Page").into(),
            description: "A page of a list.".into(),
            fields: vec![
                field(ITEMS, "The items, in the order of the list.", Presence::Required, Vec::<T>::shape),
                field(HAS_MORE, "Whether there are further items.", Presence::Required, bool::shape),
                field(
                    NEXT_CURSOR,
                    "Where the next page begins: the `cursor` of the next request. Left out on the last page.",
                    Presence::Optional,
                    Cursor::shape,
                ),
            ],
            rule: Some(json!({
                "if": { "properties": { HAS_MORE: { "const": true } } },
                "then": { "required": [NEXT_CURSOR] },
                "else": { "properties": { NEXT_CURSOR: false } },
            })),
        })
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        let mut reader = ObjectReader::new(tree, at, faults)?;
        let items = reader.required(ITEMS);
        let has_more = reader.required::<bool>(HAS_MORE);
        let next_cursor: Option<Option<Cursor>> = reader.optional(NEXT_CURSOR);
        reader.refuse_others();
        let (has_more, next_cursor) = (has_more?, next_cursor?);
        if has_more != next_cursor.is_some() {
            faults.add(&at.field(NEXT_CURSOR), Reason::text("is not there exactly where there is more"));
        }
        Some(Self { items: items?, next_cursor })
    }
}

impl<T: Wire> SuccessResponse for Page<T> {
    type Received = ReceivedPage<T::Received>;

    const STATUS: u16 = 200;
    const HEADING: &'static str = "OK";

    fn body() -> Option<WireType> {
        Some(WireType::of::<Self>())
    }

    fn encode(&self) -> EncodedResponse {
        EncodedResponse::json(Self::STATUS, self)
    }

    fn decode(_: &dyn HeaderLookup, body: &[u8]) -> Result<Self::Received, UnexpectedBody> {
        read_json(body)
    }
}

identifier! {
    /// Where the next page of a list begins: opaque, of 1 to 1024 visible ASCII characters. It holds for one request with
    /// its filter. The server decides how long it stays valid.
    pub struct Cursor: "cursor" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 1024,
        example: "job_7",
    }
}
