//! A file while it goes to whoever asked for it: sealed or plain, chunk by chunk, to its end or not.
//!
//! One loop for every door. Whoever was revoked, lost a role, or has a class no more by a policy
//! that came into force meanwhile, does not get the rest; nor does whoever takes it too slowly, for
//! each reader keeps a connection to the CRM.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout};

use super::record::Scribe;
use super::standing::{AGAIN, Again, Standing, ended};
use super::stream::{Part, Stream};
use super::{Failure, Shared};
use crate::ledger::{Entry, Kind};
use crate::model::{Code, FieldList, Refusal};
use crate::protect::file::{CHUNK, Opener};
use crate::protect::inward::Viewer;
use crate::upstream::Opened;

/// How long a client may take nothing of a file.
const PATIENCE: Duration = Duration::from_secs(30);
/// What it must take on the whole, in bytes a second, after that time as grace.
const FLOOR: u32 = 16 * 1024;
/// How many files all clients together may be reading. Salesforce takes 25 requests that last, of a
/// whole organization, and refuses all others then.
const MOST: usize = 18;
/// How many of them one client or person.
const EACH: usize = 6;
/// How long a place is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// Places for those who read files.
#[derive(Debug)]
pub struct Readers {
    all: Arc<Semaphore>,
    each: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Default for Readers {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MOST)),
            each: Mutex::default(),
        }
    }
}

/// A place, free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Readers {
    /// A place for whoever asks, before the CRM is asked for anything.
    ///
    /// # Errors
    /// When none is free for too long.
    pub(super) async fn enter(&self, whose: &str) -> Result<Place, Failure> {
        self.within(WAIT, whose).await
    }

    async fn within(&self, wait: Duration, whose: &str) -> Result<Place, Failure> {
        let own = {
            let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody who reads nothing is kept.
            each.retain(|name, places| name == whose || places.available_permits() < EACH);
            let own = each.entry(whose.to_owned());
            Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(EACH))))
        };
        let both = async {
            let own = own.acquire_owned().await.ok()?;
            let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Place {
                _own: own,
                _all: all,
            })
        };
        let place = timeout(wait, both).await.ok().flatten();
        place.ok_or(Failure::Crowded)
    }
}

/// What whoever reads a file has to keep.
pub(super) struct Reader {
    pub stands: Option<Standing>,
    pub place: Place,
}

/// Where the bytes come from.
pub(super) enum Source {
    Sealed { opener: Opener, answer: Opened },
    Plain(Opened),
}

pub(super) struct Chunk {
    pub plain: Bytes,
    pub last: bool,
}

impl Source {
    /// The next chunk. Nothing of a sealed one goes on before its tag was checked.
    ///
    /// # Errors
    /// When the CRM's answer breaks off, or a chunk does not open.
    pub async fn next(&mut self) -> Result<Chunk, Failure> {
        match self {
            Self::Sealed { opener, answer } => {
                // A chunk is the last one if no byte follows it.
                let last = answer.first(Opener::SEALED + 1).await?.len() <= Opener::SEALED;
                let sealed = answer.take(Opener::SEALED).await?;
                let plain = opener.chunk(&sealed, last).map_err(|_| broken())?;
                Ok(Chunk {
                    plain: plain.into(),
                    last,
                })
            }
            Self::Plain(answer) => {
                let last = answer.first(CHUNK + 1).await?.len() <= CHUNK;
                let plain = answer.take(CHUNK).await?.freeze();
                Ok(Chunk { plain, last })
            }
        }
    }
}

pub(super) fn withheld(text: &str) -> Refusal {
    Refusal::new(Code::FileWithheld, text)
}

pub(super) fn broken() -> Refusal {
    withheld("this file does not open: it was changed, or another border has sealed it")
}

/// Whether a reader keeps up: what they take pays for their place.
pub(super) struct Pace {
    /// Until when what was taken has paid.
    paid: Instant,
}

impl Pace {
    pub fn new() -> Self {
        Self {
            paid: Instant::now(),
        }
    }

    /// What was taken pays for a while, and what was taken fast for no longer than the patience.
    pub fn took(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs_f64(f64::from(bytes) / f64::from(FLOOR));
        self.paid = (self.paid + earned).min(Instant::now() + PATIENCE);
    }

    /// That the CRM is slow is nothing that the reader can help.
    pub fn waited(&mut self, since: Instant) {
        self.paid += since.elapsed();
    }

    /// By when the next part must be taken.
    pub fn deadline(&self) -> Instant {
        (self.paid + PATIENCE).min(Instant::now() + PATIENCE)
    }
}

