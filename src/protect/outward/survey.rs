//! The first pass: every call, record, field and query of a request, checked against the plan.

use std::collections::{BTreeMap, HashMap};

use super::needs::{Needs, SubjectOf, Term};
use super::query::{self, QueryPlan};
use super::record;
use super::weave::Span;
use crate::detect::Special;
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{Door, Key, Verb};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Personal, Refusal};
use crate::policy::{FieldPlan, FieldType, ObjectPlan, Plan, RoleSet, Rule};
use crate::protect::Protection;
use crate::wire::json::{Document, NodeId};

/// A request that has a rule for everything in it, and what becomes of each value.
#[derive(Debug)]
pub struct Survey<'p> {
    pub(super) request: Request,
    pub(super) units: Vec<Unit<'p>>,
    pub(super) slots: Vec<Slot<'p>>,
    pub(super) keys: Vec<KeySlot<'p>>,
    pub(super) queries: Vec<QueryPlan<'p>>,
    pub(super) needs: Needs,
    pub(super) plan: &'p Plan,
    /// Members of bodies that do not travel, and those that travel in words of ours.
    pub(super) drops: Vec<NodeId>,
    pub(super) renames: Vec<(NodeId, String)>,
    /// Fields whose values leave as they are.
    pub(super) passed: Vec<&'p FieldPlan>,
    pub(super) noticed: Vec<Noticed<'p>>,
    stable_seen: HashMap<(String, Term), usize>,
}

/// A record that the request writes.
#[derive(Debug)]
pub(super) struct Unit<'p> {
    pub object: &'p ObjectPlan,
    /// The id, where the request knows it.
    pub record: Option<Id>,
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

/// What was found in text and dealt with, for the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Noticed<'p> {
    pub field: &'p FieldPlan,
    /// The category; `identifier` for names, addresses and numbers.
    pub what: &'static str,
    pub action: &'static str,
    pub count: usize,
}

/// On whose behalf a request is read.
#[derive(Clone, Copy, Debug)]
pub struct By {
    pub viewer: RoleSet,
    /// A person has read the text and let it go: special categories are not looked for again.
    pub released: bool,
}

impl From<RoleSet> for By {
    fn from(viewer: RoleSet) -> Self {
        Self {
            viewer,
            released: false,
        }
    }
}

/// An external id in a URL; the call's position, and what stands for the value.
#[derive(Debug)]
pub(super) struct KeySlot<'p> {
    pub call: usize,
    /// The record of an upsert, for which a value without a token gets one. Reading and deleting
    /// find nothing then.
    pub unit: Option<usize>,
    pub field: &'p FieldPlan,
    pub class: String,
    pub value: Personal,
    pub term: Term,
    pub at: usize,
}

/// Reads a request against the plan.
///
/// # Errors
/// The first thing in it that has no rule, or whose rule refuses it.
pub fn survey<'p>(
    plan: &'p Plan,
    protection: &Protection,
    by: impl Into<By>,
    mut request: Request,
    document: Option<&Document<'_>>,
) -> Result<Survey<'p>, Refusal> {
    let calls = std::mem::take(&mut request.calls);
    let mut survey = Survey {
        request,
        units: vec![],
        slots: vec![],
        keys: vec![],
        queries: vec![],
        needs: Needs::default(),
        plan,
        drops: vec![],
        renames: vec![],
        passed: vec![],
        noticed: vec![],
        stable_seen: HashMap::new(),
    };
    let By { viewer, released } = by.into();
    let context = Context {
        plan,
        protection,
        viewer,
        released,
        document,
    };
    survey.version(&context, survey.request.top.version)?;
    let mut calls = calls;
    for (index, call) in calls.iter_mut().enumerate() {
        survey.version(&context, call.route.version)?;
        survey.door(&context, (index, call.scope), &mut call.route.door)?;
        let records = std::mem::take(&mut call.records);
        for (position, entry) in records.iter().enumerate() {
            record::read(&mut survey, &context, (index, position), entry, call.scope)?;
        }
    }
    if let [only] = calls.as_slice()
        && only.url.is_none()
    {
        survey.request.top = only.route.clone();
    }
    survey.request.calls = calls;
    survey.no_query_behind_its_write()?;
    Ok(survey)
}

/// What a survey reads by.
pub(super) struct Context<'p, 'c> {
    pub plan: &'p Plan,
    pub protection: &'c Protection,
    /// The roles of who asks: one who may not see a held value reads null, and must be able to
    /// write that null back without taking the value away.
    pub viewer: RoleSet,
    /// Whether a person has let the text go that is written.
    pub released: bool,
    pub document: Option<&'c Document<'c>>,
}

