//! Group commit: one thread, one connection; whatever waits goes into one transaction.
//!
//! One by one, durable writes cost an fsync each (2,600/s measured); drained into one transaction
//! with 32 submitters 54,000/s. A submitter hears of its write only once that transaction is on
//! disk. What fails alone (a constraint) is undone alone; what fails the transaction fails all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::mpsc;

use crate::store::files::Files;
use crate::store::replies::{Reply, Waiter, reply, ring};
use crate::store::{Error, scrub};

/// The most writes in one transaction: bounds how long the first waits for the last.
const BATCH: usize = 256;
/// How long the thread waits for as many writes as the last transaction had, where that had several:
/// this for each of them. A commit costs more than many writes, and each change of thread as much
/// as some; but a lone writer would wait for nobody.
const GATHER: Duration = Duration::from_micros(100);
/// Then this, as often as that, as long as more come.
const AGAIN: (u32, Duration) = (4, Duration::from_micros(250));
/// The most writes that one waits for.
const EXPECTED: usize = 32;
/// How much the thread gives way, as `nice` counts: the share of a busy processor that it still gets
/// is a tenth.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// In the place of a number of writes: nobody waits for any.
const NONE_AWAITED: usize = usize::MAX;

/// What a writer keeps between writes. It must follow what is on disk, never run ahead of it.
pub trait State: Send + 'static {
    /// Whether a write that fails is undone in the database by itself. Not where a write is one
    /// statement: that undoes itself, and a savepoint would cost as much as the write.
    const SAVEPOINTS: bool = true;

    /// Runs once a transaction, after its last write and before it is committed.
    ///
    /// # Errors
    /// Fails the whole transaction.
    fn before_commit(&mut self, _connection: &Connection) -> Result<(), Error> {
        Ok(())
    }

    /// Whether what is on disk is what this follows: a part of finding out whether the database can
    /// be written again.
    ///
    /// # Errors
    /// When it is not, and no write can succeed.
    fn still_follows(&self, _connection: &Connection) -> Result<(), Error> {
        Ok(())
    }

    /// What was done since the last commit is on disk.
    fn committed(&mut self) {}

    /// What was done since the last commit is undone.
    fn rolled_back(&mut self) {}
}

impl State for () {}

/// The only way to write a database. Clones share the thread; the last one waits for it to end.
#[derive(Debug)]
pub struct Writer<S>(Arc<Thread<S>>);

impl<S> Clone for Writer<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Thread<S> {
    queue: Option<mpsc::Sender<Message<S>>>,
    handle: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// What the thread and those who submit to it tell each other beside the queue.
#[derive(Debug)]
struct Shared {
    /// Whether the database can be written, as far as is known.
    writable: AtomicBool,
    /// A probe waits in the queue; one is enough.
    probing: AtomicBool,
    /// The thread sleeps until as many writes wait in the queue.
    awaited: AtomicUsize,
}

enum Message<S> {
    Write(Box<dyn Write<S>>),
    Scrub(Reply<Result<(), Error>>),
    /// Find out whether the database can be written again.
    Probe,
}

/// One write on its way: run inside the transaction, answered after it.
trait Write<S>: Send {
    /// Whether it succeeded. The result is kept until [`Write::answer`].
    fn run(&mut self, connection: &Connection, state: &mut S) -> bool;
    /// The submitter's own result, or what became of the transaction; the submitter is to be woken.
    fn answer(self: Box<Self>, transaction: Result<(), Error>) -> Option<Waiter>;
}

struct Pending<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    reply: Reply<Result<T, E>>,
}

