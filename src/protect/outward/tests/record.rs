//! Records: each rule with each kind of JSON value, and what else a record may be made of.

use super::{outcome, written};
use crate::model::Code;
use crate::model::Code::{
    BodyMalformed as Body, FieldNotWritable as Fixed, PolicyBlocked as Blocked, ValueUnfit as Unfit,
};
use crate::protect::trial::{OTHER, Trial};

/// What is expected of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect {
    /// It leaves as it is.
    Same,
    /// Something else of the same member leaves, without the value.
    Other,
    /// This leaves.
    Is(&'static str),
    /// The member does not leave.
    Gone,
    Refused(Code),
}

use Expect::{Gone, Is, Other, Refused, Same};

/// For each field: string, number, true, null, list, object, empty string, blanks.
const VALUES: [&str; 8] = [
    "\"Jansen 4711\"",
    "4711",
    "true",
    "null",
    "[\"Jansen\"]",
    "{\"a\":\"Jansen\"}",
    "\"\"",
    "\"  \"",
];

const TABLE: &[(&str, [Expect; 8])] = &[
    (
        "Token__c",
        [
            Other,
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Is("null"),
            Is("null"),
        ],
    ),
    (
        "Stable__c",
        [
            Other,
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Is("null"),
            Is("null"),
        ],
    ),
    (
        "Email__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Is("null"),
            Is("null"),
        ],
    ),
    (
        "Sealed__c",
        [
            Other,
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Is("null"),
            Is("null"),
        ],
    ),
    (
        "Stripped__c",
        [
            Gone,
            Gone,
            Gone,
            Same,
            Refused(Unfit),
            Refused(Body),
            Gone,
            Gone,
        ],
    ),
    (
        "Round__c",
        [
            Refused(Unfit),
            Is("5000"),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Same,
            Same,
        ],
    ),
    (
        "Leading__c",
        [
            Is("\"Jans\""),
            Is("4711"),
            Is("\"true\""),
            Same,
            Refused(Unfit),
            Refused(Body),
            Same,
            Same,
        ],
    ),
    (
        "Day__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Same,
            Same,
        ],
    ),
    (
        "Held__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Gone,
            Refused(Unfit),
            Refused(Body),
            Gone,
            Refused(Unfit),
        ],
    ),
    (
        "Blocked__c",
        [
            Refused(Blocked),
            Refused(Blocked),
            Refused(Blocked),
            Same,
            Refused(Unfit),
            Refused(Body),
            Refused(Blocked),
            Refused(Blocked),
        ],
    ),
    (
        "Formula__c",
        [
            Refused(Fixed),
            Refused(Fixed),
            Refused(Fixed),
            Refused(Fixed),
            Refused(Unfit),
            Refused(Body),
            Refused(Fixed),
            Refused(Fixed),
        ],
    ),
    (
        "Date__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Same,
            Refused(Unfit),
        ],
    ),
    (
        "Datetime__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Refused(Unfit),
            Refused(Unfit),
        ],
    ),
    (
        "Time__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Refused(Unfit),
            Refused(Unfit),
        ],
    ),
    (
        "Number__c",
        [
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Refused(Unfit),
            Refused(Unfit),
        ],
    ),
    (
        "Flag__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Same,
            Refused(Unfit),
            Refused(Body),
            Refused(Unfit),
            Refused(Unfit),
        ],
    ),
    (
        "Contact__c",
        [
            Refused(Unfit),
            Refused(Unfit),
            Refused(Unfit),
            Same,
            Refused(Unfit),
            Refused(Body),
            Same,
            Refused(Unfit),
        ],
    ),
];

#[test]
fn each_rule_has_an_outcome_for_each_kind_of_value() {
    for (field, expected) in TABLE {
        for (value, expected) in VALUES.iter().zip(expected) {
            let found = written("Trial__c", &format!("{{\"{field}\":{value}}}"));
            let member = |value: &str| format!("{{\"{field}\":{value}}}");
            let holds = match (expected, &found) {
                (Same, Ok(body)) => *body == member(value),
                (Is(value), Ok(body)) => *body == member(value),
                (Gone, Ok(body)) => body == "{}",
                (Other, Ok(body)) => body.contains(field) && !body.contains("Jansen"),
                (Refused(code), Err(found)) => code == found,
                _ => false,
            };
            assert!(holds, "{field} {value}: {expected:?}, and not {found:?}");
        }
    }
}

