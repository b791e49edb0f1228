//! The conversion of leads: which records the CRM makes of one, and which of their fields it fills.
//!
//! Source: SOAP API Developer Guide, "convertLead()"; Salesforce Help, "Lead Conversion Field
//! Mapping". What an organization maps otherwise nobody here can know.

use super::id::Id;

pub const LEAD: &str = "Lead";
pub const CONTACT: &str = "Contact";
pub const ACCOUNT: &str = "Account";
pub const OPPORTUNITY: &str = "Opportunity";

/// One lead that is converted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversion {
    pub lead: Id,
    /// The contact that it becomes part of; else a new one.
    pub contact: Option<Id>,
    pub account: Option<Id>,
    pub opportunity: Option<Id>,
    /// Whether the request has a record for the opportunity: one that is made, or named.
    pub deal: bool,
    /// Members that are true or false, in the order of the WSDL, as the client said them.
    pub flags: Vec<(&'static str, bool)>,
}

/// A record that a conversion writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Lead,
    Contact,
    /// A new one: an account that stands already is left alone.
    Account,
    Opportunity,
}

impl Part {
    #[must_use]
    pub fn object(self) -> &'static str {
        match self {
            Self::Lead => LEAD,
            Self::Contact => CONTACT,
            Self::Account => ACCOUNT,
            Self::Opportunity => OPPORTUNITY,
        }
    }
}

impl Conversion {
    /// The records that it writes, in the order in which they stand in the request. The lead is
    /// the first, its contact the second.
    pub fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        let account = self.account.is_none().then_some(Part::Account);
        let deal = self.deal.then_some(Part::Opportunity);
        let rest = account.into_iter().chain(deal);
        [Part::Lead, Part::Contact].into_iter().chain(rest)
    }

    /// The position of the first record of each conversion among those of the request.
    pub fn places(all: &[Self]) -> impl Iterator<Item = (usize, &Self)> {
        all.iter().scan(0, |next, conversion| {
            let first = *next;
            *next += conversion.parts().count();
            Some((first, conversion))
        })
    }

    /// The position of one of its records, counted from its first.
    #[must_use]
    pub fn position(&self, part: Part) -> Option<usize> {
        self.parts().position(|own| own == part)
    }
}

/// The field of a contact into which a lead's goes; custom fields go into their like.
#[must_use]
pub fn in_contact(field: &str) -> String {
    match address(field) {
        true => format!("Mailing{field}"),
        false => field.to_owned(),
    }
}

/// As [`in_contact`], for an account.
#[must_use]
pub fn in_account(field: &str) -> String {
    match field {
        "Company" => "Name".to_owned(),
        _ if address(field) => format!("Billing{field}"),
        _ => field.to_owned(),
    }
}

fn address(field: &str) -> bool {
    matches!(
        field,
        "Street" | "City" | "State" | "PostalCode" | "Country" | "Latitude" | "Longitude"
    )
}
