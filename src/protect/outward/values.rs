//! What is the same in every dialect: the values of a request, each with its rule, and what becomes
//! of it. Where the values stand in a request, and how it is written anew, is the dialect's part.

use std::collections::HashMap;

use super::needs::{Needs, SubjectOf, Term};
use super::weave::Span;
use crate::detect::Special;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Personal, RecordId, Refusal, Secret};
use crate::policy::{DoorPlan, FieldPlan, ObjectPlan, Plan, RoleSet};
use crate::protect::Protection;
use crate::wire::json::{Document, NodeId};

/// The values of a request that has a rule for each, and what the vault must know of them.
#[derive(Debug)]
pub(super) struct Values<'p> {
    pub plan: &'p Plan,
    pub units: Vec<Unit<'p>>,
    pub slots: Vec<Slot<'p>>,
    pub needs: Needs,
    /// Fields whose values leave as they are.
    pub passed: Vec<&'p FieldPlan>,
    pub noticed: Vec<Noticed<'p>>,
    stable_seen: HashMap<(String, Term), usize>,
}

/// A record that the request writes.
#[derive(Debug)]
pub(super) struct Unit<'p> {
    pub object: &'p ObjectPlan,
    /// The id, where the request knows it.
    pub record: Option<RecordId>,
    /// Which call writes it, and at which position among that call's records.
    pub call: usize,
    pub position: usize,
    /// The reference id of a tree's record, as we name it.
    pub name: Option<String>,
}

/// A value that stands in a body and must not stay as it is.
#[derive(Debug)]
pub(super) struct Slot<'p> {
    pub unit: usize,
    pub field: &'p FieldPlan,
    pub node: NodeId,
    pub intent: Intent,
}

/// What becomes of a value.
#[derive(Debug)]
pub(super) enum Intent {
    /// A token of its own; found by `term` where the class is searchable.
    Mint { value: Personal, term: Option<Term> },
    /// The token that this value has everywhere; `at` counts [`Needs::stable`].
    Stable {
        value: Personal,
        term: Term,
        at: usize,
    },
    /// As `Stable`, for a reference to another record: never minted.
    Find { at: usize, address: bool },
    /// Ciphertext in the field.
    Seal { value: Personal },
    /// A file, sealed whole in the field.
    File {
        content: Secret,
        name: Personal,
        /// The media type that it came with.
        kind: String,
    },
    /// Kept here; `json` is the value as JSON text.
    Hold { json: Personal },
    /// The field is emptied: null leaves.
    Empty,
    /// Nothing leaves, and what was kept for this field goes.
    Drop,
    /// Nothing leaves, and what was kept stays.
    Leave,
    /// Another text of ours.
    Text(String),
    /// Another JSON number of ours.
    Raw(String),
    /// A mask that came back: allowed if the token stands at this record and field.
    Keep { at: usize },
    /// The text with tokens in the places of spans. Where `clears`, tokens of before may stand in
    /// the field; `more` rows are for what the vault knows of the person.
    Weave {
        text: Personal,
        spans: Vec<Span>,
        changed: bool,
        clears: bool,
        more: usize,
    },
    /// Text with tokens that came back: it leaves as it is if all of them stand at this record and
    /// field.
    KeepWithin {
        text: Personal,
        at: Vec<usize>,
        changed: bool,
    },
    /// The text waits here, and a placeholder leaves.
    Quarantine {
        value: Personal,
        categories: Vec<Special>,
    },
}

/// What names, addresses and numbers in a text are called.
pub const IDENTIFIER: &str = "identifier";

/// What was found in text and dealt with, for the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Noticed<'p> {
    pub field: &'p FieldPlan,
    /// The category; [`IDENTIFIER`] for names, addresses and numbers.
    pub what: &'static str,
    pub action: &'static str,
    pub count: usize,
}

/// On whose behalf a request is read.
#[derive(Clone, Copy, Debug)]
pub struct By {
    pub viewer: RoleSet,
    /// Whether a second factor of theirs was shown just now.
    pub fresh: bool,
    /// A person has read the text and let it go: special categories are not looked for again.
    pub released: bool,
}

impl From<RoleSet> for By {
    fn from(viewer: RoleSet) -> Self {
        Self {
            viewer,
            fresh: false,
            released: false,
        }
    }
}

