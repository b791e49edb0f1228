//! `convertLead`, read and written: its members in the order of the WSDL of version 60.

use serde_json::{Map, Value, json};

use super::malformed;
use super::operation::Reader;
use crate::dialect::salesforce::convert::{Conversion, Part};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::wire::xml::{NodeId, Unfit, Writer};

/// The CRM converts a hundred at once.
const MOST: usize = 100;

/// What a member of `LeadConvert` is.
#[derive(Clone, Copy)]
enum Member {
    /// The id of a record whose id begins so.
    Record(&'static [&'static str]),
    Flag,
    Text,
    /// Whole records and person accounts: what stands in them is written to records that this
    /// message does not name by their fields.
    Refused,
}

const MEMBERS: [(&str, Member); 17] = [
    ("accountId", Member::Record(&["001"])),
    ("accountRecord", Member::Refused),
    ("bypassAccountDedupeCheck", Member::Flag),
    ("bypassContactDedupeCheck", Member::Flag),
    ("contactId", Member::Record(&["003"])),
    ("contactRecord", Member::Refused),
    ("convertedStatus", Member::Text),
    ("doNotCreateOpportunity", Member::Flag),
    ("leadId", Member::Record(&["00Q"])),
    ("opportunityId", Member::Record(&["006"])),
    ("opportunityName", Member::Text),
    ("opportunityRecord", Member::Refused),
    ("overwriteLeadSource", Member::Flag),
    // A user, or a queue.
    ("ownerId", Member::Record(&["005", "00G"])),
    ("relatedPersonAccountId", Member::Refused),
    ("relatedPersonAccountRecord", Member::Refused),
    ("sendNotificationEmail", Member::Flag),
];

/// The members of one conversion, in the order of [`MEMBERS`].
#[derive(Default)]
struct Members {
    ids: Vec<(&'static str, Id)>,
    flags: Vec<(&'static str, bool)>,
    texts: Vec<(&'static str, String)>,
}

impl Members {
    fn id(&self, name: &str) -> Option<Id> {
        let found = self.ids.iter().find(|(own, _)| *own == name);
        found.map(|(_, id)| *id)
    }

    fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(own, _)| *own == name);
        found.map(|(_, text)| text.as_str())
    }

    fn is(&self, name: &str) -> bool {
        self.flags.contains(&(name, true))
    }

    fn conversion(&self) -> Result<Conversion, Refusal> {
        let lead = self.id("leadId");
        let lead = lead.ok_or_else(|| malformed("a conversion names its lead"))?;
        let opportunity = self.id("opportunityId");
        if opportunity.is_some() && self.text("opportunityName").is_some() {
            // The name is a new one's; whose data it became in one that stands, nobody could say.
            return Err(malformed(
                "opportunityId and opportunityName exclude each other in a conversion",
            ));
        }
        let makes = opportunity.is_none() && !self.is("doNotCreateOpportunity");
        Ok(Conversion {
            lead,
            contact: self.id("contactId"),
            account: self.id("accountId"),
            opportunity,
            deal: makes || self.text("opportunityName").is_some(),
            flags: self.flags.clone(),
        })
    }

    /// What it writes, as records of a collection.
    fn record(&self, part: Part) -> Value {
        let mut record = Map::new();
        record.insert("attributes".to_owned(), json!({ "type": part.object() }));
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                record.insert(name.to_owned(), Value::from(value));
            }
        };
        let id = |name: &str| self.id(name);
        match part {
            Part::Lead => {
                put("Id", id("leadId").as_ref().map(Id::as_str));
                put("Status", self.text("convertedStatus"));
            }
            Part::Contact => {
                put("Id", id("contactId").as_ref().map(Id::as_str));
                put("AccountId", id("accountId").as_ref().map(Id::as_str));
                put("OwnerId", id("ownerId").as_ref().map(Id::as_str));
            }
            Part::Account => {}
            Part::Opportunity => put("Name", self.text("opportunityName")),
        }
        Value::Object(record)
    }
}

