//! Can what is looked for at a door be done in the fields that it writes?

use crate::dialect::pages::Name;
use crate::policy::lint::{Subject, scan};
use crate::policy::plan::{DoorPlan, FieldPlan, ObjectPlan};
use crate::policy::{FieldTable, Plan, Report};

pub fn check(plan: &Plan, table: &FieldTable, report: &mut Report) {
    for door in &plan.doors {
        one(plan, table, door, report);
    }
}

fn one(plan: &Plan, table: &FieldTable, door: &DoorPlan, report: &mut Report) {
    let scanned = written(plan, door);
    let scanned = scanned.iter().filter(|(_, field)| field.scan.is_some());
    let mut any = false;
    for (object, field) in scanned {
        any = true;
        let own = plan
            .object(&object.name)
            .and_then(|own| own.field(&field.name));
        if own.is_some_and(|own| own.scan == field.scan) {
            continue; // It is told at the field.
        }
        let known = table.object(&object.name);
        let subject = Subject {
            plan,
            object,
            field,
            known: known.and_then(|known| known.field(&field.name)),
            class: field.class.map(|id| plan.class(id)),
        };
        let before = report.findings().len();
        scan::check_scanned(&subject, &door.span, report);
        if report.findings().len() > before {
            return; // The next field has the same to say.
        }
    }
    if !any {
        report.error(
            "policy-scan-misfit",
            &door.span,
            format!("{} has no field with text that could be scanned", door.name),
            "take `scan` away; it is for what a body writes into fields of text that leave or are kept",
        );
    }
}

/// The fields that a door writes.
fn written<'p>(plan: &'p Plan, door: &'p DoorPlan) -> Vec<(&'p ObjectPlan, &'p FieldPlan)> {
    let all = door.objects.iter();
    let all = all.flat_map(|object| object.fields.iter().map(move |field| (object, field)));
    let Some(site) = plan.site() else {
        return all.collect();
    };
    let mut routes = site.routes.iter();
    let route = routes.find(|route| *route.name == *door.name);
    let names = route.map(|route| route.form.0.values());
    let fields: Vec<&str> = names
        .into_iter()
        .flatten()
        .filter_map(|name| match name {
            Name::Field(field) => Some(field.as_str()),
            Name::Upload(upload) => Some(upload.field.as_str()),
            Name::Search(_) | Name::Pass(_) | Name::Drop | Name::File => None,
        })
        .collect();
    all.filter(|(_, field)| fields.contains(&field.name.as_str()))
        .collect()
}
