//! The way in: what each viewer is shown.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use serde_json::Value;

use crate::protect::trial::{CONTACT, Sent, Trial};

const EVERYTHING: &[&str] = &["sales", "support", "marketing", "privacy", "integration"];

/// A border that has protected one contact, and the tokens of its fields.
fn contact() -> (Trial, Sent, Value) {
    let mut trial = Trial::start();
    let sent = trial
        .write(
            "Contact",
            "{\"FirstName\":\"Mien\",\"LastName\":\"Jansen\",\"MailingCity\":\"Ede\",\
             \"Description\":\"Belt liever niet\",\"Birthdate\":\"1980-05-01\",\
             \"Email\":\"mien@example.nl\",\"LeadSource\":\"Web\"}",
        )
        .unwrap();
    let tokens = serde_json::from_str(&sent.body).unwrap();
    (trial, sent, tokens)
}

/// A contact's record with these members.
fn record(members: &str) -> String {
    format!(
        "{{\"attributes\":{{\"type\":\"Contact\",\"url\":\"/services/data/v60.0/sobjects/Contact/{CONTACT}\"}},{members}}}"
    )
}

/// The members of a contact's record as somebody is shown them.
fn shown(trial: &Trial, sent: &Sent, members: &str, roles: &[&str]) -> String {
    let (body, _) = trial.answer(sent, &record(members), roles);
    let at = record("").len() - 1;
    body[at..body.len() - 1].to_owned()
}

#[test]
fn a_token_is_revealed_by_its_class_and_not_by_where_it_stands() {
    let (trial, sent, tokens) = contact();
    let (first, city) = (
        tokens["FirstName"].as_str().unwrap(),
        tokens["MailingCity"].as_str().unwrap(),
    );
    let see = |members: &str, roles: &[&str]| shown(&trial, &sent, members, roles);
    let own = format!("\"FirstName\":\"{first}\",\"MailingCity\":\"{city}\"");
    assert_eq!(
        see(&own, &["sales"]),
        "\"FirstName\":\"Mien\",\"MailingCity\":\"Ede\""
    );
    assert_eq!(
        see(&own, &["marketing"]),
        format!("\"FirstName\":\"Mien\",\"MailingCity\":\"{city}\"")
    );
    assert_eq!(see(&own, &[]), own);
    // Moved to a field that passes, the class still decides.
    let moved = format!("\"LeadSource\":\"{city}\"");
    assert_eq!(see(&moved, &["marketing"]), moved);
    assert_eq!(see(&moved, &["sales"]), "\"LeadSource\":\"Ede\"");
}

