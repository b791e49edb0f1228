//! The columns of each report in an answer, by what a viewer may see of them.

use std::collections::BTreeMap;

use crate::protect::column::{Named, named};
use crate::protect::inward::view::{Sight, View, Viewer};
use crate::wire::Error;
use crate::wire::json::{Document, Event, Limits, NodeId, Reader};

/// The columns of one report, each by what the viewer may see of it.
#[derive(Default)]
pub(super) struct Columns<'p> {
    pub kind: Option<String>,
    pub details: Vec<Sight<'p>>,
    pub aggregates: Vec<Sight<'p>>,
    pub down: Vec<Sight<'p>>,
    pub across: Vec<Sight<'p>>,
}

/// How large the metadata of a report may be.
pub(super) const METADATA: Limits = Limits {
    bytes: 4 << 20,
    depth: 32,
    key: 512,
    number: 64,
    nodes: 400_000,
};

/// The columns of each report in an answer, by where the object that tells them begins.
pub(super) fn columns<'p>(
    text: &str,
    viewer: &Viewer<'p>,
) -> Result<BTreeMap<usize, Columns<'p>>, Error> {
    let mut found = BTreeMap::new();
    let mut open: Vec<usize> = Vec::new();
    let mut reader = Reader::new(text, 64);
    loop {
        match reader.next()? {
            Event::BeginObject { at } | Event::BeginArray { at } => open.push(at),
            Event::EndObject { .. } | Event::EndArray { .. } => {
                open.pop();
            }
            Event::Key(key) if key.raw == "reportMetadata" => {
                let span = reader.skip_value()?;
                let metadata = text.get(span).unwrap_or_default();
                let document = Document::parse(metadata.as_bytes(), &METADATA)?;
                let at = open.last().copied().unwrap_or_default();
                // Told twice, nobody knows which one holds.
                let columns = match found.contains_key(&at) {
                    true => Columns::default(),
                    false => Columns::read(&document, viewer),
                };
                found.insert(at, columns);
            }
            Event::End => return Ok(found),
            _ => {}
        }
    }
}

impl<'p> Columns<'p> {
    fn read(document: &Document<'_>, viewer: &Viewer<'p>) -> Self {
        let root = document.root();
        let text = |node: NodeId| document.text(node).map(|text| text.into_owned());
        let typed = document.get(root, "reportType");
        let typed = typed.map(|node| document.get(node, "type").unwrap_or(node));
        let kind = typed.and_then(text);
        let list = |key: &str| {
            let node = document.get(root, key);
            node.into_iter().flat_map(|node| document.elements(node))
        };
        let named = |node: Option<NodeId>, sight: Sighting<'p>| {
            let name = node.and_then(text);
            name.map_or(Sight::TokensOnly, |name| {
                sight(viewer, kind.as_deref(), &name)
            })
        };
        let grouped = |key| {
            let levels = list(key).map(|node| named(document.get(node, "name"), group));
            levels.collect()
        };
        let aggregates = list("aggregates").map(|node| {
            let name = text(node).unwrap_or_default();
            aggregate(viewer, kind.as_deref(), &name)
        });
        Self {
            details: list("detailColumns")
                .map(|node| named(Some(node), sight))
                .collect(),
            aggregates: aggregates.collect(),
            down: grouped("groupingsDown"),
            across: grouped("groupingsAcross"),
            kind,
        }
    }
}

/// What a viewer may see of a column of a report of that type, by its name.
type Sighting<'p> = fn(&Viewer<'p>, Option<&str>, &str) -> Sight<'p>;

fn fields<'p>(viewer: &Viewer<'p>, report: Option<&str>, name: &str) -> Named<'p> {
    named(&|name: &str| viewer.plan.object(name), report, name)
}

/// What a viewer may see of a column. What may be a field of another object is nothing that anybody
/// could let them see in the clear.
pub(super) fn sight<'p>(viewer: &Viewer<'p>, report: Option<&str>, name: &str) -> Sight<'p> {
    let Named::Fields(fields) = fields(viewer, report, name) else {
        return Sight::TokensOnly;
    };
    let open = fields.iter().all(|(object, field)| {
        let sight = View::new(object, viewer).find(&field.name, viewer);
        matches!(sight, Sight::Open | Sight::Held(_, true))
    });
    match open {
        true => Sight::Open,
        false => Sight::TokensOnly,
    }
}

/// As [`sight`], for what is grouped by: where equal values have different tokens, each record is a
/// group of its own, and its label would make it look like all of that value. A record's name is no
/// such value: the CRM groups by the record, and gives its id beside the label.
fn group<'p>(viewer: &Viewer<'p>, report: Option<&str>, name: &str) -> Sight<'p> {
    let (Named::Fields(found) | Named::Unsure(found)) = fields(viewer, report, name) else {
        return Sight::TokensOnly;
    };
    let mut found = found.iter();
    match found.all(|(_, field)| field.rule.keeps_equality() || field.name == "Name") {
        true => sight(viewer, report, name),
        false => Sight::Unknown,
    }
}

/// What a viewer may see of a sum: the number of rows always, that of different values where equal
/// ones have equal tokens, all else where the values are in the clear.
fn aggregate<'p>(viewer: &Viewer<'p>, report: Option<&str>, name: &str) -> Sight<'p> {
    let Some((function, column)) = name.split_once('!') else {
        return match name {
            "RowCount" => Sight::Open,
            _ => Sight::TokensOnly, // A formula, of which nobody knows what is in it.
        };
    };
    let fields = match fields(viewer, report, column) {
        Named::Fields(fields) => fields,
        Named::Unsure(_) => return Sight::Unknown,
        Named::Word | Named::Unknown => return Sight::TokensOnly,
    };
    let right = fields.iter().all(|(_, field)| match function {
        "u" => field.rule.keeps_equality(),
        _ => field.rule.leaves_clear(),
    });
    match right {
        true => Sight::Open,
        false => Sight::Unknown,
    }
}
