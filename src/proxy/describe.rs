//! What the CRM itself says of objects and fields, before anything is written into them.
//!
//! A policy is checked against a table of fields. An administrator of the CRM may shorten a field
//! or change its type at any time; a token cut short is a value lost. So the CRM's own describe is
//! asked before the first protected write to an object, and believed for an hour; `drift` reads all
//! objects of the policy in the background. Each field that a request writes is held to it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::record::Scribe;
use super::{Failure, Proxy, drift};
use crate::model::{Code, Refusal, Timestamp};
use crate::policy::{FieldPlan, Plan, Shape, Snapshot, TESTED};
use crate::protect::outward::{Survey, describe};
use crate::upstream;

/// How long a describe is believed, in seconds.
const BELIEVED: i64 = 3600;
/// As long is it believed that there is none: the CRM says the same of an object that it does not
/// have, of one that the border's user may not see just now, and of a version that it does not have.
const DOUBTED: i64 = 60;

/// Descriptions of objects, shared by all workers.
#[derive(Default)]
pub struct Descriptions {
    known: Mutex<HashMap<String, Arc<Description>>>,
    /// The newest version that the CRM listed at the last look; 0 before one.
    listed: AtomicU16,
    pub(super) watch: drift::Watched,
}

/// The fields of an object, by name.
pub(super) type Fields = BTreeMap<String, Shape>;

/// One object as the CRM describes it.
pub(super) struct Description {
    read: Timestamp,
    /// None where the CRM does not describe it.
    pub fields: Option<Fields>,
}

#[derive(Deserialize)]
struct Raw {
    fields: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(flatten)]
    shape: Shape,
}

impl Descriptions {
    /// What was said of an object last.
    pub(super) fn last(&self, object: &str) -> Option<Arc<Description>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(object).map(Arc::clone)
    }

    fn fresh(&self, object: &str, now: Timestamp) -> Option<Arc<Description>> {
        let found = self.last(object)?;
        let age = now.seconds() - found.read.seconds();
        let believed = match found.fields {
            Some(_) => BELIEVED,
            None => DOUBTED,
        };
        (0..believed).contains(&age).then_some(found)
    }

    /// What was said before the start: too old to be believed, and good enough to hold what passes to.
    #[must_use]
    pub fn recalled(now: &Snapshot) -> Self {
        let known = now.0.iter().map(|(object, fields)| {
            let description = Description {
                read: Timestamp(0),
                fields: Some(fields.clone()),
            };
            (object.clone(), Arc::new(description))
        });
        Self {
            known: Mutex::new(known.collect()),
            ..Self::default()
        }
    }

    /// Remembers which version the CRM has.
    pub(super) fn lists(&self, version: u16) {
        self.listed.store(version, Ordering::Relaxed);
    }

    fn keep(&self, object: &str, description: &Arc<Description>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(object.to_owned(), Arc::clone(description));
    }
}

impl Proxy {
    /// Refuses a request that would write into a field which the CRM describes otherwise than the
    /// policy was checked against, or by a version that nobody has tried.
    pub(super) async fn fits(
        &self,
        scribe: &Scribe<'_>,
        survey: &Survey<'_>,
    ) -> Result<(), Failure> {
        let mut written = survey.written().peekable();
        if written.peek().is_none() {
            return Ok(());
        }
        let request = survey.request();
        // An action of Aura may leave its version to the CRM.
        let versions = request.calls.iter().map(|call| call.route.version);
        let mut versions = versions.filter(|version| *version != 0);
        if let Some(version) = versions.find(|version| !TESTED.contains(version)) {
            return Err(untried(version).into());
        }
        for (object, fields) in survey.protected() {
            let description = Box::pin(self.description(scribe, object)).await?;
            for field in fields {
                description.holds(object, field)?;
            }
        }
        for field in written {
            let object = field.label.split('.').next().unwrap_or_default();
            if let Some(description) = scribe.shared.descriptions.last(object) {
                description.holds(object, field)?;
            }
        }
        Ok(())
    }

