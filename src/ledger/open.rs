//! Opening the ledger: its key, and a check of its end before anything is added to it.

use std::path::Path;

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension};

use crate::keys::Ring;
use crate::ledger::book::Book;
use crate::ledger::chain::{CHECKPOINT, Chain, Hash, Head, Purpose, SCHEMA, read_head};
use crate::ledger::{Error, Ledger};
use crate::model::Entropy;
use crate::store::{self, Readers, Writer};

/// Entries that may wait for the one thread.
const QUEUE: usize = 4096;
const READERS: usize = 2;
pub(super) const BOOK: Book = Book {
    context: "ledger/mac",
    domain: b"sluis-ledger-1",
};

impl Ledger {
    /// Opens the ledger or makes it, and checks its end: the head's MAC, that the last entry is the
    /// head, and the hashes back to the last checkpoint. [`crate::ledger::verify`] checks it all.
    ///
    /// # Errors
    /// When it is damaged, was cut or changed, or its key does not unwrap: nothing may be served.
    pub fn open(path: &Path, ring: &Ring, entropy: &dyn Entropy) -> Result<Self, Error> {
        let mut connection = store::open(path, &SCHEMA)?;
        let key = match BOOK.key(&connection, ring)? {
            Some(key) => key,
            None => make(&mut connection, ring, entropy)?,
        };
        let head = check_end(&connection, &key)?;
        Ok(Self {
            readers: Readers::open(path.to_owned(), Vec::new(), READERS)?,
            writer: Writer::start("ledger-writer", connection, Chain::new(key, head), QUEUE)?,
        })
    }
}

/// A new ledger, all or nothing.
fn make(
    connection: &mut Connection,
    ring: &Ring,
    entropy: &dyn Entropy,
) -> Result<hmac::Key, Error> {
    let transaction = connection.transaction()?;
    // A ledger with entries and without its key was tampered with; a new key would hide that.
    if last(&transaction)? != 0 {
        return Err(Error::Broken(0));
    }
    let key = BOOK.begin(&transaction, ring, entropy)?;
    transaction.commit()?;
    Ok(key)
}

fn last(connection: &Connection) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) FROM entry";
    let last: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(last.cast_unsigned())
}

fn check_end(connection: &Connection, key: &hmac::Key) -> Result<Head, Error> {
    let stored = read_head(connection)?.ok_or(Error::Broken(0))?;
    let head = stored.head;
    let broken = || Error::Broken(head.seq);
    if !stored.is_right(key) || last(connection)? != head.seq {
        return Err(broken());
    }
    let from = head.seq - head.seq % CHECKPOINT;
    let mut at = start(connection, key, from)?;
    let mut statement =
        connection.prepare("SELECT seq, entry, hash FROM entry WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = statement.query([from.cast_signed()])?;
    while let Some(row) = rows.next()? {
        let next = at.after(row.get_ref(1)?.as_blob().map_err(|_| broken())?);
        let seq = row.get::<_, i64>(0)?.cast_unsigned();
        if seq != next.seq || row.get::<_, Hash>(2)? != next.hash {
            return Err(Error::Broken(seq));
        }
        at = next;
    }
    if at == head { Ok(head) } else { Err(broken()) }
}

/// The checkpoint to begin at, held to its MAC; the beginning where there is none yet.
fn start(connection: &Connection, key: &hmac::Key, seq: u64) -> Result<Head, Error> {
    let broken = || Error::Broken(seq);
    if seq == 0 {
        return BOOK.first(connection)?.ok_or_else(broken);
    }
    let (hash, mac): (Hash, Vec<u8>) = connection
        .query_row(
            "SELECT hash, mac FROM entry JOIN checkpoint USING (seq) WHERE seq = ?1",
            [seq.cast_signed()],
            |row| row.try_into(),
        )
        .optional()?
        .ok_or_else(broken)?;
    let head = Head { seq, hash };
    hmac::verify(key, &head.signed(Purpose::Checkpoint), &mac).map_err(|_| broken())?;
    Ok(head)
}
