//! What a JSON body says, in the shapes that are not the contract's envelope.
//!
//! The work is linear in the length of the body: how deep objects are looked into, how many items of a list, and how many
//! names, is all bounded, and nothing is parsed before it is needed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::envelope::ErrorEnvelope;
use crate::error::one_line::beginning;
use crate::error::response::repair::Repair;
use crate::error::retry::Hint;
use crate::error::table::{ErrorCode, ErrorType};
use crate::value::time::Timestamp;
use crate::wire::field;
use crate::wire::open::{Open, StringEnum};

/// The most bytes that are kept of a message.
pub(super) const MAX_MESSAGE: usize = 4096;
/// The most bytes that are kept of a code, a type or an identifier.
pub(super) const MAX_NAME: usize = 1024;

/// The key of an older shape, and what some frameworks put around whatever a handler raises.
const DETAIL: &str = "detail";
const ERRORS: &str = "errors";

/// The fields that are a text of the whole, the best first.
const TEXTS: &[&str] =
    &[field::MESSAGE, "error_description", DETAIL, "msg", "error_message", field::SYSTEM_MESSAGE, "title"];

/// How many levels below the top `error` and `detail` are followed.
const MAX_LEVEL: usize = 4;
/// How many items of a list, or entries of a map, are looked at for something to read.
const MAX_ITEMS: usize = 16;

/// A JSON object whose values are not parsed before they are needed, so that none of them can spoil the others.
pub(super) struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl<'a> Object<'a> {
    pub(super) fn parse(json: &'a RawValue) -> Option<Self> {
        Self::parse_str(json.get())
    }

    pub(super) fn parse_str(json: &'a str) -> Option<Self> {
        if json.starts_with('{') { serde_json::from_str(json).ok() } else { None }
    }

    /// The value of a field; of the last, if the name stands there more than once.
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| *value)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(text)
    }

    /// What the object says of when to try again, beside the code or in its details.
    pub(super) fn hints(&self, found: &mut BodyHints) {
        if let Some(value) = self.get(field::RETRY_AFTER) {
            Hint::of_json(value, &mut found.waits);
        }
        if let Some(details) = self.get(field::DETAILS).and_then(Object::parse) {
            details.hints_of_details(found);
        }
    }

    pub(super) fn hints_of_details(&self, found: &mut BodyHints) {
        if let Some(value) = self.get(field::RETRY_AFTER) {
            Hint::of_json(value, &mut found.waits);
        }
        if let Some(value) = self.get("reset_at") {
            Hint::reset_of_json(value, &mut found.resets);
        }
    }
}

/// What a body says of when to try again.
#[derive(Default)]
pub(super) struct BodyHints {
    pub(super) waits: Vec<Hint>,
    /// Those that are counted from the body's own `timestamp`.
    pub(super) resets: Vec<Hint>,
}

/// A text that says something.
fn text(json: &RawValue) -> Option<String> {
    if !json.get().starts_with('"') {
        return None;
    }
    serde_json::from_str::<String>(json.get()).ok().filter(|text| !text.trim().is_empty())
}

fn list(json: &RawValue) -> Option<Vec<&RawValue>> {
    if json.get().starts_with('[') { serde_json::from_str(json.get()).ok() } else { None }
}

/// The first text in a value: itself, that of the first item that has one, or that of an object with one.
fn text_within(json: &RawValue, levels: usize) -> Option<String> {
    let below = levels.checked_sub(1)?;
    if let Some(items) = list(json) {
        return items.into_iter().take(MAX_ITEMS).find_map(|item| text_within(item, below));
    }
    match Object::parse(json) {
        Some(object) => TEXTS.iter().find_map(|name| object.text(name)),
        None => text(json),
    }
}

/// The first text in `errors`: a list, or a map from the name of a field to what is wrong with it.
fn text_of_errors(json: &RawValue) -> Option<String> {
    text_within(json, MAX_LEVEL).or_else(|| {
        let fields = Object::parse(json)?.0;
        fields.into_iter().take(MAX_ITEMS).find_map(|(_, value)| text_within(value, MAX_LEVEL))
    })
}

