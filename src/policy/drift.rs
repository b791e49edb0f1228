//! What a policy relies on in the CRM's own describe, and what of it is so no longer.
//!
//! A policy is checked against a table of fields when it is compiled. An administrator of the CRM may
//! change a field at any time afterwards: a token in a field that became shorter is cut, a name in a
//! field that was a date and takes text leaves in the clear. So each field is held to what the CRM
//! says of it, and what changed is told with the line of the policy that relies on it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fields::{FieldTable, FieldType, TableField};
use super::plan::{FieldPlan, ObjectPlan, Plan};
use super::report::Report;
use super::sentence;

/// Versions of Salesforce's API whose describes, requests and answers the product was tried with.
pub const TESTED: std::ops::RangeInclusive<u16> = 50..=66;

/// Objects as the CRM described them at one time, each with its fields. An object that is not here is
/// one that the CRM did not describe.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Snapshot(pub BTreeMap<String, BTreeMap<String, Shape>>);

/// What a describe says of a field and a policy may rely on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    /// A word of the describe's own, such as `textarea`. The CRM has types that no policy can name.
    #[serde(rename = "type")]
    pub kind: String,
    /// 0 where the type has none.
    #[serde(default)]
    pub length: u32,
    #[serde(default)]
    pub external_id: bool,
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub filterable: bool,
    /// Whether a client may give it a value, when a record is made or later.
    #[serde(default)]
    pub createable: bool,
    #[serde(default)]
    pub updateable: bool,
    /// The CRM computes it by a formula.
    #[serde(default)]
    pub calculated: bool,
}

/// What the CRM says now, beside what stood when somebody last looked.
#[derive(Clone, Copy, Debug)]
pub struct Described<'s> {
    pub before: &'s Snapshot,
    /// Objects of which a person has looked at `before` and taken it.
    pub looked: &'s BTreeSet<String>,
    pub now: &'s Snapshot,
    /// Objects whose describe could not be had; what is known of them is of earlier.
    pub unread: &'s [String],
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Drift {
    /// An error is a change for which writes are refused; a warning one that somebody should look at.
    pub report: Report,
    /// Fields whose writes are refused (`Contact.Email`), and objects (`Contact`).
    pub refused: BTreeSet<String>,
}

impl Snapshot {
    #[must_use]
    pub fn field(&self, object: &str, field: &str) -> Option<&Shape> {
        self.0.get(object)?.get(field)
    }

    /// What a person says that they have looked at: the beginning of its SHA-256, in hexadecimal.
    ///
    /// # Errors
    /// When it cannot be written, which does not happen.
    pub fn mark(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_vec(&self.0)?;
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
        let first = hash.as_ref().get(..8).unwrap_or_default();
        Ok(data_encoding::HEXLOWER.encode(first))
    }

    /// Fields that are not the same in another one, each once: `Contact.Email`.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Vec<String> {
        let objects: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let none = BTreeMap::new();
        let mut found = Vec::new();
        for object in objects {
            let ours = self.0.get(object).unwrap_or(&none);
            let theirs = other.0.get(object).unwrap_or(&none);
            let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            let other = names
                .into_iter()
                .filter(|name| ours.get(*name) != theirs.get(*name));
            found.extend(other.map(|name| format!("{object}.{name}")));
        }
        found
    }
}

impl FieldTable {
    /// This table with the types and lengths that a person has accepted, and with the fields that the
    /// CRM has got since, so that a policy may decide about them. Those of types that lead elsewhere
    /// or are made of others come by a file of `sluis crm describe` only: a snapshot does not say
    /// enough of them. What the snapshot does not have keeps its rule: writes of it are refused as
    /// long as the CRM does not describe it.
    #[must_use]
    pub fn with_accepted(mut self, snapshot: &Snapshot) -> Self {
        for object in self.objects_mut() {
            for field in &mut object.fields {
                let Some(shape) = snapshot.field(&object.name, &field.name) else {
                    continue;
                };
                if let Some(kind) = kind(&shape.kind) {
                    field.kind = kind;
                    field.length = Some(shape.length).filter(|length| *length > 0);
                    field.external_id = shape.external_id;
                }
            }
            let shapes = snapshot.0.get(&object.name).into_iter().flatten();
            let new: Vec<TableField> = shapes
                .filter(|(name, _)| object.field(name).is_none())
                .filter_map(|(name, shape)| shape.field(name))
                .collect();
            object.add(new);
        }
        self
    }
}

