//! What a report's filters compare: values of protected columns are looked for, others are held to
//! the form of their field's type.

use super::{Reader, malformed, malformed_at};
use crate::dialect::salesforce::analytics::word;
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, FieldType, Rule};
use crate::protect::outward::needs::Found;
use crate::protect::outward::query::{Tokens, at, searchable, sortable, too_many};
use crate::protect::outward::{scan, value};
use crate::wire::json::{Kind, NodeId};

const PLACE: &str = "reportFilters";

/// A filter's value that may leave once its look-ups are answered.
#[derive(Debug)]
pub(in crate::protect::outward) struct FilterPlan<'p> {
    /// Where the value stands.
    pub node: NodeId,
    wanted: Wanted<'p>,
}

#[derive(Debug)]
enum Wanted<'p> {
    /// The tokens of a field, by positions in `Needs::search`.
    Tokens(&'p FieldPlan, Vec<usize>),
    /// What was read and looked at, written anew.
    Clear(String),
}

/// How many characters the value of a filter may have; the CRM's own limit is somewhat higher.
const LONGEST: usize = 1_000;
/// How many filters a report may have, as in the CRM ("Report Filter Limits").
const MOST: usize = 20;

impl FilterPlan<'_> {
    /// The value as it leaves: the tokens of the values that are wanted, with commas between.
    pub fn finish(&self, found: &[Found], token: Tokens<'_>) -> Result<String, Refusal> {
        let (field, search) = match &self.wanted {
            Wanted::Clear(text) => return Ok(text.clone()),
            Wanted::Tokens(field, search) => (*field, search),
        };
        let mut texts: Vec<String> = Vec::new();
        let mut length = 0;
        let mut push = |row| -> Result<(), Refusal> {
            let text = token(row, field).ok_or_else(|| too_many(field))?;
            length += text.len() + 1;
            texts.push(text);
            match length > LONGEST {
                true => Err(too_many(field)),
                false => Ok(()),
            }
        };
        let mut none = true;
        for at in search {
            let rows = found.get(*at).ok_or_else(|| too_many(field))?;
            if rows.more {
                return Err(too_many(field));
            }
            for row in &rows.rows {
                push(Some(*row))?;
                none = false;
            }
        }
        if none {
            // The token that stands for no value: the CRM finds nothing, or everything but it.
            push(None)?;
        }
        Ok(texts.join(","))
    }
}

impl<'p> Reader<'_, 'p, '_> {
    pub(super) fn filters(&mut self, node: NodeId) -> Result<(), Refusal> {
        for (count, item) in self.list(node, PLACE)?.into_iter().enumerate() {
            if count == MOST {
                return Err(malformed("a report has at most 20 filters"));
            }
            self.filter(item)?;
        }
        Ok(())
    }

    fn filter(&mut self, node: NodeId) -> Result<(), Refusal> {
        let (mut column, mut operator, mut wanted) = (None, None, None);
        for (key, value) in self.object(node, PLACE)? {
            match key.as_str() {
                "column" => column = Some(value),
                "operator" => {
                    self.word(value, word::OPERATORS, PLACE)?;
                    let text = self.document.text(value);
                    let mut known = word::OPERATORS.iter().copied();
                    operator = text.and_then(|text| known.find(|known| *known == text));
                }
                "value" => wanted = Some(value),
                "filterType" => {
                    self.word(value, word::FILTER_TYPES, PLACE)?;
                    if self.document.text(value).as_deref() == Some("fieldToField") {
                        let why = "columns are not compared with each other";
                        return Err(malformed_at(PLACE, why));
                    }
                }
                "isRunPageEditable" => self.flag(value)?,
                _ => return Err(malformed("a filter has a member that is not known")),
            }
        }
        let (Some(column), Some(operator)) = (column, operator) else {
            return Err(malformed("a filter needs its column and its operator"));
        };
        let (fields, sure) = self.compared(column, PLACE)?;
        let Some(wanted) = wanted.filter(|node| self.document.kind(*node) != Kind::Null) else {
            return Ok(());
        };
        let value = wanted;
        let text = self.document.text(value);
        let text = text.ok_or_else(|| malformed_at(PLACE, "a value must be text"))?;
        // Each of its values is looked for.
        if text.chars().count() > LONGEST {
            return Err(malformed_at(PLACE, "a value has at most 1,000 characters"));
        }
        let parts = parts(&text).ok_or_else(|| malformed_at(PLACE, "a quote is not closed"))?;
        if fields.iter().all(|field| field.rule == Rule::Pass) {
            for field in &fields {
                self.clear(field, &parts, sure)?;
            }
            let wanted = Wanted::Clear(written(&parts));
            self.survey.filters.push(FilterPlan {
                node: value,
                wanted,
            });
            return Ok(());
        }
        self.protected(&fields, operator, (value, &parts))
    }

