//! Tables of bulk jobs: the rules of records, another form.

use proptest::prelude::{prop_assert, prop_assert_eq};
use proptest::proptest;

use crate::model::Code;
use crate::protect::trial::bulk::job;
use crate::protect::trial::{CONTACT, Trial};

fn refused(operation: &str, more: &str, text: &str) -> (Code, String) {
    let refusal = Trial::start().load(&job("Contact", operation, more), text);
    let refusal = refusal.expect_err(text);
    assert!(!refusal.text.contains("Jansen"), "{}", refusal.text);
    (refusal.code, refusal.text)
}

#[test]
fn a_table_leaves_with_tokens_and_comes_back_with_values() {
    let mut trial = Trial::start();
    let semicolon = ",\"columnDelimiter\":\"SEMICOLON\",\"lineEnding\":\"CRLF\"";
    let job = job("Contact", "insert", semicolon);
    let text = "\u{feff}lastname;\"LeadSource\";Birthdate;EMAIL;Description;IsEmailBounced\r\n\
                Jansen;\"A;\"\"B\"\"\";1980-01-02;mien@example.nl;\"regel 1\r\nregel \"\"2\"\"\";true\r\n\
                \"Jansen\";;#N/A;#N/A;;\r\n";
    let sent = trial.load(&job, text).unwrap();
    assert!(
        !sent.contains("Jansen") && !sent.contains("mien@") && !sent.contains("1980"),
        "{sent}"
    );
    let lines: Vec<&str> = sent.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "\u{feff}lastname;\"LeadSource\";Birthdate;EMAIL;Description;IsEmailBounced"
    );
    let cells: Vec<&str> = lines[1].split(';').collect();
    assert!(cells[0].starts_with("tq"), "{sent}");
    assert_eq!(
        cells[1..4],
        ["\"A", "\"\"B\"\"\"", ""],
        "what passes stays, what is kept does not leave"
    );
    assert!(cells[4].ends_with("@token.example.eu"), "{sent}");
    assert!(
        cells[5].starts_with("\"tq1") && cells[6] == "true",
        "{sent}"
    );
    assert!(
        lines[2].starts_with("\"tq") && lines[2].ends_with("\";;;#N/A;;"),
        "{sent}"
    );

    let told = sent
        .replace("\u{feff}lastname", "sf__Id;lastname")
        .replace("\r\ntq", &format!("\r\n{CONTACT};tq"));
    let told = told.replace("\r\n\"tq", &format!("\r\n{CONTACT};\"tq"));
    let shown = trial.rows(&job, &told, &["sales"]);
    assert!(shown.contains(";Jansen;\"A;\"\"B\"\"\";1980-01-02;mien@example.nl;\"regel 1\r\nregel \"\"2\"\"\";true\r\n"), "{shown}");
    let masked = trial.rows(&job, &told, &[]);
    assert!(
        !masked.contains("Jansen") && masked.contains(cells[0]),
        "{masked}"
    );
}

#[test]
fn a_relation_finds_what_an_upsert_wrote() {
    let mut trial = Trial::start();
    let key = ",\"externalIdFieldName\":\"Ext_Id__c\"";
    let sent = trial
        .load(
            &job("Contact", "upsert", key),
            "Ext_Id__c,LastName\nK-1,Jansen\n",
        )
        .unwrap();
    let token = sent
        .lines()
        .nth(1)
        .and_then(|line| line.split(',').next())
        .unwrap();
    assert!(token.starts_with("tq"), "{sent}");
    let case = job("Case", "insert", "");
    let related = trial.load(&case, "Contact.ext_id__c\nK-1\n#N/A\n").unwrap();
    assert_eq!(related, format!("Contact.ext_id__c\n{token}\n#N/A\n"));
}

#[test]
fn a_job_that_deletes_takes_ids_and_nothing_else() {
    let mut trial = Trial::start();
    let delete = job("Contact", "delete", "");
    let text = format!("id\n{CONTACT}\n");
    assert_eq!(trial.load(&delete, &text).unwrap(), text);
    for text in [
        "LastName\nJansen\n",
        "Id,LastName\n003000000000001AAA,Jansen\n",
        "Id\nJansen\n",
    ] {
        assert!(trial.load(&delete, text).is_err(), "{text}");
    }
}

#[test]
fn what_is_refused_is_named_by_record_and_column() {
    for (text, code, place) in [
        (
            "LastName,Jansen__c\na,b\n",
            Code::PolicyUnknownField,
            "column 2",
        ),
        ("LastName,\na,b\n", Code::PolicyUnknownField, "column 2"),
        ("LastName,lastName\na,b\n", Code::BodyMalformed, "column 2"),
        (
            "LastName,Owner.Name\na,b\n",
            Code::BodyMalformed,
            "record 1",
        ),
        (
            "LastName,Jansen.Ext_Id__c\na,b\n",
            Code::PolicyUnknownField,
            "column 2",
        ),
        (
            "LastName,Name\na,\nb,Jansen\n",
            Code::FieldNotWritable,
            "record 2",
        ),
        (
            "LastName,CreatedDate\na,Jansen\n",
            Code::ValueUnfit,
            "record 1",
        ),
        (
            "LastName,Email\na,b@example.nl\nb,Jansen\n",
            Code::ValueUnfit,
            "record 2",
        ),
        ("LastName,Id\na,Jansen\n", Code::ValueUnfit, "record 1"),
        ("LastName\nJansen,b\n", Code::BodyMalformed, "record 1"),
    ] {
        let (found, said) = refused("insert", "", text);
        assert_eq!(found, code, "{text}: {said}");
        assert!(said.contains(place), "{text}: {said}");
    }
    let (code, said) = refused("update", "", "LastName\nJansen\n");
    assert_eq!(
        (code, said.starts_with("record 1")),
        (Code::BodyMalformed, true)
    );
    let (code, said) = refused("insert", "", "Birthdate,LeadSource\n1980-01-02,Jansen\n");
    assert_eq!(code, Code::ValueUnfit, "{said}");
}

proptest! {
    /// Whatever is accepted carries no value out, and keeps its shape.
    #[test]
    fn no_accepted_table_carries_a_name(
        before in "(a|,|\"|\"\"|\n|#N/A| ){0,6}", after in "(b|,|\"|\"\"|\n| ){0,6}",
    ) {
        let mut trial = Trial::start();
        let job = job("Contact", "insert", "");
        let text = format!("LastName,FirstName\n{before}Kanariezoon{after}\n");
        if let Ok(sent) = trial.load(&job, &text) {
            prop_assert!(!sent.contains("anarie"), "{}", sent);
            let back = trial.rows(&job, &sent, &["sales"]);
            let limits = crate::wire::csv::Limits::default();
            let comma = crate::wire::csv::Delimiter::Comma;
            let meant = |text: &str| -> Vec<String> {
                let cells = crate::wire::csv::parse(text, comma, &limits).unwrap();
                cells.iter().map(|cell| cell.value(text).into_owned()).collect()
            };
            let blank = |cells: Vec<String>| -> Vec<String> {
                let empty = |cell: &String| cell.trim().is_empty() || cell == "#N/A";
                cells.into_iter().map(|cell| if empty(&cell) { String::new() } else { cell }).collect()
            };
            prop_assert_eq!(blank(meant(&back)), blank(meant(&text)));
        }
    }
}
