//! Where documents come from: files, git revisions, standard input.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a document comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file. References are followed within its folder.
    File(PathBuf),
    /// A file of a git revision. References are followed within its folder in the same revision.
    Git {
        /// What git calls a revision, such as `main` or `HEAD~1`; the index if it is empty.
        revision: String,
        /// From the root of the repository, or from the working directory if it begins with `./`.
        path: String,
    },
    /// Standard input. References to other files are not followed.
    Stdin,
}

impl Source {
    /// The source that somebody means who writes this: a file if it exists, `main:openapi/api.json` for a file of a git
    /// revision, `-` for standard input.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name == "-" {
            return Self::Stdin;
        }
        let file = Self::File(name.into());
        match name.split_once(':') {
            Some((revision, path)) if !path.is_empty() && !path.starts_with("//") && !Path::new(name).exists() => {
                Self::Git { revision: revision.to_owned(), path: path.to_owned() }
            }
            _ => file,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Git { revision, path } => write!(f, "{revision}:{path}"),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// Why bytes cannot be had.
#[derive(Debug)]
pub(super) enum Unread {
    Io(io::Error),
    /// What git says.
    Git(String),
    TooLarge,
    /// It would lead out of the folder, or there is no folder.
    Outside(&'static str),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The folder that references are followed in.
#[derive(Debug)]
pub(super) enum Folder {
    Files {
        /// As it is called in messages.
        shown: PathBuf,
        /// Without symbolic links.
        real: PathBuf,
    },
    Git {
        revision: String,
        /// Empty, or with a slash at its end.
        path: String,
    },
    None,
}

/// The bytes of a source, its path in the folder that references are followed in, and that folder.
pub(super) fn open(source: &Source, folder: Option<&Path>, limit: u64) -> Result<(Vec<u8>, String, Folder), Unread> {
    const OUTSIDE: Unread = Unread::Outside("the document is not in the folder that its references are to stay in");
    match source {
        Source::Stdin => Ok((bounded(io::stdin().lock(), limit)?, String::new(), Folder::None)),
        Source::File(path) => {
            if path.is_dir() {
                return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
            }
            let bytes = bounded(File::open(path)?, limit)?;
            let real = |path: &Path| if path.as_os_str().is_empty() { Path::new(".") } else { path }.canonicalize();
            let parent = path.parent().unwrap_or(Path::new(""));
            let shown = folder.unwrap_or(parent).to_owned();
            let (real, parent) = (real(&shown)?, real(parent)?);
            let mut name = parent.strip_prefix(&real).map_err(|_| OUTSIDE)?.to_owned();
            name.extend(path.file_name());
            let names: Vec<_> = name.iter().map(|name| name.to_string_lossy()).collect();
            Ok((bytes, names.join("/"), Folder::Files { shown, real }))
        }
        Source::Git { revision, path } => {
            let own = path.get(..path.rfind('/').map_or(0, |slash| slash + 1)).unwrap_or_default();
            let folder = match folder.map(|folder| folder.to_string_lossy().trim_end_matches('/').to_owned()) {
                None => own.to_owned(),
                Some(folder) if folder.is_empty() => folder,
                Some(folder) => format!("{folder}/"),
            };
            let name = path.strip_prefix(&folder).ok_or(OUTSIDE)?.to_owned();
            let folder = Folder::Git { revision: revision.clone(), path: folder };
            Ok((folder.read(&name, limit)?, name, folder))
        }
    }
}

impl Folder {
    /// What a file in it is called in messages.
    pub(super) fn shown(&self, path: &str) -> String {
        match self {
            Self::Files { shown, .. } => shown.join(path).display().to_string(),
            Self::Git { revision, path: folder } => format!("{revision}:{folder}{path}"),
            Self::None => path.to_owned(),
        }
    }

    /// The bytes of a file in it. The path is relative and does not leave the folder by its dots.
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Unread> {
        match self {
            Self::Files { real, .. } => {
                let path = real.join(path).canonicalize()?;
                if !path.starts_with(real) {
                    return Err(Unread::Outside("a symbolic link leads out of the folder of the document"));
                }
                // Opening a pipe would wait for its other end.
                if !fs::metadata(&path)?.is_file() {
                    return Err(Unread::Outside("it is not a file"));
                }
                bounded(File::open(path)?, limit)
            }
            Self::Git { revision, path: folder } => git(revision, &format!("{folder}{path}"), limit),
            Self::None => Err(Unread::Outside("the document is in no folder that they could be in")),
        }
    }
}

fn bounded(from: impl Read, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Unread::TooLarge) } else { Ok(bytes) }
}

fn git(revision: &str, path: &str, limit: u64) -> Result<Vec<u8>, Unread> {
    if revision.starts_with('-') {
        return Err(Unread::Git("a revision does not begin with `-`".to_owned()));
    }
    let mut child = Command::new("git")
        // Neither a pager nor a filter of the repository runs, and nothing is fetched.
        .args(["cat-file", "blob", "--end-of-options"])
        .arg(format!("{revision}:{path}"))
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // What git complains about is short, and it writes that only without a file.
    let bytes = child.stdout.take().map_or(Ok(Vec::new()), |stdout| bounded(stdout, limit));
    if bytes.is_err() {
        child.kill()?;
    }
    let output = child.wait_with_output()?;
    let bytes = bytes?;
    if output.status.success() {
        return Ok(bytes);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint = complaint.lines().next().unwrap_or("it failed");
    Err(Unread::Git(complaint.trim_start_matches("fatal: ").to_owned()))
}