/// One word, as codes are.
fn is_word(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    text.bytes().all(is_of_word) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_uri(text: &str) -> bool {
    text.contains([':', '/'])
}

/// What could be read from a JSON body that is not the contract's envelope.
#[derive(Clone, PartialEq, Default)]
pub(super) struct Reading {
    pub(super) code: Option<Open<ErrorCode>>,
    pub(super) error_type: Option<Open<ErrorType>>,
    pub(super) message: Option<Box<str>>,
    pub(super) system_message: Option<Box<str>>,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) request_id: Option<Box<str>>,
    pub(super) details: Option<Box<str>>,
}

/// The objects in which the fields of an error are looked for, the likeliest first.
struct Places<'a> {
    /// Those that speak of the whole: `error`, `detail`, the top, and what stands in them under the same names.
    whole: Vec<Object<'a>>,
    /// The first object of each list of errors.
    parts: Vec<Object<'a>>,
}

impl<'a> Places<'a> {
    fn find(top: &'a RawValue) -> Self {
        let mut places = Self { whole: Vec::new(), parts: Vec::new() };
        places.add(top, 0, false);
        let first_object = |value| list(value)?.into_iter().take(MAX_ITEMS).find_map(Object::parse);
        let lists = places.whole.iter().flat_map(|place| [field::ERROR, DETAIL, ERRORS].map(|name| place.get(name)));
        let parts = lists.flatten().chain([top]).filter_map(first_object).collect();
        places.parts = parts;
        places
    }

    fn add(&mut self, value: &'a RawValue, level: usize, is_error: bool) {
        let Some(object) = Object::parse(value) else { return };
        let within = [(field::ERROR, true), (DETAIL, is_error)].map(|(name, is_error)| (object.get(name), is_error));
        // What an error says itself comes before what stands in it; a wrapper says less than what it wraps.
        let mut after = Some(object);
        if is_error {
            self.whole.extend(after.take());
        }
        if level < MAX_LEVEL {
            for (value, is_error) in within {
                if let Some(value) = value {
                    self.add(value, level + 1, is_error);
                }
            }
        }
        self.whole.extend(after);
    }

    fn all(&self) -> impl Iterator<Item = &Object<'a>> {
        self.whole.iter().chain(&self.parts)
    }

    fn code(&self) -> Option<String> {
        let named = |object: &Object<'_>| object.text(field::CODE).or_else(|| object.text("error_code"));
        // `"code": 403, "status": "PERMISSION_DENIED"`.
        let number = |object: &Object<'_>| object.get(field::CODE)?.get().parse::<u64>().ok();
        let status = |object: &Object<'_>| {
            number(object)?;
            object.text(field::STATUS).filter(|status| is_word(status))
        };
        // OAuth's `error` is a code; elsewhere it is a text, or the reason phrase of the status.
        let oauth = |object: &Object<'_>| {
            let error = object.text(field::ERROR).filter(|error| is_word(error))?;
            let is_code = error.contains('_') || object.get("error_description").is_some();
            (is_code || ErrorCode::from_wire(&error).is_some()).then_some(error)
        };
        // A number that repeats the status says nothing.
        let other = |object: &Object<'_>| number(object).filter(|code| !(100..=599).contains(code));
        self.all()
            .find_map(named)
            .or_else(|| self.all().find_map(status))
            .or_else(|| self.all().find_map(oauth))
            .or_else(|| self.all().find_map(other).map(|code| code.to_string()))
    }

    fn error_type(&self) -> Option<String> {
        let named = |object: &Object<'_>| {
            let error_type = object.text(field::TYPE).filter(|error_type| !is_uri(error_type));
            error_type.or_else(|| object.text("error_type"))
        };
        // The type of a problem, unless it is the one that says nothing (RFC 9457, section 4.2.1).
        let uri = |object: &Object<'_>| object.text(field::TYPE).filter(|error_type| error_type != "about:blank");
        self.all().find_map(named).or_else(|| self.all().find_map(uri))
    }

    fn message(&self, top: &RawValue) -> Option<String> {
        let first = |name: &str| {
            let mut values = self.whole.iter().filter_map(|object| object.get(name));
            // An object under this name is a place of its own.
            let is_place = |value: &RawValue| name == DETAIL && value.get().starts_with('{');
            values.find_map(|value| if is_place(value) { None } else { text_within(value, MAX_LEVEL) })
        };
        let of_errors = || self.whole.iter().filter_map(|object| object.get(ERRORS)).find_map(text_of_errors);
        let of_error = || {
            self.whole
                .iter()
                .filter_map(|object| object.get(field::ERROR))
                .find_map(|error| if error.get().starts_with('{') { None } else { text_within(error, MAX_LEVEL) })
        };
        let of_top = || if top.get().starts_with('{') { None } else { text_within(top, MAX_LEVEL) };
        TEXTS.iter().find_map(|name| first(name)).or_else(of_errors).or_else(of_error).or_else(of_top)
    }

    fn request_id(&self) -> Option<String> {
        const NAMES: [&str; 3] = [field::TRACE_ID, "request_id", "requestId"];
        let named = |object: &Object<'_>| NAMES.iter().find_map(|name| object.text(name));
        self.all().find_map(named).or_else(|| self.all().find_map(|object| named(&Object::parse(object.get("meta")?)?)))
    }

    fn details(&self) -> Option<Box<str>> {
        let details = self
            .all()
            .find_map(|object| object.get(field::DETAILS).filter(|details| details.get().starts_with(['{', '['])));
        details.map(|details| details.get().into())
    }
}

