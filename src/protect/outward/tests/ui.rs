//! The UI API, on the way out.

use super::outcome;
use crate::model::Code;
use crate::protect::find;
use crate::protect::trial::{CONTACT, Trial};
use crate::wire::percent;

#[test]
fn a_record_of_the_ui_api_leaves_as_tokens() {
    let body = "{\"apiName\":\"contact\",\"fields\":{\"LastName\":\"Jansen\",\"Birthdate\":\"1980-05-01\",\
                \"LeadSource\":\"Web\"},\"allowSaveOnDuplicate\":true}";
    let left = outcome("POST", "/ui-api/records", body).expect("a record");
    assert!(left.contains("\"apiName\":\"Contact\""), "{left}");
    assert!(left.contains("\"LastName\":\"tq"), "{left}");
    assert!(left.contains("\"LeadSource\":\"Web\",") || left.contains("\"LeadSource\":\"Web\"}"));
    assert!(left.contains("\"allowSaveOnDuplicate\":true"));
    assert!(!left.contains("Jansen") && !left.contains("1980"), "{left}");
    let target = format!("/ui-api/records/{CONTACT}");
    let left = outcome(
        "PATCH",
        &target,
        "{\"fields\":{\"Email\":\"mien@example.nl\"}}",
    );
    let left = left.expect("an update");
    assert!(
        left.contains("@token.example.eu") && !left.contains("mien"),
        "{left}"
    );
}

#[test]
fn a_body_of_another_form_is_refused() {
    let own = format!("/ui-api/records/{CONTACT}");
    for (method, target, body, code) in [
        (
            "POST",
            "/ui-api/records",
            "{\"fields\":{\"LastName\":\"x\"}}",
            Code::BodyMalformed,
        ),
        (
            "POST",
            "/ui-api/records",
            "{\"apiName\":\"Contact\"}",
            Code::BodyMalformed,
        ),
        (
            "POST",
            "/ui-api/records",
            "{\"apiName\":\"Contact\",\"fields\":[]}",
            Code::BodyMalformed,
        ),
        (
            "POST",
            "/ui-api/records",
            "{\"apiName\":\"Contact\",\"fields\":{},\"x\":1}",
            Code::BodyMalformed,
        ),
        (
            "POST",
            "/ui-api/records",
            "{\"apiName\":\"Contact\",\"fields\":{\"Account\":{\"Name\":\"x\"}}}",
            Code::BodyMalformed,
        ),
        (
            "POST",
            "/ui-api/records",
            "{\"apiName\":\"Pet__c\",\"fields\":{\"Name\":\"x\"}}",
            Code::PolicyUnknownObject,
        ),
        (
            "POST",
            "/ui-api/records",
            "{\"apiName\":\"Contact\",\"fields\":{\"Nickname__c\":\"x\"}}",
            Code::PolicyUnknownField,
        ),
        (
            "PATCH",
            &own,
            "{\"apiName\":\"Lead\",\"fields\":{}}",
            Code::BodyMalformed,
        ),
        (
            "PATCH",
            &own,
            "{\"fields\":{\"Name\":\"x\"}}",
            Code::FieldNotWritable,
        ),
        (
            "PATCH",
            "/ui-api/records/a1x000000000001AAA",
            "{\"fields\":{}}",
            Code::PolicyUnknownObject,
        ),
    ] {
        assert_eq!(outcome(method, target, body), Err(code), "{target} {body}");
    }
}

#[test]
fn names_are_spelled_as_policy_does() {
    for (target, leaves) in [
        (
            format!(
                "/ui-api/records/{CONTACT}?fields=contact.lastname,CONTACT.account.name&updateMru=true"
            ),
            format!(
                "/ui-api/records/{CONTACT}?fields=Contact.LastName%2CContact.Account.Name&updateMru=true"
            ),
        ),
        (
            format!("/ui-api/records/batch/{CONTACT}?optionalFields=Contact.Email"),
            format!("/ui-api/records/batch/{CONTACT}?optionalFields=Contact.Email"),
        ),
        (
            format!("/ui-api/record-ui/{CONTACT}?layoutTypes=Full,Compact&modes=View"),
            format!("/ui-api/record-ui/{CONTACT}?layoutTypes=Full%2CCompact&modes=View"),
        ),
        (
            "/ui-api/object-info/batch/contact,Lead".into(),
            "/ui-api/object-info/batch/Contact%2CLead".into(),
        ),
        (
            "/ui-api/object-info/contact/picklist-values/012000000000000AAA/leadsource".into(),
            "/ui-api/object-info/Contact/picklist-values/012000000000000AAA/LeadSource".into(),
        ),
        (
            "/ui-api/list-records/contact/__recent?sortBy=-createddate&pageSize=20".into(),
            "/ui-api/list-records/Contact/__Recent?sortBy=-Contact.CreatedDate&pageSize=20".into(),
        ),
        (
            "/ui-api/related-list-records/001000000000001AAA/contacts?fields=contact.email".into(),
            "/ui-api/related-list-records/001000000000001AAA/Contacts?fields=Contact.Email".into(),
        ),
        (
            "/ui-api/record-defaults/create/contact".into(),
            "/ui-api/record-defaults/create/Contact".into(),
        ),
    ] {
        let left = outcome("GET", &target, "").unwrap_or_else(|code| panic!("{target}: {code:?}"));
        assert_eq!(left.trim(), format!("/services/data/v60.0{leaves}"));
    }
}

