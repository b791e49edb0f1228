//! The way in: what the vault knows of the tokens in an answer, put in their places.

use std::sync::Arc;

use super::record::{Scribe, Tally};
use super::{Failure, Rules, Shared, rows};
use crate::dialect::salesforce::analytics;
use crate::dialect::salesforce::call::{Call, Request};
use crate::dialect::salesforce::door::Door;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::ui::{Ui, What};
use crate::protect::inward::{
    self, HeldValue, Page, Reading, Revealed, Shape, StoredValue, Viewer,
};
use crate::vault::{self, Vault};
use crate::wire;
use crate::wire::csv::Delimiter;
use crate::wire::json::{Document, Edits, Limits, NodeId, Value};

impl Shared {
    /// Loads the values of a page in one batch, and reveals those that the viewer may see.
    pub(super) async fn reveal_page<'p>(
        &self,
        rules: &'p Rules,
        viewer: &Viewer<'p>,
        page: &Page<'_>,
    ) -> Result<Revealed<'p>, Failure> {
        let rows = match page.rows.as_slice() {
            [] => vec![],
            rows => self.vault.load(rows).await?,
        };
        let values: Vec<Option<StoredValue<'_>>> = rows
            .iter()
            .map(|row| row.as_ref().map(|row| stored(row)))
            .collect();
        page.reveal((viewer, &rules.protection.tenant), &values)
            .map_err(Failure::Answer)
    }

    /// Loads the values of an answer in one batch, and reveals those that the viewer may see.
    pub(super) async fn reveal<'p>(
        &self,
        rules: &'p Rules,
        viewer: &Viewer<'p>,
        text: &str,
        reading: &Reading<'_>,
    ) -> Result<Revealed<'p>, Failure> {
        let vault = &self.vault;
        let rows = load(vault, &reading.rows).await?;
        let held = held(vault, &reading.held).await?;
        let (values, kept) = (values(&rows), values_held(&reading.held, &held));
        Ok(reading.reveal(text, (viewer, &rules.protection.tenant), &values, &kept))
    }

    /// As [`Self::reveal`] for a portion of a table.
    pub(super) async fn reveal_table<'p>(
        &self,
        rules: &'p Rules,
        viewer: &Viewer<'p>,
        delimiter: Delimiter,
        portion: &inward::Rows<'_, '_>,
    ) -> Result<Revealed<'p>, Failure> {
        let vault = &self.vault;
        let rows = match portion.rows.as_slice() {
            [] => vec![],
            rows => vault.scan(rows).await?,
        };
        let held = match records(&portion.held).as_slice() {
            [] => vec![],
            records => vault.scan_held(records).await?,
        };
        let (values, kept) = (values(&rows), values_held(&portion.held, &held));
        let viewer = (viewer, rules.protection.tenant.as_str());
        Ok(portion.reveal(viewer, delimiter, &values, &kept))
    }
}

type Loaded = Vec<Option<Arc<vault::Sealed>>>;
type LoadedHeld = Vec<Arc<Vec<vault::Held>>>;

async fn load(vault: &Vault, rows: &[u64]) -> Result<Loaded, Failure> {
    Ok(match rows {
        [] => vec![],
        rows => vault.load(rows).await?,
    })
}

async fn held(vault: &Vault, of: &[(&str, Id)]) -> Result<LoadedHeld, Failure> {
    Ok(match records(of).as_slice() {
        [] => vec![],
        records => vault.held(records).await?,
    })
}

fn records(of: &[(&str, Id)]) -> Vec<vault::Record> {
    let record = |(object, id): &(&str, Id)| rows::record(object, (*id).into());
    of.iter().map(record).collect()
}

fn values(rows: &[Option<Arc<vault::Sealed>>]) -> Vec<Option<StoredValue<'_>>> {
    let rows = rows.iter();
    rows.map(|row| row.as_ref().map(|row| stored(row)))
        .collect()
}

fn values_held<'v>(
    records: &[(&'v str, Id)],
    held: &'v [Arc<Vec<vault::Held>>],
) -> Vec<HeldValue<'v>> {
    let records = records.iter().zip(held);
    let values = records.flat_map(|((object, record), held)| {
        held.iter().map(move |held| HeldValue {
            object,
            record: *record,
            field: &held.field,
            value: StoredValue {
                row: held.row,
                subject: held.subject,
                key_version: held.key_version,
                class: &held.class,
                form: held.form,
                nonce: held.nonce,
                ciphertext: &held.ciphertext,
                key: &held.key,
                opened: &held.opened,
            },
        })
    });
    values.collect()
}

