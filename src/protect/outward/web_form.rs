//! A visitor's form, protected as the request of the REST API that makes the same record.

use super::needs::Known;
use super::rewrite::{Failure, Protected};
use super::survey::Survey;
use crate::dialect::salesforce::web_form::{Form, Kind, Setup, Sort};
use crate::model::{Code, Entropy, Refusal, Timestamp};
use crate::policy::{FieldType, Plan, Rule};
use crate::protect::Protection;
use crate::protect::cleared::{Cleared, Outgoing};
use crate::wire::json::Document;

/// Reads a form by the types that policy knows of its fields.
///
/// # Errors
/// As [`Form::read`]; and what a program may not say that keeps to a list of fields.
pub fn read_form(
    plan: &Plan,
    kind: Kind,
    (target, pairs): (&str, &[(String, String)]),
    (setup, now): (&Setup, Timestamp),
) -> Result<Form, Refusal> {
    let form = Form::read(kind, target, pairs, (setup, now), &|object, field| {
        sort(plan, object, field)
    })?;
    if form.joins_campaign() && plan.is_narrowed() {
        return Err(Refusal::new(
            Code::ProgramFields,
            "a program that keeps to a list of fields makes nobody a member of a campaign \
             (rule client.fields)",
        ));
    }
    Ok(form)
}

/// How the values of a field stand in forms. Of a field without rules they are text, which the survey
/// refuses.
fn sort(plan: &Plan, object: &str, field: &str) -> Sort {
    let object = plan.object(object);
    let Some(field) = object.and_then(|object| object.field(field)) else {
        return Sort::Text;
    };
    match field.kind {
        FieldType::Boolean => Sort::Flag,
        FieldType::Date => Sort::Date,
        FieldType::Multipicklist => Sort::Choices,
        FieldType::Currency
        | FieldType::Double
        | FieldType::Int
        | FieldType::Long
        | FieldType::Percent
            if field.rule != Rule::Pass =>
        {
            Sort::Whole
        }
        _ => Sort::Text,
    }
}

impl Survey<'_> {
    /// As [`Survey::protect`], written as the form. `document` holds its record.
    ///
    /// # Errors
    /// As there; and a value that waits here for its record, which nobody will tell.
    pub fn protect_web_form(
        self,
        known: &Known,
        protection: &Protection,
        (form, document): (&Form, &Document<'_>),
        entropy: &dyn Entropy,
    ) -> Result<Protected, Failure> {
        let rewritten = self.rewrite(known, protection, (None, entropy))?;
        // The CRM does not say which record a form has made.
        let held = rewritten.rows.held.iter().map(|held| &held.field);
        let waiting = rewritten.rows.quarantined.iter().map(|new| &new.field);
        if let Some(field) = held.chain(waiting).next() {
            let label = format!("{}.{field}", form.kind().object());
            let text = format!(
                "{label} is kept here, and the CRM does not tell which record a form has made: \
                 leave it out of the form, or send the record by the API"
            );
            return Err(Refusal::at(Code::ValueUnfit, label, text).into());
        }
        let body = form.write(&document.write(&rewritten.edits))?;
        let outgoing = Outgoing {
            method: "POST",
            target: form.target(),
            body: Some(body),
            content_type: Some("application/x-www-form-urlencoded; charset=UTF-8".to_owned()),
            session: None,
            files: vec![],
        };
        Ok(Protected {
            cleared: Cleared::new(outgoing),
            rows: rewritten.rows,
            request: rewritten.request,
            aliases: rewritten.aliases,
            left_out: rewritten.left_out,
        })
    }
}
