//! Whether a database's files are still those that were opened.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::store::Error;

/// The files of an open database by their numbers on the disk.
///
/// SQLite goes on writing to a file that was moved away or replaced: what it acknowledges then
/// stands in no file that anyone will read again.
#[derive(Debug)]
pub(super) struct Files(Vec<(PathBuf, Identity)>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Files {
    /// The database and its write-ahead log; nothing for one in memory.
    pub(super) fn of(connection: &Connection) -> Self {
        let Some(path) = connection.path().filter(|path| !path.is_empty()) else {
            return Self(Vec::new());
        };
        let files = [PathBuf::from(path), PathBuf::from(format!("{path}-wal"))];
        let known = files.into_iter().filter_map(|file| {
            let identity = identity(&file)?;
            Some((file, identity))
        });
        Self(known.collect())
    }

    /// # Errors
    /// [`Error::Replaced`] when one of them is another file by now, or gone.
    pub(super) fn check(&self) -> Result<(), Error> {
        let replaced = self
            .0
            .iter()
            .find(|(file, known)| identity(file) != Some(*known));
        match replaced {
            Some((file, _)) => Err(Error::Replaced(file.clone())),
            None => Ok(()),
        }
    }
}

fn identity(file: &Path) -> Option<Identity> {
    let metadata = file.metadata().ok()?;
    Some(Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::{Log, Schema, open};

    const SCHEMA: Schema = Schema {
        application: 77,
        log: Log::Short,
        migrations: &["CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT"],
    };

    #[test]
    fn a_database_or_log_that_was_moved_away_or_replaced_is_noticed() {
        for name in ["a.db", "a.db-wal"] {
            let folder = tempfile::tempdir().unwrap();
            let connection = open(&folder.path().join("a.db"), &SCHEMA).unwrap();
            let files = Files::of(&connection);
            files.check().unwrap();
            let (path, away) = (folder.path().join(name), folder.path().join("away"));
            fs::rename(&path, &away).unwrap();
            assert!(matches!(files.check(), Err(Error::Replaced(_))), "{name}");
            fs::copy(&away, &path).unwrap();
            assert!(matches!(files.check(), Err(Error::Replaced(_))), "{name}");
            fs::rename(&away, &path).unwrap();
            files.check().unwrap();
        }
    }
}
