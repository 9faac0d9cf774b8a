//! Documents: how they are read, and where in their files something stands.

mod bundle;
mod event;
mod json;
mod kind;
mod locate;
mod source;
mod text;
mod tree;
mod upgrade;
mod version;
mod yaml;

use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use source::Source;

use bundle::{Bundle, File};
use event::{Fault, Notation};
use source::{Folder, Unread};
use version::Version;

/// The field of a document that holds the other files that it refers to, by their paths from its folder.
pub(crate) const FILES: &str = "x-referenced-files";

/// An OpenAPI document, as OpenAPI 3.1 has it whatever it was written in.
///
/// A document of 3.0 says the same in the words of 3.1. The fields that 3.2 added stay; [`Document::warnings`] says which of
/// them are not compared. References to other files lead to copies of these in the field `x-referenced-files`.
#[derive(Clone, Debug)]
pub struct Document {
    value: Value,
    /// The document first, then what it refers to.
    texts: Vec<Text>,
    warnings: Vec<Warning>,
}

impl Document {
    /// Reads a document and the files that it refers to, with the usual limits.
    ///
    /// # Errors
    /// If something cannot be read or is no OpenAPI document of a version that is understood, or a reference leads out of
    /// the folder of the document or to nothing.
    pub fn read(source: &Source) -> Result<Self, ReadError> {
        Self::read_within(source, &Limits::default())
    }

    /// Reads a document and the files that it refers to.
    ///
    /// # Errors
    /// As [`Document::read`], or if a limit is passed.
    pub fn read_within(source: &Source, limits: &Limits) -> Result<Self, ReadError> {
        let shown = source.to_string();
        let (bytes, path, folder) = source::open(source, limits.folder.as_deref(), limits.bytes)
            .map_err(|unread| ReadError::of_source(&shown, unread, limits))?;
        let text = Text::decode(shown, path, bytes)?;
        let value = text.value(limits)?;
        Self::bundle(File::new(text, value), &folder, limits)
    }

    /// A document that is in memory already. It may not refer to other files.
    ///
    /// # Errors
    /// If it is no OpenAPI document of a version that is understood, or is nested too deep.
    pub fn new(value: Value) -> Result<Self, ReadError> {
        let limits = Limits::default();
        let shown = "the document".to_owned();
        if is_deeper(&value, limits.depth) {
            dismantle(value);
            let what = format!("is nested more than {} levels deep", limits.depth);
            return Err(ReadError::new(ReadErrorKind::Limit, shown, what));
        }
        let text = Text { shown, path: String::new(), content: None };
        Self::bundle(File::new(text, value), &Folder::None, &limits)
    }

    fn bundle(document: File, folder: &Folder, limits: &Limits) -> Result<Self, ReadError> {
        let version = Version::of(&document.value)
            .map_err(|(pointer, what)| document.text.error_at(pointer, ReadErrorKind::Version, what))?;
        let mut bundle = Bundle::new(document, folder, limits, version);
        bundle.run()?;
        let unknown = std::mem::take(&mut bundle.unknown);
        let (value, texts) = bundle.finish();
        let mut document = Self { value, texts, warnings: Vec::new() };
        let pointers: Vec<_> = unknown.iter().map(|unknown| unknown.pointer.as_str()).collect();
        let locations = document.locate_all(&pointers);
        document.warnings =
            unknown.iter().zip(locations).map(|(unknown, location)| Warning::new(unknown, location)).collect();
        Ok(document)
    }

