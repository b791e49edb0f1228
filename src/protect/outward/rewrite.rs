//! The second pass: every value replaced, the request written anew.

use std::ops::Range;
use std::sync::Arc;

use super::file;
use super::needs::{Known, NewHeld, NewToken, Owner, Reused, Rows, Term};
use super::query::Alias;
use super::survey::{KeySlot, Survey};
use super::value;
use super::values::{Intent, Slot, Values, foreign};
use crate::dialect::salesforce::aura;
use crate::dialect::salesforce::call::{self, Request};
use crate::dialect::salesforce::door::{self, Door, Key, Route, Verb};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::ui::Parameter;
use crate::model::{Code, Entropy, RecordId, Refusal};
use crate::policy::FieldPlan;
use crate::protect::cleared::{Cleared, Outgoing};
use crate::protect::{
    Context, Error, FormatVersion, NONCE_LENGTH, Protection, file::Sealed, seal, seal_field,
};
use crate::wire::json::{Document, Edits, NodeId, Value};

/// What protection makes of a request.
#[derive(Debug)]
pub struct Protected {
    pub cleared: Cleared<Outgoing>,
    /// What must be durable before the request is sent.
    pub rows: Rows,
    /// The calls and the client's names, to read the answer by.
    pub request: Request,
    /// The keys of aggregate answers.
    pub aliases: Vec<Alias>,
    /// What a search was carried out without, in words for the client.
    pub left_out: Option<String>,
}

/// Why a surveyed request could not be protected after all.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("protection failed")]
    Failed(#[from] Error),
    #[error("the vault's answer does not fit the question")]
    Incomplete,
}

