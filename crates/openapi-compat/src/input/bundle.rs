//! Follows the references of a document to other files, and makes one document of all of them that refers only to itself.

use std::collections::{HashMap, HashSet};
use std::ptr;
use std::rc::Rc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::kind::{Kind, Shape};
use super::source::{Folder, Unread};
use super::version::Version;
use super::{FILES, Limits, ReadError, ReadErrorKind, Text, upgrade};
use crate::json_pointer;

/// A file and its value. The first one is the document itself.
pub(super) struct File {
    pub(super) text: Text,
    pub(super) value: Rc<Value>,
    /// What `$id` and `$anchor` name in it, once that is asked for.
    names: Option<Names>,
}

impl File {
    pub(super) fn new(text: Text, value: Value) -> Self {
        Self { text, value: Rc::new(value), names: None }
    }
}

/// A value by its address, which stays as long as nothing is added to or removed from what it is in.
type Address = usize;

fn address(value: &Value) -> Address {
    ptr::from_ref(value).addr()
}

/// A place that something in the document refers to.
struct Target {
    file: usize,
    pointer: String,
    kind: Kind,
}

/// A reference that waits for its file to be read.
struct Waiting {
    /// Where it stands.
    file: usize,
    address: Address,
    reference: String,
    path: String,
    fragment: String,
    kind: Kind,
}

/// What is to be rewritten.
#[derive(Default)]
struct Edits {
    /// References by the address of their text.
    references: HashMap<Address, String>,
    schemas: HashSet<Address>,
}

/// A field that OpenAPI 3.2 added and the comparison does not read, and where it stands first.
pub(super) struct Unknown {
    pub(super) field: &'static str,
    pub(super) pointer: String,
}

pub(super) struct Bundle<'a> {
    pub(super) files: Vec<File>,
    folder: &'a Folder,
    limits: &'a Limits,
    version: Version,
    by_path: HashMap<String, usize>,
    bytes_left: u64,
    seen: HashSet<(Address, Kind)>,
    edits: Edits,
    waiting: Vec<Waiting>,
    pub(super) unknown: Vec<Unknown>,
}

/// A value to walk through.
struct Step<'v> {
    file: usize,
    value: &'v Value,
    kind: Kind,
    /// The innermost `$id` that it is in.
    id: Option<&'v str>,
}

