//! Where more is looked for in text than its fields say: at a route, or in a kind of request.
//!
//! The objects are resolved once more for each such door, so that an exchange asks the plan and
//! nothing else.

use std::ops::Range;

use crate::policy::at::At;
use crate::policy::check::{Looked, Scope, is_described, object};
use crate::policy::names::Names;
use crate::policy::plan::DoorPlan;
use crate::policy::scan::{Look, Looks};
use crate::policy::{Report, Source};

/// The rules of each door of its own.
pub fn resolve(source: &Source, scope: &Scope<'_>, report: &mut Report) -> Vec<DoorPlan> {
    let mut doors = Vec::new();
    for route in &scope.file.routes {
        let route = &route.value;
        let Some(looks) = said(route.scan.as_ref(), report) else {
            continue;
        };
        let name = &route.name.value;
        let place = (format!("routes.{name}.scan"), looks.1);
        let object = route.object.as_ref().map(|object| object.value.as_str());
        let of_route = |name: &str| object == Some(name);
        doors.push(one(source, scope, (name, looks.0), place, &of_route));
    }
    let kinds = kinds(scope, report);
    for (name, rule, (looks, span)) in kinds {
        let place = (format!("scan.{rule}"), span);
        doors.push(one(source, scope, (name, looks), place, &|_| true));
    }
    doors
}

type Said<'f> = Option<&'f At<Vec<At<Look>>>>;
/// A kind of request, the key that says it, what is looked for, and where that stands.
type Kind = (&'static str, &'static str, (Looks, Range<usize>));

/// The kinds of requests for which the file says something. What holds for records holds for those
/// within a composite.
fn kinds(scope: &Scope<'_>, report: &mut Report) -> Vec<Kind> {
    let Some(scan) = &scope.file.scan else {
        return vec![];
    };
    if is_described(scope.file) {
        report.error(
            "policy-stray-key",
            &scan.span,
            "kinds of requests are for a CRM that the program knows",
            "write `scan = [\"special\"]` at the routes that it is for",
        );
        return vec![];
    }
    let records = said(scan.value.records.as_ref(), report);
    let composite = said(scan.value.composite.as_ref(), report);
    let query = said(scan.value.query.as_ref(), report);
    let within = match (&records, composite) {
        (Some((all, _)), Some((more, span))) => Some(("composite", (all.and(more), span))),
        (None, Some(more)) => Some(("composite", more)),
        (all, None) => all.clone().map(|all| ("records", all)),
    };
    let records = records.map(|said| ("records", "records", said));
    let within = within.map(|(rule, said)| ("composite", rule, said));
    let query = query.map(|said| ("query", "query", said));
    records.into_iter().chain(within).chain(query).collect()
}

/// What a door looks for; an empty list is a mistake, because it takes nothing away.
fn said(said: Said<'_>, report: &mut Report) -> Option<(Looks, Range<usize>)> {
    let said = said?;
    let looks = Looks::of(&said.value);
    if looks.is_nothing() {
        report.error(
            "policy-scan-misfit",
            &said.span,
            "nothing is looked for here, and what the fields say holds all the same",
            "write `[\"special\"]`, `[\"identifiers\"]` or both, or take `scan` away",
        );
        return None;
    }
    Some((looks, said.span.clone()))
}

fn one(
    source: &Source,
    scope: &Scope<'_>,
    (name, looks): (&str, Looks),
    (rule_id, span): (String, Range<usize>),
    of_door: &dyn Fn(&str) -> bool,
) -> DoorPlan {
    let here = Scope {
        door: Some(Looked {
            looks,
            rule_id,
            span: span.clone(),
        }),
        ..*scope
    };
    let mut known = Report::new(source); // What is wrong with the objects has been told.
    let objects = object::some(&here, of_door, &mut known);
    DoorPlan {
        name: name.to_owned(),
        looks,
        by_name: Names::new(objects.iter().map(|object| object.name.as_str())),
        objects,
        span,
    }
}
