//! The folder of published files: writing it, and comparing it with what it should contain.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, iter};

use atomic_write_file::AtomicWriteFile;
use freddy_openapi::Artifact;

/// The folders in which every file is generated, so that any other file is a leftover.
const GENERATED: [&str; 2] = ["schemas", "conformance"];

/// An I/O error with the path that it happened at.
#[derive(Debug)]
pub(crate) struct FileError {
    path: PathBuf,
    error: io::Error,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for FileError {}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, FileError> {
    result.map_err(|error| FileError { path: path.to_owned(), error })
}

/// What a file is compared with what it should be.
#[derive(Debug)]
pub(crate) enum FileChange {
    /// The file is missing.
    New { text: String },
    /// The file has other content.
    Different { old: String, new: String },
    /// The file should not exist.
    Leftover { text: String },
}

/// Every file of the folder that matters, with its change, `None` for one that is as it should be.
pub(crate) fn compare(folder: &Path, artifacts: &[Artifact]) -> Result<Vec<(PathBuf, Option<FileChange>)>, FileError> {
    let mut files = Vec::new();
    for artifact in artifacts {
        let path = folder.join(artifact.path());
        let new = artifact.text().to_owned();
        let change = match read(&path)? {
            None => Some(FileChange::New { text: new }),
            Some(old) if old == new => None,
            Some(old) => Some(FileChange::Different { old, new }),
        };
        files.push((path, change));
    }
    let mut there = Vec::new();
    for generated in GENERATED {
        there.extend(list(&folder.join(generated))?);
    }
    for path in there {
        if !files.iter().any(|(known, _)| *known == path) {
            // A link to a file that does not exist is a leftover too.
            let text = read(&path)?.unwrap_or_default();
            files.push((path, Some(FileChange::Leftover { text })));
        }
    }
    Ok(files)
}

/// Applies the change atomically: readers see the old file or the new one.
pub(crate) fn apply(path: &Path, change: &FileChange) -> Result<(), FileError> {
    match change {
        FileChange::New { text } | FileChange::Different { new: text, .. } => {
            at(path, path.parent().map_or(Ok(()), fs::create_dir_all))?;
            let write = || {
                let mut file = AtomicWriteFile::open(path)?;
                file.write_all(text.as_bytes())?;
                file.commit()
            };
            at(path, write())
        }
        FileChange::Leftover { .. } => at(path, fs::remove_file(path)),
    }
}

/// The text of a file, or `None` if it does not exist. Text that is not UTF-8 was not written by this program, and differs.
fn read(path: &Path) -> Result<Option<String>, FileError> {
    Ok(read_bytes(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The bytes of a file, or `None` if it does not exist.
pub(crate) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => at(path, Err(error)),
    }
}

/// What is in a folder, sorted; nothing if it does not exist.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return at(folder, Err(error)),
    };
    let mut paths = at(folder, entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>())?;
    paths.sort();
    Ok(paths)
}

/// The folder named on the command line, or else `openapi` in the workspace. Cargo tells a program that it runs where its
/// package is; a program that is run directly looks upwards from the current folder.
pub(crate) fn find(named: Option<PathBuf>) -> Option<PathBuf> {
    if named.is_some() {
        return named;
    }
    let of_workspace = |root: &Path| Some(root.join("openapi")).filter(|folder| folder.is_dir());
    let here = std::env::current_dir().ok();
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folder =
        iter::successors(package.as_deref().or(here.as_deref()), |folder| folder.parent()).find_map(of_workspace)?;
    // A relative path is shorter to read.
    let relative = here.and_then(|here| folder.strip_prefix(here).ok().map(Path::to_owned));
    Some(relative.unwrap_or(folder))
}
