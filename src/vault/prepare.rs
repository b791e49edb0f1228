//! The load phase of a write: who it is about, which tokens exist, which numbers it may use.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::vault::names::Names;
use crate::vault::rows::{Ask, Known, Matches, Place, Record, Standing, Subject, SubjectOf, Term};
use crate::vault::subject_keys::SubjectKeys;
use crate::vault::{Error, Vault};

/// The most tokens that a search by value returns: each becomes a literal of the CRM's query.
pub const SEARCH_LIMIT: usize = 500;

/// The version of a new subject's key.
const FIRST: u32 = 1;

impl Vault {
    /// Everything that protecting one exchange needs, in one read.
    ///
    /// # Errors
    /// When a database or key fails, or [`Error::KeyMissing`] for a subject whose key is gone.
    pub async fn prepare(&self, ask: Ask) -> Result<Known, Error> {
        let rows = self.reserve(&self.0.rows_open, ask.rows).await?;
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = &*inner.names_at(connection)?;
            let reading = Reading { connection, names };
            Found::read(&reading, &inner.subject_keys, &ask)
        };
        let found: Found = self.0.readers.run(read).await?;

        let fresh = found
            .groups
            .iter()
            .filter(|group| group.key.is_none())
            .count();
        let mut ids = self.reserve(&self.0.subjects_open, fresh).await?;
        let mut subjects = Vec::with_capacity(found.groups.len());
        for group in found.groups {
            subjects.push(Arc::new(match group.key {
                Some((id, key_version, key)) => Subject {
                    id,
                    key_version,
                    key,
                    new: None,
                    identities: group.identities,
                    records: group.records,
                },
                None => {
                    let id = ids.next().ok_or(Error::Exhausted)?;
                    let (key, wrapped) = self.0.subject_keys.make(id, FIRST, &*self.0.entropy)?;
                    Subject {
                        id,
                        key_version: FIRST,
                        key,
                        new: Some(wrapped),
                        identities: group.identities,
                        records: group.records,
                    }
                }
            }));
        }
        Ok(Known {
            subjects: found
                .member
                .iter()
                .filter_map(|group| subjects.get(*group).cloned())
                .collect(),
            stable: found.stable,
            search: found.search,
            standing: found.standing,
            rows,
        })
    }
}

/// What one read transaction found.
#[derive(Default)]
struct Found {
    groups: Vec<Group>,
    /// For each [`SubjectOf`], its group.
    member: Vec<usize>,
    stable: Vec<Option<u64>>,
    search: Vec<Matches>,
    standing: Vec<Option<Standing>>,
}

/// Records of the ask that are about one subject, known or new.
#[derive(Default)]
struct Group {
    known: Option<u64>,
    key: Option<(u64, u32, Arc<crate::protect::SubjectKey>)>,
    identities: Vec<Term>,
    records: Vec<(Record, Option<u64>)>,
}

impl Found {
    fn read(reading: &Reading<'_>, keys: &SubjectKeys, ask: &Ask) -> Result<Self, Error> {
        let mut groups = Groups::default();
        let mut found = Self::default();
        for of in &ask.subjects {
            let within = of.within.and_then(|at| found.member.get(at).copied());
            found.member.push(groups.place(reading, of, within)?);
        }
        found.groups = groups.all;
        for group in &mut found.groups {
            if let Some(id) = group.known {
                let version = reading.key_version(id)?;
                let key = keys
                    .find(reading.connection, id, version)?
                    .ok_or(Error::KeyMissing { subject: id })?;
                group.key = Some((id, version, key));
            }
        }
        for term in &ask.stable {
            found.stable.push(reading.stable(term)?);
        }
        for term in &ask.search {
            found.search.push(reading.search(term)?);
        }
        for row in &ask.standing {
            found.standing.push(reading.standing(*row)?);
        }
        Ok(found)
    }
}

/// Finds subjects, also those that two records of one ask share before anyone else knows them.
#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    by_id: HashMap<u64, usize>,
    by_record: HashMap<Record, usize>,
    by_term: HashMap<Term, usize>,
}

impl Groups {
    fn place(
        &mut self,
        reading: &Reading<'_>,
        of: &SubjectOf,
        within: Option<usize>,
    ) -> Result<usize, Error> {
        let mut chosen = within.filter(|_| of.follow.is_none());
        let mut records = Vec::new();
        if let Some(record) = &of.follow {
            let known = reading.subject_of_record(record)?;
            chosen = self.find(self.by_record.get(record).copied(), known);
            // Not the subject that the record had: it may refer to somebody else since.
            chosen = chosen.or_else(|| Some(self.push(Group::default())));
            records.push((record, known));
        }
        if let Some(record) = &of.record {
            let known = reading.subject_of_record(record)?;
            if chosen.is_none() {
                chosen = self.find(self.by_record.get(record).copied(), known);
            }
            records.push((record, known));
        }
        let mut identities = Vec::new();
        for term in &of.identities {
            let known = reading.subject_of_identity(term)?;
            if chosen.is_none() {
                chosen = self.find(self.by_term.get(term).copied(), known);
            }
            if known.is_none() {
                identities.push(term);
            }
        }
        let at = chosen.unwrap_or_else(|| self.push(Group::default()));
        for (record, known) in records {
            let own = self.all.get(at).and_then(|group| group.known);
            // What another record of this ask has claimed stays with that one.
            if (known.is_none() || known != own) && !self.by_record.contains_key(record) {
                self.by_record.insert(record.clone(), at);
                if let Some(group) = self.all.get_mut(at) {
                    group.records.push((record.clone(), known));
                }
            }
        }
        for term in identities {
            if !self.by_term.contains_key(term) {
                self.by_term.insert(term.clone(), at);
                if let Some(group) = self.all.get_mut(at) {
                    group.identities.push(term.clone());
                }
            }
        }
        Ok(at)
    }