#[test]
fn what_is_not_known_is_refused() {
    for (target, code) in [
        (
            "/ui-api/records/003000000000001AAA?fields=Contact.Nickname__c",
            Code::PolicyUnknownField,
        ),
        (
            "/ui-api/records/003000000000001AAA?fields=Lead.Email",
            Code::PolicyUnknownField,
        ),
        (
            "/ui-api/records/003000000000001AAA?fields=Email",
            Code::PolicyUnknownField,
        ),
        (
            "/ui-api/records/003000000000001AAA?fields=Jan%20Jansen",
            Code::ParameterUnknown,
        ),
        (
            "/ui-api/records/003000000000001AAA?x=1",
            Code::ParameterUnknown,
        ),
        (
            "/ui-api/records/003000000000001AAA?q=Jansen",
            Code::ParameterUnknown,
        ),
        ("/ui-api/records/Jansen", Code::EndpointUnknown),
        (
            "/ui-api/records/a1x000000000001AAA?fields=X.Y",
            Code::PolicyUnknownObject,
        ),
        ("/ui-api/list-records/Contact/Jansen", Code::EndpointUnknown),
        (
            "/ui-api/list-records/Contact/__Recent?sortBy=Contact.LastName",
            Code::QueryClause,
        ),
        (
            "/ui-api/list-records/Contact/__Recent?where=x",
            Code::ParameterUnknown,
        ),
        (
            "/ui-api/list-records/Contact/__Recent?pageToken=Jansen",
            Code::ParameterUnknown,
        ),
        (
            "/ui-api/related-list-records/001000000000001AAA/Jansens",
            Code::PolicyUnknownField,
        ),
        ("/ui-api/lookups/Case/Subject?q=x", Code::QueryClause),
        (
            "/ui-api/lookups/Case/ContactId/Lead?q=x",
            Code::PolicyUnknownField,
        ),
        (
            "/ui-api/lookups/Case/ContactId/Contact?q=jan*",
            Code::QueryClause,
        ),
        (
            "/ui-api/lookups/Case/ContactId/Contact?q=jan&searchType=TypeAhead",
            Code::QueryClause,
        ),
        ("/ui-api/predupe", Code::EndpointUnknown),
        ("/ui-api/duplicates/Contact", Code::EndpointUnknown),
        ("/ui-api/aggregate-ui", Code::EndpointUnknown),
        ("/ui-api", Code::EndpointUnknown),
    ] {
        assert_eq!(outcome("GET", target, ""), Err(code), "{target}");
    }
}

#[test]
fn the_body_of_a_related_list_is_held_to_its_names() {
    let target = "/ui-api/related-list-records/001000000000001AAA/Contacts";
    let body =
        "{\"fields\":[\"contact.email\"],\"sortBy\":[\"-Contact.CreatedDate\"],\"pageSize\":5}";
    let left = outcome("POST", target, body).expect("a list");
    assert!(left.contains("\"fields\":[\"Contact.Email\"]"), "{left}");
    for body in [
        "{\"fields\":[\"Contact.Jansen\"]}",
        "{\"fields\":\"Contact.Email\"}",
        "{\"sortBy\":[\"Contact.LastName\"]}",
        "{\"where\":\"{LastName:{eq:'Jansen'}}\"}",
        "{\"pageToken\":\"Jansen\"}",
        "{\"Jansen\":1}",
        "[]",
    ] {
        assert!(outcome("POST", target, body).is_err(), "{body}");
    }
}

/// How many tokens stand in what leaves of a look-up, and what leaves.
fn asked(trial: &mut Trial, q: &str) -> Result<(usize, String), Code> {
    let mut target = String::from("/services/data/v60.0/ui-api/lookups/Case/ContactId/Contact?q=");
    percent::push(&mut target, q);
    let sent = trial.send("GET", &target, "");
    let sent = sent.map_err(|refusal| refusal.code)?;
    let left = percent::decode(&sent.target)
        .unwrap_or_default()
        .to_lowercase();
    let found = find(&trial.protection.codec, left.as_bytes(), "x");
    Ok((found.len(), left))
}

#[test]
fn a_look_up_asks_for_the_one_token_of_its_value() {
    let mut trial = Trial::start();
    let (tokens, left) = asked(&mut trial, "Jan Jansen").expect("the token of nobody");
    assert!(
        tokens == 0 && left.contains("?q=tq") && !left.contains("jan"),
        "{left}"
    );
    for body in [
        "{\"FirstName\":\"Jan\",\"LastName\":\"Jansen\"}",
        "{\"LastName\":\"Bos\"}",
    ] {
        trial.write("Contact", body).expect("a contact");
    }
    let (tokens, left) = asked(&mut trial, "jan jansen").expect("a look-up");
    assert!(tokens == 2 && !left.contains("jan"), "{left}");
    assert_eq!(asked(&mut trial, "Bos").map(|found| found.0), Ok(1));
    let body = "{\"LastName\":\"Bos\"}";
    trial.write("Contact", body).expect("a contact");
    assert_eq!(asked(&mut trial, "Bos"), Err(Code::QueryClause));
}
