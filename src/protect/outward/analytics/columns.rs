//! What a report shows, groups, sums up and sorts by.

use super::{Reader, malformed, malformed_at};
use crate::dialect::salesforce::analytics::word;
use crate::model::{Code, Refusal};
use crate::policy::FieldPlan;
use crate::protect::column::{Fields, Named, named};
use crate::protect::outward::query::{groupable, sortable};
use crate::protect::outward::values::unlisted;
use crate::wire::json::NodeId;

impl<'p> Reader<'_, 'p, '_> {
    /// The fields of a column; none for a column of the product's that has no rule.
    pub(super) fn column(
        &self,
        node: NodeId,
        place: &'static str,
    ) -> Result<Vec<&'p FieldPlan>, Refusal> {
        let text = self.document.text(node);
        let text = text.ok_or_else(|| malformed_at(place, "a column is expected"))?;
        self.named(&text, place)
    }

    fn named(&self, name: &str, place: &'static str) -> Result<Vec<&'p FieldPlan>, Refusal> {
        let object = |name: &str| self.context.object(name).ok();
        match named(&object, self.report, name) {
            Named::Fields(fields) | Named::Unsure(fields) => Ok(plans(fields)),
            Named::Word => Ok(vec![]),
            Named::Unknown => Err(self.missing(name, place)),
        }
    }

    /// The fields of a column that a value is compared with, and whether those are all. The CRM may
    /// keep to the type of a report that it has, whatever type the body says: then the column is what
    /// it is in any type.
    pub(super) fn compared(
        &self,
        node: NodeId,
        place: &'static str,
    ) -> Result<(Vec<&'p FieldPlan>, bool), Refusal> {
        let object = |name: &str| self.context.object(name).ok();
        let name = self.document.text(node);
        let name = name.ok_or_else(|| malformed_at(place, "a column is expected"))?;
        let said = named(&object, self.report, &name);
        let any = self.kept.then(|| named(&object, None, &name));
        match (said, any) {
            (Named::Fields(fields), None | Some(Named::Fields(_))) => Ok((plans(fields), true)),
            (Named::Fields(_), Some(Named::Unsure(fields))) => Ok((plans(fields), true)),
            (Named::Unsure(fields), _) => Ok((plans(fields), false)),
            _ => Err(self.missing(&name, place)),
        }
    }

    /// The refusal of a column without a rule, or of one that the program's list leaves out.
    fn missing(&self, name: &str, place: &'static str) -> Refusal {
        let plan = self.context.plan;
        let object = |name: &str| plan.whole().object(name);
        let (Named::Fields(fields) | Named::Unsure(fields)) = named(&object, self.report, name)
        else {
            return unknown(place);
        };
        let mut fields = fields.iter();
        let unlisted =
            fields.find_map(|(object, field)| unlisted(plan, &object.name, Some(&field.name)));
        unlisted.unwrap_or_else(|| unknown(place))
    }

    /// As [`Self::column`], for a column that must be a field.
    pub(super) fn field(
        &self,
        node: NodeId,
        place: &'static str,
    ) -> Result<Vec<&'p FieldPlan>, Refusal> {
        let fields = self.column(node, place)?;
        match fields.is_empty() {
            true => Err(unknown(place)),
            false => Ok(fields),
        }
    }

    pub(super) fn columns(&self, node: NodeId) -> Result<(), Refusal> {
        for item in self.list(node, "detailColumns")? {
            self.column(item, "detailColumns")?;
        }
        Ok(())
    }

    pub(super) fn groupings(&self, node: NodeId) -> Result<(), Refusal> {
        const PLACE: &str = "groupings";
        for item in self.list(node, PLACE)? {
            for (key, value) in self.object(item, PLACE)? {
                match key.as_str() {
                    "name" => groupable(&self.field(value, PLACE)?, PLACE)?,
                    "dateGranularity" => self.word(value, word::GRANULARITIES, PLACE)?,
                    "sortOrder" => self.word(value, word::ORDERS, PLACE)?,
                    "sortAggregate" => self.aggregate(value)?,
                    _ => return Err(malformed("a grouping has a member that is not known")),
                }
            }
        }
        Ok(())
    }

    pub(super) fn aggregates(&self, node: NodeId) -> Result<(), Refusal> {
        for item in self.list(node, "aggregates")? {
            self.aggregate(item)?;
        }
        Ok(())
    }

    /// `RowCount`, `s!AMOUNT`, `FORMULA1`: sums and extremes need the value itself, a count of
    /// different values needs equal tokens for equal values.
    fn aggregate(&self, node: NodeId) -> Result<(), Refusal> {
        const PLACE: &str = "aggregates";
        let Some(text) = self.document.text(node) else {
            return match self.document.raw(node) {
                "null" => Ok(()),
                _ => Err(malformed_at(PLACE, "a name is expected")),
            };
        };
        if text == "RowCount" || is_formula(&text) {
            return Ok(());
        }
        let (function, column) = text.split_once('!').ok_or_else(|| unknown(PLACE))?;
        let fields = self.named(column, PLACE)?;
        match function {
            _ if fields.is_empty() => Err(unknown(PLACE)),
            "s" | "a" | "m" | "mx" => sortable(&fields, PLACE),
            "u" => groupable(&fields, PLACE),
            _ => Err(unknown(PLACE)),
        }
    }

    pub(super) fn sorted(&self, node: NodeId) -> Result<(), Refusal> {
        const PLACE: &str = "sortBy";
        for item in self.list(node, PLACE)? {
            for (key, value) in self.object(item, PLACE)? {
                match key.as_str() {
                    "sortColumn" => sortable(&self.field(value, PLACE)?, PLACE)?,
                    "sortOrder" => self.word(value, word::ORDERS, PLACE)?,
                    _ => return Err(malformed("sortBy has a member that is not known")),
                }
            }
        }
        Ok(())
    }
}

fn plans<'p>(fields: Fields<'p>) -> Vec<&'p FieldPlan> {
    fields.into_iter().map(|(_, field)| field).collect()
}

/// The name of a formula of the report's own, which is its number.
fn is_formula(text: &str) -> bool {
    let number = text.strip_prefix("FORMULA").unwrap_or_default();
    (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A column's name could be anything, so it is not repeated.
pub(super) fn unknown(place: &'static str) -> Refusal {
    let text = format!("{place}: a column has no rule in policy");
    Refusal::new(Code::PolicyUnknownField, text)
}
