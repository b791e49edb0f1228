//! What the CRM itself says of a field's type and length, before a protected value is sent to it.
//!
//! A policy is checked against a table of fields. An administrator of the CRM may shorten a field
//! or change its type at any time; a token cut short is a value lost. So the CRM's own describe is
//! asked before the first protected write to an object, and kept for an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::record::Scribe;
use super::{Failure, Proxy};
use crate::model::{Code, Refusal, Timestamp};
use crate::policy::FieldPlan;
use crate::protect::outward::{Survey, describe};
use crate::upstream;

/// How long a describe is believed, in seconds.
const BELIEVED: i64 = 3600;

/// Descriptions of objects, shared by all workers.
#[derive(Default)]
pub struct Descriptions(Mutex<HashMap<String, Arc<Description>>>);

/// One object as the CRM describes it.
struct Description {
    read: Timestamp,
    fields: HashMap<String, Field>,
}

#[derive(Deserialize)]
struct Raw {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    length: u32,
}

impl Descriptions {
    fn fresh(&self, object: &str, now: Timestamp) -> Option<Arc<Description>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(object)?;
        let age = now.seconds() - found.read.seconds();
        (0..BELIEVED).contains(&age).then(|| Arc::clone(found))
    }

    fn keep(&self, object: &str, description: &Arc<Description>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(object.to_owned(), Arc::clone(description));
    }
}

impl Proxy {
    /// Refuses a request that would write a protected value into a field that the CRM describes
    /// otherwise than the policy was checked against.
    pub(super) async fn fits(
        &self,
        scribe: &Scribe<'_>,
        survey: &Survey<'_>,
    ) -> Result<(), Failure> {
        for (object, fields) in survey.protected() {
            let description = self.description(scribe, object).await?;
            for field in fields {
                description.holds(field)?;
            }
        }
        Ok(())
    }

    async fn description(
        &self,
        scribe: &Scribe<'_>,
        object: &str,
    ) -> Result<Arc<Description>, Failure> {
        let shared = scribe.shared;
        let now = shared.clock.now();
        if let Some(found) = shared.descriptions.fresh(object, now) {
            return Ok(found);
        }
        let asked = describe(scribe.rules.plan.api().newest, object)?;
        let answer = self.upstream.send(asked, HeaderMap::new()).await?;
        if answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS {
            // Of the moment: a refusal would tell the client that it must change its request.
            return Err(upstream::Error::Unexpected("no describe").into());
        }
        let raw: Option<Raw> = match answer.status {
            StatusCode::OK => serde_json::from_slice(&answer.body).ok(),
            _ => None,
        };
        let raw = raw.ok_or_else(|| {
            let text = format!(
                "the CRM does not describe {object}, so no protected value can be sent to it"
            );
            Refusal::at(Code::PolicyUnknownObject, object, text)
        })?;
        let fields = raw
            .fields
            .into_iter()
            .map(|field| (field.name.clone(), field))
            .collect();
        let description = Arc::new(Description { read: now, fields });
        shared.descriptions.keep(object, &description);
        Ok(description)
    }
}

impl Description {
    /// Whether the field is of the type and at least of the length that policy relies on.
    fn holds(&self, planned: &FieldPlan) -> Result<(), Refusal> {
        let Some(field) = self.fields.get(&planned.name) else {
            let text = format!("{} is not in the CRM's describe", planned.label);
            return Err(Refusal::at(
                Code::PolicyUnknownField,
                planned.label.clone(),
                text,
            ));
        };
        let kind = planned.kind.name();
        if !field.kind.eq_ignore_ascii_case(kind) {
            let text = format!(
                "the CRM now describes {} as another type than {kind}; check the policy",
                planned.label
            );
            return Err(Refusal::at(Code::ValueUnfit, planned.label.clone(), text));
        }
        if planned.length.is_some_and(|length| field.length < length) {
            let text = format!(
                "the CRM now describes {} with a length of {}, shorter than the policy relies on",
                planned.label, field.length
            );
            return Err(Refusal::at(Code::ValueTooLong, planned.label.clone(), text));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{FieldTable, Source, compile};

    fn described(kind: &str, length: u32) -> Description {
        let field = Field {
            name: "Email".into(),
            kind: kind.into(),
            length,
        };
        Description {
            read: Timestamp(0),
            fields: HashMap::from([("Email".to_owned(), field)]),
        }
    }

    #[test]
    fn a_field_that_the_crm_has_changed_takes_no_protected_value() {
        let text = include_str!("../../policies/salesforce.toml").to_owned();
        let table = FieldTable::salesforce().expect("the table");
        let plan = compile(
            &Source {
                name: "policy".into(),
                text,
            },
            &table,
        )
        .expect("a plan");
        let email = plan
            .object("Contact")
            .and_then(|object| object.field("Email"))
            .expect("a field");
        assert_eq!(described("email", 80).holds(email), Ok(()));
        assert_eq!(
            described("email", 40).holds(email).map_err(|e| e.code),
            Err(Code::ValueTooLong)
        );
        assert_eq!(
            described("string", 80).holds(email).map_err(|e| e.code),
            Err(Code::ValueUnfit)
        );
        let none = Description {
            read: Timestamp(0),
            fields: HashMap::new(),
        };
        assert_eq!(
            none.holds(email).map_err(|e| e.code),
            Err(Code::PolicyUnknownField)
        );
    }
}
