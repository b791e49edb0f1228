//! Reports: which columns a body names, and what its filters compare them with.
//!
//! As in a query, equality becomes membership among tokens, and what would need the value is refused
//! by column and operator. A report's names and descriptions do not leave: running it needs none.

mod columns;
mod filter;

pub(super) use filter::FilterPlan;

use super::record;
use super::survey::Survey;
use super::values::Context;
use crate::dialect::salesforce::analytics::column::report_type;
use crate::dialect::salesforce::analytics::word;
use crate::dialect::salesforce::analytics::{Analytics, REPORT, What};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::wire::json::{Document, Kind, NodeId};

/// Reads the body that a resource has, if it has one.
pub(super) fn read<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    analytics: &Analytics,
) -> Result<(), Refusal> {
    let whole = match analytics.what {
        What::Query => true,
        What::Start(_) | What::Run { in_body: true, .. } => false,
        What::Dashboard { in_body: true, .. } => return components(record::body(context)?),
        What::Reports
        | What::Describe(_)
        | What::Run { in_body: false, .. }
        | What::Instances(_)
        | What::Instance { .. }
        | What::Dashboards
        | What::Dashboard { in_body: false, .. }
        | What::DashboardDescribe(_)
        | What::DashboardStatus(_)
        | What::Refresh(_) => return Ok(()),
    };
    let document = record::body(context)?;
    let root = document.root();
    if document.kind(root) != Kind::Object {
        return Err(malformed("an object is expected here"));
    }
    if document
        .members(root)
        .any(|(key, _)| key != "reportMetadata")
    {
        return Err(malformed("reportMetadata alone is known here"));
    }
    let metadata = document.get(root, "reportMetadata");
    let Some(metadata) = metadata.filter(|node| document.kind(*node) != Kind::Null) else {
        return match whole {
            true => Err(malformed(
                "a report that is nowhere kept needs its metadata",
            )),
            false => Ok(()),
        };
    };
    let report = typed(document, metadata);
    if whole && report.is_none() {
        return Err(malformed(
            "reportType: the border knows the standard types alone",
        ));
    }
    let mut reader = Reader {
        survey,
        context,
        document,
        report,
        kept: !whole,
    };
    reader.metadata(metadata)
}

/// The components of a dashboard that are wanted, by their ids.
fn components(document: &Document<'_>) -> Result<(), Refusal> {
    let root = document.root();
    let only = document.kind(root) == Kind::Object
        && document.members(root).all(|(key, _)| key == "componentIds");
    if !only {
        return Err(malformed("componentIds alone are known here"));
    }
    // Without them, all.
    let Some(ids) = document.get(root, "componentIds") else {
        return Ok(());
    };
    let listed = document.kind(ids) == Kind::Array;
    match listed
        && document
            .elements(ids)
            .all(|node| is_id(document, node, &[COMPONENT]))
    {
        true => Ok(()),
        false => Err(malformed("a component's id is malformed")),
    }
}

/// The report's type, where it is one that the border knows.
fn typed(document: &Document<'_>, metadata: NodeId) -> Option<&'static str> {
    let typed = document.get(metadata, "reportType")?;
    let name = document.get(typed, "type").unwrap_or(typed);
    report_type(&document.text(name)?)
}

/// The key prefixes of a dashboard's components and of those by whom records are left out: users,
/// roles, territories.
const COMPONENT: &str = "01a";
const HIERARCHY: &[&str] = &["005", "00E", "04T", "0MI"];

struct Reader<'s, 'p, 'c> {
    survey: &'s mut Survey<'p>,
    context: &'s Context<'p, 'c>,
    document: &'c Document<'c>,
    report: Option<&'static str>,
    /// Whether the CRM has the report, and its type.
    kept: bool,
}

