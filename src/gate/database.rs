//! The gate's own SQLite file: how it is opened, and the steps of its schema.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::gate::Error;

/// One step a schema version; `user_version` counts those that were done. Never edit one that was
/// released: add the next.
const MIGRATIONS: &[&str] = &[include_str!("schema/001-clients-and-tokens.sql")];

/// Opens the file, creates it readable by its owner only, and brings its schema up to date.
///
/// `secure_delete` because revoked hashes and sealed secrets must not linger in free pages;
/// `synchronous=FULL` because a code or an assertion counts as used only once that is on disk.
pub(in crate::gate) fn open(path: &Path) -> Result<Connection, Error> {
    // SQLite gives the write-ahead log the mode of the database. A file that exists keeps its own.
    let _ = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Error::SchemaNewer { found, known });
    }
    let done = usize::try_from(found).map_err(|_| Error::RowUnreadable("user_version"))?;
    for step in MIGRATIONS.iter().skip(done) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_schema_of_a_newer_program_is_refused_and_the_known_one_opens_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.db");
        drop(open(&path).unwrap());
        let again = open(&path).unwrap();
        again.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            open(&path),
            Err(Error::SchemaNewer {
                found: 99,
                known: 1
            })
        ));
    }

    #[test]
    fn the_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.db");
        drop(open(&path).unwrap());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
