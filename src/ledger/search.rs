//! Looking entries up, for a person who reads the ledger. Blocks; from async code call it where
//! blocking is allowed.

use rusqlite::Connection;

use crate::ledger::{Entry, Error, Kind, Ledger};
use crate::model::Timestamp;

/// Entries that one search looks at. What is further back takes another one.
const MOST_LOOKED_AT: u64 = 20_000;

/// What is looked for: every part that is there must hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sought {
    /// The client's or person's name as the ledger has it, or whom an act concerned.
    pub who: Option<String>,
    /// `Contact`, in any case.
    pub object: Option<String>,
    /// `Email`, in any case; or a class, where values were revealed.
    pub field: Option<String>,
    pub kind: Option<Kind>,
    pub from: Option<Timestamp>,
    /// Not included.
    pub until: Option<Timestamp>,
}

/// What was found, newest first.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub entries: Vec<(u64, Entry<'static>)>,
    /// Where to go on, if there may be more: the next search is for entries before this number.
    pub before: Option<u64>,
}

impl Sought {
    #[must_use]
    pub fn fits(&self, entry: &Entry<'_>) -> bool {
        let same = |wanted: &Option<String>, held: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(held))
        };
        let touched = |fits: &dyn Fn(&str, &str) -> bool| {
            let mut fields = entry.fields.iter();
            fields.any(|touched| fits(&touched.field, &touched.class))
        };
        let who = self.who.is_none()
            || same(&self.who, &entry.client)
            || entry.kind == Kind::Admin && touched(&|_, class| same(&self.who, class));
        let place = self.object.is_none() && self.field.is_none()
            || touched(&|label, class| {
                let (object, field) = label.split_once('.').unwrap_or((label, ""));
                same(&self.object, object)
                    && (same(&self.field, field)
                        || self.object.is_none() && same(&self.field, class))
            });
        who && place
            && self.kind.is_none_or(|kind| kind == entry.kind)
            && self.from.is_none_or(|from| entry.time >= from)
            && self.until.is_none_or(|until| entry.time < until)
    }
}

impl Ledger {
    /// Up to `limit` entries that are sought, newest first, before a number or from the end.
    ///
    /// # Errors
    /// When the database fails or an entry does not read.
    pub fn search(
        &self,
        sought: &Sought,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Found, Error> {
        self.readers.here(|connection: &Connection| {
            let mut statement = connection
                .prepare_cached("SELECT seq, entry FROM entry WHERE seq < ?1 ORDER BY seq DESC")?;
            let end = before.map_or(i64::MAX, u64::cast_signed);
            let mut rows = statement.query([end])?;
            let mut found = Found::default();
            let mut looked_at = 0;
            while let Some(row) = rows.next()? {
                let seq = row.get::<_, i64>(0)?.cast_unsigned();
                if found.entries.len() == limit || looked_at == MOST_LOOKED_AT {
                    found.before = Some(seq + 1);
                    break;
                }
                looked_at += 1;
                let bytes = row.get_ref(1)?.as_blob().map_err(|_| Error::Broken(seq))?;
                let entry = Entry::decode(bytes)?;
                if sought.fits(&entry) {
                    found.entries.push((seq, entry));
                }
            }
            Ok(found)
        })
    }

    /// Shows each entry from a number on, at most `limit`; gives the number to go on with.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn each(
        &self,
        from: u64,
        limit: u32,
        mut show: impl FnMut(u64, &Entry<'static>),
    ) -> Result<u64, Error> {
        self.readers.here(|connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, entry FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
            )?;
            let mut rows = statement.query((from.cast_signed(), limit))?;
            let mut next = from;
            while let Some(row) = rows.next()? {
                let seq = row.get::<_, i64>(0)?.cast_unsigned();
                let bytes = row.get_ref(1)?.as_blob().map_err(|_| Error::Broken(seq))?;
                show(seq, &Entry::decode(bytes)?);
                next = seq + 1;
            }
            Ok(next)
        })
    }

    /// The number of the last entry; 0 where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn last(&self) -> Result<u64, Error> {
        self.readers.here(|connection: &Connection| {
            let sql = "SELECT coalesce(max(seq), 0) FROM entry";
            let last: i64 = connection.query_row(sql, [], |row| row.get(0))?;
            Ok(last.cast_unsigned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Touched;

    fn entry<'e>(kind: Kind, client: &'e str, field: &'e str, class: &'e str) -> Entry<'e> {
        Entry {
            time: Timestamp(1_000),
            exchange: 1,
            kind,
            client: client.into(),
            roles: [].as_slice().into(),
            operation: "query".into(),
            fields: vec![Touched {
                field: field.into(),
                class: class.into(),
                action: "tokenize".into(),
                count: 1,
            }],
            records: 0,
            subjects: [].as_slice().into(),
            policy: [0; 32],
            outcome: "ok".into(),
        }
    }

    #[test]
    fn every_part_of_what_is_sought_must_hold() {
        let sent = entry(Kind::Sent, "sanne", "Contact.Email", "email");
        let some = |text: &str| Some(text.to_owned());
        let all = Sought::default();
        assert!(all.fits(&sent));
        let hits = [
            Sought {
                who: some("Sanne"),
                ..all.clone()
            },
            Sought {
                object: some("contact"),
                ..all.clone()
            },
            Sought {
                field: some("email"),
                ..all.clone()
            },
            Sought {
                object: some("Contact"),
                field: some("Email"),
                ..all.clone()
            },
            Sought {
                kind: Some(Kind::Sent),
                ..all.clone()
            },
            Sought {
                from: Some(Timestamp(1_000)),
                until: Some(Timestamp(1_001)),
                ..all.clone()
            },
        ];
        for sought in hits {
            assert!(sought.fits(&sent), "{sought:?}");
        }
        let misses = [
            Sought {
                who: some("noor"),
                ..all.clone()
            },
            // A class is no person but where an operator changed somebody.
            Sought {
                who: some("email"),
                ..all.clone()
            },
            Sought {
                object: some("Lead"),
                ..all.clone()
            },
            Sought {
                object: some("Contact"),
                field: some("Phone"),
                ..all.clone()
            },
            Sought {
                kind: Some(Kind::Revealed),
                ..all.clone()
            },
            Sought {
                until: Some(Timestamp(1_000)),
                ..all.clone()
            },
            Sought {
                from: Some(Timestamp(1_001)),
                ..all
            },
        ];
        for sought in misses {
            assert!(!sought.fits(&sent), "{sought:?}");
        }
        let changed = entry(Kind::Admin, "noor", "", "sanne");
        let sought = Sought {
            who: some("sanne"),
            ..Sought::default()
        };
        assert!(sought.fits(&changed));
    }
}
