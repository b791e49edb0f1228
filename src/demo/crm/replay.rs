//! Holds the stand-in to recordings of the real Salesforce: status, content type, order of the
//! keys, lengths and kinds of values.
//!
//! The recordings come from the test cassettes of CumulusCI (BSD-3-Clause, Salesforce.com). Before
//! each request the records are made that the recorded answer shows; ids and dates differ.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::demo::crm::schema::{Child, Kind};
use crate::demo::crm::tests::{create, crm, rest, send};
use crate::demo::crm::{Crm, id};

#[test]
fn queries_answer_as_recorded() {
    let replayed = replay(
        include_str!("../../../tests/fixtures/recordings/query.json"),
        |at| {
            at.insert_answered(&at.answer["records"]);
        },
    );
    assert_eq!(replayed, 53);
}

#[test]
fn counts_answer_as_recorded() {
    let text = include_str!("../../../tests/fixtures/recordings/record-count.json");
    let replayed = replay(text, |at| {
        for counted in at.answer["sObjects"].as_array().unwrap() {
            let name = counted["name"].as_str().unwrap();
            for _ in 0..counted["count"].as_u64().unwrap() {
                at.insert(name, &Map::new());
            }
            if counted["count"] == 0 {
                // An object that had records once is listed with none.
                let id = at.insert(name, &Map::new());
                rest(&at.crm, "DELETE", &format!("/sobjects/{name}/{id}"), None);
            }
        }
    });
    assert_eq!(replayed, 28);
}

#[test]
fn collections_answer_as_recorded() {
    let create = include_str!("../../../tests/fixtures/recordings/collections.json");
    let update = include_str!("../../../tests/fixtures/recordings/collections-update.json");
    assert_eq!(replay(create, |at| at.insert_mentioned()), 19);
    assert_eq!(replay(update, |at| at.insert_mentioned()), 3);
}

#[test]
fn upserts_answer_as_recorded() {
    let text = include_str!("../../../tests/fixtures/recordings/upsert.json");
    let replayed = replay(text, |at| {
        at.insert_mentioned();
        let key = at.target.rsplit('/').next().unwrap();
        let records = at.body["records"].as_array().unwrap();
        for (record, answer) in records.iter().zip(at.answer.as_array().unwrap()) {
            if answer["created"] == false && !record[key].is_null() && key != "Id" {
                let mut fields = Map::new();
                fields.insert(key.to_owned(), record[key].clone());
                at.insert(record["attributes"]["type"].as_str().unwrap(), &fields);
            }
        }
    });
    assert_eq!(replayed, 10);
}

#[test]
fn single_records_answer_as_recorded() {
    let create = include_str!("../../../tests/fixtures/recordings/create.json");
    assert_eq!(replay(create, |_| ()), 2);
}

#[test]
fn composites_answer_as_recorded() {
    let text = include_str!("../../../tests/fixtures/recordings/composite.json");
    let replayed = replay(text, |at| {
        let mut most = 0;
        for part in at.answer["compositeResponse"].as_array().unwrap() {
            let records = part["body"]["records"].as_array().map_or(0, Vec::len);
            let total = part["body"]["totalSize"].as_u64().unwrap_or(0);
            most = most.max(total.max(u64::try_from(records).unwrap()));
        }
        for _ in 0..most {
            at.insert("Account", &Map::new());
        }
    });
    assert_eq!(replayed, 6);
}

#[test]
fn the_global_describe_answers_as_recorded() {
    let text = include_str!("../../../tests/fixtures/recordings/global.json");
    let recorded: Value = serde_json::from_str(text).unwrap();
    let (status, answer) = rest(&crm(false), "GET", "/sobjects", None);
    assert_eq!(status, 200);
    let recorded = &recorded[0]["answer"];
    assert_eq!(keys(&answer), keys(recorded));
    for object in recorded["sobjects"].as_array().unwrap() {
        let ours = answer["sobjects"].as_array().unwrap();
        let ours = ours
            .iter()
            .find(|ours| ours["name"] == object["name"])
            .unwrap();
        assert_eq!(keys(ours), keys(object));
        assert_eq!(ours["keyPrefix"], object["keyPrefix"]);
    }
}

