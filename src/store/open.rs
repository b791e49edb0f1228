//! Opening a database: owner only, durable, checked, and brought to the schema that the code knows.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::store::Error;

/// How long a statement waits for another process (a backup, the command line) before it fails.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection; more than any aggregate has.
const STATEMENTS: usize = 96;
/// The log is cut back to this after a checkpoint, so that a burst does not keep its disk space.
const LOG_LIMIT: i64 = 16 << 20;

/// How long a database's log becomes before it is written into the database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Log {
    /// SQLite's own length. Rows come in the order of their keys, and the log is soon written over
    /// from its beginning: while it still grows, each commit writes the file's length too.
    Short,
    /// As long as [`LOG_LIMIT`]. What is indexed by a keyed hash dirties a page of its own with each
    /// value, so a short log would be that of a few hundred records, and every commit of a large
    /// table would wait for a checkpoint.
    Long,
}

impl Log {
    fn pages(self) -> i64 {
        match self {
            Self::Short => 1000,
            Self::Long => LOG_LIMIT / 4096,
        }
    }
}

/// What a database is: a number that marks its file, its numbered migrations, and its log.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// `PRAGMA application_id`: a vault put in the place of a ledger is refused.
    pub application: i32,
    /// Each is run once, in order, in a transaction of its own; `user_version` counts them.
    pub migrations: &'static [&'static str],
    pub log: Log,
}

/// Opens `path` for reading and writing; makes it with mode 0600 where it does not exist.
///
/// Write-ahead log, `synchronous=FULL` (an acknowledged commit survives loss of power),
/// `secure_delete` (a deleted row leaves no bytes in its page), foreign keys enforced.
///
/// # Errors
/// When others may read the file, when it belongs to something else, is damaged, was written by a
/// newer program, or cannot be opened.
pub fn open(path: &Path, schema: &Schema) -> Result<Connection, Error> {
    create(path)?;
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    identify(&connection, path, schema)?;
    let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::file(path, ErrorKind::Unsupported.into()));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.query_row("PRAGMA secure_delete=ON", [], |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.query_row(
        &format!("PRAGMA journal_size_limit={LOG_LIMIT}"),
        [],
        |_| Ok(()),
    )?;
    connection.query_row(
        &format!("PRAGMA wal_autocheckpoint={}", schema.log.pages()),
        [],
        |_| Ok(()),
    )?;
    check(&connection, path)?;
    migrate(&mut connection, path, schema)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Opens an existing database for reading only.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Empties the write-ahead log into the database, so that what was deleted stands in neither.
///
/// # Errors
/// [`Error::Unscrubbed`] while a reader holds the log: the erasure is not done, try again.
pub fn scrub(connection: &Connection) -> Result<(), Error> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 {
        Ok(())
    } else {
        Err(Error::Unscrubbed)
    }
}

/// Makes the file before SQLite does, because SQLite would take the process's umask; the log and
/// the shared index take their mode from the database.
fn create(path: &Path) -> Result<(), Error> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(file) => file.sync_all().and_then(|()| sync_folder(path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(|source| Error::file(path, source))?;
    let mode = path
        .metadata()
        .map_err(|source| Error::file(path, source))?
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(Error::Exposed(path.to_owned()))
    }
}

/// A new file survives loss of power only once its folder is on disk too.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Refuses a file of another kind before anything is written to it.
fn identify(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), Error> {
    let damaged = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => Error::Foreign(path.to_owned()),
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => Error::Damaged(path.to_owned()),
        _ => error.into(),
    };
    let application: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(damaged)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(damaged)?;
    if application == schema.application || (application == 0 && tables == 0) {
        Ok(())
    } else {
        Err(Error::Foreign(path.to_owned()))
    }
}

fn check(connection: &Connection, path: &Path) -> Result<(), Error> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|_| Error::Damaged(path.to_owned()))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(Error::Damaged(path.to_owned()))
    }
}

fn migrate(connection: &mut Connection, path: &Path, schema: &Schema) -> Result<(), Error> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = usize::try_from(version).unwrap_or(usize::MAX);
    if found > schema.migrations.len() {
        return Err(Error::Newer {
            path: path.to_owned(),
            found,
            known: schema.migrations.len(),
        });
    }
    for (sql, step) in schema.migrations.iter().zip(1_i64..).skip(found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have opened it at the same time.
        let done: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if done >= step {
            continue;
        }
        transaction.pragma_update(None, "application_id", schema.application)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ONE: Schema = Schema {
        application: 77,
        migrations: &["CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT"],
        log: Log::Short,
    };
    const TWO: Schema = Schema {
        application: 77,
        migrations: &[ONE.migrations[0], "ALTER TABLE a ADD COLUMN y TEXT"],
        log: Log::Short,
    };

    #[test]
    fn all_files_of_a_database_are_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let connection = open(&path, &ONE).unwrap();
        connection.execute("INSERT INTO a VALUES (1)", []).unwrap();
        let modes: Vec<u32> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().mode() & 0o777)
            .collect();
        assert_eq!(modes, vec![0o600; 3], "database, log and index");
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_until_its_mode_is_right() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        drop(open(&path, &ONE).unwrap());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(open(&path, &ONE), Err(Error::Exposed(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(open(&path, &ONE).is_ok());
    }

    #[test]
    fn migrations_run_once_and_a_newer_schema_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        drop(open(&path, &ONE).unwrap());
        let connection = open(&path, &TWO).unwrap();
        connection
            .execute("INSERT INTO a VALUES (1, 'z')", [])
            .unwrap();
        drop(connection);
        assert!(open(&path, &TWO).is_ok(), "the second time nothing is run");
        assert!(matches!(
            open(&path, &ONE),
            Err(Error::Newer {
                found: 2,
                known: 1,
                ..
            })
        ));
    }

    #[test]
    fn a_database_of_another_application_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        drop(open(&path, &ONE).unwrap());
        let other = Schema {
            application: 78,
            ..ONE
        };
        assert!(matches!(open(&path, &other), Err(Error::Foreign(_))));
    }

    #[test]
    fn a_damaged_page_is_refused_at_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let connection = open(&path, &ONE).unwrap();
        for n in 0..5000 {
            connection
                .execute("INSERT INTO a VALUES (?1)", [n])
                .unwrap();
        }
        scrub(&connection).unwrap();
        drop(connection);
        let mut bytes = fs::read(&path).unwrap();
        assert!(bytes.len() > 3 * 4096);
        bytes[2 * 4096..2 * 4096 + 64].fill(0xff);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(open(&path, &ONE), Err(Error::Damaged(_))));
    }

    #[test]
    fn scrubbing_fails_while_a_reader_holds_the_log_and_works_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let connection = open(&path, &ONE).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        connection.execute("INSERT INTO a VALUES (1)", []).unwrap();
        let mut reader = open_to_read(&path).unwrap();
        let reading = reader.transaction().unwrap();
        let _: i64 = reading
            .query_row("SELECT count(*) FROM a", [], |row| row.get(0))
            .unwrap();
        connection.execute("DELETE FROM a", []).unwrap();
        assert!(matches!(scrub(&connection), Err(Error::Unscrubbed)));
        drop(reading);
        scrub(&connection).unwrap();
        assert_eq!(fs::metadata(dir.path().join("a.db-wal")).unwrap().len(), 0);
    }
}
