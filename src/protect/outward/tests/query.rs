//! Queries over protected fields.

use crate::model::Code;
use crate::model::Code::{
    PolicyUnknownField as NoField, PolicyUnknownObject as NoObject, QueryClause as Clause,
};
use crate::protect::outward::explain;
use crate::protect::trial::Trial;

fn asked(text: &str) -> Result<String, Code> {
    let trial = Trial::start();
    explain(trial.plan, &trial.protection, text).map_err(|refusal| refusal.code)
}

/// What cannot be answered, or names what has no rule.
const REFUSED: &[(&str, Code)] = &[
    ("SELECT Id FROM Contact WHERE LastName LIKE 'Jans%'", Clause),
    ("SELECT Id FROM Contact WHERE LastName > 'Jansen'", Clause),
    (
        "SELECT Id FROM Contact WHERE Birthdate = 1980-01-01",
        Clause,
    ),
    (
        "SELECT Id FROM Contact WHERE Birthdate < LAST_N_YEARS:5",
        Clause,
    ),
    ("SELECT Id FROM Contact WHERE Birthdate = null", Clause),
    (
        "SELECT Id FROM Contact WHERE CALENDAR_YEAR(Birthdate) = 1980",
        Clause,
    ),
    (
        "SELECT Id FROM Contact WHERE Description = 'Jansen'",
        Clause,
    ),
    ("SELECT Id FROM Contact WHERE Name = 'Jan Jansen'", Clause),
    (
        "SELECT Id FROM Contact WHERE LastName IN (SELECT Id FROM Account)",
        Clause,
    ),
    (
        "SELECT Id FROM Contact WHERE AccountId IN (SELECT Name FROM Account)",
        Clause,
    ),
    ("SELECT Id FROM Contact WHERE Email = 5", Clause),
    ("SELECT Id FROM Lead WHERE PostalCode = '1234'", Clause),
    ("SELECT LastName FROM Contact ORDER BY LastName", Clause),
    ("SELECT Id FROM Contact ORDER BY Account.Name", Clause),
    (
        "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName",
        Clause,
    ),
    ("SELECT MIN(Birthdate) FROM Contact", Clause),
    ("SELECT COUNT_DISTINCT(LastName) FROM Contact", Clause),
    ("SELECT COUNT(Birthdate) FROM Contact", Clause),
    (
        "SELECT Email e, COUNT(Id) c FROM Contact GROUP BY Email ORDER BY e",
        Clause,
    ),
    (
        "SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING MAX(LastName) = 'Jansen'",
        Clause,
    ),
    (
        "SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING COUNT(LastName) = 'Jansen'",
        Clause,
    ),
    (
        "SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING LastName = 'x' AND LastName LIKE 'J%'",
        Clause,
    ),
    (
        "SELECT Id FROM Contact WHERE toLabel(Salutation) = 'Jansen'",
        Clause,
    ),
    ("SELECT Account.Name FROM Contact Account", Clause),
    ("SELECT Id FROM Contact USING SCOPE Jansen", Clause),
    ("SELECT Id FROM Contact ALL ROWS", Clause),
    (
        "SELECT Id, (SELECT Id FROM Jansens__r) FROM Contact",
        Clause,
    ),
    (
        "SELECT Id, (SELECT Trial__c.Id FROM Trials__r) FROM Trial__c",
        Clause,
    ),
    ("SELECT Jansen FROM Contact", NoField),
    ("SELECT Account.Owner.Jansen FROM Contact", NoField),
    ("SELECT Id FROM Jansen", NoObject),
    (
        "SELECT TYPEOF What WHEN Jansen THEN Id END FROM Task",
        NoObject,
    ),
    (
        "SELECT TYPEOF What WHEN Account THEN Jansen END FROM Task",
        NoField,
    ),
    (
        "SELECT Id FROM Contact WHERE CreatedDate = 'Jansen'",
        Code::ValueUnfit,
    ),
    (
        "SELECT Id FROM Contact WHERE AccountId = 'Jansen'",
        Code::ValueUnfit,
    ),
];

#[test]
fn each_use_of_a_protected_field_is_answered_or_refused() {
    for (text, code) in REFUSED {
        assert_eq!(asked(text), Err(*code), "{text}");
    }
}

#[test]
fn a_comparison_is_rewritten_where_it_stands() {
    let sent = asked(
        "SELECT Id, (SELECT Id FROM Cases WHERE SuppliedEmail = 'a@example.nl') FROM Contact \
         WHERE LastName = 'Adam' AND AccountId IN (SELECT Id FROM Account WHERE Name = 'Bakker') \
         AND (NOT FirstName = 'Cor') AND Email != ''",
    )
    .unwrap();
    let token = |row| Trial::start().protection.codec.mint(row).unwrap().text();
    assert_eq!(
        sent,
        format!(
            "SELECT Id, (SELECT Id FROM Cases WHERE SuppliedEmail IN ('{}@token.example.eu')) \
             FROM Contact WHERE LastName IN ('{}') AND AccountId IN (SELECT Id FROM Account \
             WHERE Name IN ('{}')) AND (NOT FirstName IN ('{}')) AND Email != null",
            token(1),
            token(2),
            token(3),
            token(4),
        )
    );
}

#[test]
fn words_of_the_client_do_not_travel_in_a_query() {
    let sent = asked(
        "SELECT jansen.LEADSOURCE mien, count(jansen.id) piet FROM contact jansen \
                      GROUP BY jansen.leadsource ORDER BY MIEN",
    )
    .unwrap();
    assert_eq!(
        sent,
        "SELECT LeadSource alias0, COUNT(Id) alias1 FROM Contact GROUP BY LeadSource ORDER BY alias0"
    );
}

#[test]
fn a_child_query_may_name_its_object_before_a_field() {
    let sent = asked("SELECT Id, (SELECT Contact.LastName FROM Account.Contacts) FROM Account");
    assert_eq!(
        sent.unwrap(),
        "SELECT Id, (SELECT LastName FROM Contacts) FROM Account"
    );
}

#[test]
fn functions_over_clear_fields_are_answered() {
    for text in [
        "SELECT COUNT(LastName) FROM Contact",
        "SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY LeadSource HAVING COUNT(Id) > 1",
        "SELECT Id FROM Contact WHERE CALENDAR_YEAR(CreatedDate) = 2026",
        "SELECT Id FROM Contact WHERE CreatedDate = LAST_N_DAYS:7",
        "SELECT Email, COUNT(Id) FROM Contact GROUP BY Email",
        "SELECT FIELDS(STANDARD) FROM Contact LIMIT 200",
    ] {
        assert_eq!(asked(text), Ok(text.to_owned()));
    }
}

#[test]
fn aliases_of_several_queries_are_told_apart() {
    let part = |alias: &str, field: &str| {
        format!(
            "{{\"method\":\"GET\",\"referenceId\":\"r{alias}\",\"url\":\"/services/data/v60.0/query?\
             q=SELECT+{field}+{alias},COUNT(Id)+n{alias}+FROM+Contact+GROUP+BY+{field}\"}}"
        )
    };
    let body = format!(
        "{{\"compositeRequest\":[{},{}]}}",
        part("bron", "LeadSource"),
        part("adres", "Email")
    );
    let sent = Trial::start()
        .send("POST", "/services/data/v60.0/composite", &body)
        .unwrap();
    let mut ours: Vec<&str> = sent
        .aliases
        .iter()
        .map(|alias| alias.ours.as_str())
        .collect();
    let all = ours.len();
    ours.sort_unstable();
    ours.dedup();
    assert_eq!((all, ours.len()), (4, 4));
}