#[test]
fn describes_have_the_recorded_keys_and_fields() {
    let text = include_str!("../../../tests/fixtures/recordings/describe.json");
    let recorded: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(recorded.len(), 9);
    let crm = crm(false);
    for recorded in &recorded {
        let target = recorded["target"].as_str().unwrap();
        let response = send(&crm, "GET", target, None);
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        // Ours is the account of an organisation without person accounts, with their fields added.
        let merged = recorded["number"] == 214;
        let recorded = &recorded["answer"];
        // Older versions lack keys that came later.
        let known = keys(&answer);
        for key in keys(recorded) {
            assert!(known.contains(&key), "{target}: {key}");
        }
        for field in recorded["fields"].as_array().unwrap() {
            let ours = answer["fields"].as_array().unwrap();
            let ours = ours
                .iter()
                .find(|ours| ours["name"] == field["name"])
                .unwrap();
            for key in keys(field) {
                let compared = !merged && recorded["name"] != "Custom__c";
                if compared
                    && key != "picklistValues"
                    && key != "byteLength"
                    && key != "referenceTo"
                {
                    assert_eq!(ours[&key], field[&key], "{target}: {} {key}", field["name"]);
                }
            }
            if let Some(value) = field["picklistValues"].get(0) {
                assert_eq!(keys(&ours["picklistValues"][0]), keys(value));
            }
        }
        if let Some(child) = recorded["childRelationships"].get(0)
            && let Some(ours) = answer["childRelationships"].get(0)
        {
            assert_eq!(keys(ours), keys(child));
        }
    }
}

#[test]
fn the_organization_has_the_recorded_fields() {
    let text = include_str!("../../../tests/fixtures/recordings/record.json");
    let recorded: Vec<Value> = serde_json::from_str(text).unwrap();
    let crm = crm(false);
    let path = format!("/sobjects/Organization/{}", crm.inner.org);
    let (status, answer) = rest(&crm, "GET", &path, None);
    assert_eq!(status, 200);
    for recorded in recorded {
        // One of the recordings is older by one field.
        let wanted = keys(&recorded["answer"]);
        let mut ours = keys(&answer);
        ours.retain(|key| wanted.contains(key));
        assert_eq!(ours, wanted);
    }
}

/// One recorded exchange on its way to be sent again.
struct Exchange {
    crm: Crm,
    target: String,
    body: Value,
    answer: Value,
    /// The ids of ours that stand for recorded ones.
    ids: std::cell::RefCell<HashMap<String, String>>,
}

/// Sends each recorded request and compares the answers; tells how many recordings that were.
fn replay(text: &str, prepare: impl Fn(&Exchange)) -> u64 {
    let recordings: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut replayed = 0;
    for recording in recordings {
        let exchange = Exchange {
            crm: crm(false),
            target: recording["target"].as_str().unwrap().to_owned(),
            body: serde_json::from_str(recording["body"].as_str().unwrap_or("null")).unwrap(),
            answer: recording["answer"].clone(),
            ids: std::cell::RefCell::default(),
        };
        prepare(&exchange);
        let mut body = exchange.body.to_string().replace("vxx.0", "v62.0");
        for (recorded, ours) in exchange.ids.borrow().iter() {
            body = body.replace(recorded, ours);
        }
        let body: Value = serde_json::from_str(&body).unwrap();
        let method = recording["method"].as_str().unwrap();
        let sent = Some(&body).filter(|body| !body.is_null());
        let response = send(&exchange.crm, method, &exchange.target, sent);
        let shown = String::from_utf8_lossy(&response.body).into_owned();
        let number = &recording["number"];
        assert_eq!(
            json!(response.status),
            recording["status"],
            "{number}: {shown}"
        );
        if let Some(wanted) = recording["contentType"].as_str() {
            let found = response
                .headers
                .iter()
                .find(|(name, _)| name == "Content-Type");
            assert_eq!(found.map(|(_, value)| value.as_str()), Some(wanted));
        }
        let answer: Value = serde_json::from_str(&shown).unwrap();
        same(&answer, &exchange.answer, &format!("recording {number}"));
        replayed += recording["repeats"].as_u64().unwrap_or(1);
    }
    replayed
}

impl Exchange {
    /// Makes the records that an answer shows, those that they refer to first.
    fn insert_answered(&self, records: &Value) {
        for record in records.as_array().unwrap() {
            let name = record["attributes"]["type"].as_str().unwrap();
            if name == "AggregateResult" {
                for _ in 0..record["expr0"].as_u64().unwrap() {
                    self.insert("Account", &Map::new());
                }
            } else if !matches!(name, "User" | "RecordType") {
                let mut fields = Map::new();
                if self.target.contains("where+AccountNumber%3D%27420%27") {
                    fields.insert("AccountNumber".to_owned(), json!("420"));
                }
                self.insert_record(name, record, fields);
            }
        }
        if self.target.contains("RecordType") {
            // The recorded organisation has one type of account, ours has two.
            let store = self.crm.inner.store();
            let object = self.crm.inner.schema.object("RecordType").unwrap();
            let scan = crate::demo::crm::store::Scan {
                fields: (0..object.fields.len()).collect(),
                ..Default::default()
            };
            let row = store.scan(object, &scan).unwrap().remove(0);
            let id = crate::demo::crm::records::text(object, &row, "Id");
            let other = Value::from("Contact");
            let at = object.position("SobjectType").unwrap();
            store.update(object, id, &[(at, other)]).unwrap();
        }
    }

