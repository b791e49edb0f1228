//! The first pass: every call, record, field and query of a request, checked against the plan.

use std::collections::BTreeMap;

use super::analytics::FilterPlan;
use super::aura;
use super::convert::{self, Carried};
use super::file::{self, Sent};
use super::graphql::{self, GraphPlan};
use super::needs::{Needs, Term};
use super::query::{self, QueryPlan, SearchPlan};
use super::record;
use super::ui::LookupPlan;
use super::values::{By, Context, Intent, Noticed, Values, Written};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::chatter;
use crate::dialect::salesforce::door::{Door, Key, Verb};
use crate::dialect::salesforce::ui::What;
use crate::model::{Code, Personal, Refusal};
use crate::policy::{FieldPlan, FieldType, ObjectPlan, Plan, Rule};
use crate::protect::Protection;
use crate::wire::json::{Document, NodeId};

/// A request that has a rule for everything in it, and what becomes of each value.
#[derive(Debug)]
pub struct Survey<'p> {
    pub(super) request: Request,
    pub(super) values: Values<'p>,
    pub(super) keys: Vec<KeySlot<'p>>,
    pub(super) queries: Vec<QueryPlan<'p>>,
    pub(super) searches: Vec<SearchPlan<'p>>,
    pub(super) lookups: Vec<LookupPlan<'p>>,
    pub(super) graphs: Vec<GraphPlan<'p>>,
    /// The file that came beside the record, in a form.
    pub(super) sent: Option<Sent<'p>>,
    /// The filters of a report that compare a protected column.
    pub(super) filters: Vec<FilterPlan<'p>>,
    /// Members of bodies that do not travel, and those that travel in words of ours.
    pub(super) drops: Vec<NodeId>,
    pub(super) renames: Vec<(NodeId, String)>,
    /// The first record of each sub-request that has a name, by the name's position.
    pub(super) made: Vec<(usize, usize)>,
    /// Values of leads that are converted, which stay here and follow them.
    pub(super) carried: Vec<Carried<'p>>,
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
        values: Values::new(plan),
        keys: vec![],
        queries: vec![],
        searches: vec![],
        lookups: vec![],
        graphs: vec![],
        sent: None,
        filters: vec![],
        drops: vec![],
        renames: vec![],
        made: vec![],
        carried: vec![],
    };
    let mut context = Context {
        plan,
        protection,
        by: by.into(),
        door: None,
        document,
        body: None,
    };
    survey.version(&context, survey.request.top.version)?;
    let mut calls = calls;
    for (index, call) in calls.iter_mut().enumerate() {
        survey.version(&context, call.route.version)?;
        context.door =
            kind(&survey.request.top.door, &call.route.door).and_then(|kind| plan.door(kind));
        context.body = call.body;
        survey.door(&context, (index, call.scope), &mut call.route.door)?;
        aura::read(&context, call)?;
        let records = std::mem::take(&mut call.records);
        if let (Some(name), false) = (call.name, records.is_empty()) {
            survey.made.push((name, survey.values.units.len()));
        }
        for (position, entry) in records.iter().enumerate() {
            record::read(&mut survey, &context, (index, position), entry, call.scope)?;
        }
        if let Door::Convert(conversions) = &call.route.door {
            convert::persons(&mut survey, conversions);
        }
    }
    survey.request.calls = calls;
    survey.no_query_behind_its_write()?;
    Ok(survey)
}

/// The kind of request by which policy may look for more: what is asked, and whether it is within
/// a composite.
fn kind(top: &Door, door: &Door) -> Option<&'static str> {
    match door {
        // The records of its mutations are read as records all the same.
        Door::Query { .. } | Door::Search { .. } | Door::ParameterizedSearch | Door::GraphQl => {
            Some("query")
        }
        Door::Ui(ui) => match ui.what {
            What::Create | What::Update(_) => Some("records"),
            What::Lookup { .. } => Some("query"),
            _ => None,
        },
        Door::Create { .. } | Door::Record { .. } => Some(match top {
            Door::Composite | Door::Batch | Door::Graph => "composite",
            _ => "records",
        }),
        Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionRead { .. }
        | Door::Convert(_) => Some("composite"),
        Door::Chatter(_) => Some(match top {
            Door::Chatter(top) if top.what == chatter::What::Batch => "composite",
            _ => "records",
        }),
        Door::Analytics(_) | Door::Export(_) => Some("query"),
        Door::Versions
        | Door::Resources
        | Door::Objects
        | Door::Object { .. }
        | Door::Describe { .. }
        | Door::Download(_)
        | Door::More { .. }
        | Door::SearchLayout { .. }
        | Door::SearchScope
        | Door::Recent { .. }
        | Door::Limits
        | Door::RecordCount { .. }
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Events
        | Door::Aura(_)
        | Door::Controller { .. }
        | Door::CollectionDelete { .. } => None,
    }
}

