//! Walking the whole ledger, for an operator or an auditor.

use std::path::Path;

use aws_lc_rs::hmac;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::keys::Ring;
use crate::ledger::Error;
use crate::ledger::chain::{CHECKPOINT, Hash, Head, Purpose, read_head};
use crate::ledger::entry::Entry;
use crate::ledger::open::BOOK;

/// What a walk over all entries has found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Report {
    /// Entries that are in order.
    pub entries: u64,
    /// Nothing is broken as far as the given key and head can show.
    pub ok: bool,
    /// The first entry that is missing, changed, or one too many.
    pub first_broken: Option<u64>,
    /// Checkpoints and head were held to their MACs; without the key only the chain was.
    pub macs_checked: bool,
    /// The last entry in order: to be kept elsewhere for the next time.
    pub head: Head,
}

/// Walks the ledger. With `ring` the MACs are checked too: without them whoever can write the file
/// can make a chain of his own. With `kept`, a head written down before, also that the ledger was
/// not put back to an older copy.
///
/// # Errors
/// When the file cannot be read or the key does not unwrap; a broken ledger is no error but a
/// [`Report`].
pub fn verify(path: &Path, ring: Option<&Ring>, kept: Option<Head>) -> Result<Report, Error> {
    if !path.exists() {
        return Err(Error::Missing(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // One state of the file, also while a server adds to it.
    let transaction = connection.transaction()?;
    let key = match ring {
        Some(ring) => BOOK.key(&transaction, ring)?,
        None => None,
    };
    let mut at = BOOK.first(&transaction)?.ok_or(Error::Broken(0))?;
    let broken = walk(&transaction, key.as_ref(), kept, &mut at)?;
    let missing_key = ring.is_some() && key.is_none();
    let first_broken = broken.or(missing_key.then_some(0));
    Ok(Report {
        entries: at.seq,
        ok: first_broken.is_none(),
        first_broken,
        macs_checked: key.is_some(),
        head: at,
    })
}

/// The number of the first entry that is not in order; `at` is left at the last one that is.
fn walk(
    connection: &Connection,
    key: Option<&hmac::Key>,
    kept: Option<Head>,
    at: &mut Head,
) -> Result<Option<u64>, Error> {
    let mut statement = connection.prepare("SELECT seq, entry, hash FROM entry ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let expected = at.seq + 1;
        let Ok(entry) = row.get_ref(1)?.as_blob() else {
            return Ok(Some(expected));
        };
        let next = at.after(entry);
        let right = row.get::<_, i64>(0)?.cast_unsigned() == next.seq
            && row.get::<_, Hash>(2).is_ok_and(|hash| hash == next.hash)
            && Entry::decode(entry).is_ok()
            && kept.is_none_or(|kept| kept.seq != next.seq || kept.hash == next.hash)
            && checkpoint(connection, key, next)?;
        if !right {
            return Ok(Some(expected));
        }
        *at = next;
    }
    let stored = read_head(connection)?;
    let is_head = stored
        .is_some_and(|stored| stored.head == *at && key.is_none_or(|key| stored.is_right(key)));
    // More checkpoints than entries: entries were cut off.
    let beyond: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM checkpoint WHERE seq > ?1 OR seq % ?2 <> 0)",
        (at.seq.cast_signed(), CHECKPOINT.cast_signed()),
        |row| row.get(0),
    )?;
    let cut = !is_head || beyond || kept.is_some_and(|kept| kept.seq > at.seq);
    Ok(cut.then_some(at.seq + 1))
}

/// Whether the checkpoint that belongs to this entry is there and right.
fn checkpoint(connection: &Connection, key: Option<&hmac::Key>, at: Head) -> Result<bool, Error> {
    if !at.seq.is_multiple_of(CHECKPOINT) {
        return Ok(true);
    }
    let mac: Option<Vec<u8>> = connection
        .prepare_cached("SELECT mac FROM checkpoint WHERE seq = ?1")?
        .query_row([at.seq.cast_signed()], |row| row.get(0))
        .optional()?;
    Ok(mac.is_some_and(|mac| {
        let signed = at.signed(Purpose::Checkpoint);
        key.is_none_or(|key| hmac::verify(key, &signed, &mac).is_ok())
    }))
}
