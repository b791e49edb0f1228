//! `/aura`: the actions that Lightning's pages send, many in one form.
//!
//! Most of them are the User Interface API under other names; [`translate`] says which.

mod translate;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply, data};
use crate::demo::crm::{Inner, soql};

/// # Errors
/// When the session or the form is not what it has to be.
pub fn answer(inner: &Inner, call: &Call) -> Outcome<Reply> {
    if call.method != "POST" {
        return Err(Fault::method(&call.method, "POST"));
    }
    if !has_session(inner, call) {
        return Ok(ended());
    }
    let form: Vec<(String, String)> = form_urlencoded::parse(&call.body).into_owned().collect();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let message: Value = field("message")
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| Fault::bad("JSON_PARSER_ERROR", "The message is no JSON"))?;
    let store = inner.store();
    let org = Org {
        schema: &inner.schema,
        store: &store,
        now: (inner.now)(),
        version: "62.0",
        id: &inner.org,
        user: &inner.user,
        calls: 0,
    };
    let mut records = Map::new();
    let actions = message["actions"].as_array().into_iter().flatten();
    let mut answers: Vec<Value> = actions
        .map(|action| one(&org, action, &mut records))
        .collect();
    share(&mut answers);
    let provider = json!({ "type": "$Record", "hasRefs": true, "values": { "records": records } });
    let context = json!({
        "mode": "PROD",
        "app": "one:one",
        "fwuid": "c3RhbmQtaW4tZnJhbWV3b3JrLTE",
        "loaded": {},
        "globalValueProviders": [provider],
    });
    Ok(Reply::json(
        200,
        json!({ "actions": answers, "context": context, "events": [], "perfSummary": {} }),
    ))
}

/// The session of a browser stands in a cookie.
fn has_session(inner: &Inner, call: &Call) -> bool {
    let cookies = call.header("cookie").unwrap_or_default();
    let mut cookies = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    cookies.any(|(name, value)| name == "sid" && value == inner.credential.token)
}

fn ended() -> Reply {
    let event =
        json!({ "descriptor": "markup://aura:invalidSession", "attributes": { "values": {} } });
    Reply::json(200, json!({ "exceptionEvent": true, "event": event }))
}

/// One action; what goes wrong in it is its own.
fn one(org: &Org<'_>, action: &Value, records: &mut Map<String, Value>) -> Value {
    let id = &action["id"];
    match run(org, action) {
        Ok(value) => {
            if let (Some(name), Some(record)) = (value["apiName"].as_str(), value["id"].as_str())
                && action["descriptor"]
                    .as_str()
                    .is_some_and(|name| name.ends_with("updateRecord"))
            {
                records.insert(record.to_owned(), json!({ name: { "record": value } }));
            }
            json!({ "id": id, "state": "SUCCESS", "returnValue": value, "error": [] })
        }
        Err(data) => {
            let error = json!({ "message": data["message"], "data": data });
            let values = json!({ "values": { "error": error } });
            let event = json!({ "descriptor": "markup://force:recordError", "attributes": values });
            let error = json!([{ "exceptionEvent": true, "event": event }]);
            json!({ "id": id, "state": "ERROR", "returnValue": null, "error": error })
        }
    }
}

/// What an action returns, or the error that its page reads.
fn run(org: &Org<'_>, action: &Value) -> Result<Value, Value> {
    let descriptor = action["descriptor"].as_str().unwrap_or_default();
    let params = &action["params"];
    let own = match descriptor {
        "aura://ApexActionController/ACTION$execute" => Some(apex(org, params)),
        _ if descriptor.ends_with("/ACTION$getItems") => Some(items(org, params)),
        _ if descriptor.ends_with("/ACTION$getServerTime") => Some(Ok(json!(org.now))),
        _ => None,
    };
    if let Some(answered) = own {
        return answered.map_err(|fault| fault.body());
    }
    let request = translate::request(descriptor, params)
        .ok_or_else(|| json!({ "message": "No such action", "statusCode": 404 }))?;
    match data(org, &request) {
        Ok(reply) if reply.status < 300 => Ok(reply.body.unwrap_or_default()),
        Ok(reply) => Err(reply.body.unwrap_or_default()),
        Err(fault) => Err(fault.body()),
    }
}