impl Survey<'_> {
    /// Rewrites the request with what the vault knows.
    ///
    /// # Errors
    /// A token from outside that does not stand where it came, a query that finds too much, or a
    /// failure of ours.
    pub fn protect(
        self,
        known: &Known,
        protection: &Protection,
        document: Option<&Document<'_>>,
        entropy: &dyn Entropy,
    ) -> Result<Protected, Failure> {
        let rewritten = self.rewrite(known, protection, (None, entropy))?;
        let outgoing = write(&rewritten.request, document, rewritten.edits)?;
        Ok(Protected {
            cleared: Cleared::new(outgoing),
            rows: rewritten.rows,
            request: rewritten.request,
            aliases: rewritten.aliases,
            left_out: rewritten.left_out,
        })
    }

    /// Replaces every value; how the request is written is its door's part.
    pub(super) fn rewrite(
        mut self,
        known: &Known,
        protection: &Protection,
        (file, entropy): (Option<&Arc<Sealed>>, &dyn Entropy),
    ) -> Result<Rewritten, Failure> {
        let beside = 2 * self.sent.iter().len();
        let count = self.values.nonces() + self.keys.len() + beside + self.carried.len();
        let mut nonces = vec![0; NONCE_LENGTH * count];
        entropy
            .fill(&mut nonces)
            .map_err(|_| Failure::Failed(Error::Library))?;
        let mut work = Work::new(known, protection, nonces.chunks_exact(NONCE_LENGTH));
        for node in &self.drops {
            work.edits.remove(*node);
        }
        for (node, text) in std::mem::take(&mut self.renames) {
            work.edits.replace(node, Value::Text(text));
        }
        for (index, name) in self.request.names.iter().enumerate() {
            work.edits.replace(name.node, Value::Text(name.ours(index)));
        }
        let mut within = file::seal(&self.values, entropy)?.into_iter();
        for slot in &self.values.slots {
            match &slot.intent {
                Intent::File { name, .. } => {
                    let file = within.next().ok_or(Failure::Incomplete)?;
                    work.inline((&self.values, slot), name, file)?;
                }
                _ => work.slot(&self.values, slot)?,
            }
        }
        for carried in &self.carried {
            work.carry(&self.values, carried)?;
        }
        work.rows.binds = self.converts();
        let beside = match (&self.sent, file) {
            (Some(sent), Some(file)) => Some(work.beside((&self.values, sent), file)?),
            (None, None) => None,
            // A file that nobody told of would be lost, or leave without its row.
            _ => return Err(Failure::Incomplete),
        };
        for key in &self.keys {
            let text = work.key(key)?;
            let call = self.request.calls.get_mut(key.call);
            let Some(Door::Record {
                key: Key::External { value, .. },
                ..
            }) = call.map(|call| &mut call.route.door)
            else {
                return Err(Failure::Incomplete);
            };
            *value = text;
        }
        self.languages(&mut work)?;
        let mut searches = self.searches.iter_mut();
        let left_out = searches.find_map(|search| search.left_out.take());
        let queries = self.queries.iter_mut().map(|query| &mut query.aliases);
        let graphs = self.graphs.iter_mut().map(|graph| &mut graph.aliases);
        let aliases = queries.chain(graphs).flat_map(std::mem::take).collect();
        Ok(Rewritten {
            edits: work.edits,
            rows: work.rows,
            request: self.request,
            aliases,
            left_out,
            beside,
        })
    }

    /// Writes what is asked in a language of its own, with tokens in the places of values.
    fn languages(&mut self, work: &mut Work<'_, '_>) -> Result<(), Failure> {
        for query in &self.queries {
            let text = query.finish(&work.known.search, &|row, field| {
                work.row_text(row, value::is_address(field)).ok()
            })?;
            // Where there is no place for it, what the client wrote would leave.
            let call = self.request.calls.get_mut(query.call);
            let Some(Door::Query { text: place, .. }) = call.map(|call| &mut call.route.door)
            else {
                return Err(Failure::Incomplete);
            };
            *place = text;
        }
        for search in &self.searches {
            let text = search.finish(&work.known.search, &|row, field| {
                work.row_text(row, value::is_address(field)).ok()
            })?;
            let call = self.request.calls.get_mut(search.call);
            let Some(Door::Search { text: place }) = call.map(|call| &mut call.route.door) else {
                return Err(Failure::Incomplete);
            };
            *place = text;
        }
        for lookup in &self.lookups {
            let text = lookup.finish(&work.known.search, &|row, field| {
                work.row_text(row, value::is_address(field)).ok()
            })?;
            let call = self.request.calls.get_mut(lookup.call);
            let Some(Door::Ui(ui)) = call.map(|call| &mut call.route.door) else {
                return Err(Failure::Incomplete);
            };
            for (_, parameter) in &mut ui.parameters {
                if let Parameter::Term(place) = parameter {
                    place.clone_from(&text);
                }
            }
        }
        for graph in &self.graphs {
            let text = graph.finish(&work.known.search, &|row, field| {
                work.row_text(row, value::is_address(field)).ok()
            })?;
            work.edits.replace(graph.node, Value::Text(text));
        }
        for filter in &self.filters {
            let text = filter.finish(&work.known.search, &|row, field| {
                work.row_text(row, value::is_address(field)).ok()
            })?;
            work.edits.replace(filter.node, Value::Text(text));
        }
        Ok(())
    }
}

/// A request with every value replaced, not written yet.
pub(super) struct Rewritten {
    pub edits: Edits,
    pub rows: Rows,
    pub request: Request,
    pub aliases: Vec<Alias>,
    pub left_out: Option<String>,
    /// What the name of the file beside the record becomes, and what stands before its chunks.
    pub beside: Option<(String, Vec<u8>)>,
}

/// The request for an object's description: an API name and nothing else of anybody's.
///
/// # Errors
/// When the text does not have the form of an API name.
pub fn describe(version: u16, object: &str) -> Result<Cleared<Outgoing>, Refusal> {
    if !door::is_name(object) {
        return Err(Refusal::new(
            Code::PolicyUnknownObject,
            "an object has an API name: a letter, then letters, digits and underscores",
        ));
    }
    let route = Route {
        version,
        door: Door::Describe {
            object: object.to_owned(),
        },
    };
    Ok(Cleared::new(Outgoing {
        method: route.method(),
        target: route.target(),
        body: None,
        content_type: None,
        session: None,
        files: vec![],
    }))
}

/// The request for the list of the API's versions.
#[must_use]
pub fn versions() -> Cleared<Outgoing> {
    let route = Route {
        version: 0,
        door: Door::Versions,
    };
    Cleared::new(Outgoing {
        method: route.method(),
        target: route.target(),
        body: None,
        content_type: None,
        session: None,
        files: vec![],
    })
}

