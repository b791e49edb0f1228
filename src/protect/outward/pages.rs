//! A request to a CRM that its policy describes: fields of a body, searches, the request anew.

use std::borrow::Cow;
use std::sync::Arc;

use super::needs::{Known, Needs, Rows, SubjectOf, Term};
use super::rewrite::{self, Failure, Work};
use super::value;
use super::values::{By, Context, Intent, Noticed, Slot, Unit, Values, Written, foreign};
use super::weave;
use crate::dialect::pages::{Call, Entry, Grammar, Load, Name};
use crate::model::{Code, Entropy, Personal, Refusal};
use crate::policy::{FieldPlan, ObjectPlan, Plan, Subject};
use crate::protect::cleared::{Cleared, Insert, Outgoing};
use crate::protect::{Error, NONCE_LENGTH, Protection, file};
use crate::wire::json::{Document, Kind, NodeId, Value};
use crate::wire::{form, multipart};

/// A request that has a rule for everything in it, and what becomes of each value.
#[derive(Debug)]
pub struct PageSurvey<'p> {
    call: Call<'p>,
    values: Values<'p>,
    searches: Vec<Search<'p>>,
    /// Files that leave sealed, in the order of their parts.
    files: Vec<FileName<'p>>,
    /// Members of a JSON body that do not travel.
    drops: Vec<NodeId>,
    /// Slots whose value may be the one that stands in the CRM, in the order of
    /// [`Needs::unchanged`].
    unchanged: Vec<usize>,
}

/// The name of a file that leaves sealed.
#[derive(Debug)]
struct FileName<'p> {
    node: NodeId,
    field: &'p FieldPlan,
    name: Personal,
    term: Option<Term>,
}

/// A value that is asked for.
#[derive(Debug)]
struct Search<'p> {
    place: Place,
    /// Positions in [`Needs::search`].
    at: Vec<usize>,
    field: &'p FieldPlan,
    /// Whether the token stands as an address in all fields that are meant.
    address: bool,
}

/// Where a searched value stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Query(usize),
    Form(usize),
    Json(NodeId),
}

/// Reads a request against the plan. `document` holds the values of its fields: the body, where it
/// is JSON; else [`Call::values`].
///
/// # Errors
/// The first thing in it that has no rule, or whose rule refuses it.
pub fn survey_page<'p>(
    plan: &'p Plan,
    protection: &Protection,
    by: impl Into<By>,
    call: Call<'p>,
    document: Option<&Document<'_>>,
) -> Result<PageSurvey<'p>, Refusal> {
    let context = Context {
        plan,
        protection,
        by: by.into(),
        door: plan.door(&call.route.name),
        document,
        body: None,
    };
    let mut survey = PageSurvey {
        values: Values::new(plan),
        searches: vec![],
        files: vec![],
        drops: vec![],
        unchanged: vec![],
        call,
    };
    survey.names(&context)?;
    survey.record(&context)?;
    Ok(survey)
}

