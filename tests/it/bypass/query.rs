//! U02: what a query can hide.

use crate::bypass::case::{Case, D, escape, get, soql};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    const ROW: &str = "U02";
    let mut cases = Vec::new();
    for text in UNREAD {
        cases.push(get(ROW, text, &soql(text)));
    }
    for condition in REFUSED_CONDITIONS {
        let text = format!("SELECT Id FROM Contact WHERE {condition}");
        cases.push(get(ROW, condition, &soql(&text)));
    }
    for condition in CONDITIONS {
        let text = format!("SELECT Id FROM Contact WHERE {condition}");
        cases.push(get(ROW, condition, &soql(&text)).allowed());
    }
    for text in QUERIES {
        cases.push(get(ROW, text, &soql(text)).allowed());
    }
    let equal = "SELECT Id FROM Contact WHERE LastName = '{c}'";
    cases.push(
        get(
            ROW,
            "queryAll",
            &format!("{D}/queryAll?q={}", escape(equal)),
        )
        .allowed(),
    );
    let plus = format!("{D}/query?q={}", escape(equal).replace("%20", "+"));
    cases.push(get(ROW, "plus signs for spaces", &plus).allowed());
    let twice = format!("{D}/query?q={}", escape(&escape(equal)));
    cases.push(get(ROW, "escaped twice", &twice));
    let like = "SELECT Id FROM Contact WHERE LastName LIKE '{c}%'";
    cases.push(get(
        ROW,
        "queryAll with LIKE",
        &format!("{D}/queryAll?q={}", escape(like)),
    ));
    cases
}

/// Not SOQL, or not SOQL that the border answers.
const UNREAD: &[&str] = &[
    "",
    " ",
    "{c}",
    "SELECT",
    "SELECT Id",
    "SELECT Id FROM",
    "SELECT '{c}' FROM Contact",
    "SELECT Id FROM '{c}'",
    "SELECT Id FROM {c}",
    "SELECT {c} FROM Contact",
    "SELECT Id FROM Contact; SELECT Id FROM Lead",
    "SELECT Id FROM Contact -- {c}",
    "SELECT Id FROM Contact /* {c} */",
    "SELECT Id /* {c} */ FROM Contact",
    "SELECT Id FROM Contact // {c}",
    "SELECT Id FROM Contact # {c}",
    "SELECT Id FROM Contact WHERE",
    "SELECT Id FROM Contact WHERE LastName",
    "SELECT Id FROM Contact WHERE LastName = ",
    "SELECT * FROM Contact",
    "SELECT Id FROM Contact, Contact.Account {c}",
    "FIND {{c}} IN ALL FIELDS RETURNING Contact(Id)",
    "INSERT INTO Contact (LastName) VALUES ('{c}')",
    "UPDATE Contact SET LastName = '{c}'",
    "DELETE FROM Contact WHERE LastName = '{c}'",
    "SELECT Id FROM Contact UNION SELECT Id FROM Lead",
    "SELECT Id FROM Contact WHERE Id IN (SELECT ContactId FROM Case WHERE Subject LIKE '{c}%')",
    "SELECT Id FROM Contact WHERE LastName IN (SELECT LastName FROM Lead)",
    "SELECT Id FROM Contact WHERE Id IN (SELECT LastName FROM Lead)",
    "SELECT Id FROM Contact WHERE Id IN (SELECT Id FROM Pet__c WHERE Name = '{c}')",
    "SELECT Id, (SELECT Id FROM Cases WHERE Subject LIKE '{c}%') FROM Contact",
    "SELECT Id, (SELECT Id FROM Cases WHERE Subject = '{c}') FROM Contact",
    "SELECT Id, (SELECT Id FROM {c}) FROM Contact",
    "SELECT Id, (SELECT Id, (SELECT Id FROM Tasks) FROM Cases) FROM Contact",
    "SELECT Id FROM Contact ORDER BY LastName",
    "SELECT Id FROM Contact ORDER BY Account.Name DESC NULLS LAST",
    "SELECT Id FROM Contact ORDER BY '{c}'",
    "SELECT Id FROM Contact ORDER BY Birthdate",
    "SELECT LastName FROM Contact GROUP BY LastName",
    "SELECT MAX(LastName) FROM Contact",
    "SELECT MIN(Birthdate) FROM Contact",
    "SELECT toLabel(Salutation) FROM Contact",
    "SELECT FORMAT(Birthdate) FROM Contact",
    "SELECT CALENDAR_YEAR(Birthdate) FROM Contact GROUP BY CALENDAR_YEAR(Birthdate)",
    "SELECT DISTANCE(MailingAddress, GEOLOCATION(52.1, 4.3), 'km') FROM Contact",
    "SELECT Id FROM Contact ORDER BY DISTANCE(MailingAddress, GEOLOCATION(52.1, 4.3), 'km')",
    "SELECT {c}(Id) FROM Contact",
    "SELECT COUNT('{c}') FROM Contact",
    "SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING COUNT(LastName) = '{c}'",
    "SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING COUNT(Id) > '{c}'",
    "SELECT LeadSource FROM Contact GROUP BY LeadSource HAVING MAX(LastName) = '{c}'",
    "SELECT Id FROM Contact LIMIT '{c}'",
    "SELECT Id FROM Contact LIMIT {c}",
    "SELECT Id FROM Contact LIMIT -1",
    "SELECT Id FROM Contact OFFSET '{c}'",
    "SELECT Id FROM Contact LIMIT 99999999999999999999",
    "SELECT Id FROM Contact FOR {c}",
    "SELECT Id FROM Contact USING SCOPE {c}",
    "SELECT Id FROM Contact WITH DATA CATEGORY Geography__c AT {c}__c",
    "SELECT Id FROM Contact WITH {c}",
    "SELECT Id FROM Contact ALL ROWS",
    "SELECT TYPEOF Who WHEN Contact THEN LastName WHEN Pet__c THEN Name END FROM Task",
    "SELECT TYPEOF Who WHEN Contact THEN Bsn__c END FROM Task",
    "SELECT TYPEOF {c} WHEN Contact THEN LastName END FROM Task",
    "SELECT FIELDS({c}) FROM Contact",
    "SELECT Contact.Contact.LastName FROM Contact",
    "SELECT Owner.Phone FROM Contact",
    "SELECT Account.Owner.Street FROM Contact",
    "SELECT Account.Pets__r FROM Contact",
    "SELECT Id FROM Contact Account WHERE Account.LastName = '{c}'",
    "SELECT Id FROM Contact\u{0}WHERE LastName = '{c}'",
];