impl<'p> Survey<'p> {
    /// A query finds what stood in the vault before the request. Where the same request writes a
    /// value of the class that it looks for, the answer could lack that record and look right.
    fn no_query_behind_its_write(&self) -> Result<(), Refusal> {
        let written = |class: &str| {
            let new =
                self.values.slots.iter().filter(|slot| {
                    matches!(slot.intent, Intent::Mint { .. } | Intent::Stable { .. })
                });
            let mut fields = new
                .map(|slot| slot.field)
                .chain(self.keys.iter().map(|key| key.field));
            fields.any(|field| {
                field
                    .class
                    .is_some_and(|id| self.values.plan.class(id).name == class)
            })
        };
        if self
            .values
            .needs
            .search
            .iter()
            .any(|(class, _)| written(class))
        {
            return Err(Refusal::new(
                Code::QueryClause,
                "WHERE: a query by a protected value may not stand in one request with a write of such a value; ask in two requests",
            ));
        }
        Ok(())
    }

    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.values.needs
    }

    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The request alone, for whoever reads an answer to it and sends nothing.
    #[must_use]
    pub fn into_request(self) -> Request {
        self.request
    }

    /// The fields that the request writes, each with its rule: for the ledger and for `explain`.
    pub fn written(&self) -> impl Iterator<Item = &'p FieldPlan> + '_ {
        let keys = self.keys.iter().filter(|key| key.unit.is_some());
        let sent = self.sent.iter().map(|sent| sent.field);
        self.values
            .written()
            .chain(keys.map(|key| key.field))
            .chain(sent)
    }

    /// What was found in text and did not refuse the request.
    #[must_use]
    pub fn noticed(&self) -> &[Noticed<'p>] {
        &self.values.noticed
    }

    /// The fields that a token, a ciphertext or a sealed file will be written into, by object.
    #[must_use]
    pub fn protected(&self) -> BTreeMap<&'p str, Vec<&'p FieldPlan>> {
        let keys = self.keys.iter();
        let keys = keys.filter_map(|key| Some((key.unit?, key.field)));
        let mut found: BTreeMap<&str, Vec<&FieldPlan>> = BTreeMap::new();
        let sent = self.sent.iter().map(|sent| (0, sent.field));
        for (unit, field) in self.values.protected().chain(keys).chain(sent) {
            if let Some(unit) = self.values.units.get(unit) {
                found.entry(&unit.object.name).or_default().push(field);
            }
        }
        found
    }

    /// Whether the vault must be asked before the request can be protected.
    #[must_use]
    pub fn asks(&self) -> bool {
        !self.values.slots.is_empty()
            || !self.keys.is_empty()
            || self.sent.is_some()
            || self.converts()
            || !self.values.needs.search.is_empty()
    }

    #[must_use]
    pub fn records(&self) -> usize {
        self.values.units.len()
    }

    fn version(&self, context: &Context<'p, '_>, version: u16) -> Result<(), Refusal> {
        let api = context.plan.api();
        let free = match &self.request.top.door {
            Door::Versions => true,
            // An action of Aura may leave its version to the CRM.
            Door::Aura(_) => version == 0,
            _ => false,
        };
        if free || (api.oldest..=api.newest).contains(&version) {
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
            | Door::SearchScope
            | Door::Export(_)
            | Door::ParameterizedSearch
            | Door::Recent { .. }
            | Door::Limits
            | Door::Composite
            | Door::Batch
            | Door::Graph
            | Door::Aura(_)
            | Door::Controller { .. }
            | Door::Collection { .. } => Ok(()),
            Door::CollectionDelete { ids, .. } => context.deletes_all(ids),
            Door::Convert(conversions) => convert::read(context, conversions),
            Door::Object { object }
            | Door::Describe { object }
            | Door::Create { object }
            | Door::Tree { object } => {
                context.object(object)?.name.clone_into(object);
                Ok(())
            }
            Door::RecordCount { objects } | Door::SearchLayout { objects } => {
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
            Door::Download(download) => file::downloaded(context.plan, download).map(drop),
            Door::Query { text, .. } => {
                let plan = query::plan(self, context, (call, scope), text)?;
                self.queries.push(plan);
                Ok(())
            }
            Door::Events => Err(apart()),
            Door::Ui(ui) => super::ui::read(self, context, call, ui),
            Door::Analytics(analytics) => super::analytics::read(self, context, analytics),
            Door::Chatter(chatter) => super::chatter::read(self, context, call, chatter),
            Door::GraphQl => graphql::read(self, context, (call, scope)),
            Door::Search { text } => {
                let plan = query::search(self, context, (call, scope), text)?;
                self.searches.push(plan);
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
        if verb == Verb::Delete {
            context.deletes(object)?;
        }
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
                    return super::value::check_pass_text(context, plan, value);
                }
                context.no_token(&plan.label, value)?;
                let (class, term) = context.term(plan, value).ok_or_else(|| unfit_key(plan))?;
                if !matches!(plan.rule, Rule::Tokenize { stable: true }) {
                    return Err(unfit_key(plan));
                }
                let at = self.values.stable(class.clone(), term);
                let mint = verb == Verb::Update;
                if mint {
                    self.values.needs.rows += 1;
                }
                self.keys.push(KeySlot {
                    call,
                    // The record of an upsert is read right after its door.
                    unit: mint.then_some(self.values.units.len()),
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

    pub(super) fn rename(&mut self, node: NodeId, text: String) {
        self.renames.push((node, text));
    }

    /// The records that the request writes.
    pub fn units(&self) -> impl Iterator<Item = Written<'_>> + '_ {
        self.values.written_records()
    }
}

fn apart() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "events are listened to by themselves",
    )
}

fn readable<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    field: &mut String,
) -> Result<(), Refusal> {
    let spelled = super::resolve::spell(context, object, field)?;
    if *spelled != **field {
        *field = spelled.into_owned();
    }
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
