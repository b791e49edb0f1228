//! The queries that the engine answers, and those that it refuses.

use serde_json::{Value, json};

use crate::demo::crm::Crm;
use crate::demo::crm::tests::{create, crm, query, rest};

/// A small organisation: three contacts of two accounts, one without a first name.
fn small() -> Crm {
    let crm = crm(false);
    let bakery = create(
        &crm,
        "Account",
        &json!({"Name": "Bakkerij", "AnnualRevenue": 100.5}),
    );
    let garage = create(
        &crm,
        "Account",
        &json!({"Name": "Garage", "NumberOfEmployees": 7}),
    );
    for (first, last, account, birth) in [
        (Some("Zoë"), "Çelik", Some(&bakery), "1990-03-01"),
        (Some("Bram"), "jansen", Some(&garage), "1985-12-31"),
        (None, "Visser", None, "1990-02-28"),
        (Some("Anna"), "Jansen", Some(&bakery), "2001-01-01"),
    ] {
        let body = json!({
            "FirstName": first, "LastName": last, "AccountId": account, "Birthdate": birth,
        });
        create(&crm, "Contact", &body);
    }
    crm
}

/// The first column of each record, as text.
fn column(crm: &Crm, soql: &str) -> Vec<String> {
    let (status, answer) = query(crm, soql);
    assert_eq!(status, 200, "{soql}: {answer}");
    let records = answer["records"].as_array().unwrap().iter();
    let texts = records.map(|record| {
        let (_, value) = record.as_object().unwrap().iter().nth(1).unwrap();
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    texts.collect()
}

#[test]
fn conditions_choose_the_records_that_meet_them() {
    let crm = small();
    for (condition, wanted) in [
        ("LastName = 'JANSEN'", "jansen,Jansen"),
        ("LastName = 'çelik'", "Çelik"),
        ("LastName != 'jansen'", "Çelik,Visser"),
        ("FirstName = null", "Visser"),
        ("FirstName = ''", "Visser"),
        (
            "FirstName != null AND LastName != 'x'",
            "Çelik,jansen,Jansen",
        ),
        ("FirstName != 'Bram'", "Çelik,Visser,Jansen"),
        ("LastName LIKE 'J%n'", "jansen,Jansen"),
        ("LastName LIKE '_isser'", "Visser"),
        ("LastName LIKE '%e%i%'", "Çelik"),
        ("LastName LIKE '\\%%'", ""),
        ("NOT LastName LIKE '%s%'", "Çelik"),
        ("LastName IN ('visser', 'Çelik')", "Çelik,Visser"),
        ("LastName NOT IN ('visser', 'Çelik')", "jansen,Jansen"),
        ("LastName > 'k'", "Çelik,Visser"),
        ("Birthdate = 1990-02-28", "Visser"),
        (
            "Birthdate >= 1990-02-28 AND Birthdate < 2001-01-01",
            "Çelik,Visser",
        ),
        (
            "Birthdate < 1990-01-01 OR FirstName = 'anna'",
            "jansen,Jansen",
        ),
        (
            "(Birthdate < 1990-01-01 OR FirstName = 'anna') AND AccountId != null",
            "jansen,Jansen",
        ),
        ("CreatedDate = TODAY AND LastName = 'Visser'", "Visser"),
        ("CreatedDate < TODAY", ""),
        (
            "CreatedDate >= 2026-11-21T11:59:59Z AND FirstName = 'Bram'",
            "jansen",
        ),
        ("Account.Name = 'bakkerij'", "Çelik,Jansen"),
        ("Account.Name != 'bakkerij'", "jansen,Visser"),
        ("Account.NumberOfEmployees > 6", "jansen"),
        (
            "AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'B%')",
            "Çelik,Jansen",
        ),
        (
            "AccountId NOT IN (SELECT Id FROM Account WHERE Name LIKE 'B%')",
            "jansen,Visser",
        ),
        (
            "Owner.Name = 'beheer voorbeeld' AND FirstName = null",
            "Visser",
        ),
        ("HasOptedOutOfEmail__x = 1", "!"),
    ] {
        let soql = format!("SELECT LastName FROM Contact WHERE {condition}");
        if wanted == "!" {
            assert_eq!(query(&crm, &soql).0, 400, "{soql}");
        } else {
            assert_eq!(column(&crm, &soql).join(","), wanted, "{condition}");
        }
    }
}

#[test]
fn records_come_in_the_order_and_number_asked_for() {
    let crm = small();
    for (end, wanted) in [
        ("ORDER BY LastName, FirstName DESC", "Bram,Anna,null,Zoë"),
        ("ORDER BY FirstName", "null,Anna,Bram,Zoë"),
        ("ORDER BY FirstName DESC NULLS LAST", "Zoë,Bram,Anna,null"),
        ("ORDER BY Birthdate DESC LIMIT 2", "Anna,Zoë"),
        ("ORDER BY Birthdate LIMIT 2 OFFSET 1", "null,Zoë"),
        (
            "ORDER BY Account.Name NULLS LAST, FirstName ASC",
            "Anna,Zoë,Bram,null",
        ),
        ("LIMIT 1", "Zoë"),
        ("LIMIT 0", ""),
    ] {
        let soql = format!("SELECT FirstName FROM Contact {end}");
        assert_eq!(column(&crm, &soql).join(","), wanted, "{end}");
    }
}

#[test]
fn aliases_of_the_object_may_stand_before_fields() {
    let crm = small();
    let soql = "SELECT c.LastName FROM Contact c WHERE c.Account.Name = 'Garage' ORDER BY c.Id";
    assert_eq!(column(&crm, soql), ["jansen"]);
    let soql = "select Contact.LastName from Contact where Contact.FirstName = 'Bram'";
    assert_eq!(column(&crm, soql), ["jansen"]);
}

#[test]
fn relationships_are_nested_and_null_where_there_is_none() {
    let crm = small();
    let soql = "SELECT LastName, Account.Name, Account.Owner.Name FROM Contact ORDER BY Birthdate";
    let (_, answer) = query(&crm, soql);
    let records = &answer["records"];
    assert_eq!(records[0]["Account"]["Name"], "Garage");
    assert_eq!(records[0]["Account"]["attributes"]["type"], "Account");
    assert_eq!(records[0]["Account"]["Owner"]["Name"], "Beheer Voorbeeld");
    assert_eq!(records[1]["Account"], Value::Null);
}

#[test]
fn children_come_with_their_parent() {
    let crm = small();
    let soql = "SELECT Name, (SELECT LastName FROM Contacts WHERE FirstName != null ORDER BY \
                LastName DESC LIMIT 5) FROM Account ORDER BY Name";
    let (status, answer) = query(&crm, soql);
    assert_eq!(status, 200, "{answer}");
    let children = &answer["records"][0]["Contacts"];
    assert_eq!(
        (&children["totalSize"], &children["done"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(children["records"][0]["LastName"], "Çelik");
    let soql = "SELECT Name, (SELECT Id FROM Cases) FROM Account LIMIT 1";
    assert_eq!(query(&crm, soql).1["records"][0]["Cases"], Value::Null);
}

#[test]
fn groups_are_counted_filtered_and_sorted() {
    let crm = small();
    let soql = "SELECT LastName, COUNT(Id) total, MIN(Birthdate), MAX(FirstName) latest FROM Contact \
                GROUP BY LastName HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC";
    let (status, answer) = query(&crm, soql);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["records"],
        json!([{
            "attributes": {"type": "AggregateResult"},
            "LastName": "jansen",
            "total": 2,
            "expr0": "1985-12-31",
            "latest": "Bram",
        }])
    );
    let soql = "SELECT Account.Name, COUNT_DISTINCT(LastName) n FROM Contact GROUP BY Account.Name \
                ORDER BY COUNT_DISTINCT(LastName) DESC, Account.Name NULLS LAST";
    assert_eq!(column(&crm, soql), ["Bakkerij", "Garage", "null"]);
    let soql = "SELECT SUM(AnnualRevenue) s, AVG(NumberOfEmployees) a, COUNT(Id) c FROM Account";
    let (_, answer) = query(&crm, soql);
    assert_eq!(answer["records"][0]["s"], 100.5);
    assert_eq!(answer["records"][0]["a"], 7.0);
    assert_eq!(answer["records"][0]["c"], 2);
}

#[test]
fn the_sets_of_fields_are_written_out() {
    let crm = small();
    let (_, answer) = query(&crm, "SELECT FIELDS(ALL) FROM Contact LIMIT 1");
    let all = answer["records"][0].as_object().unwrap().len();
    let (_, answer) = query(&crm, "SELECT FIELDS(CUSTOM), Id FROM Contact LIMIT 1");
    let custom = answer["records"][0].as_object().unwrap();
    assert!(custom.contains_key("Ext_Id__c") && custom.len() == 3);
    let (_, answer) = query(&crm, "SELECT FIELDS(STANDARD) FROM Contact");
    assert_eq!(answer["records"][0].as_object().unwrap().len(), all - 1);
    let (status, answer) = query(&crm, "SELECT FIELDS(ALL) FROM Contact");
    assert_eq!(
        (status, &answer[0]["errorCode"]),
        (400, &json!("MALFORMED_QUERY"))
    );
}

#[test]
fn deleted_records_are_found_by_query_all_only() {
    let crm = small();
    let (_, answer) = query(&crm, "SELECT Id FROM Contact WHERE LastName = 'Visser'");
    let id = answer["records"][0]["Id"].as_str().unwrap();
    rest(&crm, "DELETE", &format!("/sobjects/Contact/{id}"), None);
    assert_eq!(column(&crm, "SELECT Id FROM Contact").len(), 3);
    let (_, answer) = rest(&crm, "GET", "/queryAll?q=SELECT+Id+FROM+Contact", None);
    assert_eq!(answer["totalSize"], 4);
    let q = "/queryAll?q=SELECT+Id+FROM+Contact+WHERE+IsDeleted=true";
    assert_eq!(rest(&crm, "GET", q, None).1["totalSize"], 1);
}

#[test]
fn an_id_of_fifteen_characters_finds_the_record() {
    let crm = small();
    let id = column(&crm, "SELECT Id FROM Contact LIMIT 1").remove(0);
    let short = id.get(..15).unwrap();
    let soql = format!("SELECT Id FROM Contact WHERE Id = '{short}'");
    assert_eq!(column(&crm, &soql), [id.as_str()]);
    let soql = format!("SELECT Id FROM Contact WHERE Id IN ('{id}')");
    assert_eq!(column(&crm, &soql), [id.as_str()]);
}

/// Query, code and words of the refusal.
const REFUSED: [(&str, &str, &str); 24] = [
    ("SELECT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT Id Contact", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT * FROM Contact", "MALFORMED_QUERY", "'*'"),
    (
        "SELECT Id FROM Contact WHERE LastName = 'x",
        "MALFORMED_QUERY",
        "unterminated",
    ),
    (
        "SELECT Id FROM Contact WHERE 'x' = LastName",
        "MALFORMED_QUERY",
        "unexpected token: ''x''",
    ),
    (
        "SELECT Id FROM Contact LIMIT x",
        "MALFORMED_QUERY",
        "unexpected token: 'x'",
    ),
    (
        "SELECT Id FROM Contact; DROP TABLE Contact",
        "MALFORMED_QUERY",
        "';'",
    ),
    (
        "SELECT Id FROM Contact WHERE Id = null OR Id != null AND Id = null",
        "MALFORMED_QUERY",
        "AND",
    ),
    (
        "SELECT Foo FROM Contact",
        "INVALID_FIELD",
        "Row:1:Column:8\nNo such column 'Foo' on entity 'Contact'",
    ),
    (
        "SELECT Id FROM Contact WHERE Foo = 1",
        "INVALID_FIELD",
        "No such column 'Foo'",
    ),
    (
        "SELECT Foo.Name FROM Contact",
        "INVALID_FIELD",
        "Didn't understand relationship 'Foo'",
    ),
    (
        "SELECT Id FROM Foo",
        "INVALID_TYPE",
        "sObject type 'Foo' is not supported",
    ),
    (
        "SELECT Id, (SELECT Id FROM Foos) FROM Account",
        "INVALID_TYPE",
        "relationship 'Foos'",
    ),
    (
        "SELECT Id FROM Contact WHERE Description = 'x'",
        "INVALID_FIELD",
        "'Description' can not be filtered",
    ),
    (
        "SELECT Id FROM Contact ORDER BY Description",
        "INVALID_FIELD",
        "'Description' can not be sorted",
    ),
    (
        "SELECT COUNT(Id) FROM Contact GROUP BY Description",
        "INVALID_FIELD",
        "can not be grouped",
    ),
    (
        "SELECT Id FROM Contact WHERE Birthdate = '1990-01-01'",
        "INVALID_FIELD",
        "must be of type date",
    ),
    (
        "SELECT Id FROM Contact WHERE LastName = 5",
        "INVALID_FIELD",
        "must be of type string",
    ),
    (
        "SELECT Id FROM Contact WHERE Id = 'x'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid ID field: x",
    ),
    (
        "SELECT Id FROM Contact WHERE Birthdate LIKE '19%'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "date",
    ),
    (
        "SELECT LastName, COUNT(Id) FROM Contact",
        "MALFORMED_QUERY",
        "must be grouped",
    ),
    (
        "SELECT Id, Id FROM Contact",
        "INVALID_FIELD",
        "duplicate field selected: Id",
    ),
    ("SELECT SUM(LastName) FROM Contact", "INVALID_FIELD", "SUM"),
    (
        "SELECT Id FROM Contact OFFSET 2001",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "2000",
    ),
];

#[test]
fn what_is_no_query_is_refused_in_the_words_of_the_vendor() {
    let crm = small();
    for (soql, code, words) in REFUSED {
        let (status, answer) = query(&crm, soql);
        assert_eq!(
            (status, &answer[0]["errorCode"]),
            (400, &json!(code)),
            "{soql}: {answer}"
        );
        let message = answer[0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{soql}: {message}");
    }
}

#[test]
fn an_escaped_sign_in_a_pattern_means_itself() {
    let crm = crm(false);
    for last in ["100% Wol", "100 Wol", "O'Brien", "a_b", "axb"] {
        create(&crm, "Contact", &json!({"LastName": last}));
    }
    let found = |like: &str| {
        column(
            &crm,
            &format!("SELECT LastName FROM Contact WHERE LastName {like}"),
        )
    };
    assert_eq!(found("LIKE '100\\% w%'"), ["100% Wol"]);
    assert_eq!(found("LIKE 'a\\_b'"), ["a_b"]);
    assert_eq!(found("LIKE 'a_b'"), ["a_b", "axb"]);
    assert_eq!(found("= 'O\\'Brien'"), ["O'Brien"]);
    assert_eq!(found("= 'o\\u0027brien'"), ["O'Brien"]);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_engine_panic(text in "[ -~]{0,60}", tail in "(SELECT|FROM|WHERE|IN|LIKE|NOT|'|\\(|\\)|,|=|Id|Contact|:| ){0,20}") {
        let crm = empty();
        let _ = query(crm, &text);
        let _ = query(crm, &format!("SELECT Id FROM Contact WHERE {tail}"));
        let _ = query(crm, &format!("SELECT {tail}"));
    }
}

/// One organisation for all cases of a property: making one takes longer than asking it.
fn empty() -> &'static Crm {
    static EMPTY: std::sync::OnceLock<Crm> = std::sync::OnceLock::new();
    EMPTY.get_or_init(|| crm(false))
}

#[test]
fn clauses_that_change_no_answer_are_taken() {
    let crm = small();
    let soql = "SELECT Name, (SELECT Contact.LastName FROM Account.Contacts) FROM Account \
                ORDER BY Name LIMIT 1 FOR VIEW";
    let (status, answer) = query(&crm, soql);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["records"][0]["Contacts"]["totalSize"], 2);
    let soql = "SELECT LastName FROM Contact WHERE toLabel(Salutation) = null FOR REFERENCE";
    assert_eq!(column(&crm, soql).len(), 4);
    let soql =
        "SELECT LastName FROM Contact WHERE CreatedDate > 2020-04-23T09:00:00.00000000000000+00:00";
    assert_eq!(column(&crm, soql).len(), 4);
}