impl<'p> Context<'p, '_> {
    /// The rules of an object, or the refusal.
    pub fn object(&self, name: &str) -> Result<&'p ObjectPlan, Refusal> {
        self.plan.object(name).ok_or_else(|| {
            Refusal::new(
                Code::PolicyUnknownObject,
                "policy has no rules for this object, so the border lets nothing of it pass",
            )
        })
    }

    /// The rule of a field, or the refusal.
    pub fn field(&self, object: &'p ObjectPlan, name: &str) -> Result<&'p FieldPlan, Refusal> {
        object.field(name).ok_or_else(|| {
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

/// The refusal of a token that may not stand where it came.
pub(super) fn foreign(field: &str) -> Refusal {
    Refusal::at(
        Code::TokenForeign,
        field,
        "the text carries a token that does not stand at this record and field",
    )
}

impl<'p> Survey<'p> {
    /// A query finds what stood in the vault before the request. Where the same request writes a
    /// value of the class that it looks for, the answer could lack that record and look right.
    fn no_query_behind_its_write(&self) -> Result<(), Refusal> {
        let written = |class: &str| {
            let new = self
                .slots
                .iter()
                .filter(|slot| matches!(slot.intent, Intent::Mint { .. } | Intent::Stable { .. }));
            let mut fields = new
                .map(|slot| slot.field)
                .chain(self.keys.iter().map(|key| key.field));
            fields.any(|field| {
                field
                    .class
                    .is_some_and(|id| self.plan.class(id).name == class)
            })
        };
        if self.needs.search.iter().any(|(class, _)| written(class)) {
            return Err(Refusal::new(
                Code::QueryClause,
                "WHERE: a query by a protected value may not stand in one request with a write of such a value; ask in two requests",
            ));
        }
        Ok(())
    }

    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The fields that the request writes, each with its rule: for the ledger and for `explain`.
    pub fn written(&self) -> impl Iterator<Item = &'p FieldPlan> + '_ {
        let keys = self.keys.iter().filter(|key| key.unit.is_some());
        let protected = self.slots.iter().map(|slot| slot.field);
        protected
            .chain(keys.map(|key| key.field))
            .chain(self.passed.iter().copied())
    }

    /// What was found in text and did not refuse the request.
    #[must_use]
    pub fn noticed(&self) -> &[Noticed<'p>] {
        &self.noticed
    }

    /// The fields that a token or a ciphertext will be written into, by object.
    #[must_use]
    pub fn protected(&self) -> BTreeMap<&'p str, Vec<&'p FieldPlan>> {
        let slots = self.slots.iter().filter(|slot| {
            matches!(
                slot.intent,
                Intent::Mint { .. }
                    | Intent::Stable { .. }
                    | Intent::Seal { .. }
                    | Intent::Weave { .. }
                    | Intent::Quarantine { .. }
            )
        });
        let slots = slots.map(|slot| (slot.unit, slot.field));
        let keys = self
            .keys
            .iter()
            .filter_map(|key| Some((key.unit?, key.field)));
        let mut found: BTreeMap<&str, Vec<&FieldPlan>> = BTreeMap::new();
        for (unit, field) in slots.chain(keys) {
            if let Some(unit) = self.units.get(unit) {
                found.entry(&unit.object.name).or_default().push(field);
            }
        }
        found
    }

    /// Whether the vault must be asked before the request can be protected.
    #[must_use]
    pub fn asks(&self) -> bool {
        !self.slots.is_empty() || !self.keys.is_empty() || !self.needs.search.is_empty()
    }

    #[must_use]
    pub fn records(&self) -> usize {
        self.units.len()
    }

    fn version(&self, context: &Context<'p, '_>, version: u16) -> Result<(), Refusal> {
        let api = context.plan.api();
        let versions = self.request.top.door == Door::Versions;
        if versions || (api.oldest..=api.newest).contains(&version) {
            return Ok(());
        }
        let text = format!(
            "policy allows API versions {}.0 to {}.0",
            api.oldest, api.newest
        );
        Err(Refusal::new(Code::VersionOutside, text))
    }

    /// Gives a door's names their spelling in policy, and its query and key their plan.
    fn door(
        &mut self,
        context: &Context<'p, '_>,
        (call, scope): (usize, usize),
        door: &mut Door,
    ) -> Result<(), Refusal> {
        match door {
            Door::Versions
            | Door::Resources
            | Door::Objects
            | Door::More { .. }
            | Door::Recent { .. }
            | Door::Limits
            | Door::Composite
            | Door::Batch
            | Door::Graph
            | Door::Collection { .. }
            | Door::CollectionDelete { .. } => Ok(()),
            Door::Object { object }
            | Door::Describe { object }
            | Door::Create { object }
            | Door::Tree { object } => {
                context.object(object)?.name.clone_into(object);
                Ok(())
            }
            Door::RecordCount { objects } => {
                for object in objects {
                    context.object(object)?.name.clone_into(object);
                }
                Ok(())
            }
            Door::CollectionUpsert { object, field } => {
                let plan = context.object(object)?;
                plan.name.clone_into(object);
                self.external_field(context, plan, field)?
                    .name
                    .clone_into(field);
                Ok(())
            }
            Door::CollectionRead { object, fields, .. } => {
                let plan = context.object(object)?;
                plan.name.clone_into(object);
                fields
                    .iter_mut()
                    .try_for_each(|field| readable(context, plan, field))
            }
            Door::Record {
                verb,
                object,
                key,
                fields,
            } => {
                let plan = context.object(object)?;
                plan.name.clone_into(object);
                for field in fields.iter_mut().flatten() {
                    readable(context, plan, field)?;
                }
                self.key(context, (call, scope), plan, (key, *verb))
            }
            Door::Query { text, .. } => {
                let plan = query::plan(self, context, (call, scope), text)?;
                self.queries.push(plan);
                Ok(())
            }
        }
    }

    fn external_field(
        &self,
        context: &Context<'p, '_>,
        object: &'p ObjectPlan,
        field: &str,
    ) -> Result<&'p FieldPlan, Refusal> {
        let found = context.field(object, field)?;
        if found.kind != FieldType::Id && !object.is_external_id(field) {
            let text = format!("{} is not an external id in policy", found.label);
            return Err(Refusal::at(
                Code::FieldNotWritable,
                found.label.clone(),
                text,
            ));
        }
        Ok(found)
    }

    fn key(
        &mut self,
        context: &Context<'p, '_>,
        (call, scope): (usize, usize),
        object: &'p ObjectPlan,
        (key, verb): (&mut Key, Verb),
    ) -> Result<(), Refusal> {
        match key {
            Key::New | Key::Id(_) => Ok(()),
            Key::Reference { name, .. } => {
                *name = self
                    .request
                    .ours(scope, name)
                    .ok_or_else(unknown_reference)?;
                Ok(())
            }
            Key::External { field, value } => {
                let plan = self.external_field(context, object, field)?;
                plan.name.clone_into(field);
                if plan.rule == Rule::Pass {
                    context.no_token(&plan.label, value)?;
                    super::scan::literal(context, plan, value)?;
                    return super::value::check_pass_text(plan, value);
                }
                context.no_token(&plan.label, value)?;
                let (class, term) = context.term(plan, value).ok_or_else(|| unfit_key(plan))?;
                if !matches!(plan.rule, Rule::Tokenize { stable: true }) {
                    return Err(unfit_key(plan));
                }
                let at = self.stable(class.clone(), term);
                let mint = verb == Verb::Update;
                if mint {
                    self.needs.rows += 1;
                }
                self.keys.push(KeySlot {
                    call,
                    // The record of an upsert is read right after its door.
                    unit: mint.then_some(self.units.len()),
                    field: plan,
                    class,
                    value: Personal::new(std::mem::take(value)),
                    term,
                    at,
                });
                Ok(())
            }
        }
    }

    /// The position of a stable value in the needs; the same value has one position.
    pub(super) fn stable(&mut self, class: String, term: Term) -> usize {
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
    pub(super) fn standing(&mut self, row: u64) -> usize {
        self.needs.standing.push(row);
        self.needs.standing.len() - 1
    }

    pub(super) fn rename(&mut self, node: NodeId, text: String) {
        self.renames.push((node, text));
    }

    pub(super) fn subject(&mut self, of: SubjectOf) {
        self.needs.subjects.push(of);
    }

    /// The records that the request writes: object, id where the request knows it, and where the
    /// answer will tell it.
    pub fn units(&self) -> impl Iterator<Item = Written<'_>> + '_ {
        self.units.iter().map(|unit| Written {
            object: &unit.object.name,
            record: unit.record,
            call: unit.call,
            position: unit.position,
            name: unit.name.as_deref(),
        })
    }
}

/// A record that a request writes.
#[derive(Clone, Copy, Debug)]
pub struct Written<'s> {
    pub object: &'s str,
    pub record: Option<Id>,
    /// Which call writes it, and at which position among that call's records.
    pub call: usize,
    pub position: usize,
    /// Our name for it in a tree.
    pub name: Option<&'s str>,
}

fn readable<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    field: &mut String,
) -> Result<(), Refusal> {
    let (_, found) = super::resolve::path(context, object, &field.split('.').collect::<Vec<_>>())?;
    *field = found;
    Ok(())
}

pub(super) fn unknown_reference() -> Refusal {
    Refusal::new(
        Code::ReferenceRefused,
        "a reference names no earlier sub-request of this request",
    )
}

fn unfit_key(field: &FieldPlan) -> Refusal {
    let text = format!(
        "{} can be a key in a URL only if policy makes its tokens stable",
        field.label
    );
    Refusal::at(Code::ValueUnfit, field.label.clone(), text)
}