/// What a survey reads by.
pub(super) struct Context<'p, 'c> {
    pub plan: &'p Plan,
    pub protection: &'c Protection,
    /// Who asks: one who may not see a held value reads null, and must be able to write that null
    /// back without taking the value away.
    pub by: By,
    /// What holds at the door that the request came by, where it is more than the plan says.
    pub door: Option<&'p DoorPlan>,
    pub document: Option<&'c Document<'c>>,
    /// Where in it the body of the call stands that is read, where it is not the whole.
    pub body: Option<NodeId>,
}

impl<'p> Context<'p, '_> {
    /// Whether whoever asks may see values of this field. A field without a class has none to see.
    pub fn shows(&self, field: &FieldPlan) -> bool {
        field.class.is_some_and(|class| {
            self.plan
                .class(class)
                .is_shown_to(self.by.viewer, self.by.fresh)
        })
    }

    /// The rules of an object, or the refusal.
    pub fn object(&self, name: &str) -> Result<&'p ObjectPlan, Refusal> {
        let here = self.door.and_then(|door| door.object(name));
        here.or_else(|| self.plan.object(name)).ok_or_else(|| {
            unlisted(self.plan, name, None).unwrap_or_else(|| {
                Refusal::new(
                    Code::PolicyUnknownObject,
                    "policy has no rules for this object, so the border lets nothing of it pass",
                )
            })
        })
    }

    /// The rules of the object that a record's id belongs to, or the refusal.
    pub fn object_of(&self, id: Id) -> Result<&'p ObjectPlan, Refusal> {
        let object = self.plan.whole().object_of_id(id.as_str()).ok_or_else(|| {
            Refusal::new(
                Code::PolicyUnknownObject,
                "policy has no rules for the object that this record id belongs to",
            )
        })?;
        self.object(&object.name)
    }

    /// Refuses to delete records of an object of which the program's list leaves something out: they
    /// go with all their fields.
    pub fn deletes(&self, object: &ObjectPlan) -> Result<(), Refusal> {
        if !object.is_narrowed() {
            return Ok(());
        }
        let text = format!(
            "records are deleted with all their fields, and the list of this program does not name {} \
             whole (rule client.fields)",
            object.name
        );
        Err(Refusal::at(Code::ProgramFields, object.name.clone(), text))
    }

    /// As [`Self::deletes`], for leads that are converted and what is made of them: the CRM copies
    /// all fields.
    pub fn converts(&self, object: &ObjectPlan) -> Result<(), Refusal> {
        if !object.is_narrowed() {
            return Ok(());
        }
        let text = format!(
            "leads are converted with all their fields, and the list of this program does not name \
             {} whole (rule client.fields)",
            object.name
        );
        Err(Refusal::at(Code::ProgramFields, object.name.clone(), text))
    }

    /// As [`Self::deletes`], for records by their ids alone.
    pub fn deletes_all(&self, ids: &[Id]) -> Result<(), Refusal> {
        let mut ids = ids.iter().filter(|_| self.plan.is_narrowed());
        ids.try_for_each(|id| self.deletes(self.object_of(*id)?))
    }

    /// The rule of a field, or the refusal.
    pub fn field(&self, object: &'p ObjectPlan, name: &str) -> Result<&'p FieldPlan, Refusal> {
        object.field(name).ok_or_else(|| {
            if let Some(refusal) = unlisted(self.plan, &object.name, Some(name)) {
                return refusal;
            }
            let text = format!(
                "a field of {} that is used here has no rule in policy",
                object.name
            );
            Refusal::at(Code::PolicyUnknownField, object.name.clone(), text)
        })
    }

    /// The blind-index term of a value, within the field's class.
    pub fn term(&self, field: &FieldPlan, value: &str) -> Option<(String, Term)> {
        let class = self.plan.class(field.class?);
        Some((class.name.clone(), self.protection.term(class, value)?))
    }

    /// Refuses text that carries a token: tokens come from the CRM, and only a mask that stands
    /// unchanged at its place may come back (`record` sees to that).
    pub fn no_token(&self, field: &str, text: &str) -> Result<(), Refusal> {
        if self.protection.token_in(text) {
            return Err(foreign(field));
        }
        Ok(())
    }
}