    /// The document as OpenAPI 3.1, with references only to itself.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What was read and is not compared.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Where something stands in the files that the document was read from: the name of a field, or an item. What it is in,
    /// if it stands nowhere; `None` if the document was in memory already.
    ///
    /// This reads the text again. [`Document::locate_all`] does so once for many pointers.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Option<Location> {
        self.locate_all(&[pointer]).pop().flatten()
    }

    /// As [`Document::locate`], for each of many pointers.
    #[must_use]
    pub fn locate_all(&self, pointers: &[&str]) -> Vec<Option<Location>> {
        let mut locations = vec![None; pointers.len()];
        let mut by_file: Vec<(Vec<usize>, Vec<&str>)> = vec![Default::default(); self.texts.len()];
        for (index, pointer) in pointers.iter().enumerate() {
            let (file, pointer) = self.file_of(pointer);
            if let Some((indices, pointers)) = by_file.get_mut(file) {
                indices.push(index);
                pointers.push(pointer);
            }
        }
        for (text, (indices, pointers)) in self.texts.iter().zip(by_file) {
            for (index, location) in indices.into_iter().zip(text.locate_all(&pointers)) {
                if let Some(place) = locations.get_mut(index) {
                    *place = location;
                }
            }
        }
        locations
    }

    /// The number of the file that a pointer leads into, and the pointer in there.
    fn file_of<'p>(&self, pointer: &'p str) -> (usize, &'p str) {
        let Some(rest) = pointer.strip_prefix('/').and_then(|rest| rest.strip_prefix(FILES)?.strip_prefix('/')) else {
            return (0, pointer);
        };
        let (path, rest) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let path = path.replace("~1", "/").replace("~0", "~");
        let file = self.texts.iter().skip(1).position(|text| text.path == path);
        file.map_or((0, pointer), |file| (file + 1, rest))
    }
}

/// How much is read before it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The folder that references to other files stay in, and that the document is in; that of the document if `None`. Of
    /// a git revision, it is written as the path of the document is.
    pub folder: Option<PathBuf>,
    /// The bytes of all files of a document together.
    pub bytes: u64,
    /// The files of a document.
    pub files: usize,
    /// The levels of objects and arrays.
    pub depth: usize,
    /// The objects, arrays and scalars of a file.
    pub nodes: usize,
    /// What anchors and aliases of YAML stand for in a file, as bytes of memory.
    pub copied: usize,
}

impl Default for Limits {
    /// 64 MiB in at most 1,000 files, with 256 levels, five million values, and 32 MiB of aliases in each.
    fn default() -> Self {
        Self { folder: None, bytes: 64 << 20, files: 1_000, depth: 256, nodes: 5_000_000, copied: 32 << 20 }
    }
}

/// Something that was read and is not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// Where it stands, for the first time.
    pub location: Option<Location>,
    /// What it is, in a sentence.
    pub message: String,
}

impl Warning {
    fn new(unknown: &bundle::Unknown, location: Option<Location>) -> Self {
        let message =
            format!("`{}` of OpenAPI 3.2 is not compared, so that a change below it may be missed.", unknown.field);
        Self { location, message }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Location {
    /// The file, as it was named or referred to.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why something cannot be read as an OpenAPI document.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadError {
    /// What kind of problem it is.
    pub kind: ReadErrorKind,
    /// The file.
    pub file: String,
    /// The line and the column in it, from 1, if it is about a place.
    pub position: Option<(usize, usize)>,
    /// What is wrong, as the rest of a sentence about the file or the place.
    what: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of problem keeps a document from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The bytes cannot be had, from the file system or from git.
    Unreadable,
    /// The bytes are no UTF-8.
    Encoding,
    /// The text is neither JSON nor YAML 1.2.
    Syntax,
    /// It is too large or too deep.
    Limit,
    /// It is no OpenAPI document, or of a version that is not read.
    Version,
    /// A reference leads to nothing, or to where references are not followed.
    Reference,
}

impl ReadError {
    fn new(kind: ReadErrorKind, file: String, what: String) -> Self {
        Self { kind, file, position: None, what, source: None }
    }

    fn of_source(file: &str, unread: Unread, limits: &Limits) -> Self {
        let new = |what| Self::new(ReadErrorKind::Unreadable, file.to_owned(), what);
        match unread {
            Unread::Io(_) if file.contains("://") => new("URLs are not read, only files and git revisions".to_owned()),
            Unread::Io(io) => Self { source: Some(io.into()), ..new("cannot be read".to_owned()) }.with_reason(),
            Unread::Git(why) => new(format!("is neither a file nor known to git: {why}")),
            Unread::TooLarge => {
                let what = format!("has more than {} bytes", limits.bytes);
                Self { kind: ReadErrorKind::Limit, ..new(what) }
            }
            Unread::Outside(why) => new(why.to_owned()),
        }
    }

    fn with_reason(mut self) -> Self {
        if let Some(source) = &self.source {
            self.what = format!("{}: {source}", self.what);
        }
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, &self.file)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str(": ")?;
        write_line(f, &self.what)
    }
}

/// Writes a text with its control characters escaped. A reference may hold a line that looks like a command to who reads this.
fn write_line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|char| {
        if char.is_control() { write!(f, "{}", char.escape_default()) } else { f.write_char(char) }
    })
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_deref()?)
    }
}

