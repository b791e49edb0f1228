//! Names of a report's columns, and what they name.
//!
//! A column says its object itself (`Contact.Ext_Id__c`, `Account.Contacts$Email`), or is one of the
//! old names that the standard report types have (`FIRST_NAME`), which mean a field only together
//! with the type. Those that stand here are general knowledge of the product, which nobody has seen
//! on the wire but `FULL_NAME`, `EMAIL` and `CONTACT.EMAIL`. In a report of any other type the same
//! name may be a field of an object that nobody has rules for.

/// What a column's name says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Column<'c> {
    /// An object, child relations from it on, and a dotted path of relations with a field at its end.
    Path {
        object: &'c str,
        children: Vec<&'c str>,
        path: Vec<&'c str>,
    },
    /// An old name in a report of a known type: object and field.
    Standard((&'static str, &'static str)),
    /// An old name in a report of which nobody knows the type: object and field in each known one.
    /// It may be something else.
    Unsure(Vec<(&'static str, &'static str)>),
    /// A name that the product has, of nothing that has a rule: the owner, an age in days.
    Word,
}

/// A report type, the object that it is of, and its columns with their fields.
type Standard = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const STANDARD: &[Standard] = &[
    (
        "ContactList",
        "Contact",
        &[
            ("CONTACT_ID", "Id"),
            ("CREATED_DATE", "CreatedDate"),
            ("DEPARTMENT", "Department"),
            ("DESCRIPTION", "Description"),
            ("EMAIL", "Email"),
            ("FIRST_NAME", "FirstName"),
            ("FULL_NAME", "Name"),
            ("LAST_NAME", "LastName"),
            ("LAST_UPDATE", "LastModifiedDate"),
            ("LEAD_SOURCE", "LeadSource"),
            ("PHONE1", "Phone"),
            ("SALUTATION", "Salutation"),
            ("TITLE", "Title"),
        ],
    ),
    (
        "LeadList",
        "Lead",
        &[
            ("CITY", "City"),
            ("COMPANY", "Company"),
            ("CREATED_DATE", "CreatedDate"),
            ("DESCRIPTION", "Description"),
            ("EMAIL", "Email"),
            ("FIRST_NAME", "FirstName"),
            ("FULL_NAME", "Name"),
            ("LAST_NAME", "LastName"),
            ("LAST_UPDATE", "LastModifiedDate"),
            ("LEAD_ID", "Id"),
            ("LEAD_SOURCE", "LeadSource"),
            ("PHONE", "Phone"),
            ("RATING", "Rating"),
            ("SALUTATION", "Salutation"),
            ("STATUS", "Status"),
            ("STREET", "Street"),
            ("TITLE", "Title"),
            ("ZIP", "PostalCode"),
        ],
    ),
    (
        "AccountList",
        "Account",
        &[
            ("ACCOUNT_ID", "Id"),
            ("CREATED_DATE", "CreatedDate"),
            ("DESCRIPTION", "Description"),
            ("INDUSTRY", "Industry"),
            ("LAST_UPDATE", "LastModifiedDate"),
            ("RATING", "Rating"),
            ("TYPE", "Type"),
        ],
    ),
    (
        "Opportunity",
        "Opportunity",
        &[
            ("AMOUNT", "Amount"),
            ("CLOSE_DATE", "CloseDate"),
            ("CREATED_DATE", "CreatedDate"),
            ("DESCRIPTION", "Description"),
            ("FISCAL_QUARTER", "FiscalQuarter"),
            ("FISCAL_YEAR", "FiscalYear"),
            ("LAST_UPDATE", "LastModifiedDate"),
            ("LEAD_SOURCE", "LeadSource"),
            ("NEXT_STEP", "NextStep"),
            ("OPPORTUNITY_ID", "Id"),
            ("OPPORTUNITY_NAME", "Name"),
            ("PROBABILITY", "Probability"),
            ("STAGE_NAME", "StageName"),
            ("TYPE", "Type"),
        ],
    ),
    (
        "CaseList",
        "Case",
        &[
            ("CASE_ID", "Id"),
            ("CASE_NUMBER", "CaseNumber"),
            ("CREATED_DATE", "CreatedDate"),
            ("DESCRIPTION", "Description"),
            ("LAST_UPDATE", "LastModifiedDate"),
            ("ORIGIN", "Origin"),
            ("PRIORITY", "Priority"),
            ("REASON", "Reason"),
            ("STATUS", "Status"),
            ("SUBJECT", "Subject"),
            ("TYPE", "Type"),
        ],
    ),
];

