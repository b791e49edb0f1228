use serde_json::{Value, json};

use super::{normal, outgoing};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{self, Door, Route};
use crate::dialect::salesforce::target::Target;
use crate::model::Refusal;
use crate::wire::form;
use crate::wire::json::{Document, Limits};

const CONTACT: &str = "003000000000001AAA";

/// A context as Lightning writes it.
const CONTEXT: &str = "{\"mode\":\"PROD\",\"fwuid\":\"ZzhjQmRxMXdrdzhvS0RJMG5qQVdxQTdE\",\"app\":\"one:one\",\
    \"loaded\":{\"APPLICATION@markup://one:one\":\"k3lqvXn5Y2hR0cVb1aPz2w\"},\"dn\":[],\
    \"globals\":{\"density\":\"VIEW_TWO\",\"appContextId\":\"06m000000000001AAA\"},\"uad\":true}";

fn body(fields: &[(&str, &str)]) -> Vec<u8> {
    form::write(fields).into_bytes()
}

fn of(descriptor: &str, params: &Value) -> Vec<u8> {
    let descriptor = format!("aura://{descriptor}");
    let action = json!({ "id": "7;a", "descriptor": descriptor, "callingDescriptor": "UNKNOWN", "params": params });
    body(&[("message", &json!({ "actions": [action] }).to_string())])
}

fn read(body: &[u8]) -> Result<Request, Refusal> {
    let normal = normal(body)?;
    let document = Document::parse(&normal, &Limits::default()).unwrap();
    Request::read(route("/aura?r=3")?, &document)
}

fn route(target: &str) -> Result<Route, Refusal> {
    door::resolve("POST", &Target::parse(target)?)
}

#[test]
fn the_door_is_written_again_without_the_names_of_actions() {
    for (target, written) in [
        ("/aura", "/aura"),
        ("/aura?r=12&aura.RecordUi.createRecord=1", "/aura?r=12"),
        ("/s/sfsites/aura?r=1", "/s/sfsites/aura?r=1"),
    ] {
        assert_eq!(route(target).unwrap().target(), written);
    }
    for target in [
        "/aura?r=jan",
        "/aura?jan=jan",
        "/aura?j%20n=1",
        "/x/s/sfsites/aura",
        "/aura/x",
    ] {
        assert!(route(target).is_err(), "{target}");
    }
    assert!(door::resolve("GET", &Target::parse("/aura").unwrap()).is_err());
}

#[test]
fn a_form_of_lightnings_leaves_with_its_context() {
    let header = data_encoding::BASE64URL_NOPAD.encode(b"{\"typ\":\"JWT\",\"alg\":\"HS256\"}");
    let signature = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
    for token in ["null", "undefined", &format!("{header}..{signature}=")] {
        let page = "/lightning/r/Contact/003000000000001AAA/view?c__name=Jansen#x";
        let fields = [
            ("message", "{\"actions\":[]}"),
            ("aura.context", CONTEXT),
            ("aura.pageURI", page),
            ("aura.token", token),
        ];
        let written = outgoing(&normal(&body(&fields)).unwrap()).unwrap();
        let written = form::parse(&written, &form::Limits::default()).unwrap();
        let field = |name: &str| {
            written
                .iter()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .as_str()
        };
        assert_eq!(field("aura.context"), CONTEXT);
        assert_eq!(
            field("aura.pageURI"),
            "/lightning/r/Contact/003000000000001AAA/view"
        );
        assert_eq!(field("aura.token"), token);
        assert_eq!(written.len(), 4);
    }
}

#[test]
fn a_page_is_told_as_far_as_it_says_nothing() {
    for (page, written) in [
        (
            "/lightning/o/Contact/list?filterName=Jansen",
            "/lightning/o/Contact/list",
        ),
        ("/lightning/n/Jansen/view", "/lightning/n"),
        // A social security number, which has the form of an id.
        ("/lightning/185057800608491", "/lightning"),
        ("/one/one.app#eyJqYW4i", "/one"),
        ("/Jansen", "/"),
        // Where sites write what is searched; a name among the words of code.
        ("/s/search/All/Home/Max", "/s"),
        ("/lightning/n/Max", "/lightning/n"),
    ] {
        let fields = [("message", "{\"actions\":[]}"), ("aura.pageURI", page)];
        let normal = normal(&body(&fields)).unwrap();
        let normal: Value = serde_json::from_slice(&normal).unwrap();
        assert_eq!(normal["page"], written);
    }
}

#[test]
fn nothing_but_the_forms_own_fields_in_their_forms() {
    let message = ("message", "{\"actions\":[]}");
    let context = |member: &str| format!("{{{member}}}");
    for fields in [
        vec![("aura.context", CONTEXT)],
        vec![message, ("note", "Jansen")],
        vec![message, ("message", "{\"actions\":[]}")],
        vec![("message", "{\"actions\":[]} {}")],
        vec![("message", "{\"actions\":[]},\"x\":{\"a\":1}")],
        vec![("message", "")],
        vec![message, ("aura.pageURI", "https://example.nl/")],
        vec![message, ("aura.pageURI", "//example.nl")],
        vec![message, ("aura.pageURI", "/Jan Jansen")],
        vec![message, ("aura.token", "Jansen")],
        vec![message, ("aura.token", "a.Jansen.b")],
        vec![message, ("aura.context", "Jansen")],
        vec![message, ("aura.context", "[]")],
        vec![message, ("aura.context", &context("\"name\":\"x\""))],
        vec![message, ("aura.context", &context("\"mode\":\"Jansen\""))],
        vec![message, ("aura.context", &context("\"app\":\"c:Jansen\""))],
        vec![message, ("aura.context", &context("\"fwuid\":\"Jansen\""))],
        vec![
            message,
            ("aura.context", &context("\"loaded\":{\"Jansen\":\"x\"}")),
        ],
        vec![message, ("aura.context", &context("\"dn\":[\"Jansen\"]"))],
        vec![
            message,
            (
                "aura.context",
                &context("\"globals\":{\"name\":\"Jansen\"}"),
            ),
        ],
        vec![
            message,
            ("aura.context", &context("\"globals\":{\"id\":612345678}")),
        ],
        vec![
            message,
            (
                "aura.context",
                &context("\"globals\":{\"id\":\"185057800608491\"}"),
            ),
        ],
    ] {
        assert!(normal(&body(&fields)).is_err(), "{fields:?}");
    }
}