impl<'p> PageSurvey<'p> {
    /// Everything that is no field: what passes carries no token, what is asked for is looked up.
    fn names(&mut self, context: &Context<'p, '_>) -> Result<(), Refusal> {
        let mut searched = Vec::new();
        let entry = |place: Place, entry: &Entry<'p>, searched: &mut Vec<_>| {
            match entry.what {
                Name::Pass(Grammar::Secret)
                | Name::Drop
                | Name::Field(_)
                | Name::File
                | Name::Upload(_) => {}
                Name::Pass(_) => context.no_token(&entry.name, &entry.value)?,
                Name::Search(fields) => searched.push((place, fields, entry.value.clone())),
            }
            Ok::<(), Refusal>(())
        };
        for (at, one) in self.call.query.iter().enumerate() {
            entry(Place::Query(at), one, &mut searched)?;
        }
        match &self.call.load {
            Load::None => {}
            Load::Form(entries) | Load::Multipart(entries) => {
                for (at, one) in entries.iter().enumerate() {
                    entry(Place::Form(at), one, &mut searched)?;
                }
            }
            Load::Json(leaves) => {
                let document = super::record::body(context)?;
                // What passes was held to its form; a token has the form of a word.
                if context.no_token("", document.raw(document.root())).is_err() {
                    json_tokens(context, document, leaves)?;
                }
                for (node, what) in leaves {
                    match what {
                        Name::Drop => self.drops.push(*node),
                        Name::Search(fields) => {
                            // A number is asked for by its digits; only null asks for nothing.
                            let text = match document.kind(*node) {
                                Kind::Null => Cow::Borrowed(""),
                                Kind::String => document.text(*node).unwrap_or_default(),
                                _ => Cow::Borrowed(document.raw(*node)),
                            };
                            searched.push((Place::Json(*node), fields, text.into_owned()));
                        }
                        Name::Field(_) | Name::Pass(_) | Name::File | Name::Upload(_) => {}
                    }
                }
            }
        }
        for (place, fields, value) in searched {
            self.search(context, place, fields, &value)?;
        }
        Ok(())
    }

    fn search(
        &mut self,
        context: &Context<'p, '_>,
        place: Place,
        fields: &[(String, String)],
        value: &str,
    ) -> Result<(), Refusal> {
        // Nothing is asked for; or for the token that the page itself showed. A sealed one carries
        // text that nobody has looked at.
        if value.trim().is_empty() || context.protection.bare_token(value) {
            return Ok(());
        }
        let mut at = Vec::new();
        let mut plans: Vec<&FieldPlan> = Vec::new();
        for (object, field) in fields {
            let field = context.field(context.object(object)?, field)?;
            context.no_token(&field.label, value)?;
            // Who may not see a value may not find out by asking either: nothing is found.
            if let Some(term) = context.term(field, value).filter(|_| context.shows(field)) {
                at.push(position(&mut self.values.needs.search, term));
            }
            plans.push(field);
        }
        let Some(field) = plans.first().copied() else {
            return Err(Refusal::new(Code::QueryClause, "the search names no field"));
        };
        self.searches.push(Search {
            place,
            at,
            field,
            address: plans.iter().all(|field| value::is_address(field)),
        });
        Ok(())
    }

    /// The fields of the body: those of one record.
    fn record(&mut self, context: &Context<'p, '_>) -> Result<(), Refusal> {
        let fields = self.fields(context)?;
        if fields.is_empty() {
            return Ok(());
        }
        let object = self.call.route.object.as_deref();
        let object = context.object(object.unwrap_or_default())?;
        let document = super::record::body(context)?;
        let record = self.call.record;
        let mut of = SubjectOf {
            record: record.map(|id| (object.name.clone(), id)),
            ..SubjectOf::default()
        };
        self.values.units.push(Unit {
            object,
            record,
            call: 0,
            position: 0,
            name: None,
        });
        self.values.subject(SubjectOf::default());
        for (node, what) in fields {
            let name = match what {
                Name::Upload(upload) => {
                    let field = context.field(object, &upload.field)?;
                    self.file(context, field, node)?;
                    continue;
                }
                Name::Field(name) => name,
                _ => continue,
            };
            let field = context.field(object, name)?;
            self.identify(
                context,
                (object, field),
                document.text(node).as_deref(),
                &mut of,
            );
            let text = document.text(node);
            let text = text.as_deref().unwrap_or_default();
            // A form sends a mask again as it came, and what a sealed one carries was not looked at.
            if context.protection.whole_token(text).is_some()
                && !context.protection.bare_token(text)
            {
                return Err(sealed_mask(field));
            }
            let empty = document.kind(node) == Kind::String && text.trim().is_empty();
            let intent = match document.kind(node) {
                Kind::Null => value::cleared(context, field)?,
                Kind::String if empty => value::cleared(context, field)?,
                _ => value::intent(&mut self.values, context, None, field, node)?,
            };
            match intent {
                Some(intent) => self.values.slots.push(Slot {
                    unit: 0,
                    field,
                    node,
                    intent,
                }),
                None => self.values.passed.push(field),
            }
        }
        weave::record(&mut self.values, context, (0, 0), &of, record.is_none())?;
        self.may_stay(context, object);
        if let Some(place) = self.values.needs.subjects.first_mut() {
            *place = of;
        }
        Ok(())
    }

    /// A file that leaves sealed: its name becomes a token of its own, on which its key hangs.
    fn file(
        &mut self,
        context: &Context<'p, '_>,
        field: &'p FieldPlan,
        node: NodeId,
    ) -> Result<(), Refusal> {
        match value::intent(&mut self.values, context, None, field, node)? {
            Some(Intent::Mint { value, term }) => self.files.push(FileName {
                node,
                field,
                name: value,
                term,
            }),
            // A token, a placeholder, a name with tokens in it, or none at all.
            _ => return Err(value::unfit(field, "it is no name that a file can have")),
        }
        Ok(())
    }

    /// Notes the values that whoever sends them may see in the form: sent again as they are, they keep
    /// their tokens, and the CRM sees no change. Who may not see a value learns nothing by guessing
    /// it. A field that comes twice has no one value.
    fn may_stay(&mut self, context: &Context<'p, '_>, object: &ObjectPlan) {
        let Some(record) = self.call.record else {
            return;
        };
        let slots = &self.values.slots;
        for (at, slot) in slots.iter().enumerate() {
            let once = slots
                .iter()
                .filter(|other| other.field.name == slot.field.name)
                .count()
                == 1;
            if once && matches!(slot.intent, Intent::Mint { .. }) && context.shows(slot.field) {
                let place = ((object.name.clone(), record), slot.field.name.clone());
                self.values.needs.unchanged.push(place);
                self.unchanged.push(at);
            }
        }
    }

    fn fields(&self, context: &Context<'p, '_>) -> Result<Vec<(NodeId, &'p Name)>, Refusal> {
        if let Load::Json(leaves) = &self.call.load {
            let fields = leaves
                .iter()
                .filter(|(_, what)| matches!(what, Name::Field(_)));
            return Ok(fields.copied().collect());
        }
        let mut fields = self.call.fields().peekable();
        if fields.peek().is_none() {
            return Ok(vec![]);
        }
        let document = super::record::body(context)?;
        let nodes = document.elements(document.root());
        Ok(nodes.zip(fields.map(|entry| entry.what)).collect())
    }

    /// Notes what tells whose data the record is.
    fn identify(
        &self,
        context: &Context<'p, '_>,
        (object, field): (&ObjectPlan, &FieldPlan),
        text: Option<&str>,
        of: &mut SubjectOf,
    ) {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return;
        };
        match &object.subject {
            Subject::Own => {}
            Subject::Identify(names) => {
                // A mask tells nothing of whose data it is.
                if names.contains(&field.name) && !context.protection.token_in(text) {
                    of.identities.extend(context.term(field, text));
                }
            }
            Subject::Follow {
                field: name,
                objects,
            } => {
                if let [target] = objects.as_slice()
                    && *name == field.name
                    && let Some(id) = self.call.site.ids.record(text)
                {
                    of.follow = Some((target.clone(), id));
                }
            }
        }
    }

    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.values.needs
    }

    /// The fields that the request writes or asks for, each with its rule.
    pub fn written(&self) -> impl Iterator<Item = &'p FieldPlan> + '_ {
        let searched = self.searches.iter().map(|search| search.field);
        let files = self.files.iter().map(|file| file.field);
        self.values.written().chain(searched).chain(files)
    }

    #[must_use]
    pub fn noticed(&self) -> &[Noticed<'p>] {
        &self.values.noticed
    }

    pub fn units(&self) -> impl Iterator<Item = Written<'_>> + '_ {
        self.values.written_records()
    }

    /// Whether the vault must be asked before the request can be protected.
    #[must_use]
    pub fn asks(&self) -> bool {
        !self.values.slots.is_empty() || !self.searches.is_empty() || !self.files.is_empty()
    }

    /// The row of the value that stands in the CRM, where it is this very value.
    fn same(&self, at: usize, slot: &Slot<'_>, known: &Known) -> Option<u64> {
        let Intent::Mint { value, .. } = &slot.intent else {
            return None;
        };
        let asked = self.unchanged.iter().position(|slot| *slot == at)?;
        let standing = known.unchanged.get(asked)?.as_ref()?;
        let class = self.values.plan.class(slot.field.class?);
        let same = standing.class == class.name && standing.value.expose() == value.expose();
        same.then_some(standing.row)
    }

    /// Rewrites the request with what the vault knows. `files` are those of its parts, in order.
    ///
    /// # Errors
    /// A token from outside that does not stand where it came, a search that finds several values,
    /// or a failure of ours.
    pub fn protect(
        mut self,
        known: &Known,
        protection: &Protection,
        document: Option<&Document<'_>>,
        files: &[Arc<file::Sealed>],
        entropy: &dyn Entropy,
    ) -> Result<(Cleared<Outgoing>, Rows), Failure> {
        let count = self.values.nonces() + 2 * self.files.len();
        let mut nonces = vec![0; NONCE_LENGTH * count];
        entropy
            .fill(&mut nonces)
            .map_err(|_| Failure::Failed(Error::Library))?;
        let mut work = Work::new(known, protection, nonces.chunks_exact(NONCE_LENGTH));
        // A form without a field empties it: what stays is sent as it came.
        work.resends = true;
        for node in &self.drops {
            work.edits.remove(*node);
        }
        for (at, slot) in self.values.slots.iter().enumerate() {
            match self.same(at, slot, known) {
                Some(row) => work.put(slot.node, Some(row), slot.field)?,
                None => work.slot(&self.values, slot)?,
            }
        }
        for search in &self.searches {
            let text = found(search, known, &work)?;
            self.call.put(search.place, text, &mut work)?;
        }
        if files.len() != self.files.len() {
            return Err(Failure::Incomplete);
        }
        let mut heads = Vec::with_capacity(files.len());
        for (name, file) in self.files.iter().zip(files) {
            let class = name.field.class.map(|class| self.values.plan.class(class));
            let place = rewrite::Place {
                unit: 0,
                class: class.map_or("", |class| class.name.as_str()),
                field: &name.field.name,
            };
            let (row, head) = work.file(&place, name.name.expose(), name.term, file)?;
            let token = work.row_text(Some(row), false)?;
            work.edits.replace(name.node, Value::Text(token));
            heads.push((head, Arc::clone(file)));
        }
        self.call.fill(&work, document);
        let outgoing = write(&self.call, &work, document, &heads)?;
        Ok((Cleared::new(outgoing), work.rows))
    }
}