/// The refusal of what policy has rules for and the program's list leaves out; none where the list is
/// not what is missing.
pub(super) fn unlisted(plan: &Plan, object: &str, field: Option<&str>) -> Option<Refusal> {
    let label = plan.unlisted(object, field)?;
    Some(not_listed(label))
}

fn not_listed(label: &str) -> Refusal {
    let text = format!("{label} is not in the list of fields of this program (rule client.fields)");
    Refusal::at(Code::ProgramFields, label, text)
}

/// As [`unlisted`], for a relation of an object to others or to its children.
pub(super) fn no_relation(plan: &Plan, object: &ObjectPlan, relation: &str) -> Option<Refusal> {
    let label = plan.unlisted_relation(&object.name, relation)?;
    Some(not_listed(&label))
}

/// The refusal of a search that looks into all fields of an object, some of which the program's list
/// leaves out: what it finds would tell of them.
pub(super) fn not_whole(object: &ObjectPlan) -> Refusal {
    let text = format!(
        "a free search looks into all fields of {}, and the list of this program does not name it \
         whole (rule client.fields); ask by a query",
        object.name
    );
    Refusal::at(Code::ProgramFields, object.name.clone(), text)
}

/// The refusal of a search that looks into all objects.
pub(super) fn not_named() -> Refusal {
    let text = "a program that keeps to a list of fields names the objects that it searches \
                (rule client.fields)";
    Refusal::new(Code::ProgramFields, text)
}

/// The refusal of a token that may not stand where it came.
pub(super) fn foreign(field: &str) -> Refusal {
    Refusal::at(
        Code::TokenForeign,
        field,
        "the text carries a token that does not stand at this record and field",
    )
}

impl<'p> Values<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            units: vec![],
            slots: vec![],
            needs: Needs::default(),
            passed: vec![],
            noticed: vec![],
            stable_seen: HashMap::new(),
        }
    }

    /// The fields that are written, each with its rule.
    pub fn written(&self) -> impl Iterator<Item = &'p FieldPlan> + '_ {
        let protected = self.slots.iter().map(|slot| slot.field);
        protected.chain(self.passed.iter().copied())
    }

    /// The records that are written: object, id where the request knows it, and where the answer
    /// will tell it.
    pub fn written_records(&self) -> impl Iterator<Item = Written<'_>> + '_ {
        self.units.iter().map(|unit| Written {
            object: &unit.object.name,
            record: unit.record,
            call: unit.call,
            position: unit.position,
            name: unit.name.as_deref(),
        })
    }

    /// The fields that a token or a ciphertext will be written into, each with its record.
    pub fn protected(&self) -> impl Iterator<Item = (usize, &'p FieldPlan)> + '_ {
        let slots = self.slots.iter().filter(|slot| {
            matches!(
                slot.intent,
                Intent::Mint { .. }
                    | Intent::Stable { .. }
                    | Intent::Seal { .. }
                    | Intent::Weave { .. }
                    | Intent::Quarantine { .. }
                    | Intent::File { .. }
            )
        });
        slots.map(|slot| (slot.unit, slot.field))
    }

    /// How many nonces it takes to protect them.
    pub fn nonces(&self) -> usize {
        let each = self.slots.iter().map(|slot| match &slot.intent {
            Intent::Weave { spans, more, .. } => spans.len() + more,
            Intent::File { .. } => 2, // The row's and the head's.
            _ => 1,
        });
        each.sum()
    }

    pub fn subject(&mut self, of: SubjectOf) {
        self.needs.subjects.push(of);
    }

    /// The position of a stable value in the needs; the same value has one position.
    pub fn stable(&mut self, class: String, term: Term) -> usize {
        let needs = &mut self.needs;
        *self
            .stable_seen
            .entry((class.clone(), term))
            .or_insert_with(|| {
                needs.stable.push((class, term));
                needs.stable.len() - 1
            })
    }

    /// The position of a token that came from the client in the needs.
    pub fn standing(&mut self, row: u64) -> usize {
        self.needs.standing.push(row);
        self.needs.standing.len() - 1
    }
}

/// A record that a request writes.
#[derive(Clone, Copy, Debug)]
pub struct Written<'s> {
    pub object: &'s str,
    pub record: Option<RecordId>,
    /// Which call writes it, and at which position among that call's records.
    pub call: usize,
    pub position: usize,
    /// Our name for it in a tree.
    pub name: Option<&'s str>,
}
