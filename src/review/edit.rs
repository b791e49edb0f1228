//! Making and editing drafts. Whoever has a hand in one is its author from then on.

use crate::model::Timestamp;
use crate::review::chain::{newest, version};
use crate::review::draft::{insert, keep, keep_text, list, load, text};
use crate::review::event::note;
use crate::review::open::tag;
use crate::review::{Act, Actor, Draft, Error, LONGEST, Merged, Review, State, Text, lines, merge};

/// Drafts of one person that wait for something.
const PENDING: usize = 20;
/// Texts of one draft.
const REVISIONS: u64 = 200;
/// The most bytes of a title, and of a reason.
const TITLE: usize = 200;
pub(super) const REASON: usize = 4000;

/// What came of saving a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Edited {
    Saved(Draft),
    /// Somebody else saved first, and nothing was saved. The text is both in one, to be looked at
    /// and saved over `theirs`, by its revision.
    Behind {
        merged: Merged,
        theirs: Draft,
    },
}

impl Review {
    /// Makes a draft: of the version in force, of an older text, of a file that was found.
    ///
    /// # Errors
    /// [`Error::Role`] for whoever is no editor.
    pub fn begin(&self, title: &str, text: Text, by: &Actor) -> Result<Draft, Error> {
        by.as_editor()?;
        short(title, TITLE, "title")?;
        bounded(&text)?;
        self.write(|connection, now| {
            self.few(connection, by)?;
            let draft = self.new_draft(title, text, by, now);
            insert(connection, &self.key, draft)
        })
    }

    /// Saves a text over the revision that the editor saw. A draft that was submitted or refused is
    /// open again with it.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::State`], [`Error::TooMany`], and [`Error::TooDifferent`]
    /// where somebody else saved first and the two cannot be merged.
    pub fn edit(&self, id: i64, seen: u64, ours: Text, by: &Actor) -> Result<Edited, Error> {
        by.as_editor()?;
        bounded(&ours)?;
        let (draft, base) = self.read(|connection| {
            let draft = load(connection, &self.key, id)?;
            pending(&draft)?;
            if seen > draft.revision {
                return Err(Error::Changed);
            }
            let base = (seen < draft.revision).then(|| text(connection, &self.key, id, seen));
            Ok((draft, base.transpose()?))
        })?;
        // Nothing is written here, and nobody waits while two texts are compared.
        if let Some(base) = base {
            let merged = merge(&base, &ours, &draft.text)?;
            return Ok(Edited::Behind {
                merged,
                theirs: draft,
            });
        }
        let saved = self.write(|connection, now| {
            let draft = load(connection, &self.key, id)?;
            pending(&draft)?;
            if seen != draft.revision {
                return Ok(None);
            }
            let saved = self.save(connection, draft, ours.clone(), by, now)?;
            Ok(Some(saved))
        })?;
        match saved {
            Some(saved) => Ok(Edited::Saved(saved)),
            // Somebody was faster in between. Revisions rise, so that this comes once.
            None => self.edit(id, seen, ours, by),
        }
    }

    /// Merges the version in force into a draft that was made from an older one. Where both changed
    /// the same lines the draft has both, between marks, and their number is in the result.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Changed`], [`Error::State`], [`Error::TooDifferent`],
    /// [`Error::TooLarge`], and [`Error::Behind`] where yet another version went live meanwhile.
    pub fn catch_up(&self, id: i64, seen: u64, by: &Actor) -> Result<(Draft, usize), Error> {
        by.as_editor()?;
        let (draft, base, live) = self.read(|connection| {
            let draft = load(connection, &self.key, id)?;
            pending(&draft)?;
            if seen != draft.revision {
                return Err(Error::Changed);
            }
            let base = match draft.base {
                0 => Text::default(),
                number => version(connection, &self.key, number)?.text,
            };
            let head = newest(connection, &self.key)?;
            let live = head.map(|head| version(connection, &self.key, head.seq));
            Ok((draft, base, live.transpose()?))
        })?;
        let Some(live) = live.filter(|live| live.number != draft.base) else {
            return Ok((draft, 0));
        };
        let merged = merge(&base, &draft.text, &live.text)?;
        bounded(&merged.text)?;
        let seen = draft.digest();
        let draft = self.write(|connection, now| {
            let mut draft = load(connection, &self.key, id)?;
            pending(&draft)?;
            if draft.digest() != seen {
                return Err(Error::Changed);
            }
            if newest(connection, &self.key)? != Some(live.head) {
                return Err(Error::Behind);
            }
            draft.base = live.number;
            self.save(connection, draft, merged.text.clone(), by, now)
        })?;
        Ok((draft, merged.conflicts))
    }