/// The text of a file.
#[derive(Clone, Debug)]
struct Text {
    /// The file in messages.
    shown: String,
    /// The file from the folder of the document.
    path: String,
    /// `None` for a document that was in memory already.
    content: Option<(Arc<str>, Notation)>,
}

impl Text {
    fn decode(shown: String, path: String, bytes: Vec<u8>) -> Result<Self, ReadError> {
        let text = text::decode(bytes).map_err(|(what, before)| {
            let before = String::from_utf8(before).unwrap_or_default();
            let position = locate::lines(&before, &[before.len()]).pop();
            ReadError { position, ..ReadError::new(ReadErrorKind::Encoding, shown.clone(), what) }
        })?;
        let notation = Notation::of(&text).map_err(|fault| fault_error(&shown, &text, fault))?;
        Ok(Self { shown, path, content: Some((text.into(), notation)) })
    }

    fn len(&self) -> u64 {
        self.content.as_ref().map_or(0, |(text, _)| text.len() as u64)
    }

    fn value(&self, limits: &Limits) -> Result<Value, ReadError> {
        let Some((text, notation)) = &self.content else { return Ok(Value::Null) };
        tree::read(text, *notation, limits).map_err(|fault| fault_error(&self.shown, text, fault))
    }

    fn locate_all(&self, pointers: &[&str]) -> Vec<Option<Location>> {
        let Some((text, notation)) = &self.content else { return vec![None; pointers.len()] };
        if pointers.is_empty() {
            return Vec::new();
        }
        let offsets = locate::offsets(text, *notation, pointers);
        let places = locate::lines(text, &offsets).into_iter();
        places.map(|(line, column)| Some(Location { file: self.shown.clone(), line, column })).collect()
    }

    fn error_at(&self, pointer: &str, kind: ReadErrorKind, what: String) -> ReadError {
        let location = self.locate_all(&[pointer]).pop().flatten();
        let position = location.map(|location| (location.line, location.column));
        ReadError { position, ..ReadError::new(kind, self.shown.clone(), what) }
    }
}

fn fault_error(shown: &str, text: &str, fault: Fault) -> ReadError {
    let kind = if fault.is_limit { ReadErrorKind::Limit } else { ReadErrorKind::Syntax };
    ReadError {
        position: locate::lines(text, &[fault.at.min(text.len())]).pop(),
        source: fault.source,
        ..ReadError::new(kind, shown.to_owned(), fault.what)
    }
}

/// Whether a value has more levels than this, found without recursion.
fn is_deeper(value: &Value, limit: usize) -> bool {
    let mut unread = vec![(value, 0)];
    while let Some((value, depth)) = unread.pop() {
        match value {
            Value::Array(_) | Value::Object(_) if depth >= limit => return true,
            Value::Array(items) => unread.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(fields) => unread.extend(fields.values().map(|field| (field, depth + 1))),
            _ => {}
        }
    }
    false
}

/// Drops a value level by level: dropping it as a whole recurses, and may overflow the stack.
fn dismantle(value: Value) {
    let mut unread = vec![value];
    while let Some(value) = unread.pop() {
        match value {
            Value::Array(items) => unread.extend(items),
            Value::Object(fields) => unread.extend(fields.into_iter().map(|(_, field)| field)),
            _ => {}
        }
    }
}
