//! Between protection's words and the vault's: questions, answers, rows.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::RecordId;
use crate::protect::FormatVersion;
use crate::protect::outward::{self, Needs};
use crate::vault;
use crate::vault::{
    Ask, Cleared, NewHeld, NewQuarantined, NewToken, Record, Reused, Rows, SubjectOf, Term, Unit,
};

/// The vault's record of a CRM record.
pub(super) fn record(object: &str, id: RecordId) -> Record {
    Record {
        object: object.into(),
        id: id.as_str().into(),
    }
}

fn term((class, mac): &(String, [u8; 16])) -> Term {
    Term {
        class: class.as_str().into(),
        mac: *mac,
    }
}

/// The question to the vault.
pub(super) fn ask(needs: &Needs) -> Ask {
    let subject = |of: &outward::SubjectOf| SubjectOf {
        record: of.record.as_ref().map(|(object, id)| record(object, *id)),
        identities: of.identities.iter().map(term).collect(),
        follow: of.follow.as_ref().map(|(object, id)| record(object, *id)),
        within: of.within,
    };
    Ask {
        subjects: needs.subjects.iter().map(subject).collect(),
        stable: needs.stable.iter().map(term).collect(),
        search: needs.search.iter().map(term).collect(),
        standing: needs.standing.clone(),
        rows: needs.rows,
    }
}

/// The vault's answer in protection's words.
pub(super) fn known(known: &vault::Known) -> outward::Known {
    let place = |place: &vault::Place| outward::Standing {
        object: place.object.to_string(),
        field: place.field.to_string(),
        record: place.record.as_deref().and_then(RecordId::new),
    };
    outward::Known {
        subjects: known
            .subjects
            .iter()
            .map(|subject| outward::Owner {
                subject: subject.id,
                key_version: subject.key_version,
                key: Arc::clone(&subject.key),
            })
            .collect(),
        stable: known.stable.clone(),
        search: known
            .search
            .iter()
            .map(|matches| outward::Found {
                rows: matches.rows.clone(),
                more: matches.overflow,
            })
            .collect(),
        standing: known
            .standing
            .iter()
            .map(|standing| {
                standing
                    .iter()
                    .flat_map(|standing| standing.places.iter().map(place))
                    .collect()
            })
            .collect(),
        rows: known.rows.clone(),
        people: HashMap::new(),
        unchanged: vec![],
    }
}

/// What must be durable, in the vault's words.
pub(super) fn rows(
    (exchange, client, late): (u128, &str, bool),
    survey: &[Written],
    known: &vault::Known,
    made: outward::Rows,
) -> Rows {
    let units = survey
        .iter()
        .zip(&known.subjects)
        .zip(0..)
        .map(|((written, subject), index)| Unit {
            index,
            subject: subject.id,
            object: written.object.as_str().into(),
            record: written.record.map(|id| id.as_str().into()),
        });
    Rows {
        exchange,
        subjects: known.subjects.clone(),
        units: units.collect(),
        tokens: made.tokens.into_iter().map(token).collect(),
        held: made.held.into_iter().map(held).collect(),
        reused: made
            .reused
            .into_iter()
            .map(|reused| Reused {
                row: reused.row,
                unit: number(reused.unit),
                field: reused.field.into(),
            })
            .collect(),
        cleared: made
            .cleared
            .into_iter()
            .map(|(unit, field)| Cleared {
                unit: number(unit),
                field: field.into(),
            })
            .collect(),
        quarantined: made.quarantined.into_iter().map(quarantined).collect(),
        client: client.to_owned(),
        late,
    }
}

fn quarantined(new: outward::NewQuarantined) -> NewQuarantined {
    NewQuarantined {
        row: new.row,
        unit: number(new.unit),
        class: new.class.into(),
        field: new.field.into(),
        id: new.id,
        categories: new.categories.join(" "),
        nonce: new.nonce,
        ciphertext: new.ciphertext.into(),
    }
}

fn token(new: outward::NewToken) -> NewToken {
    let class: Arc<str> = new.class.into();
    let search = new.term.map(|mac| Term {
        class: Arc::clone(&class),
        mac,
    });
    NewToken {
        row: new.row,
        unit: number(new.unit),
        field: new.field.into(),
        stable: new.term.filter(|_| new.stable),
        search: search.into_iter().collect(),
        form: new.form,
        nonce: new.nonce,
        ciphertext: new.ciphertext.into(),
        class,
    }
}

fn held(new: outward::NewHeld) -> NewHeld {
    NewHeld {
        row: new.row,
        unit: number(new.unit),
        class: new.class.into(),
        field: new.field.into(),
        form: FormatVersion::Vault1,
        nonce: new.nonce,
        ciphertext: new.ciphertext.into(),
    }
}

/// Records of one exchange are counted; there are never 2^32 of them.
pub(super) fn number(unit: usize) -> u32 {
    u32::try_from(unit).unwrap_or(u32::MAX)
}

/// A record that the exchange writes, owned: it is needed after the request has gone.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub object: String,
    pub record: Option<RecordId>,
    pub call: usize,
    pub position: usize,
    pub name: Option<String>,
}

/// The records that a survey found.
pub(super) fn written<'s>(units: impl Iterator<Item = outward::Written<'s>>) -> Vec<Written> {
    units
        .map(|unit| Written {
            object: unit.object.to_owned(),
            record: unit.record,
            call: unit.call,
            position: unit.position,
            name: unit.name.map(str::to_owned),
        })
        .collect()
}
