//! The file, and the thread that writes it.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::keys::{self, KEY_LENGTH, Kek, KeyProvider, Ring};
use crate::model::{Clock, Entropy, Secret, Timestamp};
use crate::replay::exchange::LONGEST;
use crate::replay::pace::Pace;
use crate::replay::{Error, Exchange};
use crate::store::{self, Log, Schema};

const SCHEMA: Schema = Schema {
    application: 0x736c_7231, // "slr1"
    log: Log::Short,
    migrations: &[include_str!("schema/001-exchanges.sql")],
};

/// For how many hours exchanges are kept, the one that runs among them.
const HOURS: i64 = 24;
/// How many exchanges may wait for the thread.
const QUEUE: usize = 64;
/// How long the thread gathers before it writes.
const GATHER: Duration = Duration::from_secs(1);
/// How often it looks whether an hour is over, where nothing comes.
const IDLE: Duration = Duration::from_secs(300);
/// How many exchanges are read at a time.
const PAGE: usize = 64;

/// Keeps exchanges, and gives them back to be tried.
pub struct Tape {
    pace: Mutex<Pace>,
    left_out: Arc<AtomicU64>,
    /// Held by whoever tries a policy.
    turn: Mutex<()>,
    clock: Arc<dyn Clock>,
    file: Arc<Mutex<File>>,
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Keep(Box<Exchange>),
    /// Answered when all that came before is in the file.
    Written(SyncSender<()>),
}

impl Tape {
    /// Opens the file or makes it, and forgets what is over.
    ///
    /// # Errors
    /// When the file cannot be opened, or the thread not begun.
    pub fn open(
        path: &Path,
        ring: Arc<Ring>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        let connection = store::open(path, &SCHEMA)?;
        // A sample need not survive a loss of power, and is not to make the ledger's disk wait.
        connection
            .pragma_update(None, "synchronous", "NORMAL")
            .map_err(Error::from)?;
        let mut file = File {
            connection,
            ring,
            entropy,
            current: None,
            unscrubbed: true,
        };
        file.forget(clock.now())?;
        let file = Arc::new(Mutex::new(file));
        let (queue, messages) = sync_channel(QUEUE);
        let left_out = Arc::new(AtomicU64::new(0));
        let (kept, time) = (Arc::clone(&file), Arc::clone(&clock));
        let lost = Arc::clone(&left_out);
        let thread = thread::Builder::new()
            .name("replay".to_owned())
            .spawn(move || run((&kept, &lost), &*time, &messages));
        Ok(Self {
            pace: Mutex::default(),
            left_out,
            turn: Mutex::default(),
            clock,
            file,
            queue: Some(queue),
            thread: Some(thread.map_err(|_| Error::Stopped)?),
        })
    }