impl<S: State> Writer<S> {
    /// Starts the thread. `queue` is how many writes may wait; more wait at the sender.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(
        name: &str,
        connection: Connection,
        state: S,
        queue: usize,
    ) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::channel(queue);
        let shared = Arc::new(Shared {
            writable: AtomicBool::new(true),
            probing: AtomicBool::new(false),
            awaited: AtomicUsize::new(NONE_AWAITED),
        });
        let thread = Serving {
            files: Files::of(&connection)?,
            connection,
            state,
            shared: Arc::clone(&shared),
        };
        let handle = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                give_way();
                thread.serve(receiver);
            })
            .map_err(|source| Error::file(name, source))?;
        Ok(Self(Arc::new(Thread {
            queue: Some(sender),
            handle: Some(handle),
            shared,
        })))
    }

    /// Whether the last write could be committed. Returns at once; where it could not, the thread
    /// is asked to try again, so that it heals without anyone's write.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let shared = &self.0.shared;
        let writable = shared.writable.load(Ordering::Acquire);
        if !writable && !shared.probing.swap(true, Ordering::AcqRel) {
            let queue = self.0.queue.as_ref();
            if queue.is_none_or(|queue| queue.try_send(Message::Probe).is_err()) {
                shared.probing.store(false, Ordering::Release);
            }
        }
        writable
    }

    /// Runs `work` in a transaction with others and returns once it is on disk. Where the caller
    /// stops waiting, the write may still happen. A failing `work` must leave the state as it was:
    /// only what it did to the database is undone for it.
    ///
    /// # Errors
    /// What `work` returns, or that the transaction failed: then nothing of it was written.
    pub async fn submit<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection, &mut S) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = reply();
        let write = Pending {
            work: Some(work),
            result: None,
            reply,
        };
        self.send(Message::Write(Box::new(write))).await?;
        answer.await.ok_or(Error::Stopped)?
    }

    /// Empties the write-ahead log between two transactions; see [`scrub`].
    ///
    /// # Errors
    /// [`Error::Unscrubbed`] while a reader holds the log.
    pub async fn scrub(&self) -> Result<(), Error> {
        let (reply, answer) = reply();
        self.send(Message::Scrub(reply)).await?;
        answer.await.ok_or(Error::Stopped)?
    }

    async fn send(&self, message: Message<S>) -> Result<(), Error> {
        let queue = self.0.queue.as_ref().ok_or(Error::Stopped)?;
        queue.send(message).await.map_err(|_| Error::Stopped)?;
        let waiting = queue.max_capacity() - queue.capacity();
        let awaited = &self.0.shared.awaited;
        if waiting >= awaited.load(Ordering::SeqCst) {
            awaited.store(NONE_AWAITED, Ordering::SeqCst);
            if let Some(handle) = &self.0.handle {
                handle.thread().unpark();
            }
        }
        Ok(())
    }
}

impl<S> Drop for Thread<S> {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(handle) = self.handle.take() {
            handle.thread().unpark();
            let _panicked = handle.join();
        }
    }
}

impl<S, T, E, F> Write<S> for Pending<F, T, E>
where
    F: FnOnce(&Connection, &mut S) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, connection: &Connection, state: &mut S) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let result = work(connection, state);
        let succeeded = result.is_ok();
        self.result = Some(result);
        succeeded
    }

    fn answer(self: Box<Self>, transaction: Result<(), Error>) -> Option<Waiter> {
        let result = match (transaction, self.result) {
            // A write that failed by itself keeps its own reason.
            (_, Some(Err(own))) => Err(own),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(Error::Stopped.into()),
            (Err(error), _) => Err(error.into()),
        };
        self.reply.put(result)
    }
}

/// What the thread holds.
struct Serving<S> {
    connection: Connection,
    files: Files,
    state: S,
    shared: Arc<Shared>,
}

/// Lets the workers go before this thread where a processor has both: each write that they still
/// bring goes into the same transaction, and a commit costs more than many writes.
fn give_way() {
    // On Linux it is the calling thread's alone; elsewhere it would be that of the whole process.
    // Where the kernel does not allow it, transactions are smaller.
    #[cfg(target_os = "linux")]
    let _not_allowed = rustix::process::nice(NICE);
}

/// Waits until as many writes are there as the last transaction had, or no more come. Whoever
/// submits the last of them wakes the thread: a look at the queue in between would cost more.
fn gather<T>(queue: &mpsc::Receiver<T>, awaited: &AtomicUsize, last: usize) {
    let expected = last.min(EXPECTED);
    let mut wait = GATHER * u32::try_from(expected).unwrap_or(0);
    awaited.store(expected, Ordering::SeqCst);
    let mut waiting = queue.len();
    for _ in 0..=AGAIN.0 {
        if waiting >= expected {
            break;
        }
        thread::park_timeout(wait);
        if queue.len() == waiting {
            break;
        }
        waiting = queue.len();
        wait = AGAIN.1;
    }
    awaited.store(NONE_AWAITED, Ordering::SeqCst);
}