impl Shape {
    /// A field of a table, where this says enough of it.
    fn field(&self, name: &str) -> Option<TableField> {
        let kind = kind(&self.kind)?;
        match kind {
            FieldType::Address
            | FieldType::AnyType
            | FieldType::Base64
            | FieldType::Id
            | FieldType::Location
            | FieldType::Reference => return None,
            FieldType::Boolean
            | FieldType::Combobox
            | FieldType::Currency
            | FieldType::Date
            | FieldType::Datetime
            | FieldType::Double
            | FieldType::Email
            | FieldType::EncryptedString
            | FieldType::Int
            | FieldType::Long
            | FieldType::Multipicklist
            | FieldType::Percent
            | FieldType::Phone
            | FieldType::Picklist
            | FieldType::String
            | FieldType::Textarea
            | FieldType::Time
            | FieldType::Url => {}
        }
        Some(TableField {
            name: name.to_owned(),
            kind,
            length: Some(self.length).filter(|length| *length > 0),
            writable: self.createable || self.updateable,
            calculated: self.calculated,
            compound: None,
            reference_to: vec![],
            relationship: None,
            external_id: self.external_id,
            // An administrator can demand it without describe saying so.
            demanded: false,
        })
    }
}

fn kind(word: &str) -> Option<FieldType> {
    serde_json::from_value(word.to_ascii_lowercase().into()).ok()
}

impl FieldPlan {
    /// Why a write of the field is refused by what the CRM says of it; none where it is as the policy
    /// was checked against, or longer.
    #[must_use]
    pub fn departs(&self, shape: Option<&Shape>) -> Option<String> {
        let label = &self.label;
        let Some(shape) = shape else {
            return Some(format!("{label} is not in the CRM's describe"));
        };
        let kind = self.kind.name();
        if !shape.kind.eq_ignore_ascii_case(kind) {
            return Some(format!(
                "the CRM now describes {label} as another type than {kind}"
            ));
        }
        let length = self.length.filter(|length| shape.length < *length)?;
        Some(format!(
            "the CRM now describes {label} with a length of {}, and the policy relies on {length}",
            shape.length
        ))
    }
}

impl Plan {
    /// What is not as the policy relies on, and what changed since a person looked.
    #[must_use]
    pub fn drift(&self, described: Described<'_>) -> Drift {
        let mut drift = Drift {
            report: self.warnings().empty(),
            refused: BTreeSet::new(),
        };
        let api = self.api();
        if !TESTED.contains(&api.oldest) || !TESTED.contains(&api.newest) {
            let text = format!(
                "the policy allows API versions {}.0 to {}.0, and this program was tried with {}.0 to {}.0",
                api.oldest,
                api.newest,
                TESTED.start(),
                TESTED.end()
            );
            let help =
                "writes by another version are refused; narrow `api`, or take a newer program";
            drift.report.error("drift-version", &(0..0), text, help);
        }
        for object in self.objects() {
            drift.object(object, described);
        }
        drift.report.sort();
        drift
    }
}

