//! Reports and dashboards on the way in.
//!
//! A cell is the field of its column, which the report's metadata names; it stands behind the cells,
//! so that it is looked for first. A column that nobody can name shows tokens to whoever may see
//! their class, and nothing in the clear. An extreme or a sum over tokens is masked: it would be
//! wrong and look right. Of what describes a report or a dashboard a closed list of members is shown;
//! what people may have typed shows tokens alone.

mod columns;
mod labels;
mod members;

use std::collections::BTreeMap;

use super::read::{Answer, Reading, Shape};
use super::tree::{self, Form, Leaf};
use super::view::{Sight, Viewer};
use crate::wire::Error;
use columns::{Columns, columns, sight};
pub use labels::Labels;
use members::{Said, Within, is_listed, said};

/// Reads an answer of reports and dashboards.
///
/// # Errors
/// An answer that is not strict JSON.
pub(super) fn read<'p>(answer: &Answer<'_, 'p>) -> Result<Reading<'p>, Error> {
    let form = Report {
        shape: answer.shape,
        viewer: answer.viewer,
        columns: columns(answer.text, &answer.viewer)?,
        filter: Sight::TokensOnly,
    };
    tree::read(answer, form)
}

struct Report<'p> {
    shape: Shape,
    viewer: Viewer<'p>,
    columns: BTreeMap<usize, Columns<'p>>,
    /// What the value of the filter that is being read is.
    filter: Sight<'p>,
}

