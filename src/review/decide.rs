//! Decisions: submitting, approving, refusing, an emergency, and the way back to an older text.

use rusqlite::Connection;

use crate::model::Timestamp;
use crate::review::chain::{self, New, newest, version};
use crate::review::draft::{insert, keep, load};
use crate::review::edit::{REASON, bounded, short};
use crate::review::event::note;
use crate::review::merge::has_marks;
use crate::review::{
    Act, Actor, Bench, Draft, Error, Head, Review, Signed, State, Text, Trial, Version,
};

/// What came of trying a draft, and what it was tried on. That takes a while, so nobody waits for it:
/// whether draft and version in force are still the same is asked where something is written.
struct Tried {
    digest: String,
    head: Option<Head>,
    weaker: usize,
}

/// How a draft becomes a version.
#[derive(Clone, Copy)]
enum Way {
    /// By somebody who had no hand in it.
    FourEyes,
    /// By one person, who says why.
    Emergency,
}

impl Review {
    /// Takes the file of the first start as version 1. Whoever can write that file before there is
    /// a store could have started the node with any policy.
    ///
    /// # Errors
    /// [`Error::Begun`] where there is a version already.
    pub fn adopt(&self, text: &Text) -> Result<Version, Error> {
        bounded(text)?;
        self.write(|connection, now| {
            if newest(connection, &self.key)?.is_some() {
                return Err(Error::Begun);
            }
            let new = New {
                text,
                title: "the file of the first start",
                authors: &[],
                hands: &[],
                approver: "",
                reason: "",
                weaker: 0,
                emergency: false,
            };
            chain::add(connection, &self.key, &new, now)
        })
    }

    /// Hands a draft to the approvers. `seen` is the [`Draft::digest`] that the editor saw.
    ///
    /// # Errors
    /// [`Error::Behind`] until the version in force is merged, [`Error::Unfit`] with what is wrong,
    /// [`Error::Reason`] where something gets weaker and nobody says why.
    pub fn submit(
        &self,
        id: i64,
        seen: &str,
        reason: &str,
        bench: &Bench,
        by: &Actor,
    ) -> Result<Draft, Error> {
        by.as_editor()?;
        short(reason, REASON, "reason")?;
        let may = |draft: &Draft| match draft.state {
            State::Open => is_seen(draft, seen),
            state => Err(Error::State(state)),
        };
        let tried = self.tried(id, bench, &may)?;
        self.write(|connection, now| {
            let mut draft = self.as_tried(connection, (id, &tried), &may)?;
            reason.trim().clone_into(&mut draft.reason);
            self.hand_in(connection, draft, tried.weaker, by, now)
        })
    }

    /// Approves exactly the text that was seen; it is the version in force when this returns.
    ///
    /// # Errors
    /// [`Error::OwnWork`] for everybody who had a hand in it, [`Error::StepUp`] where something gets
    /// weaker, [`Error::Changed`], [`Error::Behind`], [`Error::Unfit`], [`Error::State`].
    pub fn approve(
        &self,
        id: i64,
        seen: &str,
        bench: &Bench,
        by: &Actor,
    ) -> Result<Version, Error> {
        by.as_approver()?;
        let may = |draft: &Draft| {
            if draft.state != State::Submitted {
                return Err(Error::State(draft.state));
            }
            if self.had_a_hand(by, &draft.authors, &draft.hands) {
                return Err(Error::OwnWork);
            }
            is_seen(draft, seen)
        };
        let tried = self.tried(id, bench, &may)?;
        self.write(|connection, now| {
            let draft = self.as_tried(connection, (id, &tried), &may)?;
            self.go_live(connection, draft, tried.weaker, (by, Way::FourEyes), now)
        })
    }