/// The request for one field of one record, to see whether a placeholder still stands in it.
///
/// # Errors
/// When object or field does not have the form of an API name.
pub fn look(
    version: u16,
    (object, record): (&str, Id),
    field: &str,
) -> Result<Cleared<Outgoing>, Refusal> {
    if !door::is_name(object) || !door::is_name(field) {
        return Err(Refusal::new(
            Code::PolicyUnknownField,
            "an object and a field have API names: a letter, then letters, digits and underscores",
        ));
    }
    let route = Route {
        version,
        door: Door::Record {
            verb: Verb::Read,
            object: object.to_owned(),
            key: Key::Id(record),
            fields: Some(vec![field.to_owned()]),
        },
    };
    Ok(Cleared::new(Outgoing {
        method: route.method(),
        target: route.target(),
        body: None,
        content_type: None,
        session: None,
        files: vec![],
    }))
}

/// Writes the request from its calls and the edited body.
pub(super) fn write(
    request: &Request,
    document: Option<&Document<'_>>,
    mut edits: Edits,
) -> Result<Outgoing, Failure> {
    let mut top = &*request.top;
    for call in &request.calls {
        if let Some(url) = call.url {
            let target = call.route.target();
            let text = if call.relative {
                target.trim_start_matches("/services/data/").to_owned()
            } else {
                target
            };
            edits.replace(url, Value::Text(text));
        } else if let (Some(action), Some(document)) = (&call.action, document) {
            aura::write(action, &call.route.door, document, &mut edits)?;
        } else {
            top = &call.route;
        }
    }
    let body = match (top.has_body(), document) {
        (true, Some(document)) => Some(call::outgoing(top, document.write(&edits))?),
        (false, None) => None,
        // The parameters of its body stand in its URL.
        (false, Some(_)) if matches!(top.door, Door::Search { .. }) => None,
        _ => return Err(Failure::Incomplete),
    };
    let form = matches!(top.door, Door::Aura(_));
    let form = form.then(|| "application/x-www-form-urlencoded; charset=UTF-8".to_owned());
    Ok(Outgoing {
        method: top.method(),
        target: top.target(),
        body,
        content_type: form,
        session: None,
        files: vec![],
    })
}

pub(super) struct Work<'k, 'n> {
    pub(super) known: &'k Known,
    pub(super) protection: &'k Protection,
    /// Rows of stable values: those that the vault knows, and those made here.
    pub(super) stable: Vec<Option<u64>>,
    pub(super) free: Range<u64>,
    pub(super) nonces: std::slice::ChunksExact<'n, u8>,
    pub(super) rows: Rows,
    pub(super) edits: Edits,
    /// Whether what stays in the CRM is sent again as it came, and what is taken out is sent as
    /// null: a form without a field empties it.
    pub(super) resends: bool,
}

/// Where a row belongs.
pub(super) struct Place<'f> {
    pub(super) unit: usize,
    pub(super) class: &'f str,
    pub(super) field: &'f str,
}

impl<'k, 'n> Work<'k, 'n> {
    pub(super) fn new(
        known: &'k Known,
        protection: &'k Protection,
        nonces: std::slice::ChunksExact<'n, u8>,
    ) -> Self {
        Self {
            known,
            protection,
            stable: known.stable.clone(),
            free: known.rows.clone(),
            nonces,
            rows: Rows::default(),
            edits: Edits::new(),
            resends: false,
        }
    }
}