impl Reader<'_, '_, '_> {
    fn metadata(&mut self, node: NodeId) -> Result<(), Refusal> {
        let members = self.object(node, "reportMetadata")?;
        for (key, value) in members {
            let empty = match self.document.kind(value) {
                Kind::Null => true,
                Kind::Array | Kind::Object => self.document.is_empty(value),
                // A text has no members, and yet it is not nothing.
                _ => false,
            };
            match key.as_str() {
                // Texts of whoever made the report, and how it looks.
                "name"
                | "description"
                | "developerName"
                | "folderId"
                | "chart"
                | "dashboardSetting"
                | "presentationOptions" => self.survey.drops.push(value),
                "reportType" => self.typed(value)?,
                "id" => self.id(value, &[REPORT])?,
                "userOrHierarchyFilterId" => self.id(value, HIERARCHY)?,
                "hasDetailRows"
                | "hasRecordCount"
                | "showGrandTotal"
                | "showSubtotals"
                | "supportsRoleHierarchy" => self.flag(value)?,
                "reportFormat" => self.word(value, word::FORMATS, "reportFormat")?,
                "scope" => self.word(value, word::SCOPES, "scope")?,
                "detailColumns" => self.columns(value)?,
                "groupingsDown" | "groupingsAcross" => self.groupings(value)?,
                "aggregates" => self.aggregates(value)?,
                "sortBy" => self.sorted(value)?,
                "reportFilters" => self.filters(value)?,
                "reportBooleanFilter" => {
                    self.fits(value, word::is_boolean_filter, "reportBooleanFilter")?;
                }
                "standardDateFilter" => self.dates(value)?,
                "standardFilters" => self.standard(value)?,
                "currency" => self.fits(value, word::is_currency, "currency")?,
                "topRows" => self.top(value)?,
                "crossFilters"
                | "buckets"
                | "historicalSnapshotDates"
                | "division"
                | "customSummaryFormula"
                | "customDetailFormula"
                    if empty => {}
                "crossFilters" | "buckets" | "customSummaryFormula" | "customDetailFormula" => {
                    return Err(malformed(
                        "reportMetadata: cross filters, buckets and formulas are not taken from a client",
                    ));
                }
                _ => return Err(malformed("reportMetadata has a member that is not known")),
            }
        }
        Ok(())
    }

    /// The type leaves where it is a known one; its label never does.
    fn typed(&mut self, node: NodeId) -> Result<(), Refusal> {
        if self.report.is_none() {
            self.survey.drops.push(node);
            return Ok(());
        }
        if self.document.kind(node) != Kind::Object {
            return Ok(());
        }
        for (key, value) in self.object(node, "reportType")? {
            match key.as_str() {
                "type" => {}
                "label" => self.survey.drops.push(value),
                _ => return Err(malformed("reportType has a member that is not known")),
            }
        }
        Ok(())
    }

    fn top(&mut self, node: NodeId) -> Result<(), Refusal> {
        if self.document.kind(node) == Kind::Null {
            return Ok(());
        }
        for (key, value) in self.object(node, "topRows")? {
            match key.as_str() {
                "rowLimit" if self.document.kind(value) == Kind::Number => {
                    let raw = self.document.raw(value);
                    if raw.len() > 5 || !raw.bytes().all(|byte| byte.is_ascii_digit()) {
                        return Err(malformed("topRows: the limit is malformed"));
                    }
                }
                "direction" => self.word(value, word::ORDERS, "topRows")?,
                _ => return Err(malformed("topRows has a member that is not known")),
            }
        }
        Ok(())
    }

    /// The members of an object, or the refusal.
    fn object(&self, node: NodeId, place: &'static str) -> Result<Vec<(String, NodeId)>, Refusal> {
        if self.document.kind(node) != Kind::Object {
            return Err(malformed_at(place, "an object is expected"));
        }
        let members = self.document.members(node);
        Ok(members
            .map(|(key, value)| (key.into_owned(), value))
            .collect())
    }

    /// The elements of a list; none where null stands.
    fn list(&self, node: NodeId, place: &'static str) -> Result<Vec<NodeId>, Refusal> {
        match self.document.kind(node) {
            Kind::Null => Ok(vec![]),
            Kind::Array => Ok(self.document.elements(node).collect()),
            _ => Err(malformed_at(place, "a list is expected")),
        }
    }

    fn flag(&self, node: NodeId) -> Result<(), Refusal> {
        match self.document.kind(node) {
            Kind::Bool | Kind::Null => Ok(()),
            _ => Err(malformed("reportMetadata: a flag must be true or false")),
        }
    }

    fn id(&self, node: NodeId, prefixes: &[&str]) -> Result<(), Refusal> {
        let null = self.document.kind(node) == Kind::Null;
        match null || is_id(self.document, node, prefixes) {
            true => Ok(()),
            false => Err(malformed("reportMetadata: an id is malformed")),
        }
    }

    fn word(&self, node: NodeId, words: &[&str], place: &'static str) -> Result<(), Refusal> {
        self.fits(node, |text| words.contains(&text), place)
    }

    /// A text of a known form, or null.
    fn fits(
        &self,
        node: NodeId,
        form: impl Fn(&str) -> bool,
        place: &'static str,
    ) -> Result<(), Refusal> {
        if self.document.kind(node) == Kind::Null {
            return Ok(());
        }
        match self.document.text(node).is_some_and(|text| form(&text)) {
            true => Ok(()),
            false => Err(malformed_at(place, "this is not a word that is known")),
        }
    }
}

/// Whether an id of a kind stands here: that has few places for what anybody chooses.
fn is_id(document: &Document<'_>, node: NodeId, prefixes: &[&str]) -> bool {
    document.text(node).is_some_and(|text| {
        let known = prefixes.iter().any(|prefix| text.starts_with(prefix));
        known && Id::parse(&text).is_some()
    })
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

fn malformed_at(place: &'static str, why: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, format!("{place}: {why}"))
}