impl<S: State> Serving<S> {
    fn serve(mut self, mut queue: mpsc::Receiver<Message<S>>) {
        let mut batch: Vec<Box<dyn Write<S>>> = Vec::with_capacity(BATCH);
        let mut last = 0;
        loop {
            if last > 1 {
                gather(&queue, &self.shared.awaited, last);
            }
            let Some(first) = queue.blocking_recv() else {
                return;
            };
            let mut scrubs = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Write(write) => batch.push(write),
                    Message::Scrub(reply) => scrubs.push(reply),
                    Message::Probe => self.probe(),
                }
                if batch.len() >= BATCH || !scrubs.is_empty() {
                    break;
                }
                next = queue.try_recv().ok();
            }
            last = batch.len();
            if !batch.is_empty() {
                let outcome = transact(&self.connection, &self.files, &mut self.state, &mut batch);
                self.tell(outcome.as_ref().map(|whole| *whole));
                let answered = batch.drain(..);
                let answered = answered.map(|write| write.answer(outcome.clone().map(|_| ())));
                // All of them first: whoever is woken goes on at once.
                let waiters: Vec<Option<Waiter>> = answered.collect();
                ring(waiters.into_iter().flatten());
            }
            for reply in scrubs {
                ring(reply.put(scrub(&self.connection)));
            }
        }
    }

    /// Keeps how a transaction went. A write that failed by itself may have failed for the disk or
    /// for its own content; a probe tells which.
    fn tell(&self, outcome: Result<bool, &Error>) {
        match outcome {
            Ok(true) => self.shared.writable.store(true, Ordering::Release),
            Ok(false) => self.probe(),
            Err(_) => self.shared.writable.store(false, Ordering::Release),
        }
    }

    /// Writes one page as it is, where writes may go on.
    fn probe(&self) {
        let write = || -> Result<(), Error> {
            self.files.check()?;
            self.state.still_follows(&self.connection)?;
            let version: i64 = self
                .connection
                .pragma_query_value(None, "user_version", |row| row.get(0))?;
            Ok(self
                .connection
                .pragma_update(None, "user_version", version)?)
        };
        let writable = write().is_ok();
        self.shared.writable.store(writable, Ordering::Release);
        self.shared.probing.store(false, Ordering::Release);
    }
}