const REFUSED_CONDITIONS: &[&str] = &[
    "LastName LIKE '{c}'",
    "LastName LIKE '{c}%'",
    "LastName LIKE '%{c}_'",
    "NOT LastName LIKE '{c}%'",
    "LastName > '{c}'",
    "LastName <= '{c}'",
    "LastName INCLUDES ('{c}')",
    "LastName EXCLUDES ('{c};x')",
    "LastName = {c}",
    "LastName = :{c}",
    "LastName = \"{c}\"",
    "LastName = \u{2018}{c}\u{2019}",
    "LastName = '{c}",
    "LastName = '{c}''",
    "LastName = '{c}' OR",
    "LastName = '{c}\\'",
    "LastName = '{c}\\x'",
    "LastName = '{c}\\u12'",
    "LastName = 612345678",
    "LastName = true",
    "LastName = 1980-01-02",
    "LastName IN ('{c}'",
    "LastName IN '{c}'",
    "LastName IN ()",
    "LastName == '{c}'",
    "LastName = '{c}' LIKE '{c}'",
    "'{c}' = LastName",
    "(LastName = '{c}'",
    "LastName = '{c}' XOR FirstName = '{c}'",
    "LastName IS NULL",
    "Name = '{c}'",
    "Name LIKE '{c}%'",
    "MailingStreet = '{c}'",
    "MailingCity = '{c}'",
    "Description = '{c}'",
    "Description LIKE '%{c}%'",
    "Title = '{c}'",
    "Birthdate = 1980-01-02",
    "Birthdate > 1980-01-02",
    "Birthdate = '{c}'",
    "Salutation = '{c}'",
    "MailingLatitude = 52.1",
    "Email LIKE '%{c}%'",
    "Phone LIKE '%{c}'",
    "Bsn__c = '{c}'",
    "Account.Name LIKE '{c}%'",
    "Account.Description = '{c}'",
    "Id = '{c}'",
    "AccountId = '{c}'",
    "AccountId IN ('001000000000001AAA','{c}')",
    "Id = '{c}AAA'",
    "CreatedDate = '{c}'",
    "CreatedDate > {c}",
    "CreatedDate = LAST_N_DAYS:{c}",
    "IsDeleted = '{c}'",
    "CALENDAR_YEAR(CreatedDate) = '{c}'",
    "DAY_ONLY(CreatedDate) = '{c}'",
    "CALENDAR_YEAR(Birthdate) = 1980",
    "toLabel(Salutation) = '{c}'",
    "toLabel(LastName) = '{c}'",
    "DISTANCE(MailingAddress, GEOLOCATION(52.1, 4.3), 'km') < 1",
    "DISTANCE(MailingAddress, GEOLOCATION(52.1, 4.3), '{c}') < 1",
    "{c}(LastName) = 'x'",
    "Id IN (SELECT ContactId FROM Case WHERE ContactEmail = '{c}@example.nl')",
    "AccountId IN (SELECT Id FROM Account WHERE Name LIKE '{c}%')",
    "LeadSource = @{x.LastName}",
];

/// Protected and answered.
const CONDITIONS: &[&str] = &[
    "LastName = '{c}'",
    "lastname = '{c}'",
    "LastName='{c}'",
    "LastName != '{c}'",
    "LastName <> '{c}'",
    "LastName IN ('{c}','x','{c}y')",
    "LastName NOT IN ('{c}')",
    "NOT (LastName = '{c}')",
    "(LastName = '{c}' OR FirstName = '{c}') AND Email = '{c}@example.nl'",
    "LastName = '{c}\\'s'",
    "LastName = 'O\\'{c}\\\\'",
    "LastName = '{c}\\n'",
    "LastName = '\\u005aw{c}'",
    "LastName = '{c} LIKE \\'x%\\''",
    "LastName = '{c} -- x'",
    "Phone = '06 {c}'",
    "Email = '{c}@EXAMPLE.nl'",
    "Ext_Id__c = '{c}'",
    "Account.Name = '{c}'",
    "Account.Ext_Id__c = '{c}'",
    "LastName = null",
    "LastName = ''",
    "LastName = '{c}' AND CreatedDate > 2026-01-01T00:00:00Z",
    "Id IN (SELECT ContactId FROM Case WHERE Contact.LastName = '{c}')",
    "AccountId IN (SELECT Id FROM Account WHERE Name = '{c}')",
];

const QUERIES: &[&str] = &[
    "SELECT Id, LastName, Account.Name FROM Contact WHERE LastName = '{c}' LIMIT 5",
    "SELECT COUNT() FROM Contact WHERE LastName = '{c}'",
    "SELECT Id, (SELECT Id FROM Contacts WHERE LastName = '{c}') FROM Account LIMIT 5",
    "SELECT Id\nFROM Contact\nWHERE LastName = '{c}'",
];

#[test]
fn queries_are_answered_over_tokens_or_refused() {
    run(&cases());
}
