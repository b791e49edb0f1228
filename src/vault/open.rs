//! Opening the vault: both files, their belonging together, the system's own keys.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::keys::{KEY_LENGTH, Ring};
use crate::model::{Clock, Entropy, Secret};
use crate::store::{self, Readers, Writer};
use crate::vault::cache::Cache;
use crate::vault::names::Names;
use crate::vault::numbers::{Numbers, read_mark};
use crate::vault::schema::{KEYS, VAULT};
use crate::vault::subject_keys::SubjectKeys;
use crate::vault::{Error, Inner, Vault};

/// Row 0 is the token that stands for nothing; the next ones are kept for later uses of that kind.
const FIRST_ROW: u64 = 1024;
const FIRST_SUBJECT: u64 = 1;
/// Writes that may wait for the one thread.
const QUEUE: usize = 1024;
/// Reads at one time. The disk's parallelism is the measure, not the number of cores.
const READERS: usize = 4;
/// Bytes of sealed rows, and of held values, that are kept in memory.
const TOKEN_CACHE: u64 = 32 << 20;
const HELD_CACHE: u64 = 8 << 20;

impl Vault {
    /// Opens `keys.db` and `vault.db` in `folder` and makes what is missing at the first start.
    /// The caller holds the folder's [`store::lock`].
    ///
    /// # Errors
    /// When a file is damaged, exposed, newer or of another vault, or a system key does not unwrap.
    pub fn open(
        folder: &Path,
        ring: Arc<Ring>,
        tenant: &str,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| store::Error::File {
                path: folder.to_owned(),
                source: Arc::new(source),
            })?;
        let (keys_path, rows_path) = (folder.join("keys.db"), folder.join("vault.db"));
        let mut keys = store::open(&keys_path, &KEYS)?;
        let mut rows = store::open(&rows_path, &VAULT)?;
        belong(&mut keys, &mut rows, tenant, &*entropy)?;
        let token_key = system_key(&mut keys, &ring, "token", &*entropy)?;
        let index_key = system_key(&mut keys, &ring, "index", &*entropy)?;
        let cookie_key = system_key(&mut keys, &ring, "cookie", &*entropy)?;
        let (rows_open, subjects_open) = numbers(&keys, &rows)?;
        let names = Names::read(&rows)?;
        Ok(Self(Arc::new(Inner {
            keys: Writer::start("keys-writer", keys, (), QUEUE)?,
            rows: Writer::start("vault-writer", rows, (), QUEUE)?,
            readers: Readers::open(rows_path, vec![("keys", keys_path)], READERS)?,
            subject_keys: SubjectKeys::new(Arc::clone(&ring), tenant),
            ring,
            clock,
            entropy,
            token_key,
            index_key,
            cookie_key,
            names: ArcSwap::from_pointee(names),
            rows_open,
            subjects_open,
            tokens: Cache::new(TOKEN_CACHE),
            held: Cache::new(HELD_CACHE),
        })))
    }
}

/// Both files carry the same random mark and the tenant. Without this a lost `keys.db` would be made
/// anew at the next start, and every token in the CRM would silently stand for nothing.
fn belong(
    keys: &mut Connection,
    rows: &mut Connection,
    tenant: &str,
    entropy: &dyn Entropy,
) -> Result<(), Error> {
    let pair = match (meta(keys, "pair")?, meta(rows, "pair")?) {
        (Some(keys), Some(rows)) if keys == rows => keys,
        (Some(_), Some(_)) => return Err(Error::Apart("each is of another vault")),
        (None, Some(_)) => return Err(Error::Apart("keys.db is new, vault.db is not")),
        // The keys are made first: only a first start that broke off leaves them alone.
        (Some(_), None) if holds_subjects(keys)? => {
            return Err(Error::Apart("vault.db is new, keys.db is not"));
        }
        (Some(pair), None) => pair,
        (None, None) => {
            let mut pair = vec![0; 16];
            entropy.fill(&mut pair)?;
            pair
        }
    };
    for connection in [keys, rows] {
        let transaction = connection.transaction()?;
        for (name, value) in [("pair", pair.as_slice()), ("tenant", tenant.as_bytes())] {
            match meta(&transaction, name)? {
                Some(found) if found == value => {}
                Some(_) => return Err(Error::Apart("they are of another tenant")),
                None => {
                    let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
                    transaction.execute(sql, (name, value))?;
                }
            }
        }
        transaction.commit()?;
    }
    Ok(())
}

fn meta(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT value FROM meta WHERE name = ?1";
    Ok(connection
        .query_row(sql, [name], |row| row.get(0))
        .optional()?)
}

fn holds_subjects(keys: &Connection) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM subject_key)";
    Ok(keys.query_row(sql, [], |row| row.get(0))?)
}

/// A random key, made once and wrapped: a new key-encryption key does not change it.
fn system_key(
    keys: &mut Connection,
    ring: &Ring,
    name: &str,
    entropy: &dyn Entropy,
) -> Result<Secret, Error> {
    let context = format!("system/{name}");
    let transaction = keys.transaction()?;
    let wrapped: Option<Vec<u8>> = transaction
        .query_row(
            "SELECT wrapped FROM system_key WHERE name = ?1",
            [name],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(wrapped) = wrapped {
        return Ok(ring.unwrap(&context, &wrapped)?);
    }
    if holds_subjects(&transaction)? {
        return Err(Error::Broken("a system key is missing"));
    }
    let mut bytes = Zeroizing::new(vec![0; KEY_LENGTH]);
    entropy.fill(&mut bytes)?;
    let wrapped = ring.wrap(&context, &bytes)?;
    transaction.execute(
        "INSERT INTO system_key (name, wrapped) VALUES (?1, ?2)",
        (name, wrapped),
    )?;
    transaction.commit()?;
    Ok(Secret::new(bytes.to_vec()))
}

/// Above every number that either file knows of: a backup of one of them restored by itself does
/// not take the numbers back.
fn numbers(keys: &Connection, rows: &Connection) -> Result<(Numbers, Numbers), Error> {
    let after = |connection: &Connection, sql| -> Result<u64, Error> {
        let last: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(last.cast_unsigned() + 1)
    };
    let row = FIRST_ROW
        .max(read_mark(keys, "row")?)
        .max(read_mark(rows, "row")?)
        .max(after(rows, "SELECT coalesce(max(row), 0) FROM token")?)
        .max(after(rows, "SELECT coalesce(max(row), 0) FROM held")?)
        .max(after(rows, "SELECT coalesce(max(row), 0) FROM quarantine")?);
    let subject = FIRST_SUBJECT
        .max(read_mark(keys, "subject")?)
        .max(read_mark(rows, "subject")?)
        .max(after(rows, "SELECT coalesce(max(id), 0) FROM subject")?)
        .max(after(
            keys,
            "SELECT coalesce(max(subject), 0) FROM subject_key",
        )?);
    Ok((
        Numbers::starting_at("row", row),
        Numbers::starting_at("subject", subject),
    ))
}
