//! What may leave: a policy file, checked against the CRM's fields and compiled into a [`Plan`].
//!
//! Pure: text in, plan or findings out. It never sees a value of a record, and never guesses: a
//! file with one error compiles to nothing. What the plan does not name is refused by its reader.
//!
//! Read first: [`Plan`] (what the exchange asks), [`Rule`] (what happens to a field's value),
//! [`Report`] (what is wrong with a file, where, and what to do about it).

mod at;
mod cases;
mod check;
mod codes;
mod compare;
mod complete;
mod drift;
mod edit;
mod explain;
mod fields;
mod generalization;
mod guarded;
mod lint;
mod names;
mod narrow;
mod plan;
mod raw;
mod report;
mod retention;
mod roles;
mod scan;
mod schema;
mod sentence;
mod sequence;
mod shape;
mod site;
mod suggest;
mod terms;
mod vocabulary;

use std::sync::Arc;

pub use cases::{CaseReport, run_cases};
pub use codes::{CODES, in_dutch};
pub use compare::{Change, compare};
pub use complete::{About, Completion, Offer, complete};
pub use drift::{Described, Drift, Shape, Snapshot, TESTED};
pub use edit::{Edit, EditError, List, Set, Setting, edit};
pub use explain::{Seen, explain, seen};
pub use fields::{FieldTable, FieldType, TableField, TableObject};
pub use generalization::{Band, Generalization};
pub use narrow::Unlisted;
pub use plan::{
    Api, ClassId, ClassPlan, Controller, DoorPlan, FieldPlan, FileRule, ObjectPlan, Plan, Rule,
    Subject,
};
pub use report::{Finding, InDutch, Report, Severity};
pub use roles::RoleSet;
pub use scan::{Detection, KnownAs, Looks, OnSpecial, Scan, Sought, SpecialScan};
pub use schema::schema;
pub use sentence::Sentence;
pub(crate) use sentence::sentence;
pub use site::{explain as explain_routes, route as explain_route};
pub use terms::{Action, Canonical, Exception, LawfulBasis, Search, Unanswerable};

/// A policy file as it was read: its name is only for messages.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// What can be wrong around a policy file; what is wrong within it is a [`Report`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The snapshot of the CRM's describe is not of the form that [`FieldTable::parse`] states.
    #[error("the field table is not readable: {0}")]
    FieldTable(#[from] serde_json::Error),
    /// Two spellings of one name that differ only in case.
    #[error("the field table names `{0}` twice")]
    FieldTwice(String),
}

/// Compiles a policy file against the fields that the CRM has.
///
/// The plan carries the file's warnings; one error and there is no plan.
///
/// # Errors
/// The report with all findings, warnings included, when one of them is an error.
pub fn compile(source: &Source, fields: &FieldTable) -> Result<Plan, Report> {
    let mut report = Report::new(source);
    let Some((file, written)) = shape::read(source, &mut report) else {
        report.sort();
        return Err(report);
    };
    // A CRM without a describe has the fields that its policy says it has.
    let own = check::is_described(&file).then(|| site::table(&file, &mut report));
    let fields = own.as_ref().unwrap_or(fields);
    let mut plan = check::resolve(source, &file, fields, &mut report);
    plan.written = Arc::new(written);
    lint::run(&plan, fields, &mut report);
    report.sort();
    if report.has_errors() {
        return Err(report);
    }
    Ok(plan.with_warnings(report))
}

#[cfg(test)]
pub(crate) mod tests;