/// Columns that mean the same in every report type.
const EVERYWHERE: &[(&str, (&str, &str))] = &[
    ("ACCOUNT_NAME", ("Account", "Name")),
    ("CONTACT_NAME", ("Contact", "Name")),
];

const WORDS: &[&str] = &[
    "AGE",
    "EXP_AMOUNT",
    "LAST_ACTIVITY",
    "OWNER",
    "ROLLUP_DESCRIPTION",
];

/// What a report type may be called where the body says it.
#[must_use]
pub fn report_type(name: &str) -> Option<&'static str> {
    let mut types = STANDARD.iter().map(|(name, ..)| *name);
    types.find(|known| *known == name)
}

/// What a column's name says, in a report of that type.
/// None: it is no name of a column that the border knows.
#[must_use]
pub fn column<'c>(report: Option<&str>, name: &'c str) -> Option<Column<'c>> {
    if name.len() > LONGEST {
        return None;
    }
    if let Some((_, field)) = EVERYWHERE.iter().find(|(known, _)| *known == name) {
        return Some(Column::Standard(*field));
    }
    let here = report.and_then(report_type);
    let types = STANDARD
        .iter()
        .filter(|(name, ..)| here.is_none_or(|here| here == *name));
    let fields = types.filter_map(|(_, object, columns)| {
        let (_, field) = columns.iter().find(|(known, _)| *known == name)?;
        Some((*object, *field))
    });
    let fields: Vec<(&str, &str)> = fields.collect();
    match (here, fields.first()) {
        (Some(_), Some(field)) => return Some(Column::Standard(*field)),
        (None, Some(_)) => return Some(Column::Unsure(fields)),
        (_, None) => {}
    }
    if WORDS.contains(&name) {
        return Some(Column::Word);
    }
    let (left, right) = match name.split_once('$') {
        Some((left, right)) => (left, right),
        None => name.split_once('.')?,
    };
    let mut objects = left.split('.');
    Some(Column::Path {
        object: objects.next()?,
        children: objects.collect(),
        path: right.split('.').collect(),
    })
}

/// A path has at most five relations, each with a name of 43 characters.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_object_and_field() {
        let path = |object, children: &[&'static str], path: &[&'static str]| Column::Path {
            object,
            children: children.to_vec(),
            path: path.to_vec(),
        };
        for (name, said) in [
            ("CONTACT.EMAIL", path("CONTACT", &[], &["EMAIL"])),
            (
                "Case.Contact.Email",
                path("Case", &[], &["Contact", "Email"]),
            ),
            (
                "Account.Contacts$Owner.Name",
                path("Account", &["Contacts"], &["Owner", "Name"]),
            ),
            ("AGE", Column::Word),
            ("ACCOUNT_NAME", Column::Standard(("Account", "Name"))),
        ] {
            assert_eq!(column(Some("ContactList"), name), Some(said), "{name}");
        }
        assert_eq!(column(None, "JANSEN"), None);
        assert_eq!(column(None, &format!("Contact.{}", "x".repeat(300))), None);
    }

    #[test]
    fn an_old_name_means_what_its_report_type_says() {
        let one = Column::Standard(("Lead", "Email"));
        assert_eq!(column(Some("LeadList"), "EMAIL"), Some(one));
        let both = Column::Unsure(vec![("Contact", "Email"), ("Lead", "Email")]);
        for unknown in [None, Some("UserList"), Some("Jansen__c")] {
            assert_eq!(column(unknown, "EMAIL"), Some(both.clone()), "{unknown:?}");
        }
        assert_eq!(column(Some("CaseList"), "EMAIL"), None);
    }
}
