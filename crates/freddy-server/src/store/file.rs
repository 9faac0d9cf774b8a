//! The files of a SQLite database, as they lie on the disk.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::error::{Result, StoreError};

/// The files that connections have open. Whoever deletes or replaces one of them leaves the connections with a file that
/// nobody else sees, and what they commit to it is lost.
#[derive(Clone, Debug)]
pub(super) struct OpenFiles(Vec<(PathBuf, Option<Identity>)>);

/// Device and inode.
type Identity = (u64, u64);

impl OpenFiles {
    /// The files that lie at these paths now. None is a database in memory.
    pub(super) fn at(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(paths.into_iter().map(|path| (path.clone(), identity(&path))).collect())
    }

    /// Fails unless the files are still the ones that are open.
    pub(super) fn verify(&self) -> Result<()> {
        let in_place = self.0.iter().all(|(path, opened)| opened.is_some() && identity(path) == *opened);
        if in_place { Ok(()) } else { Err(StoreError::FileReplaced) }
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}
