//! What Lightning pages ask, from a person's browser: several actions in one form, each answered and
//! refused by itself; in the end by Chromium.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};

use super::browser::Browser;
use super::office::{CONTACT, Office};
use crate::browser::script;

const KIND: &str = "application/x-www-form-urlencoded; charset=UTF-8";
/// What nobody may keep, in a note of somebody.
const ILLNESS: &str = "Mevrouw heeft diabetes type 2 en gebruikt insuline.";

fn form(actions: &Value) -> String {
    let message = json!({ "actions": actions }).to_string();
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("message", &message)
        .append_pair("aura.pageURI", "/lightning/page/home")
        .append_pair("aura.token", "null")
        .finish()
}

/// What becomes of actions, and how many of them the CRM was asked for.
async fn asked(office: &Office, browser: &mut Browser, actions: &Value) -> (Value, usize) {
    let before = office.asked();
    let answer = browser.act("POST", "/aura?r=4", KIND, &form(actions)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let sent = office.requests();
    let carried = sent.get(before..).unwrap_or_default();
    let actions = carried.iter().filter_map(|body| {
        let fields = form_urlencoded::parse(body);
        let message = fields.into_iter().find(|(name, _)| name == "message")?;
        serde_json::from_str::<Value>(&message.1).ok()
    });
    let counts = actions.map(|message| message["actions"].as_array().map_or(0, Vec::len));
    (serde_json::from_str(&answer.body).unwrap(), counts.sum())
}

fn action(id: &str, name: &str, params: &Value) -> Value {
    let descriptor = format!("aura://RecordUiController/ACTION${name}");
    json!({ "id": id, "descriptor": descriptor, "callingDescriptor": "UNKNOWN", "params": params })
}

fn create(id: &str, fields: &Value) -> Value {
    let input = json!({ "apiName": "Contact", "fields": fields });
    action(id, "createRecord", &json!({ "recordInput": input }))
}

fn read(id: &str, record: &str) -> Value {
    let fields = [
        "Contact.LastName",
        "Contact.Birthdate",
        "Contact.Description",
    ];
    action(
        id,
        "getRecordWithFields",
        &json!({ "recordId": record, "fields": fields }),
    )
}

fn of<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let mut actions = answer["actions"].as_array().unwrap().iter();
    actions.find(|action| action["id"] == id).unwrap()
}

