//! `openapi/published`: every version that was published, each in a file that is never edited.
//!
//! The name of a file has its version and the start of the SHA-256 of its bytes, so that an edit is noticed.

use std::fmt;
use std::path::{Path, PathBuf};

use semver::Version;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::output_folder::{self, FileChange, FileError};

const FOLDER: &str = "published";
/// 64 bits: enough to notice an edit, and short enough to read.
const HASH_DIGITS: usize = 16;

/// A published document.
pub(crate) struct Published {
    pub(crate) version: Version,
    pub(crate) path: PathBuf,
}

/// Why a file in the folder is not what was published.
#[derive(Debug)]
pub(crate) struct Tampered {
    path: PathBuf,
    why: String,
}

impl fmt::Display for Tampered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.why)
    }
}

/// Every published document, the newest last, and every file that is not one.
pub(crate) fn read_all(folder: &Path) -> Result<(Vec<Published>, Vec<Tampered>), FileError> {
    let (mut published, mut tampered) = (Vec::new(), Vec::new());
    for path in output_folder::list(&folder.join(FOLDER))? {
        let read =
            output_folder::read_bytes(&path)?.ok_or_else(|| "is a link to a file that does not exist".to_owned());
        match read.and_then(|bytes| published_as(&path, &bytes)) {
            Ok(version) => published.push(Published { version, path }),
            Err(why) => tampered.push(Tampered { path, why }),
        }
    }
    published.sort_by(|one, other| one.version.cmp(&other.version));
    let twice = published.windows(2).filter_map(|pair| match pair {
        [one, other] if one.version == other.version => {
            Some(Tampered { path: other.path.clone(), why: format!("is published as {} twice", other.version) })
        }
        _ => None,
    });
    tampered.extend(twice);
    Ok((published, tampered))
}

/// The version of a file, if its document matches its name.
fn published_as(path: &Path, bytes: &[u8]) -> Result<Version, String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let parts = name.strip_suffix(".json").and_then(|stem| stem.rsplit_once('-'));
    let Some((Ok(version), named)) = parts.map(|(version, hash)| (version.parse::<Version>(), hash)) else {
        return Err("is not named by a version and a hash".to_owned());
    };
    let hash = hash(bytes);
    if named != hash {
        return Err(format!("was edited: its hash is {hash}; restore it, and publish a change as a new version"));
    }
    let document: Value = serde_json::from_slice(bytes).map_err(|error| format!("is not JSON: {error}"))?;
    match declared_version(&document) {
        Some(declared) if declared == version.to_string() => Ok(version),
        _ => Err(format!("does not have {version} as its `info.version`")),
    }
}

/// The version that a document declares.
pub(crate) fn declared_version(document: &Value) -> Option<&str> {
    document.pointer("/info/version")?.as_str()
}

/// Adds the text of a document as a version.
pub(crate) fn add(folder: &Path, version: &Version, text: String) -> Result<PathBuf, FileError> {
    let path = folder.join(FOLDER).join(format!("{version}-{}.json", hash(text.as_bytes())));
    output_folder::apply(&path, &FileChange::New { text })?;
    Ok(path)
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().chars().take(HASH_DIGITS).collect()
}