/// A row of the vault in protection's words.
pub(super) fn stored(row: &vault::Sealed) -> StoredValue<'_> {
    StoredValue {
        row: row.row,
        subject: row.subject,
        key_version: row.key_version,
        class: &row.class,
        form: row.form,
        nonce: row.nonce,
        ciphertext: &row.ciphertext,
        key: &row.key,
        opened: &row.opened,
    }
}

/// A description without the objects and fields that policy has no rule for: clients ask for
/// every field that they are told of, and would be refused.
///
/// # Errors
/// A description of fields by the UI API that cannot be read: it would be shown with all names.
pub(super) fn described(
    rules: &Rules,
    door: &Door,
    text: &str,
    host: &str,
) -> Result<Option<String>, wire::Error> {
    if let Door::Ui(Ui {
        what: What::ObjectInfo { .. },
        ..
    }) = door
    {
        return match text.is_empty() {
            true => Ok(None),
            false => object_infos(rules, text).map(Some),
        };
    }
    Ok(listed(rules, door, text, host))
}

/// The same for lists of the API's own.
fn listed(rules: &Rules, door: &Door, text: &str, host: &str) -> Option<String> {
    let (list, object) = match door {
        Door::Resources => return resources(text, host),
        Door::Objects => ("sobjects", None),
        Door::Describe { object } => ("fields", Some(rules.plan.object(object)?)),
        _ => return None,
    };
    let document = Document::parse(text.as_bytes(), &DESCRIPTION).ok()?;
    let mut edits = Edits::new();
    for item in document.elements(document.get(document.root(), list)?) {
        let name = document
            .get(item, "name")
            .and_then(|name| document.text(name));
        let ruled = name.is_some_and(|name| match object {
            Some(object) => object.field(&name).is_some(),
            None => rules.plan.object(&name).is_some(),
        });
        if !ruled {
            edits.remove(item);
        }
    }
    String::from_utf8(document.write(&edits)).ok()
}

/// The same for the UI API: one object, or a list of results.
fn object_infos(rules: &Rules, text: &str) -> Result<String, wire::Error> {
    let document = Document::parse(text.as_bytes(), &DESCRIPTION)?;
    let mut edits = Edits::new();
    infos(rules, &document, document.root(), &mut edits);
    written(&document, &edits)
}

/// The same for the actions of an answer of Aura that ask for it.
///
/// # Errors
/// An answer that cannot be read: it would be shown with all names.
pub(super) fn described_actions(
    rules: &Rules,
    request: &Request,
    text: &str,
) -> Result<Option<String>, wire::Error> {
    let describes = |call: &Call| {
        matches!(
            &call.route.door,
            Door::Ui(Ui {
                what: What::ObjectInfo { .. },
                ..
            })
        )
    };
    if !request.calls.iter().any(describes) {
        return Ok(None);
    }
    let document = Document::parse(text.as_bytes(), &DESCRIPTION)?;
    let mut edits = Edits::new();
    let actions = document.get(document.root(), "actions");
    let actions = actions.map(|actions| own(&document, actions));
    for action in actions.into_iter().flat_map(|node| document.elements(node)) {
        let action = own(&document, action);
        let id = document.get(action, "id").and_then(|id| document.text(id));
        let call = id.and_then(|id| request.calls.get(request.answered(&id)?.0));
        if call.is_some_and(describes)
            && let Some(value) = document.get(action, "returnValue")
        {
            infos(rules, &document, value, &mut edits);
        }
    }
    written(&document, &edits).map(Some)
}

fn written(document: &Document<'_>, edits: &Edits) -> Result<String, wire::Error> {
    String::from_utf8(document.write(edits)).map_err(|error| wire::Error::NotUtf8 {
        at: error.utf8_error().valid_up_to(),
    })
}

/// What a node stands for that may be shared: `{"s": 1, "v": …}`.
fn own(document: &Document<'_>, node: NodeId) -> NodeId {
    let shared = document.get(node, "s");
    shared.and_then(|_| document.get(node, "v")).unwrap_or(node)
}