    /// Values beside a field that passes: each by itself, and all of them as one text, because they
    /// leave beside each other. Beside a column that may be another object's, a range of dates alone.
    fn clear(&self, field: &FieldPlan, parts: &[String], sure: bool) -> Result<(), Refusal> {
        let dated = matches!(field.kind, FieldType::Date | FieldType::Datetime);
        for part in parts {
            self.context.no_token(&field.label, part)?;
            if part.is_empty() || dated && word::is_duration(part) {
                continue;
            }
            if !sure {
                let why =
                    "the column may be another object's; name its object, or the report's type";
                return Err(at(field, PLACE, why));
            }
            scan::literal(self.context, field, part)?;
            value::check_pass_text(self.context, field, part)?;
        }
        if parts.len() > 1 {
            for between in ["", " ", ", "] {
                let whole = parts.join(between);
                self.context.no_token(&field.label, &whole)?;
                scan::literal(self.context, field, &whole)?;
            }
        }
        Ok(())
    }

    /// Values beside a protected column: equality with those that the index finds.
    fn protected(
        &mut self,
        fields: &[&'p FieldPlan],
        operator: &'static str,
        (node, parts): (NodeId, &[String]),
    ) -> Result<(), Refusal> {
        let [field, others @ ..] = fields else {
            return Err(malformed_at(PLACE, "a column is expected"));
        };
        let same = |other: &&FieldPlan| other.class == field.class && other.kind == field.kind;
        if !others.iter().all(same) {
            let why = "the column may be of fields with different rules; name its object";
            return Err(at(field, PLACE, why));
        }
        if !matches!(operator, "equals" | "notEqual") {
            let text = format!(
                "{PLACE} {}: {operator} cannot be answered over a protected field (rule {})",
                field.label, field.rule_id
            );
            return Err(Refusal::at(Code::QueryClause, field.label.clone(), text));
        }
        if parts.iter().all(String::is_empty) {
            return Ok(()); // Whether anything stands there.
        }
        let plan = self.context.plan;
        if !fields.iter().all(|field| searchable(plan, field)) {
            return Err(not_searchable(field));
        }
        let mut search = Vec::new();
        for part in parts {
            if part.is_empty() {
                return Err(at(field, PLACE, "an empty value beside others"));
            }
            self.context.no_token(&field.label, part)?;
            let term = self.context.term(field, part);
            let needs = &mut self.survey.values.needs.search;
            needs.push(term.ok_or_else(|| not_searchable(field))?);
            search.push(needs.len() - 1);
        }
        self.survey.filters.push(FilterPlan {
            node,
            wanted: Wanted::Tokens(field, search),
        });
        Ok(())
    }

    /// `{column, durationValue, startDate, endDate}`
    pub(super) fn dates(&self, node: NodeId) -> Result<(), Refusal> {
        const PLACE: &str = "standardDateFilter";
        if self.document.kind(node) == Kind::Null {
            return Ok(());
        }
        for (key, value) in self.object(node, PLACE)? {
            match key.as_str() {
                "column" => {
                    let fields = self.field(value, PLACE)?;
                    sortable(&fields, PLACE)?;
                    let dated = |field: &&FieldPlan| {
                        matches!(field.kind, FieldType::Date | FieldType::Datetime)
                    };
                    if !fields.iter().all(dated) {
                        return Err(malformed_at(PLACE, "the column is no date"));
                    }
                }
                "durationValue" => self.fits(value, word::is_duration, PLACE)?,
                "startDate" | "endDate" => self.fits(value, value::is_date, PLACE)?,
                _ => return Err(malformed("standardDateFilter has an unknown member")),
            }
        }
        Ok(())
    }

    pub(super) fn standard(&self, node: NodeId) -> Result<(), Refusal> {
        const PLACE: &str = "standardFilters";
        for item in self.list(node, PLACE)? {
            for (key, value) in self.object(item, PLACE)? {
                match key.as_str() {
                    "name" | "value" => self.word(value, word::STANDARD_FILTERS, PLACE)?,
                    _ => return Err(malformed("standardFilters has an unknown member")),
                }
            }
        }
        Ok(())
    }
}

/// The values of a filter: with commas between, quoted where one has a comma itself.
fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            other => parts.last_mut()?.push(other),
        }
    }
    let trimmed = parts.iter().map(|part| part.trim().to_owned());
    (!quoted).then(|| trimmed.collect())
}

/// Values as a filter has them, from what was read: quoted where one has a comma itself.
fn written(parts: &[String]) -> String {
    let texts = parts.iter().map(|part| match part.contains(',') {
        true => format!("\"{part}\""),
        false => part.clone(),
    });
    texts.collect::<Vec<_>>().join(",")
}

fn not_searchable(field: &FieldPlan) -> Refusal {
    at(field, PLACE, "policy does not let this field be searched")
}

#[cfg(test)]
mod tests {
    use super::{parts, written};

    #[test]
    fn values_have_commas_between_and_quotes_around() {
        for (text, expected) in [
            ("", vec![""]),
            ("Jansen", vec!["Jansen"]),
            ("Jansen, Bos", vec!["Jansen", "Bos"]),
            ("\"Jansen, Bos\",Dijk", vec!["Jansen, Bos", "Dijk"]),
        ] {
            assert_eq!(parts(text).unwrap(), expected);
            assert_eq!(parts(&written(&parts(text).unwrap())), parts(text));
        }
        assert_eq!(written(&parts(" Jan\"se\"n ,x").unwrap()), "Jansen,x");
        assert!(parts("\"Jansen").is_none());
    }
}