/// The token that the CRM has for the name of the one contact: not that of a form, which is escaped.
fn token_of(office: &Office) -> String {
    let requests = office.requests();
    let bodies = requests.iter().map(|body| String::from_utf8_lossy(body));
    let mut tokens = bodies.filter_map(|body| {
        let (_, rest) = body.split_once("{\"LastName\":\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    tokens.next().unwrap()
}

async fn signed_in(office: &Office, login: &'static str, role: &str) -> Browser {
    let person = office.enrolled(login, role).await;
    office.signed_in(&person).await
}

#[tokio::test]
async fn a_person_reads_and_writes_by_lightnings_actions() {
    let office = Office::open().await;
    let mut browser = signed_in(&office, "s.vermeer", "support").await;
    let fields = json!({ "LastName": "Zandkasteel", "Birthdate": "1980-05-01" });
    let (answer, _) = asked(&office, &mut browser, &json!([create("5;a", &fields)])).await;
    let made = of(&answer, "5;a");
    assert_eq!(made["state"], "SUCCESS", "{answer}");
    assert_eq!(
        made["returnValue"]["fields"]["LastName"]["value"],
        "Zandkasteel"
    );
    let id = made["returnValue"]["id"].as_str().unwrap();

    // The same record twice: the second refers to the first.
    let both = json!([read("6;a", id), read("7;a", id)]);
    let (answer, _) = asked(&office, &mut browser, &both).await;
    let first = &of(&answer, "6;a")["returnValue"];
    assert_eq!(
        of(&answer, "7;a")["returnValue"],
        json!({ "r": first["s"] })
    );
    assert_eq!(first["v"]["fields"]["LastName"]["value"], "Zandkasteel");
    assert_eq!(
        first["v"]["fields"]["Birthdate"]["value"], "1980-05-01",
        "bound to its record"
    );

    let new = json!({ "recordId": id, "recordInput": { "fields": { "LastName": "Waterval" } } });
    let (answer, _) = asked(
        &office,
        &mut browser,
        &json!([action("8;a", "updateRecord", &new)]),
    )
    .await;
    let providers = &answer["context"]["globalValueProviders"];
    let record = &providers[0]["values"]["records"][id]["Contact"]["record"];
    assert_eq!(
        record["fields"]["LastName"]["value"], "Waterval",
        "{answer}"
    );

    // Another role sees less.
    let mut other = signed_in(&office, "m.marketing", "marketing").await;
    let (answer, _) = asked(&office, &mut other, &json!([read("1;a", id)])).await;
    let fields = &of(&answer, "1;a")["returnValue"]["fields"];
    assert_eq!(fields["Birthdate"]["value"], Value::Null, "{answer}");
    let left = office.requests();
    let left: String = left
        .iter()
        .map(|body| String::from_utf8_lossy(body))
        .collect();
    for value in ["Zandkasteel", "Waterval", "1980"] {
        assert!(!left.contains(value), "{value} went to the CRM");
    }
}

#[tokio::test]
async fn a_refused_action_is_refused_alone_and_at_its_field() {
    let office = Office::open().await;
    let mut browser = signed_in(&office, "s.vermeer", "support").await;
    let actions = json!([
        create("1;a", &json!({ "LastName": "Zandkasteel" })),
        create(
            "2;a",
            &json!({ "LastName": "Strandbal", "Description": ILLNESS })
        ),
        json!({ "id": "3;a", "descriptor": "aura://ListController/ACTION$getItems", "params": { "name": "Zandkasteel" } }),
    ]);
    let (answer, carried) = asked(&office, &mut browser, &actions).await;
    assert_eq!(carried, 1);
    assert_eq!(answer["actions"].as_array().unwrap().len(), 3);
    assert_eq!(of(&answer, "1;a")["state"], "SUCCESS", "{answer}");
    let refused = of(&answer, "2;a");
    assert_eq!(
        (&refused["state"], &refused["returnValue"]),
        (&json!("ERROR"), &Value::Null)
    );
    let data = &refused["error"][0]["event"]["attributes"]["values"]["error"]["data"];
    let error = &data["output"]["fieldErrors"]["Description"][0];
    assert_eq!(data["statusCode"], 400);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("[sluis special-category]"), "{message}");
    assert!(!answer.to_string().contains("diabetes"), "{answer}");
    let unknown = of(&answer, "3;a");
    assert!(
        unknown
            .to_string()
            .contains("[sluis policy-unknown-action]"),
        "{unknown}"
    );

    // All refused: the CRM is not asked.
    let (answer, carried) = asked(&office, &mut browser, &json!([actions[1], actions[2]])).await;
    assert_eq!(
        (answer["actions"].as_array().unwrap().len(), carried),
        (2, 0)
    );

    // What only the vault can tell refuses all.
    let token = token_of(&office);
    let moved = create("9;a", &json!({ "LastName": token }));
    let (answer, carried) = asked(&office, &mut browser, &json!([actions[0], moved])).await;
    assert_eq!(carried, 0, "{answer}");
    for id in ["1;a", "9;a"] {
        assert!(
            of(&answer, id)
                .to_string()
                .contains("[sluis token-foreign]"),
            "{answer}"
        );
    }
    let refused = office.ledger();
    let refused = refused
        .iter()
        .filter(|entry| entry["outcome"] == "special-category");
    assert_eq!(refused.count(), 2);
}

/// Each entry of the ledger is waited for, by everybody.
#[tokio::test]
async fn many_refused_actions_are_one_entry_and_too_many_refuse_the_message() {
    let office = Office::open().await;
    let mut browser = signed_in(&office, "s.vermeer", "support").await;
    let refused = |count: usize| {
        let actions = (1..=count).map(|at| {
            json!({ "id": format!("{at};a"), "descriptor": "aura://ListController/ACTION$getItems", "params": { "name": "Zandkasteel" } })
        });
        json!(actions.collect::<Vec<_>>())
    };
    let entries = || {
        let ledger = office.ledger();
        let unknown = |entry: &&Value| entry["outcome"] == "policy-unknown-action";
        ledger.iter().filter(unknown).count()
    };
    let (answer, carried) = asked(&office, &mut browser, &refused(20)).await;
    assert_eq!(
        (answer["actions"].as_array().unwrap().len(), carried),
        (20, 0)
    );
    assert_eq!(entries(), 1);
    let before = office.asked();
    let many = form(&refused(250));
    let answer = browser.act("POST", "/aura?r=4", KIND, &many).await;
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    assert!(answer.body.contains("[sluis "), "{}", answer.body);
    assert_eq!(entries(), 2);
    assert_eq!(office.asked(), before);
}

#[tokio::test]
async fn who_is_not_signed_in_or_comes_from_another_site_gets_nothing() {
    let office = Office::open().await;
    let body = "message=%7B%22actions%22%3A%5B%5D%7D";
    let before = office.asked();
    let answer = office.browser().act("POST", "/aura", KIND, body).await;
    assert_eq!(answer.status, 401);
    let mut browser = signed_in(&office, "s.vermeer", "support").await;
    let from = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let form = [("message", "{\"actions\":[]}")];
    let answer = browser.post_from("/aura", &form, &from).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert_eq!(office.asked(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_chromium_sends_actions_and_shows_what_is_refused() {
    let office = Office::open().await;
    let browser = signed_in(&office, "s.vermeer", "support").await;
    let key = KeyPair::from_pem(&office.read("border.key")).unwrap();
    let key = digest(&SHA256, &key.subject_public_key_info());
    let contact = office.contact.rsplit('/').next().unwrap();
    let how = json!({
        "base": office.border,
        "key": BASE64.encode(key.as_ref()),
        "cookie": browser.cookie,
        "contact": contact,
        "name": CONTACT,
        "illness": ILLNESS,
    });
    let said = tokio::task::spawn_blocking(move || script::run("aura.js", &how));
    let said = said.await.unwrap();
    assert!(said.is_ok(), "{said:?}");
}