/// Reads the conversions, and the records that they write.
pub(super) fn read(reader: &Reader<'_, '_>) -> Result<(Vec<Conversion>, Vec<Value>), Refusal> {
    let mut conversions: Vec<Conversion> = Vec::new();
    let mut records = Vec::new();
    for node in reader.children() {
        reader.expect(node, "leadConverts")?;
        reader.plain(node)?;
        if conversions.len() == MOST {
            return Err(Refusal::new(
                Code::BodyTooLarge,
                "the message converts more than a hundred leads",
            ));
        }
        let members = members(reader, node)?;
        let conversion = members.conversion()?;
        // Whose data the second one brings would depend on what became of the first.
        let double = |other: &Conversion| {
            let contact = conversion.contact.filter(|_| other.contact.is_some());
            other.lead == conversion.lead || contact.is_some_and(|id| other.contact == Some(id))
        };
        if conversions.iter().any(double) {
            return Err(malformed(
                "a lead or a contact stands twice in one message of conversions",
            ));
        }
        records.extend(conversion.parts().map(|part| members.record(part)));
        conversions.push(conversion);
    }
    match conversions.is_empty() {
        true => Err(malformed("the operation has no leads")),
        false => Ok((conversions, records)),
    }
}

fn members(reader: &Reader<'_, '_>, node: NodeId) -> Result<Members, Refusal> {
    let mut seen: Vec<&str> = Vec::new();
    let mut members = Members::default();
    for child in reader.children_of(node) {
        let known = MEMBERS.iter().find(|(name, _)| reader.is(child, name));
        let (name, member) = known.ok_or_else(|| {
            malformed("a conversion has a member that the WSDL of version 60 does not have")
        })?;
        if seen.contains(name) {
            return Err(malformed(format!("{name} stands twice in one conversion")));
        }
        seen.push(name);
        if reader.nil(child)? {
            continue;
        }
        let wrong = |why: &str| {
            let text = format!("{name} of a conversion {why}");
            Refusal::new(Code::ValueUnfit, text)
        };
        match member {
            Member::Refused => {
                return Err(malformed(format!("{name} of a conversion is not taken")));
            }
            Member::Record(prefixes) => {
                let text = reader.text(child)?;
                let text = text.trim();
                if text.is_empty() {
                    continue;
                }
                let own = |id: &Id| prefixes.iter().any(|own| id.as_str().starts_with(own));
                let id = Id::parse(text).filter(own);
                let id = id.ok_or_else(|| wrong("is no id of such a record"))?;
                members.ids.push((name, id));
            }
            Member::Flag => members.flags.push((
                name,
                match reader.text(child)?.trim() {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => return Err(wrong("must be true or false")),
                },
            )),
            Member::Text => {
                let text = reader.text(child)?;
                if !text.is_empty() {
                    members.texts.push((name, text));
                }
            }
        }
    }
    Ok(members)
}

/// Writes the conversions with their records as they are protected.
pub(super) fn write(
    writer: &mut Writer,
    conversions: &[Conversion],
    records: &[Value],
) -> Result<(), Unfit> {
    let count: usize = conversions.iter().map(|one| one.parts().count()).sum();
    if count != records.len() {
        return Err(Unfit);
    }
    for (first, conversion) in Conversion::places(conversions) {
        let text = |part: Part, field: &str| {
            let record = records.get(first + conversion.position(part)?)?;
            let object = record.pointer("/attributes/type").and_then(Value::as_str);
            let value = record
                .get(field)
                .filter(|_| object == Some(part.object()))?;
            value.as_str().map(str::to_owned)
        };
        let id = |id: Option<Id>| id.map(|id| id.to_string());
        writer.open("leadConverts", &[])?;
        for (name, member) in MEMBERS {
            let value = match (name, member) {
                (_, Member::Refused) => None,
                (_, Member::Flag) => {
                    let said = conversion.flags.iter().find(|(own, _)| *own == name);
                    said.map(|(_, flag)| flag.to_string())
                }
                ("leadId", _) => id(Some(conversion.lead)),
                ("contactId", _) => id(conversion.contact),
                ("accountId", _) => id(conversion.account),
                ("opportunityId", _) => id(conversion.opportunity),
                ("ownerId", _) => text(Part::Contact, "OwnerId"),
                ("convertedStatus", _) => text(Part::Lead, "Status"),
                ("opportunityName", _) => text(Part::Opportunity, "Name"),
                _ => return Err(Unfit),
            };
            if let Some(value) = value {
                writer.text(name, &value)?;
            }
        }
        writer.close();
    }
    Ok(())
}

/// The members of a result that tell of its records, with the object of each.
pub(super) const TOLD: [(&str, Part); 4] = [
    ("leadId", Part::Lead),
    ("contactId", Part::Contact),
    ("accountId", Part::Account),
    ("opportunityId", Part::Opportunity),
];
