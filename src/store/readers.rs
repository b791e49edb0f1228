//! A small pool of read-only connections, each used on a thread where blocking is allowed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::store::Error;
use crate::store::open::open_to_read;

/// Readers of one database, and of others attached to it under a name.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    attached: Vec<(&'static str, PathBuf)>,
    free: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    /// At most `count` reads run at one time. The databases must exist.
    ///
    /// # Errors
    /// When the first connection cannot be opened.
    pub fn open(
        path: PathBuf,
        attached: Vec<(&'static str, PathBuf)>,
        count: usize,
    ) -> Result<Self, Error> {
        let pool = Pool {
            path,
            attached,
            free: Mutex::default(),
            permits: Arc::new(Semaphore::new(count)),
        };
        let first = pool.connect()?;
        pool.give_back(first);
        Ok(Self(Arc::new(pool)))
    }

    /// Runs `read` inside one read transaction: it sees one state of each database.
    ///
    /// # Errors
    /// What `read` returns, or that the database could not be had.
    pub async fn run<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let permit = Arc::clone(&self.0.permits)
            .acquire_owned()
            .await
            .map_err(|_| Error::Stopped)?;
        let pool = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            pool.read(read)
        });
        task.await.map_err(|_| Error::Stopped)?
    }

    /// As [`Self::run`], on the calling thread, which blocks. Such reads are not counted: they are for
    /// the few threads of pages.
    ///
    /// # Errors
    /// As there.
    pub fn here<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E>,
        E: From<Error>,
    {
        self.0.read(read)
    }
}

impl Pool {
    fn read<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E>,
        E: From<Error>,
    {
        let free = self.lock().pop();
        let mut connection = match free {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let transaction = connection.transaction().map_err(Error::from)?;
        let result = read(&transaction);
        // Ends the transaction before the connection goes back: an open one would keep the log
        // from being emptied.
        transaction.finish().map_err(Error::from)?;
        self.give_back(connection);
        result
    }

    fn connect(&self) -> Result<Connection, Error> {
        let connection = open_to_read(&self.path)?;
        for (name, path) in &self.attached {
            // A path that is not UTF-8 could not be given to SQLite as text.
            let path = path
                .to_str()
                .ok_or_else(|| Error::file(path, std::io::ErrorKind::InvalidFilename.into()))?;
            connection.execute("ATTACH DATABASE ?1 AS ?2", [path, name])?;
        }
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        self.lock().push(connection);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Log, Schema, open};

    const SCHEMA: Schema = Schema {
        application: 77,
        log: Log::Short,
        migrations: &["CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT; INSERT INTO a VALUES (5)"],
    };

    #[tokio::test]
    async fn a_reader_reads_all_attached_databases_and_writes_none() {
        let dir = tempfile::tempdir().unwrap();
        let paths = [dir.path().join("a.db"), dir.path().join("b.db")];
        let _kept: Vec<Connection> = paths
            .iter()
            .map(|path| open(path, &SCHEMA).unwrap())
            .collect();
        let [first, second] = paths;
        let readers = Readers::open(first, vec![("other", second)], 2).unwrap();
        let sum: i64 = readers
            .run(|connection| {
                let sql = "SELECT a.x + b.x FROM main.a a, other.a b";
                Ok::<_, Error>(connection.query_row(sql, [], |row| row.get(0))?)
            })
            .await
            .unwrap();
        assert_eq!(sum, 10);
        for table in ["main.a", "other.a"] {
            let sql = format!("DELETE FROM {table}");
            let refused = readers
                .run(move |connection| Ok::<_, Error>(connection.execute(&sql, [])?))
                .await;
            assert!(refused.is_err(), "{table}");
        }
    }

    #[tokio::test]
    async fn a_read_that_panics_does_not_take_the_pool_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let _kept = open(&path, &SCHEMA).unwrap();
        let readers = Readers::open(path, Vec::new(), 1).unwrap();
        let lost = readers
            .run(|_| -> Result<(), Error> { panic!("a bug of a reader") })
            .await;
        assert!(matches!(lost, Err(Error::Stopped)));
        let sum: i64 = readers
            .run(|connection| {
                Ok::<_, Error>(connection.query_row("SELECT sum(x) FROM a", [], |row| row.get(0))?)
            })
            .await
            .unwrap();
        assert_eq!(sum, 5);
    }
}