fn infos(rules: &Rules, document: &Document<'_>, root: NodeId, edits: &mut Edits) {
    let root = own(document, root);
    let infos: Vec<NodeId> = match document.get(root, "results") {
        Some(results) => {
            let results = document.elements(own(document, results));
            results
                .filter_map(|result| document.get(own(document, result), "result"))
                .collect()
        }
        None => vec![root],
    };
    for info in infos {
        let info = own(document, info);
        let name = document
            .get(info, "apiName")
            .and_then(|name| document.text(name));
        let object = name.and_then(|name| rules.plan.object(&name));
        let fields = document.get(info, "fields");
        let fields = fields.map(|fields| own(document, fields));
        for (name, node) in fields.into_iter().flat_map(|node| document.members(node)) {
            if object.is_none_or(|object| object.field(&name).is_none()) {
                edits.remove(node);
            }
        }
    }
}

/// A version's resources, with the identity at our host: Salesforce names its login host there, and
/// a client would show our token to it.
fn resources(text: &str, host: &str) -> Option<String> {
    let document = Document::parse(text.as_bytes(), &DESCRIPTION).ok()?;
    let identity = document.get(document.root(), "identity")?;
    let theirs = document.text(identity)?;
    let (_, path) = theirs.split_once("/id/")?;
    let mut edits = Edits::new();
    edits.replace(identity, Value::Text(format!("https://{host}/id/{path}")));
    String::from_utf8(document.write(&edits)).ok()
}

/// A description of an object with hundreds of fields is larger than any request.
const DESCRIPTION: Limits = Limits {
    bytes: 64 << 20,
    depth: 64,
    key: 256,
    number: 64,
    nodes: 4_000_000,
};

/// Which objects of the answer are the API's own.
pub(super) fn shape(door: &Door) -> Shape {
    match door {
        Door::Ui(ui) if ui.is_metadata() => Shape::Metadata,
        Door::Ui(_) => Shape::Ui,
        Door::GraphQl => Shape::Graph,
        Door::Events => Shape::Events,
        Door::Chatter(_) => Shape::Feed,
        Door::Analytics(analytics) => analytics_shape(&analytics.what),
        Door::Aura(_) => Shape::Aura,
        Door::Versions
        | Door::Controller { .. }
        | Door::Resources
        | Door::Objects
        | Door::Object { .. }
        | Door::Describe { .. }
        | Door::SearchLayout { .. }
        | Door::SearchScope
        | Door::Limits
        | Door::RecordCount { .. } => Shape::Metadata,
        Door::Create { .. }
        | Door::Record { .. }
        | Door::Download(_)
        | Door::Export(_)
        | Door::Query { .. }
        | Door::More { .. }
        | Door::Search { .. }
        | Door::ParameterizedSearch
        | Door::Recent { .. }
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionDelete { .. }
        | Door::CollectionRead { .. }
        | Door::Convert(_) => Shape::Data,
    }
}

fn analytics_shape(what: &analytics::What) -> Shape {
    match what {
        analytics::What::Describe(_)
        | analytics::What::Run { .. }
        | analytics::What::Query
        | analytics::What::Start(_)
        | analytics::What::Instance { .. } => Shape::Report,
        analytics::What::Dashboard { .. } | analytics::What::DashboardDescribe(_) => {
            Shape::Dashboard
        }
        analytics::What::Reports
        | analytics::What::Instances(_)
        | analytics::What::Dashboards
        | analytics::What::DashboardStatus(_)
        | analytics::What::Refresh(_) => Shape::Listed,
    }
}

/// What a client is answered: loaded in one batch, revealed or masked, recorded, and only then given.
///
/// # Errors
/// When a value cannot be had, or the ledger cannot be written.
pub(super) async fn show(
    scribe: &Scribe<'_>,
    viewer: &Viewer<'_>,
    (text, reading): (&str, &Reading<'_>),
    host: &str,
    tally: &mut Tally,
) -> Result<Vec<u8>, Failure> {
    let shared = scribe.shared;
    let revealed = shared.reveal(scribe.rules, viewer, text, reading).await?;
    tally.masked = revealed.masked;
    tally.revealed = revealed.values();
    if tally.revealed > 0 {
        scribe.revealed(&revealed, reading.records).await?;
    }
    Ok(shared.crm_name.replace(revealed.body, host))
}
