//! Files that stand in their record as base64.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::dialect::salesforce::file::Download;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::soap::Api;
use crate::model::Code;
use crate::protect::file::MAGIC;
use crate::protect::outward::file::downloaded;
use crate::protect::trial::Trial;
use crate::protect::trial::soap::partner;

const D: &str = "/services/data/v60.0";

fn file() -> String {
    BASE64.encode(b"Paspoort van Jansen")
}

/// What leaves in a field, opened from base64.
fn sealed(body: &Value, field: &str) -> Vec<u8> {
    BASE64
        .decode(body[field].as_str().unwrap().as_bytes())
        .unwrap()
}

#[test]
fn a_file_leaves_sealed_and_the_names_beside_it_as_tokens() {
    let attachment = json!({
        "ParentId": "003000000000001AAA", "Name": "Paspoort Jansen.pdf",
        "ContentType": "application/pdf", "Body": file(),
    });
    let sent = Trial::start()
        .send(
            "POST",
            &format!("{D}/sobjects/Attachment"),
            &attachment.to_string(),
        )
        .unwrap();
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    let bytes = sealed(&body, "Body");
    assert!(bytes.starts_with(&MAGIC));
    assert!(memchr::memmem::find(&bytes, b"Jansen").is_none());
    assert!(body["Name"].as_str().unwrap().starts_with("tq"));
    assert_eq!(body["ParentId"], "003000000000001AAA");
    assert_eq!(body["ContentType"], "application/pdf");
    // One row for the name's token and one for the file.
    assert_eq!(sent.rows, 2);
}

#[test]
fn every_way_of_writing_a_record_seals_its_file() {
    let version = json!({"PathOnClient": "Jansen.pdf", "VersionData": file()});
    let mut typed = version.clone();
    typed["attributes"] = json!({"type": "ContentVersion"});
    let mut named = version.clone();
    named["attributes"] = json!({"type": "ContentVersion", "referenceId": "r"});
    let part = json!({
        "method": "POST", "url": format!("{D}/sobjects/ContentVersion"), "referenceId": "r",
        "body": version,
    });
    for (method, target, body) in [
        ("POST", "sobjects/ContentVersion", version),
        (
            "PATCH",
            "sobjects/ContentVersion/068000000000001AAA",
            json!({"VersionData": file()}),
        ),
        (
            "POST",
            "composite/sobjects",
            json!({"records": [typed.clone(), typed]}),
        ),
        (
            "POST",
            "composite/tree/ContentVersion",
            json!({"records": [named]}),
        ),
        ("POST", "composite", json!({"compositeRequest": [part]})),
    ] {
        let sent = Trial::start().send(method, &format!("{D}/{target}"), &body.to_string());
        let sent = sent.unwrap_or_else(|refusal| panic!("{target}: {refusal}"));
        let marked = BASE64.encode(&MAGIC);
        let count = body.to_string().matches("VersionData").count();
        // Base64 of nine bytes and more begins alike.
        assert_eq!(sent.body.matches(&marked[..10]).count(), count, "{target}");
        assert!(
            !sent.body.contains(&file()) && !sent.body.contains("Jansen"),
            "{target}"
        );
    }
}

