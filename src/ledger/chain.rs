//! The chain: hashes anyone can check, MACs that only the holder of the key can make.
//!
//! `hash(0)` is SHA-256 of `sluis-ledger-1` and the ledger's random id; `hash(n)` is SHA-256 of
//! `hash(n-1)`, n (8 bytes, big-endian), the entry's length (8 bytes) and the entry. A MAC is
//! HMAC-SHA-256 over its purpose (`check` or `head.`), n and `hash(n)`: a checkpoint of before
//! cannot be passed off as the head, which is what someone who cuts the end off would need.

use aws_lc_rs::{digest, hmac};
use rusqlite::{Connection, OptionalExtension};

use crate::ledger::Error;
use crate::store::{self, Log, Schema, State};

pub(super) const SCHEMA: Schema = Schema {
    application: 0x736c_6c31, // "sll1"
    log: Log::Short,
    migrations: &[
        "
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE entry (
            seq INTEGER PRIMARY KEY, entry BLOB NOT NULL, hash BLOB NOT NULL
        ) STRICT;
        CREATE TABLE checkpoint (seq INTEGER PRIMARY KEY, mac BLOB NOT NULL) STRICT;
        CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER entry_kept BEFORE DELETE ON entry
            BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
        CREATE TRIGGER entry_fixed BEFORE UPDATE ON entry
            BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
        CREATE TRIGGER entry_last BEFORE INSERT ON entry
            WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            BEGIN SELECT raise(ABORT, 'the ledger has no gaps'); END;
        CREATE TRIGGER checkpoint_kept BEFORE DELETE ON checkpoint
            BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
        CREATE TRIGGER checkpoint_fixed BEFORE UPDATE ON checkpoint
            BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
    ",
        // SQLite numbers the entries, and the writer looks at each commit whether these are its own
        // numbers. The trigger took a third of an insert's time.
        "DROP TRIGGER entry_last",
    ],
};

/// A checkpoint stands at every entry whose number is a multiple of this.
pub(super) const CHECKPOINT: u64 = 256;

pub(super) const HASH_LENGTH: usize = 32;
pub(super) type Hash = [u8; HASH_LENGTH];

/// The last entry: its number, 0 in a new ledger, and its hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    pub seq: u64,
    pub hash: [u8; HASH_LENGTH],
}

impl Head {
    /// The head of a book without entries. `domain` keeps the hashes of one kind of book from being
    /// taken for another's; `id` is the book's own, and random.
    pub(crate) fn first(domain: &[u8], id: &[u8]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(domain);
        context.update(id);
        Self {
            seq: 0,
            hash: bytes(context.finish().as_ref()),
        }
    }

    /// The head once this entry is added.
    pub(crate) fn after(&self, entry: &[u8]) -> Self {
        let seq = self.seq + 1;
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.hash);
        context.update(&seq.to_be_bytes());
        context.update(&(entry.len() as u64).to_be_bytes());
        context.update(entry);
        Self {
            seq,
            hash: bytes(context.finish().as_ref()),
        }
    }

    /// What the MAC of that purpose is over.
    pub(crate) fn signed(&self, purpose: Purpose) -> Vec<u8> {
        let purpose = match purpose {
            Purpose::Checkpoint => b"check",
            Purpose::Head => b"head.",
        };
        [purpose.as_slice(), &self.seq.to_be_bytes(), &self.hash].concat()
    }
}

/// What a MAC says of a head.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Checkpoint,
    Head,
}

/// The end of the chain as the writer's thread knows it.
pub(super) struct Chain {
    key: hmac::Key,
    /// On disk.
    committed: Head,
    /// In the transaction under way.
    open: Head,
    /// Entries of the transaction under way that need a checkpoint.
    due: Vec<Head>,
}

impl Chain {
    pub(super) fn new(key: hmac::Key, head: Head) -> Self {
        Self {
            key,
            committed: head,
            open: head,
            due: vec![],
        }
    }

    pub(super) fn append(
        &mut self,
        connection: &Connection,
        entry: &[u8],
    ) -> Result<u64, store::Error> {
        let next = self.open.after(entry);
        connection
            .prepare_cached("INSERT INTO entry (entry, hash) VALUES (?1, ?2)")?
            .execute((entry, next.hash))?;
        // A write that fails has left the chain where it was.
        if next.seq.is_multiple_of(CHECKPOINT) {
            self.due.push(next);
        }
        self.open = next;
        Ok(next.seq)
    }
}

impl State for Chain {
    /// An entry is one statement; checkpoints stand or fall with the transaction.
    const SAVEPOINTS: bool = false;

    fn before_commit(&mut self, connection: &Connection) -> Result<(), store::Error> {
        // An entry gets the number behind the last one that there is. Where the last of these has
        // another number than here, somebody else has added to the chain or cut it.
        let numbered = connection.last_insert_rowid().cast_unsigned();
        if self.open != self.committed && numbered != self.open.seq {
            return Err(store::Error::Overtaken);
        }
        for at in &self.due {
            let mac = hmac::sign(&self.key, &at.signed(Purpose::Checkpoint));
            connection
                .prepare_cached("INSERT INTO checkpoint (seq, mac) VALUES (?1, ?2)")?
                .execute((at.seq.cast_signed(), mac.as_ref()))?;
        }
        write_head(connection, &self.key, self.open)
    }

    fn still_follows(&self, connection: &Connection) -> Result<(), store::Error> {
        let last: Option<i64> = connection
            .prepare_cached("SELECT max(seq) FROM entry")?
            .query_row([], |row| row.get(0))?;
        if last.unwrap_or(0).cast_unsigned() != self.committed.seq {
            return Err(store::Error::Overtaken);
        }
        Ok(())
    }

    fn committed(&mut self) {
        self.committed = self.open;
        self.due.clear();
    }

    fn rolled_back(&mut self) {
        self.open = self.committed;
        self.due.clear();
    }
}

/// Puts the head and its MAC in the place of the former one.
pub(crate) fn write_head(
    connection: &Connection,
    key: &hmac::Key,
    head: Head,
) -> Result<(), store::Error> {
    let mac = hmac::sign(key, &head.signed(Purpose::Head));
    connection
        .prepare_cached(
            "INSERT INTO head (one, seq, hash, mac) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (one) DO UPDATE
             SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac",
        )?
        .execute((head.seq.cast_signed(), head.hash, mac.as_ref()))?;
    Ok(())
}

/// The head as it stands in the file, with its MAC.
pub(crate) struct StoredHead {
    pub(crate) head: Head,
    pub(crate) mac: Vec<u8>,
}

impl StoredHead {
    pub(crate) fn is_right(&self, key: &hmac::Key) -> bool {
        hmac::verify(key, &self.head.signed(Purpose::Head), &self.mac).is_ok()
    }
}

/// The head of the book in this database, not held to its MAC yet.
pub(crate) fn read_head(connection: &Connection) -> Result<Option<StoredHead>, Error> {
    Ok(connection
        .prepare_cached("SELECT seq, hash, mac FROM head")?
        .query_row([], |row| {
            Ok(StoredHead {
                head: Head {
                    seq: row.get::<_, i64>(0)?.cast_unsigned(),
                    hash: row.get(1)?,
                },
                mac: row.get(2)?,
            })
        })
        .optional()?)
}

/// A digest as an array; SHA-256 has no other length.
fn bytes(digest: &[u8]) -> Hash {
    digest.try_into().unwrap_or_default()
}
