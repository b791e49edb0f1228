//! Events by CometD: changes of records, for whoever listens.
//!
//! The shapes are those of the Streaming API and Change Data Capture developer guides. A poll without
//! events ends after some seconds here, and after 110 in the real one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::demo::crm::Inner;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, value};
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::schema::Object;
use crate::demo::crm::store::Row;

/// How long a poll lasts in which nothing happens.
const POLL: Duration = Duration::from_secs(5);

/// The one topic: contacts, with these fields.
const TOPIC: &str = "/topic/Contacts";
const TOPIC_FIELDS: &[&str] = &["Id", "LastName", "Email", "LeadSource"];

/// Who listens to what, and what has happened since somebody does.
#[derive(Default)]
pub struct Events {
    log: Vec<Event>,
    /// Each client with its channels, and the number of the next event of each.
    clients: HashMap<String, BTreeMap<String, usize>>,
}

struct Event {
    object: String,
    change: Value,
    /// As the topic tells it.
    fields: Value,
    kind: &'static str,
}

/// Wakes whoever waits for events.
#[derive(Default)]
pub struct Bell {
    rung: Mutex<u64>,
    waiting: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.waiting.notify_all();
    }

    fn count(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it rings after `seen`; `false` where it does not.
    fn wait(&self, seen: u64) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .waiting
            .wait_timeout_while(rung, POLL, |rung| *rung == seen);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// Notes a change, if anybody listens.
pub fn changed(
    org: &Org<'_>,
    object: &Object,
    (before, row): (Option<&Row>, &Row),
    kind: &'static str,
) {
    let mut events = org.store.events.borrow_mut();
    if events.clients.is_empty() {
        return;
    }
    let mut payload = Map::new();
    payload.insert(
        "ChangeEventHeader".to_owned(),
        json!({
            "entityName": object.name,
            "recordIds": [value(object, row, "Id")],
            "changeType": kind,
            "changeOrigin": "com/salesforce/api/rest",
            "transactionKey": "00000000-0000-0000-0000-000000000000",
            "sequenceNumber": 1,
            "commitTimestamp": org.now,
            "commitNumber": events.log.len(),
            "commitUser": org.user,
            "nulledFields": [],
            "diffFields": [],
            "changedFields": [],
        }),
    );
    for (at, field) in object.fields.iter().enumerate() {
        let Some(new) = row.get(at).filter(|new| !new.is_null()) else {
            continue;
        };
        let same = before.is_some_and(|before| before.get(at) == Some(new));
        if !same && field.name != "Id" {
            payload.insert(field.name.clone(), new.clone());
        }
    }
    let fields = TOPIC_FIELDS.iter();
    let fields = fields.map(|name| ((*name).to_owned(), value(object, row, name).clone()));
    events.log.push(Event {
        object: object.name.clone(),
        change: Value::Object(payload),
        fields: Value::Object(fields.collect()),
        kind,
    });
}

/// `POST /cometd/NN.0`
///
/// # Errors
/// When the body is no list of messages.
pub fn answer(inner: &Inner, call: &Call) -> Outcome<Reply> {
    if call.method != "POST" {
        return Err(Fault::method(&call.method, "POST"));
    }
    let malformed = || Fault::bad("JSON_PARSER_ERROR", "a list of messages is expected");
    let messages: Vec<Value> = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    let mut answers = Vec::new();
    let mut cookie = None;
    for message in &messages {
        let text = |name: &str| message[name].as_str().unwrap_or_default();
        let (channel, client) = (text("channel"), text("clientId"));
        let mut answer = json!({"channel": channel, "id": message["id"], "successful": true});
        if channel == "/meta/handshake" {
            let client = inner.store().new_id_with("clt").to_lowercase();
            inner
                .store()
                .events
                .borrow_mut()
                .clients
                .insert(client.clone(), BTreeMap::new());
            cookie = Some(format!(
                "BAYEUX_BROWSER={client}; Path=/cometd/; Secure; HttpOnly"
            ));
            answer["clientId"] = json!(client);
            answer["version"] = json!("1.0");
            answer["minimumVersion"] = json!("1.0");
            answer["supportedConnectionTypes"] = json!(["long-polling"]);
            answer["ext"] = json!({"replay": true, "payload.format": true});
            answers.push(answer);
            continue;
        }
        answer["clientId"] = json!(client);
        if !is_known(inner, call, client) {
            answer["successful"] = json!(false);
            answer["error"] = json!("403::Unknown client");
            answer["advice"] = json!({"interval": 0, "reconnect": "handshake"});
            answers.push(answer);
            continue;
        }
        match channel {
            "/meta/connect" => {
                let at_once = message["advice"]["timeout"] == 0;
                answers.extend(wait(inner, client, at_once));
                answer["advice"] = json!({"interval": 0, "timeout": 110_000, "reconnect": "retry"});
            }
            "/meta/subscribe" | "/meta/unsubscribe" => {
                let name = text("subscription");
                subscribe(inner, client, name, channel == "/meta/subscribe");
                answer["subscription"] = json!(name);
            }
            "/meta/disconnect" => {
                inner.store().events.borrow_mut().clients.remove(client);
            }
            _ => {
                answer["successful"] = json!(false);
                answer["error"] = json!("400::no such channel");
            }
        }
        answers.push(answer);
    }
    let reply = Reply::json(200, Value::Array(answers));
    Ok(match cookie {
        Some(cookie) => reply.with("Set-Cookie", cookie),
        None => reply,
    })
}

/// Whether the client shook hands, and brings the cookie that leads to this machine.
fn is_known(inner: &Inner, call: &Call, client: &str) -> bool {
    let cookies = call.header("cookie").unwrap_or_default();
    let expected = format!("BAYEUX_BROWSER={client}");
    let store = inner.store();
    let known = store.events.borrow().clients.contains_key(client);
    known && cookies.split(';').any(|cookie| cookie.trim() == expected)
}

fn subscribe(inner: &Inner, client: &str, channel: &str, on: bool) {
    let store = inner.store();
    let mut events = store.events.borrow_mut();
    let next = events.log.len();
    if let Some(channels) = events.clients.get_mut(client) {
        match on {
            true => channels.insert(channel.to_owned(), next),
            false => channels.remove(channel),
        };
    }
}

/// What happened on a client's channels since it last asked.
fn wait(inner: &Inner, client: &str, at_once: bool) -> Vec<Value> {
    loop {
        let seen = inner.bell.count();
        let found = take(inner, client);
        if !found.is_empty() || at_once || !inner.bell.wait(seen) {
            return found;
        }
    }
}

fn take(inner: &Inner, client: &str) -> Vec<Value> {
    let store = inner.store();
    let mut events = store.events.borrow_mut();
    let Events { log, clients } = &mut *events;
    let mut found = Vec::new();
    for (channel, next) in clients.get_mut(client).into_iter().flatten() {
        for (number, event) in log.iter().enumerate().skip(*next) {
            if let Some(data) = told(channel, event, number) {
                found.push(json!({"data": data, "channel": channel}));
            }
        }
        *next = log.len();
    }
    found
}

/// An event as a channel tells it, if it does.
fn told(channel: &str, event: &Event, number: usize) -> Option<Value> {
    let changes = format!("/data/{}ChangeEvent", event.object);
    if channel == changes || channel == "/data/ChangeEvents" {
        return Some(json!({
            "schema": "IeRuaY6cbI_HsV8Rv1Mc5g",
            "payload": event.change,
            "event": {"replayId": number + 1},
        }));
    }
    let kind = event.kind.to_lowercase();
    (channel == TOPIC && event.object == "Contact").then(|| {
        json!({
            "event": {"createdDate": "2026-01-01T00:00:00.000Z", "replayId": number + 1, "type": format!("{kind}d")},
            "sobject": event.fields,
        })
    })
}