fn sealed_mask(field: &FieldPlan) -> Refusal {
    let text = format!(
        "{}: whoever may not see this field cannot save the form that has it (rule {})",
        field.label, field.rule_id
    );
    Refusal::at(Code::TokenForeign, field.label.clone(), text)
}

fn position(terms: &mut Vec<(String, Term)>, term: (String, Term)) -> usize {
    let known = terms.iter().position(|known| *known == term);
    known.unwrap_or_else(|| {
        terms.push(term);
        terms.len() - 1
    })
}

/// A token in a JSON body may stand in fields and searches only.
fn json_tokens(
    context: &Context<'_, '_>,
    document: &Document<'_>,
    leaves: &[(NodeId, &Name)],
) -> Result<(), Refusal> {
    let mut open = vec![document.root()];
    while let Some(node) = open.pop() {
        match document.kind(node) {
            Kind::Object => open.extend(document.members(node).map(|(_, value)| value)),
            Kind::Array => open.extend(document.elements(node)),
            Kind::String => {
                let more = leaves.iter().any(|(leaf, _)| *leaf == node);
                let text = document.text(node).unwrap_or_default();
                if !more && context.protection.token_in(&text) {
                    return Err(foreign("the body"));
                }
            }
            Kind::Number | Kind::Bool | Kind::Null => {}
        }
    }
    Ok(())
}