impl Work<'_, '_> {
    pub(super) fn slot(&mut self, values: &Values<'_>, slot: &Slot<'_>) -> Result<(), Failure> {
        let class = slot
            .field
            .class
            .map_or("", |class| values.plan.class(class).name.as_str());
        let place = Place {
            unit: slot.unit,
            class,
            field: &slot.field.name,
        };
        match &slot.intent {
            Intent::Mint { value, term } => {
                let row = self.mint(&place, value.expose(), *term, false)?;
                self.put(slot.node, Some(row), slot.field)?;
            }
            Intent::Stable { value, term, at } => {
                let row = self.stable_row(&place, value.expose(), *term, *at)?;
                self.put(slot.node, Some(row), slot.field)?;
            }
            Intent::Find { at, address } => {
                let row = self.stable.get(*at).copied().flatten();
                let text = self.row_text(row, *address)?;
                self.edits.replace(slot.node, Value::Text(text));
            }
            Intent::Seal { value } => self.seal(slot.node, &place, value.expose())?,
            // Sealed with its own key, by `inline`.
            Intent::File { .. } => return Err(Failure::Incomplete),
            Intent::Hold { json } => {
                self.hold(&place, json.expose())?;
                self.take_out(slot.node);
            }
            Intent::Empty => {
                self.cleared(&place);
                self.edits.replace(slot.node, Value::Null);
            }
            Intent::Drop => {
                self.cleared(&place);
                self.take_out(slot.node);
            }
            Intent::Leave => self.stay(slot.node),
            Intent::Text(text) => {
                self.cleared(&place);
                self.edits.replace(slot.node, Value::Text(text.clone()));
            }
            Intent::Raw(json) => {
                self.cleared(&place);
                self.edits.replace(slot.node, Value::Raw(json.clone()));
            }
            Intent::Keep { at } => {
                let unit = values.units.get(slot.unit).ok_or(Failure::Incomplete)?;
                self.keep(slot.field, (&unit.object.name, unit.record), *at)?;
                self.stay(slot.node);
            }
            Intent::Weave { .. } | Intent::KeepWithin { .. } | Intent::Quarantine { .. } => {
                self.text(values, slot, &place)?;
            }
        }
        Ok(())
    }

    /// What the CRM has stays as it is.
    fn stay(&mut self, node: NodeId) {
        if !self.resends {
            self.edits.remove(node);
        }
    }

    /// Nothing leaves.
    fn take_out(&mut self, node: NodeId) {
        match self.resends {
            true => self.edits.replace(node, Value::Null),
            false => self.edits.remove(node),
        }
    }

    pub(super) fn cleared(&mut self, place: &Place<'_>) {
        self.rows.cleared.push((place.unit, place.field.to_owned()));
    }

    /// An unchanged mask keeps what stands; at any other place it would move somebody's value.
    pub(super) fn keep(
        &self,
        field: &FieldPlan,
        (object, record): (&str, Option<RecordId>),
        at: usize,
    ) -> Result<(), Failure> {
        let places = self.known.standing.get(at).map_or(&[][..], Vec::as_slice);
        let stands = places.iter().any(|place| {
            place.object == object
                && place.field == field.name
                && record.is_some()
                && place.record == record
        });
        if stands {
            Ok(())
        } else {
            Err(foreign(&field.label).into())
        }
    }

    fn key(&mut self, key: &KeySlot<'_>) -> Result<String, Failure> {
        let row = match key.unit {
            Some(unit) => {
                let place = Place {
                    unit,
                    class: &key.class,
                    field: &key.field.name,
                };
                Some(self.stable_row(&place, key.value.expose(), key.term, key.at)?)
            }
            None => self.stable.get(key.at).copied().flatten(),
        };
        Ok(self.row_text(row, value::is_address(key.field))?)
    }

    fn stable_row(
        &mut self,
        place: &Place<'_>,
        value: &str,
        term: Term,
        at: usize,
    ) -> Result<u64, Failure> {
        if let Some(row) = self.stable.get(at).copied().flatten() {
            self.rows.reused.push(Reused {
                row,
                unit: place.unit,
                field: place.field.to_owned(),
            });
            return Ok(row);
        }
        let row = self.mint(place, value, Some(term), true)?;
        *self.stable.get_mut(at).ok_or(Failure::Incomplete)? = Some(row);
        Ok(row)
    }

    pub(super) fn mint(
        &mut self,
        place: &Place<'_>,
        value: &str,
        term: Option<Term>,
        stable: bool,
    ) -> Result<u64, Failure> {
        let row = self.free.next().ok_or(Failure::Incomplete)?;
        let nonce = self.nonce()?;
        let owner = self.owner(place.unit)?;
        let context = self.context(FormatVersion::Vault1, owner, place.class, row);
        let ciphertext = seal(&owner.key, &context, nonce, value.as_bytes())?;
        self.push(
            place,
            FormatVersion::Vault1,
            row,
            (term, stable),
            (nonce, ciphertext),
        );
        Ok(row)
    }