    /// One approver makes a draft the version in force, also their own, and says why. Nothing may
    /// get weaker by it: that takes two people, always. It is flagged until somebody else has
    /// looked at it ([`Review::look_at`]).
    ///
    /// # Errors
    /// [`Error::StepUp`], [`Error::Reason`], [`Error::Weaker`], and as for [`Review::approve`].
    pub fn emergency(
        &self,
        id: i64,
        seen: &str,
        reason: &str,
        bench: &Bench,
        by: &Actor,
    ) -> Result<Version, Error> {
        by.as_approver()?;
        if !by.fresh {
            return Err(Error::StepUp);
        }
        said(reason)?;
        let may = |draft: &Draft| match draft.state {
            State::Open | State::Submitted => is_seen(draft, seen),
            state => Err(Error::State(state)),
        };
        let tried = self.tried(id, bench, &may)?;
        self.write(|connection, now| {
            let mut draft = self.as_tried(connection, (id, &tried), &may)?;
            reason.trim().clone_into(&mut draft.reason);
            self.go_live(connection, draft, tried.weaker, (by, Way::Emergency), now)
        })
    }

    /// Says no to a draft, and why.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::Changed`], [`Error::Reason`].
    pub fn refuse(&self, id: i64, seen: &str, why: &str, by: &Actor) -> Result<Draft, Error> {
        by.as_approver()?;
        said(why)?;
        self.write(|connection, now| {
            let mut draft = load(connection, &self.key, id)?;
            if draft.state != State::Submitted {
                return Err(Error::State(draft.state));
            }
            if draft.digest() != seen {
                return Err(Error::Changed);
            }
            draft.state = State::Refused;
            draft.refusal = Some((by.name.clone(), why.trim().to_owned()));
            draft.changed = now;
            keep(connection, &self.key, &draft)?;
            note(connection, &self.key, (Act::Refuse, &by.name, id), now)?;
            Ok(draft)
        })
    }

    /// Makes a submitted draft of an older version's text: another approver brings it into force,
    /// under a new number.
    ///
    /// # Errors
    /// [`Error::Nothing`] for the version in force itself, and as for [`Review::submit`].
    pub fn roll_back(
        &self,
        number: u64,
        reason: &str,
        bench: &Bench,
        by: &Actor,
    ) -> Result<Draft, Error> {
        by.as_approver()?;
        said(reason)?;
        let (old, live) = self.read(|connection| {
            let old = version(connection, &self.key, number)?;
            Ok((old, self.in_force(connection)?))
        })?;
        let weaker = fit(live.as_ref(), &old.text, bench)?.weaker();
        let head = live.map(|live| live.head);
        let title = format!("back to version {number}");
        self.write(|connection, now| {
            if newest(connection, &self.key)? != head {
                return Err(Error::Behind);
            }
            self.few(connection, by)?;
            let mut draft = self.new_draft(&title, old.text.clone(), by, now);
            // Whoever wrote it then has a hand in it now.
            let authors = names_beside(&draft.authors, &old.authors);
            draft.authors.extend(authors);
            let hands = names_beside(&draft.hands, &old.hands);
            draft.hands.extend(hands);
            let mut draft = insert(connection, &self.key, draft)?;
            reason.trim().clone_into(&mut draft.reason);
            self.hand_in(connection, draft, weaker, by, now)
        })
    }

    /// Says that somebody else has looked at an emergency.
    ///
    /// # Errors
    /// [`Error::NotFlagged`], and [`Error::OwnWork`] for whoever made or approved it.
    pub fn look_at(&self, number: u64, by: &Actor) -> Result<Version, Error> {
        by.as_approver()?;
        self.write(|connection, now| {
            let flagged = version(connection, &self.key, number)?;
            if !flagged.is_flagged() {
                return Err(Error::NotFlagged(number));
            }
            let own = by.is_among(&[flagged.approver]);
            if own || self.had_a_hand(by, &flagged.authors, &flagged.hands) {
                return Err(Error::OwnWork);
            }
            let signed = Signed {
                by: by.name.clone(),
                time: now,
            };
            chain::sign(connection, &self.key, number, &signed)?;
            let about = number.cast_signed();
            note(connection, &self.key, (Act::Review, &by.name, about), now)?;
            version(connection, &self.key, number)
        })
    }

    /// What a text would change, tried against the version in force.
    ///
    /// # Errors
    /// When the chain was changed or cut.
    pub fn try_out(&self, text: &Text, bench: &Bench) -> Result<Trial, Error> {
        let live = self.live()?;
        Ok(bench.try_out(live.as_ref().map(|live| &live.text), text))
    }

