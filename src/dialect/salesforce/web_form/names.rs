//! What each name of a form means.

use super::{Kind, Setup};
use crate::dialect::salesforce::id::Id;

/// What a name of a form means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// A field of the record: how the form is to call it, and its API name.
    Field {
        name: String,
        field: String,
    },
    /// Whose form it is.
    Organization,
    /// Where the visitor is led afterwards.
    Return,
    Campaign,
    /// What the visitor's part in the campaign is.
    Member,
    CaptchaSettings,
    Captcha,
    Button,
    /// What has the CRM mail the values.
    Debug(&'static str),
}

/// Standard fields of leads.
const LEAD: &[(&str, &str)] = &[
    ("salutation", "Salutation"),
    ("first_name", "FirstName"),
    ("last_name", "LastName"),
    ("title", "Title"),
    ("company", "Company"),
    ("email", "Email"),
    ("phone", "Phone"),
    ("mobile", "MobilePhone"),
    ("fax", "Fax"),
    ("URL", "Website"),
    ("street", "Street"),
    ("city", "City"),
    ("state", "State"),
    ("state_code", "StateCode"),
    ("zip", "PostalCode"),
    ("country", "Country"),
    ("country_code", "CountryCode"),
    ("description", "Description"),
    ("lead_source", "LeadSource"),
    ("industry", "Industry"),
    ("rating", "Rating"),
    ("revenue", "AnnualRevenue"),
    ("employees", "NumberOfEmployees"),
    ("currency", "CurrencyIsoCode"),
    ("emailOptOut", "HasOptedOutOfEmail"),
    ("faxOptOut", "HasOptedOutOfFax"),
    ("doNotCall", "DoNotCall"),
    ("recordType", "RecordTypeId"),
];

/// Standard fields of cases.
const CASE: &[(&str, &str)] = &[
    ("name", "SuppliedName"),
    ("email", "SuppliedEmail"),
    ("phone", "SuppliedPhone"),
    ("company", "SuppliedCompany"),
    ("subject", "Subject"),
    ("description", "Description"),
    ("type", "Type"),
    ("status", "Status"),
    ("reason", "Reason"),
    ("priority", "Priority"),
    ("currency", "CurrencyIsoCode"),
    ("external", "IsVisibleInSelfService"),
    ("recordType", "RecordTypeId"),
];

/// What a name means; none where Salesforce's forms do not have it. Names are compared as they are:
/// a CRM that reads them in any case would read another form than we do.
pub(super) fn meaning(kind: Kind, name: &str, setup: &Setup) -> Option<Meaning> {
    let fields = match kind {
        Kind::Lead => LEAD,
        Kind::Case => CASE,
    };
    if let Some((name, field)) = fields.iter().find(|(known, _)| *known == name) {
        return Some(Meaning::Field {
            name: (*name).to_owned(),
            field: (*field).to_owned(),
        });
    }
    match (kind, name) {
        (Kind::Lead, "oid") | (Kind::Case, "orgid") => return Some(Meaning::Organization),
        (Kind::Lead, "Campaign_ID") => return Some(Meaning::Campaign),
        (Kind::Lead, "member_status") => return Some(Meaning::Member),
        (_, "retURL") => return Some(Meaning::Return),
        (_, "captcha_settings") => return Some(Meaning::CaptchaSettings),
        (_, "g-recaptcha-response") => return Some(Meaning::Captcha),
        (_, "submit") => return Some(Meaning::Button),
        (_, "debug") => return Some(Meaning::Debug("debug")),
        (_, "debugEmail") => return Some(Meaning::Debug("debugEmail")),
        _ => {}
    }
    let id = Id::parse(name)?;
    let mut custom = setup.fields.iter();
    let custom = custom.find(|custom| custom.kind == kind && custom.id == id)?;
    Some(Meaning::Field {
        name: super::short(&custom.id).to_owned(),
        field: custom.field.clone(),
    })
}