/// Waits until there is room for a part, and asks meanwhile whether whoever reads may go on. `false`:
/// the reader has gone, or takes too little.
pub(super) async fn hand(
    part: Part,
    sender: &mpsc::Sender<Part>,
    until: Instant,
    mut may_go_on: impl FnMut() -> Result<(), Failure>,
) -> Result<bool, Failure> {
    loop {
        may_go_on()?;
        let left = until.saturating_duration_since(Instant::now());
        let round = left.min(Duration::from_millis(AGAIN.unsigned_abs()));
        match timeout(round, sender.reserve()).await {
            Ok(Ok(room)) => {
                room.send(part);
                return Ok(true);
            }
            Ok(Err(_)) => return Ok(false),
            Err(_) if Instant::now() >= until => return Ok(false),
            Err(_) => {}
        }
    }
}

/// A file on its way.
pub(super) struct Giving {
    source: Source,
    shared: Arc<Shared>,
    again: Again,
    class: String,
    roles: Vec<String>,
    fields: Option<Arc<FieldList>>,
    fresh: bool,
    /// What is recorded where it breaks off.
    entry: Entry<'static>,
    pace: Pace,
    _place: Place,
}

impl Giving {
    /// A file of a class that whoever asks may see, and that was recorded.
    pub fn new(
        scribe: &Scribe<'_>,
        source: Source,
        (class, subjects): (&str, Vec<u64>),
        reader: Reader,
    ) -> Self {
        let mut entry = scribe
            .entry(Kind::Refused, Code::FileWithheld.name())
            .into_owned();
        entry.subjects = subjects.into();
        Self {
            source,
            shared: scribe.owned(),
            again: Again::new(reader.stands, scribe.shared.clock.now()),
            class: class.to_owned(),
            roles: scribe.roles.to_vec(),
            fields: scribe.fields.cloned(),
            fresh: scribe.fresh,
            entry,
            pace: Pace::new(),
            _place: reader.place,
        }
    }

    /// Gives it, in a task of its own: the exchange ends when its answer begins.
    pub fn begin(self, first: Chunk, length: Option<u64>) -> Stream {
        let (sender, parts) = mpsc::channel(1);
        tokio::spawn(self.give(first, sender));
        Stream { length, parts }
    }

    /// Whatever ends it before the last chunk, the ledger is told why, and then the reader nothing but
    /// that.
    async fn give(mut self, first: Chunk, sender: mpsc::Sender<Part>) {
        let Err(failure) = self.all(first, &sender).await else {
            return;
        };
        tracing::error!("a file broke off: {failure}");
        self.entry.time = self.shared.clock.now();
        if let Failure::Refused(refusal) = &failure {
            self.entry.outcome = refusal.code.name().into();
        }
        if let Err(error) = self.shared.ledger.append(&self.entry).await {
            tracing::error!("and could not be recorded: {error}");
        }
    }

    async fn all(&mut self, first: Chunk, sender: &mpsc::Sender<Part>) -> Result<(), Failure> {
        let mut chunk = first;
        loop {
            let last = chunk.last;
            let length = chunk.plain.len();
            if !self.send(Part::Bytes(chunk.plain), sender).await? {
                return Ok(());
            }
            self.pace.took(length);
            if last {
                // Whether it was taken in time is the reader's own matter.
                self.send(Part::End, sender).await?;
                return Ok(());
            }
            let asked = Instant::now();
            chunk = self.source.next().await?;
            self.pace.waited(asked);
        }
    }

    async fn send(&mut self, part: Part, sender: &mpsc::Sender<Part>) -> Result<bool, Failure> {
        let until = self.pace.deadline();
        hand(part, sender, until, || Ok(self.may_go_on()?)).await
    }

    /// Whether whoever reads may have the rest: by the gate, and by the policy of now.
    fn may_go_on(&mut self) -> Result<(), Refusal> {
        if !self.again.ask(self.shared.clock.now())? {
            return Ok(());
        }
        let rules = self.shared.rules_by(self.fields.as_ref());
        let viewer = Viewer::new(&rules.plan, &self.roles, self.fresh);
        let class = rules.plan.class_named(&self.class);
        match class.is_some_and(|class| viewer.may_see(class)) {
            true => Ok(()),
            false => Err(ended()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_reader_has_some_places_and_leaves_the_others_theirs() {
        let readers = Readers::default();
        let enter = async |whose: &str| readers.within(Duration::ZERO, whose).await;
        let mut held = Vec::new();
        for _ in 0..EACH {
            held.push(enter("one").await.unwrap());
        }
        assert!(matches!(enter("one").await, Err(Failure::Crowded)));
        let other = enter("other").await.unwrap();
        held.pop();
        held.push(enter("one").await.unwrap());
        drop(other);
        for name in ["two", "three"] {
            for _ in 0..EACH {
                held.push(enter(name).await.unwrap());
            }
        }
        assert!(matches!(enter("four").await, Err(Failure::Crowded)));
        held.clear();
        assert!(enter("four").await.is_ok());
        assert_eq!(readers.each.lock().unwrap().len(), 1);
    }
}