/// What stands in the CRM for the value that is asked for. There is room for one token.
fn found(search: &Search<'_>, known: &Known, work: &Work<'_, '_>) -> Result<String, Failure> {
    let mut rows: Vec<u64> = Vec::new();
    let mut more = false;
    for at in &search.at {
        let found = known.search.get(*at).ok_or(Failure::Incomplete)?;
        rows.extend(&found.rows);
        more |= found.more;
    }
    rows.sort_unstable();
    rows.dedup();
    if more || rows.len() > 1 {
        let text = format!(
            "several records have this value of {}, each with a token of its own, and this search takes one; policy can make the tokens of its class stable",
            search.field.label
        );
        let refusal = Refusal::at(Code::QueryClause, search.field.label.clone(), text);
        return Err(refusal.into());
    }
    Ok(work.row_text(rows.first().copied(), search.address)?)
}

impl Call<'_> {
    /// Puts what is asked for in the place of the value that was asked for.
    fn put(&mut self, place: Place, text: String, work: &mut Work<'_, '_>) -> Result<(), Failure> {
        let entry = match (place, &mut self.load) {
            (Place::Query(at), _) => self.query.get_mut(at),
            (Place::Form(at), Load::Form(entries) | Load::Multipart(entries)) => {
                entries.get_mut(at)
            }
            (Place::Json(node), _) => {
                work.edits.replace(node, Value::Text(text));
                return Ok(());
            }
            (Place::Form(_), Load::None | Load::Json(_)) => None,
        };
        // A place that is lost would leave the value where it stands.
        entry.ok_or(Failure::Incomplete)?.value = text;
        Ok(())
    }

    /// Puts what became of the values of a form's fields in their places.
    fn fill(&mut self, work: &Work<'_, '_>, document: Option<&Document<'_>>) {
        let (Load::Form(entries) | Load::Multipart(entries), Some(document)) =
            (&mut self.load, document)
        else {
            return;
        };
        let fields = entries.iter_mut().filter(|entry| entry.is_field());
        for (node, entry) in document.elements(document.root()).zip(fields) {
            match work.edits.change(node) {
                None => {}
                Some(Some(Value::Text(text) | Value::Raw(text))) => entry.value.clone_from(text),
                Some(Some(Value::Null) | None) => entry.value.clear(),
            }
        }
    }
}

