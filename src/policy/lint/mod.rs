//! What a plan that compiles may still get wrong. One file a question; each finding has a remedy.

mod door;
mod exposure;
mod fit;
mod law;
mod scan;
mod structure;
mod together;

use crate::policy::plan::{ClassPlan, FieldPlan, ObjectPlan};
use crate::policy::{FieldTable, Plan, Report, TableField, vocabulary};

/// Adds what it finds to the report.
pub fn run(plan: &Plan, table: &FieldTable, report: &mut Report) {
    for (object, field) in fields(plan) {
        let known = table
            .object(&object.name)
            .and_then(|known| known.field(&field.name));
        let subject = Subject {
            plan,
            object,
            field,
            known,
            class: field.class.map(|id| plan.class(id)),
        };
        fit::check(&subject, report);
        exposure::check(&subject, report);
        law::check(&subject, report);
        scan::check(&subject, report);
    }
    law::check_classes(plan, report);
    scan::check_categories(plan, report);
    door::check(plan, table, report);
    together::check(plan, table, report);
    structure::check(plan, table, report);
}

/// A field with all that a question may need.
struct Subject<'p> {
    plan: &'p Plan,
    object: &'p ObjectPlan,
    field: &'p FieldPlan,
    known: Option<&'p TableField>,
    class: Option<&'p ClassPlan>,
}

impl Subject<'_> {
    fn term(&self) -> Option<vocabulary::Term> {
        vocabulary::term(&self.class?.category)
    }
}

fn fields(plan: &Plan) -> impl Iterator<Item = (&ObjectPlan, &FieldPlan)> {
    plan.objects()
        .flat_map(|object| object.fields.iter().map(move |field| (object, field)))
}