    /// The row of a file's name, and what stands before the file's chunks.
    pub(super) fn file(
        &mut self,
        place: &Place<'_>,
        name: &str,
        term: Option<Term>,
        file: &Sealed,
    ) -> Result<(u64, Vec<u8>), Failure> {
        let row = self.free.next().ok_or(Failure::Incomplete)?;
        let (nonce, head_nonce) = (self.nonce()?, self.nonce()?);
        let owner = self.owner(place.unit)?;
        let context = self.context(FormatVersion::FileName1, owner, place.class, row);
        let ciphertext = seal(&owner.key, &context, nonce, name.as_bytes())?;
        let token = self.protection.codec.mint(row)?;
        let head = file.head(token, (&owner.key, &context), head_nonce)?;
        self.push(
            place,
            FormatVersion::FileName1,
            row,
            (term, false),
            (nonce, ciphertext),
        );
        Ok((row, head))
    }

    /// Ciphertext in the field; its row says whose it is and holds nothing more.
    fn seal(&mut self, node: NodeId, place: &Place<'_>, value: &str) -> Result<(), Failure> {
        let row = self.free.next().ok_or(Failure::Incomplete)?;
        let nonce = self.nonce()?;
        let owner = self.owner(place.unit)?;
        let context = self.context(FormatVersion::Field1, owner, place.class, row);
        let text = seal_field(&self.protection.codec, &owner.key, &context, nonce, value)?;
        self.edits.replace(node, Value::Text(text));
        self.push(
            place,
            FormatVersion::Field1,
            row,
            (None, false),
            (nonce, vec![]),
        );
        Ok(())
    }

    pub(super) fn hold(&mut self, place: &Place<'_>, json: &str) -> Result<(), Failure> {
        let row = self.free.next().ok_or(Failure::Incomplete)?;
        let nonce = self.nonce()?;
        let owner = self.owner(place.unit)?;
        let context = self.context(FormatVersion::Vault1, owner, place.class, row);
        let ciphertext = seal(&owner.key, &context, nonce, json.as_bytes())?;
        self.rows.held.push(NewHeld {
            row,
            unit: place.unit,
            class: place.class.to_owned(),
            field: place.field.to_owned(),
            nonce,
            ciphertext,
        });
        Ok(())
    }

    fn push(
        &mut self,
        place: &Place<'_>,
        form: FormatVersion,
        row: u64,
        (term, stable): (Option<Term>, bool),
        (nonce, ciphertext): ([u8; NONCE_LENGTH], Vec<u8>),
    ) {
        self.rows.tokens.push(NewToken {
            row,
            unit: place.unit,
            class: place.class.to_owned(),
            field: place.field.to_owned(),
            term,
            stable,
            form,
            nonce,
            ciphertext,
        });
    }

    pub(super) fn put(
        &mut self,
        node: NodeId,
        row: Option<u64>,
        field: &FieldPlan,
    ) -> Result<(), Failure> {
        let text = self.row_text(row, value::is_address(field))?;
        self.edits.replace(node, Value::Text(text));
        Ok(())
    }

    /// The text of a row's token; without a row, of the token that stands for no value.
    pub(super) fn row_text(&self, row: Option<u64>, address: bool) -> Result<String, Error> {
        let codec = &self.protection.codec;
        let token = row.map_or_else(|| Ok(codec.nobody()), |row| codec.mint(row))?;
        Ok(if address {
            token.address(&self.protection.domain)
        } else {
            token.text()
        })
    }

    pub(super) fn owner(&self, unit: usize) -> Result<&Owner, Failure> {
        self.known.subjects.get(unit).ok_or(Failure::Incomplete)
    }

    pub(super) fn nonce(&mut self) -> Result<[u8; NONCE_LENGTH], Failure> {
        self.nonces
            .next()
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or(Failure::Incomplete)
    }

    pub(super) fn context<'a>(
        &'a self,
        form: FormatVersion,
        owner: &Owner,
        class: &'a str,
        row: u64,
    ) -> Context<'a> {
        Context {
            form,
            tenant: &self.protection.tenant,
            class,
            subject: owner.subject,
            key: u64::from(owner.key_version),
            row,
        }
    }
}