#[test]
fn each_record_is_read_by_its_own_keys_whatever_the_one_before_had() {
    let (trial, sent, tokens) = contact();
    let name = tokens["FirstName"].as_str().unwrap();
    let see = |records: &[String], comma: &str| {
        let list = format!("[{}]", records.join(","));
        let spaced = list.replace("\",\"", &format!("\"{comma}\""));
        let (body, _) = trial.answer(&sent, &spaced, &["sales"]);
        body.replace(comma, ",")
    };
    let fields = [
        "\"Id\":\"003000000000001AAA\"".to_owned(),
        format!("\"FirstName\":\"{name}\""),
        "\"Nickname__c\":\"Jansje\"".to_owned(),
        "\"LastName\":\"Jansen\"".to_owned(),
    ];
    let with = |order: &[usize]| {
        let members: Vec<&str> = order.iter().map(|at| fields[*at].as_str()).collect();
        record(&members.join(","))
    };
    for second in [&[0, 1, 2, 3][..], &[0, 2, 1, 3], &[3, 2, 1], &[2], &[1, 1]] {
        let first = with(&[0, 1, 2, 3]);
        let alone = see(&[with(second)], ",");
        let after = see(&[first, with(second)], ",");
        assert!(after.ends_with(&alone[1..]), "{second:?}: {after}");
        assert!(!alone.contains("Jansje") && !alone.contains(name));
        // With a space behind each comma no key is passed unread.
        let spaced = see(&[with(&[0, 1, 2, 3]), with(second)], ", ");
        assert_eq!(spaced, after, "{second:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// A record may begin in many ways, and one that begins as the one before it is not read again.
    #[test]
    fn each_record_of_a_list_is_what_it_is_alone(begun in proptest::collection::vec(0_usize..BEGINNINGS.len(), 1..5)) {
        let (trial, sent, tokens) = contact();
        let city = tokens["MailingCity"].as_str().unwrap();
        let members = format!(
            "\"LastName\":\"Jansen\",\"MailingCity\":\"{city}\",\"Birthdate\":null,\"Nickname__c\":\"Jansje\"}}"
        );
        let records: Vec<String> = begun.iter().map(|at| format!("{}{members}", BEGINNINGS[*at])).collect();
        for roles in [&["marketing"][..], EVERYTHING] {
            let mut alone = vec![];
            for record in &records {
                let (body, _) = trial.answer(&sent, &format!("[{record}]"), roles);
                alone.push(body[1..body.len() - 1].to_owned());
            }
            // With a space nothing is passed unread.
            for comma in [",", " ,", ", "] {
                let (body, _) = trial.answer(&sent, &format!("[{}]", records.join(comma)), roles);
                prop_assert_eq!(body, format!("[{}]", alone.join(comma)));
            }
        }
    }
}

/// Contacts with held values and without, other objects, and what only looks like one of them.
const BEGINNINGS: [&str; 12] = [
    r#"{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/003000000000001AAA"},"#,
    r#"{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/003000000000002AAA"},"#,
    r#"{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/"},"#,
    r#"{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/0030\u0030"},"#,
    r#"{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/003000000000001AAA","x":"Jansen/1"},"#,
    r#"{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/003000000000001AAA"},"attributes":"Jansen","#,
    r#"{"attributes":{"type":"Contact","url":"Jansen"},"#,
    r#"{"attributes":{"url":"/services/data/v60.0/sobjects/Contact/003000000000001AAA","type":"Contact"},"#,
    r#"{"attributes":{"type":"Lead","url":"/services/data/v60.0/sobjects/Lead/00Q000000000001AAA"},"#,
    r#"{"attributes":{"type":"AggregateResult"},"#,
    r#"{"attributes":{"type":"Name","url":"/services/data/v60.0/sobjects/Contact/003000000000001AAA"},"#,
    r#"{"Contact":{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/003000000000001AAA"}},"#,
];

#[test]
fn a_sealed_field_opens_whole_and_a_damaged_one_stays() {
    let (trial, sent, tokens) = contact();
    let sealed = tokens["Description"].as_str().unwrap();
    let whole = format!("\"Description\":\"{sealed}\"");
    assert_eq!(
        shown(&trial, &sent, &whole, &["sales"]),
        "\"Description\":\"Belt liever niet\""
    );
    assert_eq!(shown(&trial, &sent, &whole, &["marketing"]), whole);
    let last = if sealed.ends_with('A') { "B" } else { "A" };
    let damaged = format!("\"Description\":\"{}{last}\"", &sealed[..sealed.len() - 1]);
    assert_eq!(shown(&trial, &sent, &damaged, &["sales"]), damaged);
    let cut = format!("\"Description\":\"{}\"", &sealed[..sealed.len() - 1]);
    assert_eq!(shown(&trial, &sent, &cut, &["sales"]), cut);
}

#[test]
fn names_addresses_and_messages_are_revealed_inside() {
    let (trial, sent, tokens) = contact();
    let [first, last, city] =
        ["FirstName", "LastName", "MailingCity"].map(|f| tokens[f].as_str().unwrap());
    let members = format!(
        "\"Name\":\"{first} {last}\",\"MailingAddress\":{{\"city\":\"{city}\",\"street\":null}}"
    );
    assert_eq!(
        shown(&trial, &sent, &members, &["sales"]),
        "\"Name\":\"Mien Jansen\",\"MailingAddress\":{\"city\":\"Ede\",\"street\":null}"
    );
    let error = format!(
        "[{{\"message\":\"duplicate value: {last}\",\"errorCode\":\"DUPLICATE_VALUE\",\"fields\":[\"LastName\"]}}]"
    );
    assert_eq!(
        trial.answer(&sent, &error, &["sales"]).0,
        error.replace(last, "Jansen")
    );
    assert_eq!(trial.answer(&sent, &error, &[]).0, error);
    let upper = format!("\"Name\":\"{}\"", last.to_uppercase());
    assert_eq!(
        shown(&trial, &sent, &upper, EVERYTHING),
        "\"Name\":\"Jansen\""
    );
}

#[test]
fn clear_text_in_a_protected_field_is_shown_to_its_class_alone() {
    let (trial, sent, tokens) = contact();
    let last = tokens["LastName"].as_str().unwrap();
    let clear = "\"MailingCity\":\"Ede\",\"Birthdate\":\"1980-05-01\",\"MailingLatitude\":52.1";
    assert_eq!(shown(&trial, &sent, clear, &["sales"]), clear);
    assert_eq!(
        shown(&trial, &sent, clear, &["marketing"]),
        "\"MailingCity\":null,\"Birthdate\":null,\"MailingLatitude\":null"
    );
    // Joined by the CRM from a token and from what stood there before the border did.
    for mixed in [
        format!("\"Name\":\"Mien {last}\""),
        format!("\"Name\":\"{last} Mien\""),
        format!("\"Name\":\"{last}, {last} \\u00e9 \""),
    ] {
        assert_eq!(
            shown(&trial, &sent, &mixed, &["marketing"]),
            "\"Name\":null",
            "{mixed}"
        );
    }
    let joined = format!("\"Name\":\"{last},\\n{last}\"");
    assert_eq!(
        shown(&trial, &sent, &joined, &["marketing"]),
        "\"Name\":\"Jansen,\\nJansen\""
    );
}

#[test]
fn fields_and_objects_without_a_rule_are_masked() {
    let (trial, sent, tokens) = contact();
    let last = tokens["LastName"].as_str().unwrap();
    for value in [
        "\"Mien\"".to_owned(),
        "5".to_owned(),
        "true".to_owned(),
        "[\"Mien\"]".to_owned(),
        "{\"a\":{\"b\":\"Mien\"}}".to_owned(),
        format!("\"{last}\""),
    ] {
        let members = format!("\"Nickname__c\":{value},\"LeadSource\":\"Web\"");
        assert_eq!(
            shown(&trial, &sent, &members, EVERYTHING),
            "\"Nickname__c\":null,\"LeadSource\":\"Web\""
        );
    }
    let unknown = record("\"Name\":\"Mien\"").replace("\"Contact\"", "\"Jansen__c\"");
    let masked = trial.answer(&sent, &unknown, EVERYTHING).0;
    assert!(masked.ends_with("\"Name\":null}"), "{masked}");
    let envelope = "{\"success\":true,\"note\":\"Mien\",\"errors\":[]}";
    assert_eq!(
        trial.answer(&sent, envelope, EVERYTHING).0,
        envelope.replace("\"Mien\"", "null")
    );
}

#[test]
fn a_held_value_stands_in_its_place_for_those_who_may_see_it() {
    let (trial, sent, _) = contact();
    let members = "\"Birthdate\":null,\"LeadSource\":null";
    assert_eq!(
        shown(&trial, &sent, members, &["sales"]),
        "\"Birthdate\":\"1980-05-01\",\"LeadSource\":null"
    );
    assert_eq!(shown(&trial, &sent, members, &["marketing"]), members);
    let other = record(members).replace(CONTACT, "003000000000002AAA");
    assert_eq!(trial.answer(&sent, &other, &["sales"]).0, other);
}

#[test]
fn nested_records_are_read_by_their_own_type() {
    let (trial, sent, tokens) = contact();
    let last = tokens["LastName"].as_str().unwrap();
    let nested = format!(
        "\"Account\":{{\"attributes\":{{\"type\":\"Account\",\"url\":\"/x\"}},\"Name\":\"{last}\",\"Birthdate\":\"Mien\"}},\
         \"Cases\":{{\"totalSize\":1,\"done\":true,\"records\":[{{\"attributes\":{{\"type\":\"Case\",\"url\":\"/x\"}},\
         \"Subject\":\"{last}\",\"Jansen__c\":\"Mien\"}}]}}"
    );
    let seen = shown(&trial, &sent, &nested, &["sales"]);
    assert_eq!(
        seen,
        nested.replace(last, "Jansen").replace("\"Mien\"", "null")
    );
}

#[test]
fn aggregates_come_back_under_the_clients_names_and_mask_clear_text() {
    let mut trial = Trial::start();
    let query = "/services/data/v60.0/query?q=SELECT+Email+adres,COUNT(Id)+mien+FROM+Contact+GROUP+BY+Email";
    let sent = trial.send("GET", query, "").unwrap();
    assert!(!sent.target.contains("mien") && !sent.target.contains("adres"));
    let answer = "{\"totalSize\":1,\"done\":true,\"records\":[{\"attributes\":{\"type\":\"AggregateResult\"},\
                  \"alias0\":\"mien@example.nl\",\"alias1\":5}]}";
    let named = answer.replace("alias0", "adres").replace("alias1", "mien");
    assert_eq!(trial.answer(&sent, answer, &["sales"]).0, named);
    let masked = named.replace("\"mien@example.nl\"", "null");
    assert_eq!(trial.answer(&sent, answer, &["marketing"]).0, masked);

    let bare = trial
        .send(
            "GET",
            "/services/data/v60.0/query?q=SELECT+Email+FROM+Contact+GROUP+BY+Email",
            "",
        )
        .unwrap();
    let answer = "{\"records\":[{\"attributes\":{\"type\":\"AggregateResult\"},\"Email\":\"mien@example.nl\"}]}";
    assert_eq!(
        trial.answer(&bare, answer, &["marketing"]).0,
        answer.replace("\"mien@example.nl\"", "null")
    );
    assert_eq!(trial.answer(&bare, answer, &["sales"]).0, answer);
}

#[test]
fn a_composite_answer_has_the_clients_names() {
    let mut trial = Trial::start();
    let body = "{\"compositeRequest\":[{\"method\":\"POST\",\"referenceId\":\"Mien\",\
        \"url\":\"/services/data/v60.0/sobjects/Contact\",\"body\":{\"LastName\":\"Jansen\"}}]}";
    let sent = trial
        .send("POST", "/services/data/v60.0/composite", body)
        .unwrap();
    let answer = "{\"compositeResponse\":[{\"body\":{\"id\":\"003000000000001AAA\",\"success\":true,\"errors\":[]},\
        \"httpHeaders\":{\"Location\":\"/x\"},\"httpStatusCode\":201,\"referenceId\":\"name0\"}]}";
    assert_eq!(
        trial.answer(&sent, answer, &[]).0,
        answer.replace("name0", "Mien")
    );
}

/// Any JSON with words that mean something to the walk.
fn json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("attributes"),
        Just("type"),
        Just("url"),
        Just("Contact"),
        Just("records"),
        Just("id"),
        Just("success"),
        Just("referenceId"),
        Just("httpStatusCode"),
        Just("body"),
        Just("Name"),
        Just("Birthdate"),
        Just("LastName"),
        Just("AggregateResult"),
        Just("Owner"),
        Just("x"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        any::<String>().prop_map(|text| Value::from(text.replace('\0', ""))),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        let members = proptest::collection::vec((word.clone(), inner.clone()), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            members.prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer_stays_json_and_loses_nothing_but_values(answer in json()) {
        let mut trial = Trial::start();
        let sent = trial.send("GET", "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact", "").unwrap();
        let text = answer.to_string();
        for roles in [&[][..], EVERYTHING] {
            let (body, _) = trial.answer(&sent, &text, roles);
            let read: Value = serde_json::from_str(&body).unwrap();
            prop_assert!(narrowed(&answer, &read), "{} {}", text, body);
            let again = trial.answer(&sent, &body, roles).0;
            prop_assert_eq!(again, body);
        }
    }
}

/// Whether `after` is `before` with nulls in the places of some values.
fn narrowed(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (_, Value::Null) => true,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| narrowed(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|((k, a), (l, b))| k == l && narrowed(a, b))
        }
        (a, b) => a == b,
    }
}