    /// What this ask has found out goes before what the database knows.
    fn find(&mut self, here: Option<usize>, known: Option<u64>) -> Option<usize> {
        here.or_else(|| known.map(|id| self.with_id(id)))
    }

    fn with_id(&mut self, id: u64) -> usize {
        if let Some(at) = self.by_id.get(&id) {
            return *at;
        }
        let at = self.push(Group {
            known: Some(id),
            ..Group::default()
        });
        self.by_id.insert(id, at);
        at
    }

    fn push(&mut self, group: Group) -> usize {
        self.all.push(group);
        self.all.len() - 1
    }
}

/// The look-ups, over one state of the database. A word without a number is in no row.
struct Reading<'a> {
    connection: &'a Connection,
    names: &'a Names,
}

impl Reading<'_> {
    fn subject_of_record(&self, record: &Record) -> Result<Option<u64>, Error> {
        let Some(object) = self.names.id(&record.object) else {
            return Ok(None);
        };
        let sql = "SELECT subject FROM record WHERE object = ?1 AND record = ?2";
        self.number(sql, (object, &record.id))
    }

    fn subject_of_identity(&self, term: &Term) -> Result<Option<u64>, Error> {
        let Some(class) = self.names.id(&term.class) else {
            return Ok(None);
        };
        let sql = "SELECT subject FROM identity WHERE class = ?1 AND term = ?2";
        self.number(sql, (class, term.mac))
    }

    fn key_version(&self, subject: u64) -> Result<u32, Error> {
        let version: Option<u32> = self
            .connection
            .prepare_cached("SELECT key_version FROM subject WHERE id = ?1")?
            .query_row([subject.cast_signed()], |row| row.get(0))
            .optional()?;
        version.ok_or(Error::KeyMissing { subject })
    }

    fn stable(&self, term: &Term) -> Result<Option<u64>, Error> {
        let Some(class) = self.names.id(&term.class) else {
            return Ok(None);
        };
        let sql = "SELECT row FROM term WHERE class = ?1 AND term = ?2 AND stable = 1";
        self.number(sql, (class, term.mac))
    }

    fn search(&self, term: &Term) -> Result<Matches, Error> {
        let mut matches = Matches::default();
        let Some(class) = self.names.id(&term.class) else {
            return Ok(matches);
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT row FROM term WHERE class = ?1 AND term = ?2 ORDER BY row LIMIT ?3",
        )?;
        let limit = i64::try_from(SEARCH_LIMIT).unwrap_or(i64::MAX) + 1;
        let mut rows = statement.query((class, term.mac, limit))?;
        while let Some(row) = rows.next()? {
            if matches.rows.len() == SEARCH_LIMIT {
                matches.overflow = true;
                break;
            }
            matches.rows.push(row.get::<_, i64>(0)?.cast_unsigned());
        }
        Ok(matches)
    }

    fn standing(&self, row: u64) -> Result<Option<Standing>, Error> {
        type Columns = (i64, i64, bool, i64, i64, Option<Box<str>>);
        let found: Option<Columns> = self
            .connection
            .prepare_cached(
                "SELECT subject, class, stable, object, field, record FROM token WHERE row = ?1",
            )?
            .query_row([row.cast_signed()], |row| row.try_into())
            .optional()?;
        let Some((subject, class, stable, object, field, record)) = found else {
            return Ok(None);
        };
        let mut places = Vec::new();
        if stable {
            let mut statement = self
                .connection
                .prepare_cached("SELECT object, field, record FROM place WHERE row = ?1")?;
            let mut rows = statement.query([row.cast_signed()])?;
            while let Some(row) = rows.next()? {
                places.push(self.at(row.get(0)?, row.get(1)?, row.get(2)?)?);
            }
        } else {
            places.push(self.at(object, field, record)?);
        }
        Ok(Some(Standing {
            subject: subject.cast_unsigned(),
            class: self.names.text(class)?,
            stable,
            places,
        }))
    }

    fn at(&self, object: i64, field: i64, record: Option<Box<str>>) -> Result<Place, Error> {
        Ok(Place {
            object: self.names.text(object)?,
            field: self.names.text(field)?,
            record,
        })
    }

    fn number(&self, sql: &str, by: impl rusqlite::Params) -> Result<Option<u64>, Error> {
        let found: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row(by, |row| row.get(0))
            .optional()?;
        Ok(found.map(i64::cast_unsigned))
    }
}
