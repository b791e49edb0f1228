//! The reports that are there from the start.

use crate::demo::crm::fault::{Fault, Outcome};

pub struct Report {
    pub id: &'static str,
    pub name: &'static str,
    /// The report type, and what people call it.
    pub kind: &'static str,
    pub label: &'static str,
    pub object: &'static str,
    pub columns: &'static [&'static str],
    pub grouped: Option<&'static str>,
    pub aggregates: &'static [&'static str],
}

pub const DASHBOARD: &str = "01Z000000000001EAA";
pub const COMPONENT: &str = "01a000000000001AAA";

pub const REPORTS: &[Report] = &[
    Report {
        id: "00O000000000001EAA",
        name: "Contacts",
        kind: "ContactList",
        label: "Contacts & Accounts",
        object: "Contact",
        columns: &[
            "FULL_NAME",
            "LAST_NAME",
            "EMAIL",
            "CONTACT.PHONE",
            "ACCOUNT.NAME",
            "Contact.LeadSource",
            "OWNER",
        ],
        grouped: None,
        aggregates: &["RowCount"],
    },
    Report {
        id: "00O000000000002EAA",
        name: "Deals by customer",
        kind: "Opportunity",
        label: "Opportunities",
        object: "Opportunity",
        columns: &["OPPORTUNITY_NAME", "AMOUNT", "CLOSE_DATE"],
        grouped: Some("ACCOUNT_NAME"),
        aggregates: &["s!AMOUNT", "RowCount"],
    },
];

/// What each column of theirs reads, as a path from the report's object.
const PATHS: &[(&str, &str, &str)] = &[
    ("Contact", "FULL_NAME", "Name"),
    ("Contact", "FIRST_NAME", "FirstName"),
    ("Contact", "LAST_NAME", "LastName"),
    ("Contact", "EMAIL", "Email"),
    ("Contact", "CONTACT.EMAIL", "Email"),
    ("Contact", "CONTACT.PHONE", "Phone"),
    ("Contact", "ACCOUNT.NAME", "Account.Name"),
    ("Contact", "ACCOUNT_NAME", "Account.Name"),
    ("Contact", "CREATED_DATE", "CreatedDate"),
    ("Contact", "OWNER", "Owner.Name"),
    ("Opportunity", "OPPORTUNITY_NAME", "Name"),
    ("Opportunity", "ACCOUNT_NAME", "Account.Name"),
    ("Opportunity", "AMOUNT", "Amount"),
    ("Opportunity", "CLOSE_DATE", "CloseDate"),
    ("Opportunity", "STAGE_NAME", "StageName"),
];

/// What people read above each column.
const LABELS: &[(&str, &str)] = &[
    ("FULL_NAME", "Full Name"),
    ("LAST_NAME", "Last Name"),
    ("EMAIL", "Email"),
    ("CONTACT.PHONE", "Phone"),
    ("ACCOUNT.NAME", "Account Name"),
    ("ACCOUNT_NAME", "Account Name"),
    ("Contact.LeadSource", "Lead Source"),
    ("OWNER", "Contact Owner"),
    ("OPPORTUNITY_NAME", "Opportunity Name"),
    ("AMOUNT", "Amount"),
    ("CLOSE_DATE", "Close Date"),
];

pub fn label(column: &'static str) -> &'static str {
    let known = LABELS.iter().find(|(name, _)| *name == column);
    known.map_or(column, |(_, label)| label)
}

/// # Errors
/// When there is no such report.
pub fn report(id: &str) -> Outcome<&'static Report> {
    let found = REPORTS.iter().find(|report| report.id == id);
    found.ok_or_else(Fault::not_found)
}

/// # Errors
/// When there is no such type.
pub fn of_type(kind: &str) -> Outcome<&'static Report> {
    let found = REPORTS.iter().find(|report| report.kind == kind);
    found.ok_or_else(|| Fault::bad("BAD_REQUEST", "The report type is not available."))
}

/// The path that a column reads.
///
/// # Errors
/// When the report has no such column.
pub fn path(report: &Report, column: &str) -> Outcome<String> {
    let known = PATHS
        .iter()
        .find(|(object, name, _)| *object == report.object && *name == column);
    if let Some((_, _, path)) = known {
        return Ok((*path).to_owned());
    }
    let own = column.split_once(['.', '$']);
    let own = own.filter(|(object, _)| object.eq_ignore_ascii_case(report.object));
    own.map(|(_, path)| path.to_owned()).ok_or_else(|| {
        let message = format!("The column {column} is not in this report type.");
        Fault::bad("BAD_REQUEST", message)
    })
}