/// The one class that the organisation has: records as plain maps.
fn apex(org: &Org<'_>, params: &Value) -> Outcome<Value> {
    let named = (params["classname"].as_str(), params["method"].as_str());
    let (Some("ContactController"), Some("getRecent" | "find")) = named else {
        return Err(Fault::not_found());
    };
    let found = soql::answer(org, "SELECT Id, Name, LastName, Email FROM Contact", false)?;
    Ok(json!({ "returnValue": found.records, "cacheable": false }))
}

/// The list of the old pages: flat records with what is shown beside each value.
fn items(org: &Org<'_>, params: &Value) -> Outcome<Value> {
    let object = org.object(params["entityNameOrId"].as_str().unwrap_or_default())?;
    let query = format!("SELECT Id, Name FROM {}", object.name);
    let found = soql::answer(org, &query, false)?.records;
    let items = found.iter().map(|record| {
        let (id, name) = (&record["Id"], &record["Name"]);
        let link = format!(
            "<a href=\"/lightning/r/{}/view\">{}</a>",
            id.as_str().unwrap_or_default(),
            name.as_str().unwrap_or_default()
        );
        json!({ "record": { "Id": id, "Name": name, "Name__f": link } })
    });
    Ok(json!({ "result": items.collect::<Vec<_>>() }))
}

/// A value that several actions return stands once.
fn share(answers: &mut [Value]) {
    for at in 0..answers.len() {
        let (before, rest) = answers.split_at_mut(at);
        let Some(value) = rest
            .first_mut()
            .and_then(|answer| answer.get_mut("returnValue"))
        else {
            continue;
        };
        if !value.is_object() || value.get("s").is_some() {
            continue;
        }
        let mut same = before.iter_mut().enumerate();
        let found = same.find_map(|(first, answer)| {
            let known = answer.get_mut("returnValue")?;
            let shared = known.get("v").filter(|_| known.get("s").is_some());
            (shared.unwrap_or(known) == value).then_some((first + 1, answer))
        });
        if let Some((name, first)) = found {
            let known = &mut first["returnValue"];
            if known.get("s").is_none() {
                *known = json!({ "s": name, "v": known.take() });
            }
            *value = json!({ "r": name });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::demo::crm::tests::{create, crm};
    use crate::demo::crm::{Crm, Request};

    fn ask(crm: &Crm, cookie: &str, actions: &Value) -> Value {
        let message = json!({ "actions": actions }).to_string();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("message", &message)
            .append_pair("aura.token", "null")
            .finish();
        let response = crm.handle(Request {
            method: "POST".to_owned(),
            target: "/aura?r=1".to_owned(),
            headers: vec![("cookie".to_owned(), cookie.to_owned())],
            body: body.into_bytes(),
        });
        serde_json::from_slice(&response.body).unwrap()
    }

    #[test]
    fn actions_are_carried_out_and_equal_values_stand_once() {
        let crm = crm(false);
        let id = create(&crm, "Contact", &json!({ "LastName": "Anders" }));
        let read = |name: &str| {
            json!({
                "id": name,
                "descriptor": "aura://RecordUiController/ACTION$getRecordWithFields",
                "params": { "recordId": id, "fields": ["Contact.LastName"] },
            })
        };
        let wrong = json!({
            "id": "3;a",
            "descriptor": "aura://RecordUiController/ACTION$createRecord",
            "params": { "recordInput": { "apiName": "Contact", "fields": { "Email": "x" } } },
        });
        let actions = json!([read("1;a"), read("2;a"), wrong]);
        let answer = ask(&crm, "a=b; sid=00DKB0000000001!token", &actions);
        let actions = &answer["actions"];
        assert_eq!(actions[0]["returnValue"]["s"], 1, "{answer}");
        let value = &actions[0]["returnValue"]["v"]["fields"]["LastName"]["value"];
        assert_eq!(value, "Anders");
        assert_eq!(actions[1]["returnValue"], json!({ "r": 1 }));
        assert_eq!(actions[2]["state"], "ERROR");
        let answer = ask(&crm, "sid=x", &json!([]));
        assert_eq!(
            answer["event"]["descriptor"],
            "markup://aura:invalidSession"
        );
    }
}