impl Reading {
    pub(super) fn of(json: &RawValue, hints: &mut BodyHints) -> Self {
        let places = Places::find(json);
        for object in places.all() {
            object.hints(hints);
        }
        let kept = |text: String, max_len| Box::<str>::from(beginning(&text, max_len));
        let timestamp =
            |object: &Object<'_>| object.text(field::TIMESTAMP).filter(|text| text.len() <= MAX_NAME)?.parse().ok();
        Self {
            code: places.code().map(|code| beginning(&code, MAX_NAME).into()),
            error_type: places.error_type().map(|error_type| beginning(&error_type, MAX_NAME).into()),
            message: places.message(json).map(|message| kept(message, MAX_MESSAGE)),
            system_message: places
                .all()
                .find_map(|object| object.text(field::SYSTEM_MESSAGE))
                .map(|message| kept(message, MAX_MESSAGE)),
            timestamp: places.all().find_map(timestamp),
            request_id: places.request_id().map(|id| kept(id, MAX_NAME)),
            details: places.details(),
        }
    }
}

/// The envelope in a text that does not decode as one: mended, inside one or two `detail`, or with `details` of `null`.
pub(super) fn envelope_within(
    json: &RawValue,
    repairs: &mut Vec<Repair>,
    hints: &mut BodyHints,
) -> Option<ErrorEnvelope> {
    const MAX_WRAPPERS: usize = 2;
    let mut value = json;
    let mut around = Vec::new();
    for wrappers in 0..=MAX_WRAPPERS {
        let object = Object::parse(value)?;
        if let Some(error) = object.get(field::ERROR).and_then(Object::parse) {
            let mut envelope = serde_json::from_str(value.get()).ok();
            if envelope.is_none() && error.get(field::DETAILS).is_some_and(|details| details.get() == "null") {
                envelope = without_details(&object, &error).and_then(|text| serde_json::from_str(&text).ok());
                repairs.extend(envelope.is_some().then_some(Repair::NullDetails));
            }
            if envelope.is_some() {
                repairs.extend((wrappers > 0).then_some(Repair::Wrapped));
                around.iter().for_each(|wrapper: &Object<'_>| wrapper.hints(hints));
                return envelope;
            }
        }
        value = object.get(DETAIL)?;
        around.push(object);
    }
    None
}

/// The text of an envelope without the `details` of its error. Nothing if one of the two stands there twice.
fn without_details(envelope: &Object<'_>, error: &Object<'_>) -> Option<String> {
    fn write<'v>(text: &mut String, fields: impl Iterator<Item = (&'v String, &'v str)>) {
        text.push('{');
        for (n, (name, value)) in fields.enumerate() {
            text.push_str(if n == 0 { "" } else { "," });
            text.push_str(&serde_json::Value::from(name.as_str()).to_string());
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
    }

    let stands_once = |object: &Object<'_>, name| object.0.iter().filter(|(field, _)| field == name).count() == 1;
    if !stands_once(envelope, field::ERROR) || !stands_once(error, field::DETAILS) {
        return None;
    }
    let (mut error_text, mut text) = (String::new(), String::new());
    let others = error.0.iter().filter(|(name, _)| name != field::DETAILS);
    write(&mut error_text, others.map(|(name, value)| (name, value.get())));
    let fields = envelope.0.iter();
    write(&mut text, fields.map(|(name, value)| (name, if name == field::ERROR { &*error_text } else { value.get() })));
    Some(text)
}