impl Drift {
    fn object(&mut self, object: &ObjectPlan, described: Described<'_>) {
        let (name, span) = (&object.name, &object.span);
        if described.unread.contains(name) {
            let text = sentence!(
                "the CRM's describe of {name} could not be read",
                "de beschrijving van {name} kon niet bij het CRM worden gelezen"
            );
            let help = sentence!(
                "what is known of it is of earlier; see the log, and the permissions of the border's user",
                "wat ervan bekend is, is van eerder; zie het logboek en de rechten van de gebruiker van de grens"
            );
            self.report.warning("drift-unread", span, text, help);
        }
        let before = described.before.0.get(name);
        let accepted = described.looked.contains(name);
        let Some(now) = described.now.0.get(name) else {
            if described.unread.contains(name) {
                return;
            }
            self.refused.insert(name.clone());
            if before.is_some() || !accepted {
                let text = format!("the CRM does not describe {name}");
                let help = "its writes are refused; give the border's user access to it, or take it out of the policy";
                self.report.error("drift-object-gone", span, text, help);
            }
            return;
        };
        for field in &object.fields {
            let shapes = (
                before.and_then(|fields| fields.get(&field.name)),
                now.get(&field.name),
            );
            self.field(object, field, shapes, accepted);
        }
        for name in now.keys() {
            let new = before.is_some_and(|before| !before.contains_key(name));
            let left_out = object
                .left_out
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            if new && !left_out && object.field(name).is_none() {
                let object = &object.name;
                let text = sentence!(
                    "the CRM has a new field {object}.{name}",
                    "het CRM heeft een nieuw veld {object}.{name}"
                );
                let help = sentence!(
                    "it is refused and masked until the policy has a rule for it; decide, or leave it out",
                    "het wordt geweigerd en afgedekt tot het beleid er een regel voor heeft; beslis, of noem het onder left_out"
                );
                self.report.warning("drift-field-new", span, text, help);
            }
        }
    }

