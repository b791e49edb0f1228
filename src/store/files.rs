//! Whether a database's files are still those that were opened.

use std::io;
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
    /// Its major and minor number, or all of it as the major one.
    device: (u64, u64),
    inode: u64,
}

impl Files {
    /// The database and its write-ahead log; nothing for one in memory.
    ///
    /// # Errors
    /// When one of them cannot be found.
    pub(super) fn of(connection: &Connection) -> Result<Self, Error> {
        let Some(path) = connection.path().filter(|path| !path.is_empty()) else {
            return Ok(Self(Vec::new()));
        };
        let files = [PathBuf::from(path), PathBuf::from(format!("{path}-wal"))];
        let known = files.into_iter().map(|file| match identity(&file) {
            Ok(identity) => Ok((file, identity)),
            Err(source) => Err(Error::file(&file, source)),
        });
        known.collect::<Result<_, _>>().map(Self)
    }

    /// # Errors
    /// [`Error::Replaced`] when one of them is another file by now, or gone.
    pub(super) fn check(&self) -> Result<(), Error> {
        let replaced = self
            .0
            .iter()
            .find(|(file, known)| identity(file).ok() != Some(*known));
        match replaced {
            Some((file, _)) => Err(Error::Replaced(file.clone())),
            None => Ok(()),
        }
    }
}

/// Asks for the numbers alone. Once somebody has asked for a file's times, Linux (6.13) writes each
/// next one down exactly: every commit would write the log's inode too, and wait for that.
#[cfg(target_os = "linux")]
fn identity(file: &Path) -> io::Result<Identity> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

    let found = statx(CWD, file, AtFlags::empty(), StatxFlags::INO)?;
    Ok(Identity {
        device: (found.stx_dev_major.into(), found.stx_dev_minor.into()),
        inode: found.stx_ino,
    })
}

#[cfg(not(target_os = "linux"))]
fn identity(file: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata()?;
    Ok(Identity {
        device: (metadata.dev(), 0),
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
            let files = Files::of(&connection).unwrap();
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