#[test]
fn typed_fields_take_values_of_their_type_alone() {
    for (field, value) in [
        ("Date__c", "\"2026-01-31\""),
        ("Datetime__c", "\"2026-01-31T10:00:00.000Z\""),
        ("Time__c", "\"10:00:00.000Z\""),
        ("Number__c", "1E6"),
        ("Number__c", "1.000000000000000005"),
        ("Number__c", "-9223372036854775809"),
        ("Number__c", "1e999"),
        ("Number__c", "\"12.50\""),
        ("Contact__c", "\"003000000000001AAA\""),
        ("Choice__c", "\"Web\""),
    ] {
        let body = format!("{{\"{field}\":{value}}}");
        assert_eq!(written("Trial__c", &body), Ok(body));
    }
    for (field, value) in [
        ("Date__c", "\"0612-34-56\""),
        ("Datetime__c", "\"2026-01-31T0612345678\""),
        ("Time__c", "\"0612345678\""),
        ("Number__c", "\"Jansen\""),
        ("Number__c", "\"NaN\""),
        ("Number__c", "77777777777777777777777777777777777777777"),
        ("Contact__c", "\"JanJansenUtrech\""),
        ("Contact__c", "\"003000000000001AAB\""),
        ("Flag__c", "\"Jansen\""),
    ] {
        let body = format!("{{\"{field}\":{value}}}");
        assert_eq!(written("Trial__c", &body), Err(Unfit), "{body}");
    }
}

#[test]
fn what_a_rule_makes_of_a_number_is_written_as_what_it_is() {
    assert_eq!(
        written("Trial__c", "{\"Word__c\":1}"),
        Ok("{\"Word__c\":\"low\"}".to_owned())
    );
    assert_eq!(
        written("Trial__c", "{\"Leading__c\":12.345}"),
        Ok("{\"Leading__c\":12.3}".to_owned())
    );
    assert_eq!(
        written("Trial__c", "{\"Leading__c\":123e4}"),
        Ok("{\"Leading__c\":\"123e\"}".to_owned())
    );
}

#[test]
fn an_unknown_field_and_a_field_twice_are_refused() {
    for (body, code) in [
        ("{\"Nickname__c\":\"Jansen\"}", Code::PolicyUnknownField),
        ("{\"LastName \":\"Jansen\"}", Code::PolicyUnknownField),
        ("{\"L\u{430}stName\":\"Jansen\"}", Code::PolicyUnknownField),
        ("{\"Account.Name\":\"Jansen\"}", Code::PolicyUnknownField),
        ("{\"PhotoUrl\":\"Jansen\"}", Code::PolicyUnknownField),
        ("{\"LastName\":\"a\",\"lastname\":\"Jansen\"}", Body),
        (
            "{\"Id\":\"003000000000001AAA\",\"id\":\"003000000000002AAA\"}",
            Body,
        ),
        (
            "{\"Account\":{\"Ext_Id__c\":\"a\"},\"account\":{\"Ext_Id__c\":\"b\"}}",
            Body,
        ),
        (
            "{\"Account\":{\"Ext_Id__c\":\"a\",\"ext_id__c\":\"b\"}}",
            Body,
        ),
    ] {
        assert_eq!(written("Contact", body), Err(code), "{body}");
    }
    let upper = written("Contact", "{\"LASTNAME\":\"Jansen\"}").unwrap();
    assert!(upper.starts_with("{\"LASTNAME\":\"tq") && !upper.contains("Jansen"));
}

#[test]
fn a_value_that_does_not_fit_its_field_is_refused() {
    let long = |count: usize| format!("{{\"Token__c\":\"{}\"}}", "é".repeat(count));
    assert!(written("Trial__c", &long(80)).is_ok());
    assert_eq!(written("Trial__c", &long(81)), Err(Code::ValueTooLong));
    let sealed = |count: usize| {
        let text: String = "Belt graag terug. ".chars().cycle().take(count).collect();
        format!("{{\"Sealed__c\":\"{text}\"}}")
    };
    assert!(written("Trial__c", &sealed(2_900)).is_ok());
    assert_eq!(written("Trial__c", &sealed(3_000)), Err(Code::ValueTooLong));
}

#[test]
fn an_address_must_have_the_form_of_one() {
    let body = |value: &str| format!("{{\"Email__c\":\"{value}\"}}");
    let sent = written("Trial__c", &body("jan@example.nl")).unwrap();
    assert!(
        sent.contains("@token.example.eu") && !sent.contains("jan@"),
        "{sent}"
    );
    for value in [
        "jan",
        "@example.nl",
        "jan@example",
        "jan@a@example.nl",
        "j an@example.nl",
        "jan@.nl",
    ] {
        assert_eq!(written("Trial__c", &body(value)), Err(Unfit), "{value}");
    }
}

#[test]
fn a_mask_is_kept_at_its_record_and_field_alone() {
    let mut trial = Trial::start();
    let sent = trial.write("Contact", "{\"LastName\":\"Jansen\"}").unwrap();
    let token = sent.body[13..31].to_owned();
    let mut code = |object: &str, body: &str| {
        trial
            .write(object, body)
            .map(|sent| sent.body)
            .map_err(|refusal| refusal.code)
    };
    let member = |field: &str, text: &str| format!("{{\"{field}\":\"{text}\"}}");
    assert_eq!(
        code("Contact", &member("LastName", &token)),
        Ok("{}".to_owned())
    );
    assert_eq!(
        code("Contact", &member("LastName", &format!(" {token} "))),
        Ok("{}".to_owned())
    );
    assert_eq!(
        code("Contact", &member("LastName", &token.to_uppercase())),
        Ok("{}".to_owned())
    );
    for (object, field, text) in [
        ("Contact", "FirstName", token.clone()),
        ("Contact", "Description", token.clone()),
        ("Contact", "LeadSource", token.clone()),
        ("Contact", "LastName", format!("{token}x")),
        ("Contact", "LastName", format!("Jansen {token}")),
        ("Contact", "LastName", format!("{token}{token}")),
        ("Trial__c", "Token__c", token.clone()),
        ("Trial__c", "Leading__c", token.clone()),
    ] {
        assert_eq!(
            code(object, &member(field, &text)),
            Err(Code::TokenForeign),
            "{field}"
        );
    }
    let other = format!("/services/data/v60.0/sobjects/Contact/{OTHER}");
    let moved = trial.send("PATCH", &other, &member("LastName", &token));
    assert_eq!(
        moved.map(|sent| sent.body).map_err(|r| r.code),
        Err(Code::TokenForeign)
    );
}