fn write(
    call: &Call<'_>,
    work: &Work<'_, '_>,
    document: Option<&Document<'_>>,
    heads: &[Head],
) -> Result<Outgoing, Failure> {
    let mut files = vec![];
    let kept = |entries: &'_ [Entry<'_>]| -> Vec<(String, String)> {
        let kept = entries.iter().filter(|entry| *entry.what != Name::Drop);
        kept.map(|entry| (entry.name.clone(), entry.value.clone()))
            .collect()
    };
    let query = form::write(&kept(&call.query));
    let target = match query.as_str() {
        "" => call.path.clone(),
        query => format!("{}?{query}", call.path),
    };
    let (body, content_type) = match &call.load {
        Load::None => (None, None),
        Load::Form(entries) => (
            Some(form::write(&kept(entries)).into_bytes()),
            Some("application/x-www-form-urlencoded".to_owned()),
        ),
        Load::Multipart(entries) => {
            let body = multipart(entries, heads, &mut files)?;
            (Some(body.bytes), Some(body.content_type))
        }
        Load::Json(_) => {
            let document = document.ok_or(Failure::Incomplete)?;
            let kind = "application/json".to_owned();
            (Some(document.write(&work.edits)), Some(kind))
        }
    };
    Ok(Outgoing {
        method: call.method.name(),
        target,
        body,
        content_type,
        session: None,
        files,
    })
}

/// What stands before a file's chunks, and the file.
type Head = (Vec<u8>, Arc<file::Sealed>);

/// A form with files: each file's head is written here, and its chunks go behind it.
fn multipart(
    entries: &[Entry<'_>],
    heads: &[Head],
    files: &mut Vec<Insert>,
) -> Result<multipart::Body, Failure> {
    let mut heads = heads.iter();
    let kept = entries.iter().filter(|entry| *entry.what != Name::Drop);
    let mut parts = Vec::new();
    for entry in kept {
        let file = matches!(entry.what, Name::File | Name::Upload(_));
        let head = match entry.is_upload() {
            true => Some(heads.next().ok_or(Failure::Incomplete)?),
            false => None,
        };
        let name = format!("{}{}", entry.value, entry.end);
        parts.push((entry, head, file.then_some(name)));
    }
    let items: Vec<multipart::Item<'_>> = parts
        .iter()
        .map(|(entry, head, name)| multipart::Item {
            name: &entry.name,
            filename: name.as_deref(),
            content_type: name.as_ref().map(|_| "application/octet-stream"),
            content: match (head, name) {
                (Some((head, _)), _) => head,
                (None, Some(_)) => b"",
                (None, None) => entry.value.as_bytes(),
            },
        })
        .collect();
    let body = multipart::write(&items).map_err(|_| Failure::Incomplete)?;
    let ends = parts.iter().zip(&body.ends);
    files.extend(ends.filter_map(|((_, head, _), at)| {
        head.map(|(_, file)| Insert {
            at: *at,
            file: Arc::clone(file),
        })
    }));
    Ok(body)
}