    /// Gives a draft up.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::State`].
    pub fn drop_draft(&self, id: i64, by: &Actor) -> Result<Draft, Error> {
        by.as_editor()?;
        self.write(|connection, now| {
            let mut draft = load(connection, &self.key, id)?;
            pending(&draft)?;
            if !by.approver && !self.had_a_hand(by, &draft.authors, &draft.hands) {
                return Err(Error::NotYours);
            }
            draft.state = State::Dropped;
            draft.changed = now;
            keep(connection, &self.key, &draft)?;
            note(connection, &self.key, (Act::Drop, &by.name, id), now)?;
            Ok(draft)
        })
    }

    /// That somebody has no more drafts that wait than anybody can look at.
    pub(super) fn few(&self, connection: &rusqlite::Connection, by: &Actor) -> Result<(), Error> {
        let (drafts, _) = list(connection, &self.key)?;
        let pending = drafts.iter().filter(|draft| draft.state.is_pending());
        // The first is who began it: nobody fills another's places by saving their drafts.
        let own = pending.filter(|draft| by.is_among(draft.authors.get(..1).unwrap_or_default()));
        match own.count() < PENDING {
            true => Ok(()),
            false => Err(Error::TooMany("drafts")),
        }
    }

    fn save(
        &self,
        connection: &rusqlite::Connection,
        mut draft: Draft,
        text: Text,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Draft, Error> {
        if draft.revision >= REVISIONS {
            return Err(Error::TooMany("revisions of the draft"));
        }
        draft.revision += 1;
        draft.text = text;
        draft.state = State::Open;
        draft.changed = now;
        draft.submitter = None;
        draft.refusal = None;
        self.add_author(&mut draft, by);
        keep_text(connection, &self.key, &draft)?;
        keep(connection, &self.key, &draft)?;
        Ok(draft)
    }

    /// A draft before it has a number.
    pub(super) fn new_draft(&self, title: &str, text: Text, by: &Actor, now: Timestamp) -> Draft {
        Draft {
            id: 0,
            base: 0,
            revision: 1,
            text,
            title: title.trim().to_owned(),
            authors: vec![by.name.clone()],
            hands: vec![self.hand(by)],
            state: State::Open,
            reason: String::new(),
            submitter: None,
            refusal: None,
            version: None,
            changed: now,
        }
    }

    pub(super) fn add_author(&self, draft: &mut Draft, by: &Actor) {
        if !by.is_among(&draft.authors) {
            draft.authors.push(by.name.clone());
        }
        let hand = self.hand(by);
        if !draft.hands.contains(&hand) {
            draft.hands.push(hand);
        }
    }

    /// Whether somebody is among the authors, here or by another node's name for them.
    pub(super) fn had_a_hand(&self, by: &Actor, authors: &[String], hands: &[String]) -> bool {
        by.is_among(authors) || hands.contains(&self.hand(by))
    }

    /// What a person is known by in every node's gate: a MAC over the name that they sign in by,
    /// because that may be an address.
    fn hand(&self, by: &Actor) -> String {
        let login = by.login.trim().to_ascii_lowercase();
        data_encoding::HEXLOWER.encode(&tag(&self.key, b"hand.", 0, login.as_bytes()))
    }
}

pub(super) fn pending(draft: &Draft) -> Result<(), Error> {
    match draft.state.is_pending() {
        true => Ok(()),
        false => Err(Error::State(draft.state)),
    }
}

/// A text that somebody reads before they decide: of a bounded length, and as it looks.
pub(super) fn short(text: &str, most: usize, what: &'static str) -> Result<(), Error> {
    match text {
        text if text.len() > most => Err(Error::TooLong(what)),
        text if text.chars().any(is_hidden) => Err(Error::Hidden(what)),
        _ => Ok(()),
    }
}

/// Control characters, and those that turn the direction of writing around: what is read is not
/// what stands there then, in a browser as in a terminal.
fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// That a text can be compiled and compared at each look.
pub(super) fn bounded(text: &Text) -> Result<(), Error> {
    for (text, what) in [(&text.policy, "policy"), (&text.cases, "file of cases")] {
        if text.len() > LONGEST || text.lines().nth(lines::MOST).is_some() {
            return Err(Error::TooLarge(what));
        }
        short(text, LONGEST, what)?;
    }
    Ok(())
}