    fn insert_record(&self, name: &str, record: &Value, mut fields: Map<String, Value>) -> String {
        let url = record["attributes"]["url"].as_str().unwrap();
        let recorded = url.rsplit('/').next().unwrap().to_owned();
        if let Some(ours) = self.ids.borrow().get(&recorded) {
            return ours.clone();
        }
        let object = self.crm.inner.schema.object(name).unwrap();
        for (key, value) in record.as_object().unwrap() {
            if let Some((_, field)) = object.relationship(key).filter(|_| value.is_object()) {
                let of = value["attributes"]["type"].as_str().unwrap();
                let ours = self.insert_record(of, value, Map::new());
                fields.insert(field.name.clone(), Value::String(ours));
            }
            let field = object.field(key).filter(|field| field.is("createable"));
            if field.is_some_and(|field| field.kind != Kind::Reference) && !value.is_null() {
                fields.insert(key.clone(), value.clone());
            }
        }
        let ours = self.insert(name, &fields);
        self.ids.borrow_mut().insert(recorded, ours.clone());
        for (key, value) in record.as_object().unwrap() {
            let child = object.child(key).filter(|_| !value.is_null());
            for record in child
                .iter()
                .flat_map(|_| value["records"].as_array().unwrap())
            {
                let Child(_, of, field) = child.unwrap();
                let parent = Map::from_iter([(field.clone(), Value::from(ours.as_str()))]);
                self.insert_record(of, record, parent);
            }
        }
        ours
    }

    /// Makes a record for each id that the request mentions.
    fn insert_mentioned(&self) {
        for record in self.body["records"].as_array().unwrap() {
            for value in record.as_object().unwrap().values() {
                let Some(mentioned) = value.as_str().filter(|text| is_id(text)) else {
                    continue;
                };
                let known = self.ids.borrow().contains_key(mentioned);
                let schema = &self.crm.inner.schema;
                if let Some(object) = schema.of_id(mentioned).filter(|_| !known) {
                    let ours = self.insert(&object.name, &Map::new());
                    self.ids.borrow_mut().insert(mentioned.to_owned(), ours);
                }
            }
        }
    }

    fn insert(&self, name: &str, fields: &Map<String, Value>) -> String {
        let mut body = match name {
            "Contact" => json!({"LastName": "Visser"}),
            "Lead" => json!({"LastName": "Visser", "Company": "Testbedrijf"}),
            "Account" => json!({"Name": "Testbedrijf"}),
            "Opportunity" => {
                json!({"Name": "Offerte", "StageName": "New", "CloseDate": "2026-12-01"})
            }
            "Event" => json!({"ActivityDateTime": "2026-12-01T09:00:00Z", "DurationInMinutes": 30}),
            _ => json!({}),
        };
        body.as_object_mut().unwrap().extend(fields.clone());
        create(&self.crm, name, &body)
    }
}

/// The same keys in the same order, arrays of one length, values of one kind.
fn same(ours: &Value, recorded: &Value, at: &str) {
    match (ours, recorded) {
        (Value::Object(left), Value::Object(right)) => {
            assert_eq!(keys(ours), keys(recorded), "{at}");
            for (key, value) in right {
                same(&left[key], value, &format!("{at}.{key}"));
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            assert_eq!(left.len(), right.len(), "{at}");
            for (place, (left, right)) in left.iter().zip(right).enumerate() {
                same(left, right, &format!("{at}[{place}]"));
            }
        }
        (Value::String(left), Value::String(right)) => {
            let varies = is_id(right) || right.contains("/services/data/") || is_time(right);
            assert!(
                varies || left == right || is_name(at),
                "{at}: {left} is not {right}"
            );
        }
        (Value::Number(left), Value::Number(right)) => {
            assert_eq!(left.as_f64(), right.as_f64(), "{at}");
        }
        _ => assert_eq!(ours, recorded, "{at}"),
    }
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// Recorded ids, some of which the source replaced by ones with a wrong suffix.
fn is_id(text: &str) -> bool {
    id::canonical(text).is_some() || text.len() == 18 && text.starts_with("00")
}

fn is_time(text: &str) -> bool {
    crate::demo::crm::moment::parse_datetime(text).is_some()
}

/// Places whose text is the recorded organisation's own.
fn is_name(at: &str) -> bool {
    ["FirstName", "LastName", "Name", "DeveloperName"]
        .iter()
        .any(|end| at.ends_with(end))
}