    /// The version in which the border asks by itself: the newest that policy allows, that was tried,
    /// and that the CRM has as far as is known.
    pub(super) fn spoken(&self, plan: &Plan) -> u16 {
        let newest = plan.api().newest.min(*TESTED.end());
        match self.shared.descriptions.listed.load(Ordering::Relaxed) {
            0 => newest,
            listed => listed.max(plan.api().oldest).min(newest),
        }
    }

    async fn description(
        &self,
        scribe: &Scribe<'_>,
        object: &str,
    ) -> Result<Arc<Description>, Failure> {
        let shared = scribe.shared;
        match shared.descriptions.fresh(object, shared.clock.now()) {
            Some(found) => Ok(found),
            None => self.describe(self.spoken(&scribe.rules.plan), object).await,
        }
    }

    /// Asks the CRM, and keeps what it says.
    pub(super) async fn describe(
        &self,
        version: u16,
        object: &str,
    ) -> Result<Arc<Description>, Failure> {
        let answer = self
            .upstream
            .send(describe(version, object)?, HeaderMap::new());
        let answer = answer.await?;
        let fields = match answer.status {
            StatusCode::OK => {
                let raw: Option<Raw> = serde_json::from_slice(&answer.body).ok();
                let raw = raw.ok_or(upstream::Error::Unexpected("a describe"))?;
                let fields = raw.fields.into_iter();
                Some(fields.map(|field| (field.name, field.shape)).collect())
            }
            StatusCode::NOT_FOUND => None,
            // Of the moment: a refusal would tell the client that it must change its request.
            _ => return Err(upstream::Error::Unexpected("no describe").into()),
        };
        let read = self.shared.clock.now();
        let description = Arc::new(Description { read, fields });
        self.shared.descriptions.keep(object, &description);
        Ok(description)
    }
}

impl Description {
    /// Whether the field is of the type and at least of the length that policy relies on.
    fn holds(&self, object: &str, planned: &FieldPlan) -> Result<(), Refusal> {
        let Some(fields) = &self.fields else {
            let text = format!(
                "the CRM does not describe {object}, so nothing can be written to it (rule objects.{object})"
            );
            return Err(Refusal::at(Code::Drift, object, text));
        };
        match planned.departs(fields.get(&planned.name)) {
            None => Ok(()),
            Some(text) => {
                let text = format!("{text} (rule {})", planned.rule_id);
                Err(Refusal::at(Code::Drift, planned.label.clone(), text))
            }
        }
    }
}

fn untried(version: u16) -> Refusal {
    let text = format!(
        "version {version}.0 of the API is outside of {}.0 to {}.0, with which writes were tried (rule api)",
        TESTED.start(),
        TESTED.end()
    );
    Refusal::new(Code::Drift, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{FieldTable, Source, compile};

    fn described(kind: &str, length: u32) -> Description {
        let shape = Shape {
            kind: kind.into(),
            length,
            external_id: false,
            unique: false,
            filterable: true,
            createable: true,
            updateable: true,
            calculated: false,
        };
        Description {
            read: Timestamp(0),
            fields: Some(BTreeMap::from([("Email".to_owned(), shape)])),
        }
    }

    #[test]
    fn a_field_that_the_crm_has_changed_takes_no_value() {
        let text = include_str!("../../policies/salesforce.toml").to_owned();
        let table = FieldTable::salesforce().expect("the table");
        let source = Source {
            name: "policy".into(),
            text,
        };
        let plan = compile(&source, &table).expect("a plan");
        let contact = plan.object("Contact");
        let email = contact.and_then(|object| object.field("Email"));
        let email = email.expect("a field");
        let holds = |description: Description| description.holds("Contact", email);
        assert_eq!(holds(described("email", 80)), Ok(()));
        let gone = Description {
            read: Timestamp(0),
            fields: None,
        };
        for (departs, said) in [
            (described("email", 40), "length of 40"),
            (described("string", 80), "another type than email"),
            (gone, "does not describe Contact"),
        ] {
            let refusal = holds(departs).expect_err("it departs");
            assert_eq!(refusal.code, Code::Drift);
            assert!(refusal.text.contains(said), "{}", refusal.text);
        }
    }
}
