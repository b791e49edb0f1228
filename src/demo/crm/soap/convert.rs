//! Leads become contacts: the fields are copied as an organization does that has mapped nothing by
//! itself.

use serde_json::{Map, Value};

use super::tree::Element;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, text, value};
use crate::demo::crm::schema::Object;
use crate::demo::crm::store::Row;
use crate::demo::crm::{id, moment};

/// The records that a lead has become.
#[derive(Default)]
pub struct Converted {
    pub lead: Option<String>,
    pub account: Option<String>,
    pub contact: Option<String>,
    pub opportunity: Option<String>,
}

const CONTACT: &[(&str, &str)] = &[
    ("FirstName", "FirstName"),
    ("LastName", "LastName"),
    ("Salutation", "Salutation"),
    ("Email", "Email"),
    ("Phone", "Phone"),
    ("MobilePhone", "MobilePhone"),
    ("Fax", "Fax"),
    ("Title", "Title"),
    ("Street", "MailingStreet"),
    ("City", "MailingCity"),
    ("PostalCode", "MailingPostalCode"),
    ("State", "MailingState"),
    ("Country", "MailingCountry"),
    ("Description", "Description"),
    ("LeadSource", "LeadSource"),
];

const ACCOUNT: &[(&str, &str)] = &[
    ("Company", "Name"),
    ("Phone", "Phone"),
    ("Fax", "Fax"),
    ("Website", "Website"),
    ("Street", "BillingStreet"),
    ("City", "BillingCity"),
    ("PostalCode", "BillingPostalCode"),
    ("State", "BillingState"),
    ("Country", "BillingCountry"),
    ("Industry", "Industry"),
    ("LeadSource", "AccountSource"),
];

/// A lead that is being converted.
struct Work<'a> {
    org: &'a Org<'a>,
    asked: &'a Element,
    lead: &'a Object,
    row: Row,
}

/// Converts one lead.
///
/// # Errors
/// When the lead is unknown or converted, or a record that is to be made is refused.
pub fn convert(org: &Org<'_>, asked: &Element) -> Outcome<Converted> {
    let lead = org.object("Lead")?;
    let given = said(asked, "leadId").unwrap_or_default();
    let row = org.record(lead, &given).map_err(|_| {
        Fault::bad("INVALID_ID_FIELD", format!("invalid lead id: {given}")).on("leadId")
    })?;
    if value(lead, &row, "IsConverted") == &Value::Bool(true) {
        let message = "can't convert a lead that has already been converted";
        return Err(Fault::bad("CANNOT_UPDATE_CONVERTED_LEAD", message).on_none());
    }
    let status = said(asked, "convertedStatus").ok_or_else(|| {
        let message = "convertedStatus is required";
        Fault::bad("INVALID_STATUS", message).on("convertedStatus")
    })?;
    let work = Work {
        org,
        asked,
        lead,
        row,
    };
    let account = match said(asked, "accountId") {
        Some(account) => account,
        None => org.create(
            org.object("Account")?,
            &work.owned(work.copied(ACCOUNT, &|_| true)),
        )?,
    };
    let contact = work.contact(&account)?;
    let opportunity = work.opportunity(&account)?;
    let lead_id = text(lead, &work.row, "Id").to_owned();
    let to = |id: &str| Value::from(id::canonical(id).unwrap_or_else(|| id.to_owned()));
    let made = opportunity.as_deref().map_or(Value::Null, to);
    let changes = [
        ("IsConverted", Value::Bool(true)),
        ("Status", Value::from(status)),
        ("ConvertedAccountId", to(&account)),
        ("ConvertedContactId", to(&contact)),
        ("ConvertedOpportunityId", made),
    ];
    let changes: Vec<(usize, Value)> = changes
        .into_iter()
        .filter_map(|(name, value)| Some((lead.position(name)?, value)))
        .collect();
    org.store.update(lead, &lead_id, &changes)?;
    Ok(Converted {
        lead: Some(lead_id),
        account: id::canonical(&account),
        contact: id::canonical(&contact),
        opportunity: opportunity.as_deref().and_then(id::canonical),
    })
}

impl Work<'_> {
    /// A new contact, or one whose empty fields are filled.
    fn contact(&self, account: &str) -> Outcome<String> {
        let people = self.org.object("Contact")?;
        let Some(contact) = said(self.asked, "contactId") else {
            let mut body = self.owned(self.copied(CONTACT, &|_| true));
            body.insert("AccountId".to_owned(), Value::from(account));
            return self.org.create(people, &body);
        };
        let before = self.org.record(people, &contact)?;
        let empty = |name: &str| value(people, &before, name).is_null();
        let mut body = self.copied(CONTACT, &empty);
        if said(self.asked, "overwriteLeadSource").as_deref() == Some("true") {
            let source = value(self.lead, &self.row, "LeadSource").clone();
            body.insert("LeadSource".to_owned(), source);
        }
        self.org.update(people, &contact, &body)?;
        Ok(contact)
    }

    fn opportunity(&self, account: &str) -> Outcome<Option<String>> {
        let skips = said(self.asked, "doNotCreateOpportunity").as_deref() == Some("true");
        match (said(self.asked, "opportunityId"), skips) {
            (Some(_), true) => {
                let message = "opportunityId cannot be set where none is to be made";
                return Err(Fault::bad("INVALID_FIELD", message).on("opportunityId"));
            }
            (Some(opportunity), false) => return Ok(Some(opportunity)),
            (None, true) => return Ok(None),
            (None, false) => {}
        }
        let named = said(self.asked, "opportunityName");
        let company = text(self.lead, &self.row, "Company");
        let today = moment::datetime(self.org.now);
        let mut body = Map::new();
        for (name, value) in [
            ("Name", named.unwrap_or_else(|| format!("{company}-"))),
            ("AccountId", account.to_owned()),
            ("StageName", "Prospecting".to_owned()),
            ("CloseDate", today.get(..10).unwrap_or_default().to_owned()),
        ] {
            body.insert(name.to_owned(), Value::from(value));
        }
        let object = self.org.object("Opportunity")?;
        Ok(Some(self.org.create(object, &self.owned(body))?))
    }

    fn owned(&self, mut body: Map<String, Value>) -> Map<String, Value> {
        if let Some(owner) = said(self.asked, "ownerId") {
            body.insert("OwnerId".to_owned(), Value::from(owner));
        }
        body
    }

    fn copied(&self, fields: &[(&str, &str)], wanted: &dyn Fn(&str) -> bool) -> Map<String, Value> {
        let fields = fields.iter().filter(|(_, to)| wanted(to));
        let values = fields.map(|(from, to)| {
            let value = value(self.lead, &self.row, from).clone();
            ((*to).to_owned(), value)
        });
        values.filter(|(_, value)| !value.is_null()).collect()
    }
}

fn said(asked: &Element, name: &str) -> Option<String> {
    let child = asked.child(name).filter(|child| !child.is_nil())?;
    let text = child.text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
