//! A query as it would leave, for a person who wants to know.

use super::rules::clause;
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{Door, Route};
use crate::model::Refusal;
use crate::policy::{FieldPlan, Plan, RoleSet};
use crate::protect::Protection;
use crate::protect::outward::needs::Found;
use crate::protect::outward::{survey, value};

/// The query or search as it would leave, for `sluis query explain`: each looked-up value is written as the
/// token that it would have if it were the only one (`tq…` with a number).
///
/// # Errors
/// The refusal that the border would answer with.
pub fn explain(plan: &Plan, protection: &Protection, text: &str) -> Result<String, Refusal> {
    let find = text.trim_start().get(..4);
    let text = text.to_owned();
    let door = match find.is_some_and(|word| word.eq_ignore_ascii_case("FIND")) {
        true => Door::Search { text },
        false => Door::Query { text, all: false },
    };
    let route = Route {
        version: plan.api().newest,
        door,
    };
    let survey = survey(
        plan,
        protection,
        RoleSet::none(),
        Request::bare(route),
        None,
    )?;
    let found: Vec<Found> = (1..=survey.values.needs.search.len())
        .map(|row| Found {
            rows: vec![row as u64],
            more: false,
        })
        .collect();
    let token = |row: Option<u64>, field: &FieldPlan| {
        let token = match row {
            Some(row) => protection.codec.mint(row).ok()?,
            None => protection.codec.nobody(),
        };
        Some(if value::is_address(field) {
            token.address(plan.token_domain())
        } else {
            token.text()
        })
    };
    match (survey.queries.first(), survey.searches.first()) {
        (Some(query), _) => query.finish(&found, &token),
        (None, Some(search)) => search.finish(&found, &token),
        (None, None) => Err(clause("SELECT", "there is no query")),
    }
}