#[test]
fn a_token_of_another_tenant_is_a_text_like_any_other() {
    let key = crate::model::Secret::new(vec![7; 32]);
    let foreign = crate::protect::Codec::new(&key, "ander")
        .unwrap()
        .mint(1)
        .unwrap()
        .text();
    let sent = written("Contact", &format!("{{\"LastName\":\"{foreign}\"}}")).unwrap();
    assert!(sent.contains("tq") && !sent.contains(&foreign));
}

#[test]
fn the_type_in_attributes_is_that_of_the_record() {
    let create = |body: &str| outcome("POST", "/sobjects/Contact", body);
    let typed =
        create("{\"attributes\":{\"type\":\"contact\",\"url\":\"/Jansen\"},\"LastName\":\"x\"}");
    let typed = typed.unwrap();
    assert!(
        typed.contains("{\"type\":\"Contact\"}") && !typed.contains("Jansen"),
        "{typed}"
    );
    for body in [
        "{\"attributes\":{\"type\":\"User\"},\"LastName\":\"x\"}",
        "{\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"Jansen\"},\"LastName\":\"x\"}",
        "{\"attributes\":{\"type\":\"Contact\",\"note\":\"Jansen\"},\"LastName\":\"x\"}",
        "{\"attributes\":\"Jansen\",\"LastName\":\"x\"}",
        "{\"Account\":{\"attributes\":{\"type\":\"Contact\"},\"Ext_Id__c\":\"K1\"}}",
        "{\"Account\":{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"Jansen\"},\"Ext_Id__c\":\"K1\"}}",
    ] {
        assert_eq!(create(body), Err(Body), "{body}");
    }
}

#[test]
fn a_relation_may_name_an_external_id_which_is_looked_up_and_never_minted() {
    let mut trial = Trial::start();
    let account = "{\"Account\":{\"Ext_Id__c\":\"K-4711\"}}";
    let unknown = trial.write("Contact", account).unwrap();
    assert!(
        !unknown.body.contains("K-4711") && unknown.rows == 0,
        "{}",
        unknown.body
    );
    let made = trial
        .write("Account", "{\"Ext_Id__c\":\"K-4711\"}")
        .unwrap();
    let token = &made.body[14..32];
    assert!(
        trial
            .write("Contact", account)
            .unwrap()
            .body
            .contains(token)
    );
    assert_eq!(
        written("Contact", "{\"Account\":{\"Name\":\"Jansen\"}}"),
        Err(Body)
    );
    assert_eq!(
        written("Contact", "{\"Owner\":{\"Email\":\"jan@example.nl\"}}"),
        Err(Body)
    );
}

#[test]
fn a_key_in_a_url_must_have_stable_tokens() {
    let mut trial = Trial::start();
    let base = "/services/data/v60.0/sobjects";
    let upsert = trial
        .send(
            "PATCH",
            &format!("{base}/Contact/Email/jan%40example.nl"),
            "{}",
        )
        .unwrap();
    assert!(upsert.target.contains("token.example.eu") && !upsert.target.contains("jan"));
    let again = trial
        .send("GET", &format!("{base}/Contact/Email/JAN%40example.nl"), "")
        .unwrap();
    assert_eq!(again.target, upsert.target);
    let none = trial
        .send(
            "GET",
            &format!("{base}/Contact/Email/piet%40example.nl"),
            "",
        )
        .unwrap();
    assert!(!none.target.contains("piet") && none.rows == 0);
    for (method, target, body, code) in [
        ("GET", "/sobjects/Contact/LastName/Jansen", "", Fixed),
        ("GET", "/sobjects/Trial__c/Token__c/Jansen", "", Fixed),
        (
            "PATCH",
            "/composite/sobjects/Trial__c/Token__c",
            "{\"records\":[{\"attributes\":{\"type\":\"Trial__c\"},\"Token__c\":\"Jansen\"}]}",
            Fixed,
        ),
        (
            "PATCH",
            "/composite/sobjects/Contact/LastName",
            "{\"records\":[{\"attributes\":{\"type\":\"Contact\"},\"LastName\":\"Jansen\"}]}",
            Fixed,
        ),
    ] {
        assert_eq!(outcome(method, target, body), Err(code), "{target}");
    }
}