    fn field(
        &mut self,
        object: &ObjectPlan,
        field: &FieldPlan,
        (before, now): (Option<&Shape>, Option<&Shape>),
        accepted: bool,
    ) {
        if let Some(text) = field.departs(now) {
            self.refused.insert(field.label.clone());
            // That it is gone is no news where a person has seen it.
            if now.is_some() || before.is_some() || !accepted {
                let code = match now {
                    None => "drift-field-gone",
                    Some(now) if now.kind.eq_ignore_ascii_case(field.kind.name()) => "drift-length",
                    Some(_) => "drift-type",
                };
                let help = "its writes are refused; look at it in the CRM, then `sluis check --live --accept`";
                self.report.error(code, &field.span, text, help);
            }
            return;
        }
        let (Some(before), Some(now)) = (before, now) else {
            return;
        };
        let key = object.is_external_id(&field.name);
        let lost = [
            (
                sentence!("an external id", "externe id"),
                key && before.external_id && !now.external_id,
            ),
            (
                sentence!("unique", "uniek"),
                key && before.unique && !now.unique,
            ),
            (
                sentence!("filterable", "te filteren"),
                before.filterable && !now.filterable,
            ),
        ];
        for (what, _) in lost.iter().filter(|(_, lost)| *lost) {
            let label = &field.label;
            let text = sentence!(
                "the CRM no longer describes {label} as {what}",
                "volgens het CRM is {label} niet meer {what}",
                what: what,
            );
            let help = sentence!(
                "clients that look records up by it will fail; look at it in the CRM, then `sluis check --live --accept`",
                "programma's die er records mee opzoeken mislukken; bekijk het in het CRM, dan `sluis check --live --accept`"
            );
            self.report.warning("drift-key", &field.span, text, help);
        }
        if now.length > before.length {
            let (label, is, was) = (&field.label, now.length, before.length);
            let text = sentence!(
                "the CRM now describes {label} with a length of {is}, before with {was}",
                "volgens het CRM heeft {label} nu een lengte van {is}, eerder van {was}"
            );
            let help = sentence!(
                "values of the former length still fit; `sluis check --live --accept` takes the new one",
                "waarden van de eerdere lengte passen nog; `sluis check --live --accept` neemt de nieuwe aan"
            );
            self.report.warning("drift-longer", &field.span, text, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Finding, Severity, Source, compile};

    fn plan(table: &FieldTable) -> Plan {
        let source = Source {
            name: "policy".into(),
            text: include_str!("../../policies/salesforce.toml").into(),
        };
        compile(&source, table).unwrap_or_else(|report| panic!("{report}"))
    }

    /// The CRM as the policy was checked against it.
    fn snapshot(plan: &Plan) -> Snapshot {
        let shape = |field: &FieldPlan| Shape {
            kind: field.kind.name().to_owned(),
            length: field.length.unwrap_or(0),
            external_id: field.name == "Ext_Id__c",
            unique: field.name == "Ext_Id__c",
            filterable: true,
            createable: true,
            updateable: true,
            calculated: false,
        };
        let objects = plan.objects().map(|object| {
            let fields = object.fields.iter();
            let fields = fields.map(|field| (field.name.clone(), shape(field)));
            (object.name.clone(), fields.collect())
        });
        Snapshot(objects.collect())
    }

    fn codes(drift: &Drift) -> Vec<&'static str> {
        let findings = drift.report.findings().iter();
        findings.map(|finding| finding.code).collect()
    }

    fn all(plan: &Plan) -> BTreeSet<String> {
        plan.objects().map(|object| object.name.clone()).collect()
    }

    type Change = fn(&mut BTreeMap<String, Shape>);

    #[test]
    fn each_change_of_a_field_is_told_and_refuses_what_it_must() {
        let plan = plan(&FieldTable::salesforce().unwrap());
        let before = snapshot(&plan);
        let of = |fields: &mut BTreeMap<String, Shape>, name: &str| fields.remove(name).unwrap();
        let cases: [(Change, &str, &[&str]); 8] = [
            (|_| {}, "", &[]),
            (
                |fields| drop(fields.remove("Fax")),
                "drift-field-gone",
                &["Contact.Fax"],
            ),
            (
                |fields| fields.get_mut("Fax").unwrap().kind = "string".into(),
                "drift-type",
                &["Contact.Fax"],
            ),
            (
                |fields| fields.get_mut("Email").unwrap().length = 40,
                "drift-length",
                &["Contact.Email"],
            ),
            (
                |fields| fields.get_mut("Email").unwrap().length = 90,
                "drift-longer",
                &[],
            ),
            (
                |fields| fields.get_mut("Ext_Id__c").unwrap().unique = false,
                "drift-key",
                &[],
            ),
            (
                |fields| fields.get_mut("Email").unwrap().filterable = false,
                "drift-key",
                &[],
            ),
            (
                |fields| {
                    let shape = fields["Fax"].clone();
                    fields.insert("Bijnaam__c".into(), shape);
                },
                "drift-field-new",
                &[],
            ),
        ];
        assert_eq!(of(&mut before.0["Contact"].clone(), "Email").kind, "email");
        for (change, code, refused) in cases {
            let mut now = before.clone();
            change(now.0.get_mut("Contact").unwrap());
            for looked in [BTreeSet::new(), all(&plan)] {
                let drift = plan.drift(Described {
                    before: &before,
                    looked: &looked,
                    now: &now,
                    unread: &[],
                });
                let expected: Vec<&str> =
                    [code].into_iter().filter(|code| !code.is_empty()).collect();
                assert_eq!(codes(&drift), expected);
                assert!(drift.refused.iter().eq(refused.iter()), "{code}");
            }
        }
    }

    #[test]
    fn an_object_that_is_gone_refuses_its_writes_and_one_that_is_not_read_does_not() {
        let plan = plan(&FieldTable::salesforce().unwrap());
        let before = snapshot(&plan);
        let mut now = before.clone();
        now.0.remove("Lead");
        let drift = |unread: &[String]| {
            plan.drift(Described {
                before: &before,
                looked: &all(&plan),
                now: &now,
                unread,
            })
        };
        let gone = drift(&[]);
        assert_eq!(codes(&gone), ["drift-object-gone"]);
        assert!(gone.refused.contains("Lead"));
        let unread = drift(&["Lead".to_owned()]);
        assert_eq!(codes(&unread), ["drift-unread"]);
        assert!(unread.refused.is_empty());
    }

    #[test]
    fn what_a_person_accepted_becomes_what_the_policy_is_checked_against() {
        let table = FieldTable::salesforce().unwrap();
        let first = plan(&table);
        let mut now = snapshot(&first);
        let contact = now.0.get_mut("Contact").unwrap();
        contact.get_mut("LastName").unwrap().length = 40;
        contact.remove("Fax");
        let second = plan(&table.clone().with_accepted(&now));
        let drift = second.drift(Described {
            before: &now,
            looked: &all(&second),
            now: &now,
            unread: &[],
        });
        assert_eq!(codes(&drift), Vec::<&str>::new());
        // Nobody can write a field that is not there.
        assert!(drift.refused.iter().eq(["Contact.Fax"]));
        // A token does not fit any more: the policy itself is wrong then.
        let mut short = snapshot(&first);
        short
            .0
            .get_mut("Contact")
            .unwrap()
            .get_mut("LastName")
            .unwrap()
            .length = 10;
        let source = Source {
            name: "policy".into(),
            text: include_str!("../../policies/salesforce.toml").into(),
        };
        assert!(compile(&source, &table.with_accepted(&short)).is_err());
    }

    #[test]
    fn a_field_that_the_crm_has_got_can_be_decided_about_once_a_person_accepted_it() {
        let table = FieldTable::salesforce().unwrap();
        let mut now = snapshot(&plan(&table));
        let contact = now.0.get_mut("Contact").unwrap();
        let text = Shape {
            createable: true,
            ..contact["LastName"].clone()
        };
        let formula = Shape {
            calculated: true,
            createable: false,
            updateable: false,
            ..text.clone()
        };
        let mut other = text.clone();
        other.kind = "reference".into();
        contact.insert("Bijnaam__c".into(), text);
        contact.insert("Roepnaam__c".into(), formula);
        contact.insert("Partner__c".into(), other);
        let by = |field: &str, table: &FieldTable| {
            let text = include_str!("../../policies/salesforce.toml");
            let line = "[objects.Contact.fields]\n";
            let source = Source {
                name: "policy".into(),
                text: text.replacen(line, &format!("{line}{field} = \"given_name\"\n"), 1),
            };
            let report = compile(&source, table).err();
            let error = |finding: &&Finding| finding.severity == Severity::Error;
            report.map(|report| report.findings().iter().find(error).unwrap().code)
        };
        let accepted = table.clone().with_accepted(&now);
        assert_eq!(by("Bijnaam__c", &table), Some("policy-unknown-field"));
        assert_eq!(by("Bijnaam__c", &accepted), None);
        assert_eq!(by("Roepnaam__c", &accepted), Some("policy-computed-field"));
        assert_eq!(by("Partner__c", &accepted), Some("policy-unknown-field"));
    }

    #[test]
    fn a_policy_that_allows_other_versions_than_were_tried_is_told() {
        let text = include_str!("../../policies/salesforce.toml");
        let text = text.replace("newest = 66", "newest = 70");
        let name = "policy".to_owned();
        let plan = compile(&Source { name, text }, &FieldTable::salesforce().unwrap()).unwrap();
        let now = snapshot(&plan);
        let drift = plan.drift(Described {
            before: &now,
            looked: &all(&plan),
            now: &now,
            unread: &[],
        });
        assert_eq!(codes(&drift), ["drift-version"]);
    }

    #[test]
    fn an_object_that_nobody_has_looked_at_is_not_accepted_because_others_are() {
        let plan = plan(&FieldTable::salesforce().unwrap());
        let mut now = snapshot(&plan);
        now.0.remove("Lead");
        let without = |name: &str| {
            let mut looked = all(&plan);
            looked.remove(name);
            looked
        };
        for (looked, expected) in [
            (all(&plan), vec![]),
            (without("Contact"), vec![]),
            (without("Lead"), vec!["drift-object-gone"]),
        ] {
            let drift = plan.drift(Described {
                before: &now,
                looked: &looked,
                now: &now,
                unread: &[],
            });
            assert_eq!(codes(&drift), expected);
        }
    }

    #[test]
    fn what_was_looked_at_is_known_by_its_mark_and_by_what_differs() {
        let plan = plan(&FieldTable::salesforce().unwrap());
        let one = snapshot(&plan);
        let mut other = one.clone();
        assert_eq!(one.mark().unwrap(), other.mark().unwrap());
        assert_eq!(one.mark().unwrap().len(), 16);
        let contact = other.0.get_mut("Contact").unwrap();
        contact.get_mut("Email").unwrap().length = 40;
        contact.remove("Fax");
        assert_ne!(one.mark().unwrap(), other.mark().unwrap());
        assert_eq!(one.differs(&other), ["Contact.Email", "Contact.Fax"]);
        assert_eq!(other.differs(&one), ["Contact.Email", "Contact.Fax"]);
    }
}