#[test]
fn actions_of_known_controllers_are_resources_of_the_ui_api() {
    let fields =
        json!({ "recordId": CONTACT, "fields": ["Contact.Email"], "optionalFields": null });
    let view = json!({ "objectApiName": "Contact", "listViewApiName": "__Recent", "pageSize": 5,
        "listRecordsQuery": { "sortBy": ["-Contact.CreatedDate"], "pageToken": "50" } });
    let lookup = json!({ "objectApiName": "Case", "fieldApiName": "ContactId", "targetApiName": "Contact",
        "q": "jan, x", "searchType": "Search" });
    let related = json!({ "parentRecordId": "001000000000001AAA", "relatedListId": "Contacts", "fields": "Contact.Id" });
    for (descriptor, params, target) in [
        (
            "RecordUiController/ACTION$getRecordWithFields",
            fields,
            "/records/003000000000001AAA?fields=Contact.Email",
        ),
        (
            "RecordUiController/ACTION$getLayout",
            json!({ "objectApiName": "Contact", "layoutType": "Full", "mode": "View" }),
            "/layout/Contact?layoutTypes=Full&modes=View",
        ),
        (
            "ListUiController/ACTION$postListRecordsByName",
            view,
            "/list-records/Contact/__Recent?pageSize=5&sortBy=-Contact.CreatedDate&pageToken=50",
        ),
        (
            "LookupController/ACTION$getLookupRecords",
            lookup,
            "/lookups/Case/ContactId/Contact?q=jan%2C%20x&searchType=Search",
        ),
        (
            "RelatedListUiController/ACTION$getRelatedListRecords",
            related,
            "/related-list-records/001000000000001AAA/Contacts?fields=Contact.Id",
        ),
    ] {
        let request = read(&of(descriptor, &params)).unwrap();
        let Door::Ui(ui) = &request.calls[1].route.door else {
            panic!("{descriptor}")
        };
        assert_eq!(ui.target(), target);
        assert_eq!(request.answered("1;a"), Some((1, "7;a")));
    }
}

#[test]
fn an_action_of_another_shape_is_refused() {
    let read_one = "RecordUiController/ACTION$getRecordWithFields";
    for (descriptor, params) in [
        (read_one, json!({ "recordId": "Jansen" })),
        (read_one, json!({ "recordId": CONTACT, "note": "Jansen" })),
        (
            read_one,
            json!({ "recordId": CONTACT, "fields": [["Contact.Id"]] }),
        ),
        (
            read_one,
            json!({ "recordId": CONTACT, "layoutType": "Full", "layoutTypes": "Full" }),
        ),
        (read_one, json!({ "recordId": CONTACT, "q": "Jansen" })),
        (read_one, json!([])),
        ("RecordUiController/ACTION$createRecord", json!({})),
        (
            "RecordUiController/ACTION$createRecord",
            json!({ "recordInput": { "apiName": "Contact", "fields": { "LastName": { "v": "x" } } } }),
        ),
        (
            "RecordUiController/ACTION$updateRecord",
            json!({ "recordId": CONTACT, "recordInput": { "fields": {} }, "clientOptions": { "ifUnmodifiedSince": "Jansen" } }),
        ),
        (
            "ListUiController/ACTION$getListUiByName",
            json!({ "objectApiName": "Contact", "listViewApiName": "Jansen" }),
        ),
        (
            "ListUiController/ACTION$getListsByObjectName",
            json!({ "objectApiName": "Contact", "q": "Jansen" }),
        ),
        (
            "ApexActionController/ACTION$execute",
            json!({ "classname": "a b", "method": "c" }),
        ),
        ("X", json!({})),
        ("X/ACTION$", json!({})),
        ("Jan Jansen/ACTION$x", json!({})),
    ] {
        assert!(
            read(&of(descriptor, &params)).is_err(),
            "{descriptor} {params}"
        );
    }
    for action in [
        json!({ "id": "Jansen", "descriptor": "aura://X/ACTION$x" }),
        json!({ "id": "0612345678;a", "descriptor": "aura://X/ACTION$x" }),
        json!({ "descriptor": "aura://X/ACTION$x" }),
        json!({ "id": "1;a", "descriptor": "aura://X/ACTION$x", "note": "Jansen" }),
        json!({ "id": "1;a", "descriptor": "aura://X/ACTION$x", "version": "Jansen" }),
        json!({ "id": "1;a", "descriptor": "aura://X/ACTION$x", "storable": "Jansen" }),
    ] {
        let message = json!({ "actions": [action] }).to_string();
        assert!(read(&body(&[("message", &message)])).is_err(), "{action}");
    }
}