    fn hand_in(
        &self,
        connection: &Connection,
        mut draft: Draft,
        weaker: usize,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Draft, Error> {
        if weaker > 0 {
            said(&draft.reason)?;
        }
        draft.state = State::Submitted;
        draft.submitter = Some(by.name.clone());
        draft.changed = now;
        self.add_author(&mut draft, by);
        keep(connection, &self.key, &draft)?;
        note(
            connection,
            &self.key,
            (Act::Submit, &by.name, draft.id),
            now,
        )?;
        Ok(draft)
    }

    fn go_live(
        &self,
        connection: &Connection,
        mut draft: Draft,
        weaker: usize,
        (by, way): (&Actor, Way),
        now: Timestamp,
    ) -> Result<Version, Error> {
        match way {
            Way::Emergency if weaker > 0 => return Err(Error::Weaker),
            Way::FourEyes if weaker > 0 && !by.fresh => return Err(Error::StepUp),
            Way::Emergency | Way::FourEyes => {}
        }
        let new = New {
            text: &draft.text,
            title: &draft.title,
            authors: &draft.authors,
            hands: &draft.hands,
            approver: &by.name,
            reason: &draft.reason,
            weaker: u32::try_from(weaker).unwrap_or(u32::MAX),
            emergency: matches!(way, Way::Emergency),
        };
        let version = chain::add(connection, &self.key, &new, now)?;
        draft.state = State::Live;
        draft.version = Some(version.number);
        draft.changed = now;
        keep(connection, &self.key, &draft)?;
        Ok(version)
    }

    /// Tries a draft against the version in force, outside of any transaction that writes.
    fn tried(
        &self,
        id: i64,
        bench: &Bench,
        may: &dyn Fn(&Draft) -> Result<(), Error>,
    ) -> Result<Tried, Error> {
        let (draft, live) = self.read(|connection| {
            let draft = load(connection, &self.key, id)?;
            Ok((draft, self.in_force(connection)?))
        })?;
        may(&draft)?;
        let head = live.as_ref().map(|live| live.head);
        if draft.base != head.map_or(0, |head| head.seq) {
            return Err(Error::Behind);
        }
        let trial = fit(live.as_ref(), &draft.text, bench)?;
        Ok(Tried {
            digest: draft.digest(),
            head,
            weaker: trial.weaker(),
        })
    }

    /// The draft, where it and the version in force are what they were when it was tried.
    fn as_tried(
        &self,
        connection: &Connection,
        (id, tried): (i64, &Tried),
        may: &dyn Fn(&Draft) -> Result<(), Error>,
    ) -> Result<Draft, Error> {
        let draft = load(connection, &self.key, id)?;
        may(&draft)?;
        if newest(connection, &self.key)? != tried.head {
            return Err(Error::Behind);
        }
        is_seen(&draft, &tried.digest)?;
        Ok(draft)
    }

    fn in_force(&self, connection: &Connection) -> Result<Option<Version>, Error> {
        let head = newest(connection, &self.key)?;
        head.map(|head| version(connection, &self.key, head.seq))
            .transpose()
    }
}

/// That a text could take the place of the version in force, and what it would change.
fn fit(live: Option<&Version>, text: &Text, bench: &Bench) -> Result<Trial, Error> {
    bounded(text)?;
    let live = live.map(|live| &live.text);
    if live == Some(text) {
        return Err(Error::Nothing);
    }
    if has_marks(text) {
        return Err(Error::Marks);
    }
    let trial = bench.try_out(live, text);
    match trial.fits() {
        true => Ok(trial),
        false => Err(Error::Unfit(Box::new(trial))),
    }
}

fn is_seen(draft: &Draft, seen: &str) -> Result<(), Error> {
    match draft.digest() == seen {
        true => Ok(()),
        false => Err(Error::Changed),
    }
}

/// Those of `more` that are not among `known`.
fn names_beside(known: &[String], more: &[String]) -> Vec<String> {
    let new = more.iter().filter(|name| !known.contains(name));
    new.cloned().collect()
}

fn said(reason: &str) -> Result<(), Error> {
    short(reason, REASON, "reason")?;
    match reason.trim().is_empty() {
        true => Err(Error::Reason),
        false => Ok(()),
    }
}