#[test]
fn a_file_may_be_empty_and_a_field_may_be_emptied() {
    let target = format!("{D}/sobjects/Attachment/00P000000000001EAA");
    let sent = Trial::start()
        .send("PATCH", &target, r#"{"Body":""}"#)
        .unwrap();
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert!(sealed(&body, "Body").starts_with(&MAGIC));
    let sent = Trial::start()
        .send("PATCH", &target, r#"{"Body":null}"#)
        .unwrap();
    assert_eq!(sent.body, r#"{"Body":null}"#);
}

#[test]
fn what_is_no_file_in_one_form_is_refused() {
    let attachments = format!("{D}/sobjects/Attachment");
    for body in [
        r#"{"Body":"Jansen"}"#,
        r#"{"Body":"SmFuc2Vu="}"#,
        r#"{"Body":"SmFuc2V"}"#,
        r#"{"Body":"SmFu\nc2Vu"}"#,
        r#"{"Body":"SmFu c2Vu"}"#,
        r#"{"Body":"SmFuc2U-"}"#,
        r#"{"Body":"SmFuc2V=="}"#,
        r#"{"Body":4711}"#,
        r#"{"Body":true}"#,
        r#"{"Body":["SmFu"]}"#,
        // Bits that no reader shows.
        r#"{"Body":"SmFuc2V="}"#,
    ] {
        let refusal = Trial::start().send("POST", &attachments, body).err();
        let refusal = refusal.unwrap_or_else(|| panic!("{body} left"));
        assert_eq!(refusal.code, Code::ValueUnfit, "{body}: {refusal}");
        assert!(!refusal.to_string().contains("SmFu"), "{refusal}");
    }
    for (target, body, code) in [
        (
            "sobjects/Attachment",
            r#"{"Body":"SmFu","body":"SmFu"}"#,
            Code::BodyMalformed,
        ),
        (
            "sobjects/Attachment",
            r#"{"Body":{"a":"SmFu"}}"#,
            Code::BodyMalformed,
        ),
        (
            "sobjects/Contact",
            r#"{"LastName":"J","Body":"SmFu"}"#,
            Code::PolicyUnknownField,
        ),
        (
            "ui-api/records",
            r#"{"apiName":"Attachment","fields":{"Body":"SmFu"}}"#,
            Code::FieldNotWritable,
        ),
        (
            "graphql",
            r#"{"query":"mutation M { uiapi { AttachmentCreate(input: {Attachment: {Body: \"SmFu\"}}) { Record { Id } } } }"}"#,
            Code::FieldNotWritable,
        ),
    ] {
        let refusal = Trial::start()
            .send("POST", &format!("{D}/{target}"), body)
            .err();
        let refusal = refusal.unwrap_or_else(|| panic!("{target} {body} left"));
        assert_eq!(refusal.code, code, "{body}: {refusal}");
    }
}

#[test]
fn a_servlet_gives_files_of_its_own_objects_alone() {
    let trial = Trial::start();
    let asked = |download: fn(Id) -> Download, id: &str| {
        let id = Id::parse(id).unwrap();
        let found = downloaded(trial.plan, &download(id));
        found
            .map(|field| field.label.clone())
            .map_err(|refusal| refusal.code)
    };
    let (version, newest) = (Download::Version as fn(Id) -> _, Download::Newest as _);
    let classic = Download::Classic as _;
    for (servlet, id, expected) in [
        (
            version,
            "068000000000001AAA",
            Ok("ContentVersion.VersionData"),
        ),
        (
            newest,
            "069000000000001AAA",
            Ok("ContentVersion.VersionData"),
        ),
        (classic, "00P000000000001EAA", Ok("Attachment.Body")),
        (classic, "015000000000001AAA", Ok("Document.Body")),
        (version, "003000000000001AAA", Err(Code::EndpointUnknown)),
        (newest, "068000000000001AAA", Err(Code::EndpointUnknown)),
        (classic, "068000000000001AAA", Err(Code::EndpointUnknown)),
        (
            classic,
            "0EM000000000001GAA",
            Err(Code::PolicyUnknownObject),
        ),
    ] {
        assert_eq!(asked(servlet, id), expected.map(str::to_owned), "{id}");
    }
}

#[test]
fn a_download_is_of_a_field_that_holds_files_and_of_its_own_object() {
    let target = "/services/data/v60.0/sobjects/attachment/00P000000000001EAA/Body";
    let sent = Trial::start().send("GET", target, "");
    let sent = sent.unwrap_or_else(|refusal| panic!("{target}: {refusal}"));
    assert_eq!(sent.rows, 0);
    for (target, code) in [
        (
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA/Account",
            Code::EndpointUnknown,
        ),
        (
            "/services/data/v60.0/sobjects/Attachment/00P000000000001EAA/Name",
            Code::EndpointUnknown,
        ),
        (
            "/services/data/v60.0/sobjects/Unknown__c/a01000000000001AAA/Body",
            Code::PolicyUnknownObject,
        ),
        (
            "/services/data/v99.0/sobjects/Attachment/00P000000000001EAA/Body",
            Code::VersionOutside,
        ),
        // A servlet is not asked.
        (
            "/sfc/servlet.shepherd/version/download/068000000000001AAA",
            Code::VersionOutside,
        ),
    ] {
        let refusal = Trial::start().send("GET", target, "").err();
        assert_eq!(refusal.map(|refusal| refusal.code), Some(code), "{target}");
    }
    let within = json!({"compositeRequest": [{
        "method": "GET", "referenceId": "r",
        "url": format!("{D}/sobjects/Attachment/00P000000000001EAA/Body"),
    }]});
    let refusal = Trial::start().send("POST", &format!("{D}/composite"), &within.to_string());
    assert_eq!(refusal.err().unwrap().code, Code::EndpointUnknown);
}

#[test]
fn by_soap_a_file_leaves_sealed_and_comes_back_as_nothing() {
    let create = format!(
        "<create><sObjects><sf:type>Attachment</sf:type><sf:ParentId>003000000000001AAA</sf:ParentId>\
         <sf:Name>Jansen.pdf</sf:Name><sf:Body>{}</sf:Body></sObjects></create>",
        file()
    );
    let mut trial = Trial::start();
    let sent = trial.speak(Api::Partner, &partner(&create)).unwrap();
    assert!(!sent.body.contains("Jansen") && !sent.body.contains(&file()));
    let (_, body) = sent.body.split_once("<sf:Body>").unwrap();
    let body = body.split('<').next().unwrap();
    assert!(BASE64.decode(body.as_bytes()).unwrap().starts_with(&MAGIC));

    let query = "<query><queryString>SELECT Body FROM Attachment</queryString></query>";
    let sent = trial.speak(Api::Partner, &partner(query)).unwrap();
    for held in [body, &file()] {
        let record = format!("<sf:type>Attachment</sf:type><sf:Body>{held}</sf:Body>");
        let answer = partner(&format!(
            "<queryResponse><result><done>true</done><records>{record}</records><size>1</size></result></queryResponse>"
        ));
        let (shown, _) = trial.answer(&sent, &answer, &["support"]);
        assert!(shown.contains("<sf:Body xsi:nil=\"true\"/>"), "{shown}");
    }
}