    /// Takes away what was kept, where nothing is kept any more.
    ///
    /// # Errors
    /// When a file is there and does not go.
    pub fn remove(path: &Path) -> Result<(), Error> {
        for end in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(end);
            match fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::Remove(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether an exchange of this client by this route, with so many bytes of target and body, is
    /// to be kept. Cheap: it is asked on every exchange, before anything is copied.
    pub fn takes(&self, kind: (&str, &str), bytes: usize) -> bool {
        let taken = bytes <= LONGEST && lock(&self.pace).takes(kind, self.clock.now());
        if !taken {
            self.leave_out();
        }
        taken
    }

    /// Counts an exchange that is not kept.
    pub fn leave_out(&self) {
        self.left_out.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps an exchange that [`Self::takes`] has taken, if the thread can take it at once.
    pub fn keep(&self, exchange: Exchange) {
        let queue = self.queue.as_ref();
        let queue = queue.filter(|_| lock(&self.pace).took(exchange.length()));
        let message = Message::Keep(Box::new(exchange));
        if queue.is_none_or(|queue| queue.try_send(message).is_err()) {
            self.leave_out();
        }
    }

    /// How many exchanges were not kept since this began.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Gives all exchanges of the last day, the oldest first, until one of them is the last that is
    /// wanted; `None` for one that does not open. Blocks.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody else plays them: it takes a core. When the file cannot be read.
    pub fn play(
        &self,
        mut each: impl FnMut(Option<Exchange>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let _turn = match self.turn.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(Error::Busy),
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Ok(turn) => turn,
        };
        let (done, written) = sync_channel(1);
        let queue = self.queue.as_ref().ok_or(Error::Stopped)?;
        queue
            .send(Message::Written(done))
            .map_err(|_| Error::Stopped)?;
        written.recv().map_err(|_| Error::Stopped)?;
        lock(&self.file).forget(self.clock.now())?;
        let mut last = 0;
        loop {
            // The lock is held for a page only: the thread that writes wants it too.
            let page = lock(&self.file).page(last)?;
            let Some((id, _)) = page.last() else {
                return Ok(());
            };
            last = *id;
            for (_, exchange) in page {
                if each(exchange).is_break() {
                    return Ok(());
                }
            }
        }
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes what comes, several exchanges in one transaction, until the tape ends.
fn run((file, lost): (&Mutex<File>, &AtomicU64), clock: &dyn Clock, messages: &Receiver<Message>) {
    loop {
        let mut kept = Vec::new();
        let mut asked = Vec::new();
        let mut wait = IDLE;
        let ended = loop {
            match messages.recv_timeout(wait) {
                Ok(Message::Keep(exchange)) => kept.push(*exchange),
                Ok(Message::Written(done)) => {
                    asked.push(done);
                    break false;
                }
                Err(RecvTimeoutError::Timeout) => break false,
                Err(RecvTimeoutError::Disconnected) => break true,
            }
            if kept.len() >= QUEUE {
                break false;
            }
            wait = GATHER;
        };
        let mut file = lock(file);
        let written = file.forget(clock.now()).and_then(|()| file.write(&kept));
        if let Err(error) = written {
            lost.fetch_add(kept.len() as u64, Ordering::Relaxed);
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "exchanges for trying drafts on were not kept"
            );
        }
        drop(file);
        for done in asked {
            let _gone = done.send(());
        }
        if ended {
            return;
        }
    }
}

/// The database and the key of the hour that runs.
struct File {
    connection: Connection,
    ring: Arc<Ring>,
    entropy: Arc<dyn Entropy>,
    current: Option<(i64, Ring)>,
    /// Whether what was deleted may still stand in the log.
    unscrubbed: bool,
}

impl File {
    fn write(&mut self, exchanges: &[Exchange]) -> Result<(), Error> {
        let of = |exchange: &Exchange| hour(Timestamp(exchange.time));
        for together in exchanges.chunk_by(|a, b| of(a) == of(b)) {
            let Some(hour) = together.first().map(of) else {
                continue;
            };
            self.begin(hour)?;
            if let Some((_, key)) = &self.current {
                self.add((hour, key), together)?;
            }
        }
        Ok(())
    }

    fn add(&self, (hour, key): (i64, &Ring), exchanges: &[Exchange]) -> Result<(), Error> {
        let transaction = self.connection.unchecked_transaction()?;
        let sql = "SELECT coalesce(max(id), 0) FROM exchange";
        let mut id: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
        for exchange in exchanges {
            id += 1;
            let plain = Zeroizing::new(serde_json::to_vec(exchange)?);
            let sealed = key.wrap(&place(id), &plain)?;
            let sql = "INSERT INTO exchange (id, hour, sealed) VALUES (?1, ?2, ?3)";
            transaction.execute(sql, (id, hour, sealed))?;
        }
        Ok(transaction.commit()?)
    }

    /// Makes the key of an hour the current one.
    fn begin(&mut self, hour: i64) -> Result<(), Error> {
        if self.current.as_ref().is_some_and(|(of, _)| *of == hour) {
            return Ok(());
        }
        let key = match self.key(hour)? {
            Some(key) => key,
            None => {
                let mut key = Zeroizing::new(vec![0; KEY_LENGTH]);
                self.entropy.fill(&mut key)?;
                let wrapped = self.ring.wrap(&context(hour), &key)?;
                let sql = "INSERT INTO hour (hour, key) VALUES (?1, ?2)";
                self.connection.execute(sql, (hour, wrapped))?;
                Secret::new(key.to_vec())
            }
        };
        self.current = Some((hour, self.ring_of(key)?));
        Ok(())
    }

    fn key(&self, hour: i64) -> Result<Option<Secret>, Error> {
        let sql = "SELECT key FROM hour WHERE hour = ?1";
        let wrapped: Option<Vec<u8>> = self
            .connection
            .query_row(sql, [hour], |row| row.get(0))
            .optional()?;
        let key = wrapped.map(|wrapped| self.ring.unwrap(&context(hour), &wrapped));
        Ok(key.transpose()?)
    }

    /// What seals under an hour's key.
    fn ring_of(&self, key: Secret) -> Result<Ring, keys::Error> {
        Ring::open(&Hour(key), Arc::clone(&self.entropy))
    }

    /// The next exchanges after an id.
    fn page(&self, after: i64) -> Result<Vec<(i64, Option<Exchange>)>, Error> {
        let sql = "SELECT id, hour, sealed FROM exchange WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((after, PAGE as i64), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let rows: Vec<(i64, i64, Vec<u8>)> = rows.collect::<Result<_, _>>()?;
        let mut key: Option<(i64, Ring)> = None;
        let mut page = Vec::with_capacity(rows.len());
        for (id, hour, sealed) in rows {
            if key.as_ref().is_none_or(|(of, _)| *of != hour) {
                // An hour whose key does not unwrap is lost, not the rest.
                let secret = self.key(hour).ok().flatten();
                let ring = secret.and_then(|secret| self.ring_of(secret).ok());
                key = ring.map(|ring| (hour, ring));
            }
            let ring = key.as_ref().map(|(_, ring)| ring);
            page.push((id, ring.and_then(|ring| opened(ring, id, &sealed))));
        }
        Ok(page)
    }

    /// Forgets the hours that are over by a day, keys and all.
    fn forget(&mut self, now: Timestamp) -> Result<(), Error> {
        let sql = "DELETE FROM hour WHERE hour <= ?1 OR hour > ?2";
        let now = hour(now);
        // An hour that is yet to come is of a clock that was set back: nobody knows how old it is.
        let forgotten = self.connection.execute(sql, (now - HOURS, now + 1))?;
        if forgotten > 0 {
            self.current = None;
            self.unscrubbed = true;
        }
        if self.unscrubbed {
            store::scrub(&self.connection)?;
            self.unscrubbed = false;
        }
        Ok(())
    }
}

fn opened(ring: &Ring, id: i64, sealed: &[u8]) -> Option<Exchange> {
    let plain = ring.unwrap(&place(id), sealed).ok()?;
    serde_json::from_slice(plain.expose()).ok()
}

/// What an hour's key is wrapped for.
fn context(hour: i64) -> String {
    format!("replay/hour/{hour}")
}

/// What an exchange is sealed for.
fn place(id: i64) -> String {
    format!("replay/exchange/{id}")
}

fn hour(time: Timestamp) -> i64 {
    time.seconds().div_euclid(3600)
}

/// An hour's key as what a ring is opened with: it seals as the key-encryption key does.
struct Hour(Secret);

impl KeyProvider for Hour {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(self.0.clone())
    }
}