/// A report is known by where its object begins.
#[derive(Clone, Copy)]
enum Place<'p> {
    Value(Sight<'p>),
    /// A value that may be a record's id.
    Cell(Sight<'p>),
    Root,
    Listed,
    Report(usize),
    Metadata(usize),
    Filters(usize),
    Filter(usize),
    Compared(usize),
    Wanted,
    Facts(usize),
    Fact(usize),
    Rows(usize),
    Row(usize),
    Cells(usize),
    Aggregates(usize),
    /// One of them, whose label and value are of this sight.
    Sum(Sight<'p>),
    /// Groupings at a level, downwards or across.
    Groups(usize, bool, usize),
    Group(usize, bool, usize),
    Dashboard,
    Components,
    Component,
    Status,
    /// What describes a report or a dashboard.
    Described(Within),
}

impl<'p> Form<'p> for Report<'p> {
    type Place = Place<'p>;

    fn root(&self) -> Place<'p> {
        Place::Root
    }

    fn opened(&mut self, place: Place<'p>, at: usize) -> Place<'p> {
        match place {
            Place::Root if self.shape == Shape::Report => Place::Report(at),
            Place::Root if self.shape == Shape::Dashboard => Place::Dashboard,
            Place::Root => Place::Listed,
            Place::Report(_) => Place::Report(at),
            Place::Filter(report) => {
                self.filter = Sight::TokensOnly;
                Place::Filter(report)
            }
            other => other,
        }
    }

    fn member(&mut self, place: Place<'p>, key: &str) -> Place<'p> {
        const MASKED: Place<'static> = Place::Value(Sight::Unknown);
        const OPEN: Place<'static> = Place::Value(Sight::Open);
        match (place, key) {
            (Place::Value(_) | Place::Cell(_), _) => place,
            (Place::Listed | Place::Root, "dashboards" | "reports" | "componentStatus") => place,
            (Place::Listed | Place::Root, key) if is_listed(key) => OPEN,
            (Place::Report(report), "factMap") => Place::Facts(report),
            (Place::Report(report), "groupingsDown") => Place::Group(report, true, 0),
            (Place::Report(report), "groupingsAcross") => Place::Group(report, false, 0),
            (Place::Report(report), "reportMetadata") => Place::Metadata(report),
            (Place::Report(_), key) if is_listed(key) => OPEN,
            (Place::Report(_), key) => described(Within::Report, key),
            (Place::Metadata(report), "reportFilters") => Place::Filters(report),
            (Place::Metadata(_), key) => described(Within::Metadata, key),
            (Place::Described(within), key) => described(within, key),
            (Place::Filter(report), "column") => Place::Compared(report),
            (Place::Filter(_), "value") => Place::Wanted,
            (Place::Filter(_), _) => OPEN,
            (Place::Facts(report), _) => Place::Fact(report),
            (Place::Fact(report), "rows") => Place::Rows(report),
            (Place::Fact(report), "aggregates") => Place::Aggregates(report),
            (Place::Row(report), "dataCells") => Place::Cells(report),
            (Place::Group(report, down, level), "groupings") => Place::Groups(report, down, level),
            (Place::Group(..), "key") => OPEN,
            // The level of what stands within is one more than that of the group itself.
            (Place::Group(report, down, level), _) => {
                Place::Cell(self.grouping(report, down, level.saturating_sub(1)))
            }
            (Place::Dashboard, "componentData") => Place::Components,
            (Place::Dashboard, key) if is_listed(key) => OPEN,
            // Described alone, it is the whole answer.
            (Place::Dashboard, key) => described(Within::Dashboard, key),
            (Place::Component, "reportResult") => Place::Report(0),
            (Place::Component, "componentId") => OPEN,
            (Place::Component, "status") => Place::Status,
            (Place::Status, key) if is_listed(key) => OPEN,
            (Place::Sum(sight), "label" | "value") => Place::Value(sight),
            _ => MASKED,
        }
    }

    fn element(&self, place: Place<'p>, index: usize) -> Place<'p> {
        let columns = |report: usize| self.columns.get(&report);
        let at = |sights: Option<&Vec<Sight<'p>>>| {
            let sight = sights.and_then(|sights| sights.get(index));
            sight.copied().unwrap_or(Sight::TokensOnly)
        };
        match place {
            Place::Report(_) => Place::Listed,
            Place::Filters(report) => Place::Filter(report),
            Place::Rows(report) => Place::Row(report),
            Place::Cells(report) => {
                Place::Cell(at(columns(report).map(|columns| &columns.details)))
            }
            Place::Aggregates(report) => {
                Place::Sum(at(columns(report).map(|columns| &columns.aggregates)))
            }
            Place::Groups(report, down, level) => Place::Group(report, down, level + 1),
            Place::Components => Place::Component,
            Place::Dashboard => Place::Listed,
            other => other,
        }
    }

    fn leaf(&self, place: Place<'p>) -> Leaf<'p> {
        match place {
            Place::Value(sight) => Leaf::Seen(sight),
            Place::Cell(sight) => Leaf::Named(sight),
            Place::Wanted => Leaf::Named(self.filter),
            Place::Compared(_) => Leaf::Seen(Sight::Open),
            // Elements of a list of plain words, say.
            Place::Described(within) if within.is_open() => Leaf::Seen(Sight::Open),
            _ => Leaf::Within,
        }
    }

    fn told(&mut self, place: Place<'p>, text: &str) {
        if let Place::Compared(report) = place {
            let kind = self.columns.get(&report);
            let kind = kind.and_then(|columns| columns.kind.as_deref());
            self.filter = sight(&self.viewer, kind, text);
        }
    }

    fn is_record(&self, place: Place<'p>) -> bool {
        matches!(place, Place::Row(_))
    }
}

impl<'p> Report<'p> {
    fn grouping(&self, report: usize, down: bool, level: usize) -> Sight<'p> {
        let columns = self.columns.get(&report);
        let levels = columns.map(|columns| match down {
            true => &columns.down,
            false => &columns.across,
        });
        let sight = levels.and_then(|levels| levels.get(level));
        sight.copied().unwrap_or(Sight::TokensOnly)
    }
}

/// The place of a member of what describes a report or a dashboard.
fn described<'p>(within: Within, key: &str) -> Place<'p> {
    match said(within, key) {
        Said::Open => Place::Value(Sight::Open),
        Said::Typed => Place::Cell(Sight::TokensOnly),
        Said::Unknown => Place::Value(Sight::Unknown),
        Said::Within(within) => Place::Described(within),
    }
}