impl<'a> Bundle<'a> {
    pub(super) fn new(document: File, folder: &'a Folder, limits: &'a Limits, version: Version) -> Self {
        let bytes_left = limits.bytes.saturating_sub(document.text.len());
        let by_path = HashMap::from([(document.text.path.clone(), 0)]);
        Self {
            files: vec![document],
            folder,
            limits,
            version,
            by_path,
            bytes_left,
            seen: HashSet::new(),
            edits: Edits::default(),
            waiting: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Reads every file that is referred to, and rewrites the references.
    pub(super) fn run(&mut self) -> Result<(), ReadError> {
        if let Some(document) = self.files.first()
            && document.value.get(FILES).is_some()
        {
            let pointer = json_pointer::child("", FILES);
            let what = format!("has a field `{FILES}`, where this comparison keeps the other files");
            return Err(self.error_at(0, &pointer, ReadErrorKind::Reference, what));
        }
        let mut targets = vec![Target { file: 0, pointer: String::new(), kind: Kind::Document }];
        while !targets.is_empty() {
            for target in targets.split_off(0) {
                self.walk(&target)?;
            }
            for waiting in std::mem::take(&mut self.waiting) {
                let file = self.load(&waiting)?;
                targets.extend(self.resolved(&waiting, file)?);
            }
        }
        let edits = std::mem::take(&mut self.edits);
        if !edits.references.is_empty() || !edits.schemas.is_empty() {
            for file in &mut self.files {
                edits.apply(Rc::make_mut(&mut file.value));
            }
        }
        Ok(())
    }

    /// The one value, with the other files in a field of their own.
    pub(super) fn finish(self) -> (Value, Vec<Text>) {
        let mut texts = Vec::with_capacity(self.files.len());
        let mut others = Map::new();
        let mut document = Value::Null;
        for (index, file) in self.files.into_iter().enumerate() {
            let value = Rc::unwrap_or_clone(file.value);
            if index == 0 {
                document = value;
            } else {
                others.insert(file.text.path.clone(), value);
            }
            texts.push(file.text);
        }
        if let Some(fields) = document.as_object_mut().filter(|_| !others.is_empty()) {
            fields.insert(FILES.to_owned(), Value::Object(others));
        }
        (document, texts)
    }

    fn walk(&mut self, target: &Target) -> Result<(), ReadError> {
        let Some(value) = self.files.get(target.file).map(|file| Rc::clone(&file.value)) else { return Ok(()) };
        let Some(value) = value.pointer(&target.pointer) else { return Ok(()) };
        let mut steps = vec![Step { file: target.file, value, kind: target.kind, id: None }];
        while let Some(step) = steps.pop() {
            let Value::Object(fields) = step.value else { continue };
            if !self.seen.insert((address(step.value), step.kind)) {
                continue;
            }
            if step.kind == Kind::Schema && self.version == Version::V30 {
                self.edits.schemas.insert(address(step.value));
            }
            if let Some(reference @ Value::String(_)) = fields.get("$ref") {
                self.refer(&step, reference, step.kind.may_be_reference())?;
            }
            if step.kind == Kind::Discriminator {
                self.discriminate(&step, fields)?;
            }
            if self.version == Version::V32 {
                self.note_unknown(&step, fields);
            }
            let id = match (step.kind, fields.get("$id")) {
                (Kind::Schema, Some(Value::String(id))) => Some(id.as_str()),
                _ => step.id,
            };
            let inner = |value, kind| Step { file: step.file, value, kind, id };
            for (name, value) in fields {
                match (step.kind.field(name), value) {
                    // `items` was a list of schemas once.
                    (Some(Shape::List(kind)) | Some(Shape::One(kind)), Value::Array(items)) => {
                        steps.extend(items.iter().map(|item| inner(item, kind)));
                    }
                    (Some(Shape::One(kind)), value) => steps.push(inner(value, kind)),
                    (Some(Shape::Map(kind)), Value::Object(entries)) => {
                        if let Some(reference @ Value::String(_)) = entries.get("$ref") {
                            self.refer(&inner(value, kind), reference, false)?;
                        }
                        steps.extend(entries.values().map(|value| inner(value, kind)));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Finds out where a reference leads.
    fn refer(&mut self, step: &Step<'_>, text: &Value, is_allowed: bool) -> Result<(), ReadError> {
        let Some(reference) = text.as_str() else { return Ok(()) };
        if !is_allowed {
            let what = format!("`{reference}`: OpenAPI allows no `$ref` here, but in each of the entries");
            return Err(self.error(step.file, address(text), what));
        }
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = decoded(fragment);
        let (path, fragment) = match self.named_by_id(step, path, &fragment) {
            Some(pointer) => (None, pointer),
            None if path.is_empty() => (None, fragment),
            None => match self.path_of(step.file, path) {
                Ok(path) => (Some(path), fragment),
                Err(why) => return Err(self.error(step.file, address(text), format!("`{reference}`: {why}"))),
            },
        };
        let waiting = Waiting {
            file: step.file,
            address: address(text),
            reference: reference.to_owned(),
            path: path
                .unwrap_or_else(|| self.files.get(step.file).map_or_else(String::new, |file| file.text.path.clone())),
            fragment,
            kind: step.kind,
        };
        self.waiting.push(waiting);
        Ok(())
    }

    /// The mapping of a discriminator has names of components and references.
    fn discriminate(&mut self, step: &Step<'_>, fields: &Map<String, Value>) -> Result<(), ReadError> {
        let mapping = fields.get("mapping").and_then(Value::as_object);
        let values = mapping.into_iter().flat_map(Map::values).chain(fields.get("defaultMapping"));
        for value in values {
            let Some(name) = value.as_str() else { continue };
            let schemas = |file: usize| self.files.get(file)?.value.pointer("/components/schemas")?.get(name);
            if schemas(0).is_some() {
                continue;
            }
            let is_file = [".json", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
            if is_file || name.contains(['#', '/']) {
                self.refer(&Step { kind: Kind::Schema, value, ..*step }, value, true)?;
            } else if schemas(step.file).is_some() {
                let pointer = json_pointer::child("/components/schemas", name);
                let reference = self.reference_to(step.file, &pointer);
                self.edits.references.insert(address(value), reference);
            }
        }
        Ok(())
    }

    /// Where `$id` has a say: the pointer to what a reference leads to in its own file.
    fn named_by_id(&mut self, step: &Step<'_>, path: &str, fragment: &str) -> Option<String> {
        if path.is_empty() && step.id.is_none() {
            return None;
        }
        let value = Rc::clone(&self.files.get(step.file)?.value);
        let names = &self.files.get_mut(step.file)?.names.get_or_insert_with(|| Names::of(&value)).ids;
        let resource = match (path, step.id) {
            ("", id) => names.get(id?)?,
            (path, Some(id)) if !names.contains_key(path) => {
                let folder = id.rfind('/').map_or("", |slash| id.get(..=slash).unwrap_or_default());
                names.get(&format!("{folder}{}", path.trim_start_matches("./")))?
            }
            (path, _) => names.get(path)?,
        };
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return Some(fragment.to_owned());
        }
        let pointer = format!("{resource}{fragment}");
        // Many write `$id` and still refer from the root of the document.
        value.pointer(&pointer).is_some().then_some(pointer)
    }

    /// The path of another file in the folder of the document.
    fn path_of(&self, from: usize, path: &str) -> Result<String, &'static str> {
        let scheme = path.split_once(':').map(|(scheme, _)| scheme);
        let is_scheme = |text: &str| {
            text.starts_with(|char: char| char.is_ascii_alphabetic())
                && text.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
        };
        if path.starts_with("//") || scheme.is_some_and(is_scheme) {
            return Err(
                "references to other hosts are not followed, only those to files in the folder of the document",
            );
        }
        let path = decoded(path);
        if path.starts_with(['/', '\\']) {
            return Err("absolute paths are not followed, only those to files in the folder of the document");
        }
        if path.contains('?') {
            return Err("a file has no query");
        }
        let from = self.files.get(from).map_or("", |file| file.text.path.as_str());
        let mut parts: Vec<_> = from.split('/').collect();
        parts.pop();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err("it leads out of the folder of the document");
                    }
                }
                part => parts.push(part),
            }
        }
        Ok(parts.join("/"))
    }

    /// The number of a file, which is read if it was not.
    fn load(&mut self, waiting: &Waiting) -> Result<usize, ReadError> {
        if let Some(file) = self.by_path.get(&waiting.path) {
            return Ok(*file);
        }
        let error = |why: String| self.error(waiting.file, waiting.address, format!("`{}`: {why}", waiting.reference));
        let limit = |why| ReadError { kind: ReadErrorKind::Limit, ..error(why) };
        if self.files.len() >= self.limits.files {
            return Err(limit(format!("the document refers to more than {} files", self.limits.files)));
        }
        let shown = self.folder.shown(&waiting.path);
        let bytes = self.folder.read(&waiting.path, self.bytes_left).map_err(|unread| match unread {
            Unread::Io(io) => {
                ReadError { source: Some(io.into()), ..error(format!("{shown} cannot be read")) }.with_reason()
            }
            Unread::Git(why) => error(format!("git has no {shown}: {why}")),
            Unread::TooLarge => limit(format!("the files together have more than {} bytes", self.limits.bytes)),
            Unread::Outside(why) => error(why.to_owned()),
        })?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        let text = Text::decode(shown, waiting.path.clone(), bytes)?;
        let value = text.value(self.limits)?;
        let file = self.files.len();
        self.by_path.insert(waiting.path.clone(), file);
        self.files.push(File::new(text, value));
        Ok(file)
    }

    /// Rewrites a reference, and says what to walk through next. One that leads nowhere in the document itself stays.
    fn resolved(&mut self, waiting: &Waiting, file: usize) -> Result<Option<Target>, ReadError> {
        let Some(target) = self.files.get_mut(file) else { return Ok(None) };
        // Many tools read `#/` as the whole file, though it is the field with the empty name.
        let is_whole = waiting.fragment == "/" && target.value.get("").is_none();
        let pointer = if is_whole {
            Some(String::new())
        } else if waiting.fragment.is_empty() || waiting.fragment.starts_with('/') {
            Some(waiting.fragment.clone())
        } else {
            let names = target.names.get_or_insert_with(|| Names::of(&target.value));
            names.anchors.get(&waiting.fragment).cloned()
        };
        let pointer = pointer.filter(|pointer| target.value.pointer(pointer).is_some());
        let Some(pointer) = pointer else {
            if file == 0 && waiting.file == 0 {
                return Ok(None);
            }
            let what = format!("`{}`: {} has no `{}`", waiting.reference, target.text.shown, waiting.fragment);
            return Err(self.error(waiting.file, waiting.address, what));
        };
        let reference = self.reference_to(file, &pointer);
        if reference != waiting.reference {
            self.edits.references.insert(waiting.address, reference);
        }
        Ok(Some(Target { file, pointer, kind: waiting.kind }))
    }

    /// A reference from anywhere in the one document that comes of this.
    fn reference_to(&self, file: usize, pointer: &str) -> String {
        match self.files.get(file) {
            Some(other) if file > 0 => {
                let files = json_pointer::child("", FILES);
                format!("#{}{pointer}", json_pointer::child(&files, &other.text.path))
            }
            _ => format!("#{pointer}"),
        }
    }

    fn note_unknown(&mut self, step: &Step<'_>, fields: &Map<String, Value>) {
        let is = |name: &str, text: &str| fields.get(name).and_then(Value::as_str) == Some(text);
        let found: &[&'static str] = match step.kind {
            Kind::Document => &["$self"],
            Kind::Components => &["mediaTypes"],
            Kind::PathItem => &["query", "additionalOperations"],
            Kind::MediaType => &["$ref", "itemSchema", "prefixEncoding", "itemEncoding"],
            Kind::Encoding => &["encoding", "prefixEncoding", "itemEncoding"],
            Kind::Discriminator => &["defaultMapping"],
            Kind::SecurityScheme => &["deprecated", "oauth2MetadataUrl"],
            _ => &[],
        };
        let found = found.iter().copied().filter(|name| fields.contains_key(*name));
        let querystring = (step.kind == Kind::Parameter && is("in", "querystring")).then_some("in: querystring");
        let device = fields.get("flows").and_then(|flows| flows.get("deviceAuthorization"));
        let device = device.filter(|_| step.kind == Kind::SecurityScheme).map(|_| "deviceAuthorization");
        for field in found.chain(querystring).chain(device) {
            if !self.unknown.iter().any(|unknown| unknown.field == field) {
                let pointer = self.pointer_in_bundle(step.file, address(step.value));
                let pointer = match fields.contains_key(field) {
                    true => json_pointer::child(&pointer, field),
                    false => pointer,
                };
                self.unknown.push(Unknown { field, pointer });
            }
        }
    }

    fn pointer_in_bundle(&self, file: usize, address: Address) -> String {
        let value = self.files.get(file).map(|file| &*file.value);
        let pointer = value.and_then(|value| pointer_to(value, address)).unwrap_or_default();
        self.reference_to(file, &pointer).split_off(1)
    }

    fn error(&self, file: usize, address: Address, what: String) -> ReadError {
        let value = self.files.get(file).map(|file| &*file.value);
        let pointer = value.and_then(|value| pointer_to(value, address)).unwrap_or_default();
        self.error_at(file, &pointer, ReadErrorKind::Reference, what)
    }

    fn error_at(&self, file: usize, pointer: &str, kind: ReadErrorKind, what: String) -> ReadError {
        match self.files.get(file) {
            Some(file) => file.text.error_at(pointer, kind, what),
            None => ReadError::new(kind, String::new(), what),
        }
    }
}

impl Edits {
    /// What is in a value comes first: after a change of its fields, they have other addresses.
    fn apply(&self, value: &mut Value) {
        let address = address(value);
        match value {
            Value::String(text) => {
                if let Some(reference) = self.references.get(&address) {
                    text.clone_from(reference);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|field| self.apply(field));
                if self.schemas.contains(&address) {
                    upgrade::schema(value);
                }
            }
            _ => {}
        }
    }
}

/// What `$id` and `$anchor` name in a file, by pointer.
struct Names {
    ids: HashMap<String, String>,
    anchors: HashMap<String, String>,
}

impl Names {
    fn of(value: &Value) -> Self {
        let mut names = Self { ids: HashMap::new(), anchors: HashMap::new() };
        let mut unread = vec![(String::new(), value)];
        while let Some((pointer, value)) = unread.pop() {
            match value {
                Value::Object(fields) => {
                    let name = |keyword: &str| fields.get(keyword).and_then(Value::as_str).map(str::to_owned);
                    if let Some(id) = name("$id") {
                        names.ids.entry(id.trim_end_matches('#').to_owned()).or_insert_with(|| pointer.clone());
                    }
                    for anchor in [name("$anchor"), name("$dynamicAnchor")].into_iter().flatten() {
                        names.anchors.entry(anchor).or_insert_with(|| pointer.clone());
                    }
                    unread
                        .extend(fields.iter().rev().map(|(name, value)| (json_pointer::child(&pointer, name), value)));
                }
                Value::Array(items) => {
                    let items = items.iter().enumerate().rev();
                    unread.extend(items.map(|(index, value)| (json_pointer::child(&pointer, index), value)));
                }
                _ => {}
            }
        }
        names
    }
}

/// The pointer to the value at this address.
fn pointer_to(root: &Value, wanted: Address) -> Option<String> {
    fn find(value: &Value, wanted: Address, path: &mut Vec<String>) -> bool {
        if address(value) == wanted {
            return true;
        }
        let mut inside = |name: String, value: &Value| {
            path.push(name);
            let is_found = find(value, wanted, path);
            if !is_found {
                path.pop();
            }
            is_found
        };
        match value {
            Value::Object(fields) => fields.iter().any(|(name, value)| inside(name.clone(), value)),
            Value::Array(items) => items.iter().enumerate().any(|(index, value)| inside(index.to_string(), value)),
            _ => false,
        }
    }
    let mut path = Vec::new();
    find(root, wanted, &mut path)
        .then(|| path.iter().fold(String::new(), |pointer, name| json_pointer::child(&pointer, name)))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Into::into)
}
