//! A query as it would leave, for a person who wants to know.

use super::rules::clause;
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{Door, Route};
use crate::model::Refusal;
use crate::policy::{Plan, RoleSet};
use crate::protect::Protection;
use crate::protect::outward::needs::Found;
use crate::protect::outward::{survey, value};

/// The query as it would leave, for `sluis query explain`: each looked-up value is written as the
/// token that it would have if it were the only one (`tq…` with a number).
///
/// # Errors
/// The refusal that the border would answer with.
pub fn explain(plan: &Plan, protection: &Protection, text: &str) -> Result<String, Refusal> {
    let route = Route {
        version: plan.api().newest,
        door: Door::Query {
            text: text.to_owned(),
            all: false,
        },
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
    let planned = survey
        .queries
        .first()
        .ok_or_else(|| clause("SELECT", "there is no query"))?;
    planned.finish(&found, &|row, field| {
        let token = match row {
            Some(row) => protection.codec.mint(row).ok()?,
            None => protection.codec.nobody(),
        };
        Some(if value::is_address(field) {
            token.address(plan.token_domain())
        } else {
            token.text()
        })
    })
}