/// One transaction around the batch; whether all of its writes succeeded. After an error nothing of
/// it is in the database.
fn transact<S: State>(
    connection: &Connection,
    files: &Files,
    state: &mut S,
    batch: &mut [Box<dyn Write<S>>],
) -> Result<bool, Error> {
    // A panic of one write must not end the thread that all others need.
    let outcome = catch_unwind(AssertUnwindSafe(|| -> Result<bool, Error> {
        let mut whole = true;
        execute(connection, "BEGIN IMMEDIATE")?;
        for write in batch {
            if S::SAVEPOINTS {
                execute(connection, "SAVEPOINT one")?;
            }
            let written = write.run(connection, state);
            whole &= written;
            // A full disk may have rolled back everything, the writes before this one too.
            if !written && connection.is_autocommit() {
                return Err(Error::Undone);
            }
            if S::SAVEPOINTS && !written {
                execute(connection, "ROLLBACK TO one")?;
            }
            if S::SAVEPOINTS {
                execute(connection, "RELEASE one")?;
            }
        }
        state.before_commit(connection)?;
        files.check()?;
        execute(connection, "COMMIT")?;
        Ok(whole)
    }));
    let outcome = outcome.unwrap_or(Err(Error::Stopped));
    if outcome.is_ok() {
        state.committed();
    } else {
        if !connection.is_autocommit() {
            let _already_failed = execute(connection, "ROLLBACK");
        }
        state.rolled_back();
    }
    outcome
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Error> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Log, Schema, open};

    const SCHEMA: Schema = Schema {
        application: 77,
        log: Log::Short,
        migrations: &["CREATE TABLE a (x INTEGER PRIMARY KEY, pad BLOB) STRICT"],
    };

    /// Counts transactions.
    struct Count(Arc<AtomicUsize>);

    impl State for Count {
        fn committed(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn insert<S>(
        x: i64,
    ) -> impl FnOnce(&Connection, &mut S) -> Result<i64, Error> + Send + 'static {
        move |connection, _| {
            connection.execute("INSERT INTO a (x) VALUES (?1)", [x])?;
            Ok(x)
        }
    }

    fn rows(path: &std::path::Path) -> i64 {
        let connection = open(path, &SCHEMA).unwrap();
        connection
            .query_row("SELECT count(*) FROM a", [], |row| row.get(0))
            .unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn writes_that_wait_together_share_a_transaction() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let commits = Arc::new(AtomicUsize::new(0));
        let state = Count(Arc::clone(&commits));
        let writer = Writer::start("test", open(&path, &SCHEMA).unwrap(), state, 64).unwrap();
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let writer = writer.clone();
                tokio::spawn(async move {
                    for n in 0..20 {
                        writer.submit(insert(task * 100 + n)).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        drop(writer);
        assert_eq!(rows(&path), 640);
        assert!(commits.load(Ordering::SeqCst) < 640, "{commits:?}");
    }

    #[tokio::test]
    async fn the_thread_is_woken_by_the_last_write_that_it_waits_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start("test", open(&path, &SCHEMA).unwrap(), (), 64).unwrap();
        // Keeps the thread in a write, so that those behind it stay in the queue.
        let (begun, begins) = std::sync::mpsc::channel();
        let (go_on, goes_on) = std::sync::mpsc::channel();
        let busy = move |_: &Connection, _: &mut ()| -> Result<(), Error> {
            begun.send(()).unwrap();
            goes_on.recv().unwrap();
            Ok(())
        };
        let first = writer.clone();
        let first = tokio::spawn(async move { first.submit(busy).await });
        tokio::task::yield_now().await;
        begins.recv().unwrap();
        let awaited = &writer.0.shared.awaited;
        awaited.store(2, Ordering::SeqCst);
        let mut seen = Vec::new();
        let mut writes = Vec::new();
        for x in 0..3 {
            let writer = writer.clone();
            writes.push(tokio::spawn(async move { writer.submit(insert(x)).await }));
            tokio::task::yield_now().await;
            seen.push(awaited.load(Ordering::SeqCst));
        }
        assert_eq!(seen, [2, NONE_AWAITED, NONE_AWAITED]);
        go_on.send(()).unwrap();
        first.await.unwrap().unwrap();
        for write in writes {
            assert!(write.await.unwrap().is_ok());
        }
    }

    #[tokio::test]
    async fn a_write_that_fails_is_undone_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start("test", open(&path, &SCHEMA).unwrap(), (), 64).unwrap();
        let half = |connection: &Connection, _: &mut ()| {
            connection.execute("INSERT INTO a (x) VALUES (50)", [])?;
            connection.execute("INSERT INTO a (x) VALUES (1)", [])?;
            Ok::<_, Error>(())
        };
        let (first, second, third) = tokio::join!(
            writer.submit(insert(1)),
            writer.submit(half),
            writer.submit(insert(2))
        );
        assert!(first.is_ok() && third.is_ok());
        assert!(matches!(second, Err(Error::Database(_))));
        drop(writer);
        assert_eq!(rows(&path), 2, "nothing of the failed write stands");
    }

    #[tokio::test]
    async fn a_panic_fails_its_batch_and_the_writer_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start("test", open(&path, &SCHEMA).unwrap(), (), 64).unwrap();
        let bug = |_: &Connection, _: &mut ()| -> Result<(), Error> { panic!("a bug") };
        assert!(matches!(writer.submit(bug).await, Err(Error::Stopped)));
        assert!(writer.submit(insert(1)).await.is_ok());
        drop(writer);
        assert_eq!(rows(&path), 1);
    }

    #[tokio::test]
    async fn a_full_disk_fails_the_writes_and_passes_when_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let connection = open(&path, &SCHEMA).unwrap();
        connection
            .query_row("PRAGMA max_page_count=4", [], |_| Ok(()))
            .unwrap();
        let writer = Writer::start("test", connection, (), 64).unwrap();
        let big = |connection: &Connection, _: &mut ()| {
            connection.execute("INSERT INTO a VALUES (9, zeroblob(100000))", [])?;
            Ok::<_, Error>(())
        };
        let (small, full) = tokio::join!(writer.submit(insert(1)), writer.submit(big));
        assert!(full.is_err());
        let kept = i64::from(small.is_ok());
        let more_room = |connection: &Connection, _: &mut ()| {
            connection.query_row("PRAGMA max_page_count=4000", [], |_| Ok(()))?;
            Ok::<_, Error>(())
        };
        writer.submit(more_room).await.unwrap();
        writer.submit(big).await.unwrap();
        drop(writer);
        assert_eq!(
            rows(&path),
            kept + 1,
            "what was acknowledged stands, nothing else"
        );
    }
}
