//! What became of a batch of 1.0: of each record, in the order that it was sent in; or of the whole.

use serde_json::json;

use super::xml;
use crate::dialect::salesforce::error::RowError;
use crate::dialect::salesforce::id::Id;
use crate::wire::json;
use crate::wire::xml::{Document, Limits, Unfit, Writer};

/// As many nodes as the results of ten thousand records have, with some errors each.
const XML: Limits = Limits {
    bytes: 64 << 20,
    depth: 8,
    nodes: 1_000_000,
    attributes: 4,
    namespaces: 4,
};

/// Places of records, and the id of each that the CRM took. What cannot be read tells nothing: such
/// records stay pending.
#[must_use]
pub fn outcomes(text: &str, is_xml: bool) -> Vec<(usize, Option<Id>)> {
    match is_xml {
        true => told_in_xml(text),
        false => told_in_json(text),
    }
}

fn results(text: &str) -> Option<json::Document<'_>> {
    let limits = json::Limits {
        nodes: XML.nodes,
        ..json::Limits::default()
    };
    json::Document::parse(text.as_bytes(), &limits).ok()
}

fn told_in_json(text: &str) -> Vec<(usize, Option<Id>)> {
    let Some(document) = results(text) else {
        return vec![];
    };
    let results = document.elements(document.root()).enumerate();
    let told = results.filter_map(|(at, result)| {
        let taken = document.raw(document.get(result, "success")?);
        let id = document.get(result, "id").and_then(|id| document.text(id));
        outcome(at, taken, id.as_deref())
    });
    told.collect()
}

fn told_in_xml(text: &str) -> Vec<(usize, Option<Id>)> {
    let Ok(document) = Document::parse(text.as_bytes(), &XML) else {
        return vec![];
    };
    let results = document.children(document.root()).enumerate();
    let told = results.filter_map(|(at, result)| {
        let member = |name| {
            let mut members = document.children(result);
            let node = members.find(|node| document.name(*node).local == name)?;
            document.text(node)
        };
        outcome(at, member("success")?.trim(), member("id").as_deref())
    });
    told.collect()
}

fn outcome(at: usize, taken: &str, id: Option<&str>) -> Option<(usize, Option<Id>)> {
    match taken {
        "true" => Some((at, Some(Id::parse(id?.trim())?))),
        "false" => Some((at, None)),
        _ => None,
    }
}

/// The results of a batch with those of records that never came to the CRM, each at its place among
/// all records of the batch. None where they are no results.
#[must_use]
pub fn with_errors(text: &str, is_xml: bool, errors: &[(u64, RowError)]) -> Option<String> {
    if is_xml {
        let document = Document::parse(text.as_bytes(), &XML).ok()?;
        let root = document.root();
        // A prefix would have to stand before the names of ours.
        if document.tag(root) != "results" {
            return None;
        }
        let told = document.children(root);
        let told = told.map(|result| text.get(document.whole(result)));
        let made = errors.iter().map(|(at, error)| Some((*at, in_xml(error)?)));
        let results = merged(told.collect::<Option<_>>()?, made.collect::<Option<_>>()?);
        let inside = document.content(root);
        let (before, behind) = (text.get(..inside.start)?, text.get(inside.end..)?);
        return Some(format!("{before}{}{behind}", results.concat()));
    }
    let document = results(text)?;
    if document.kind(document.root()) != json::Kind::Array {
        return None;
    }
    let told = document.elements(document.root());
    let told = told.map(|result| document.raw(result)).collect();
    let made = errors.iter().map(|(at, error)| (*at, in_json(error)));
    Some(format!("[{}]", merged(told, made.collect()).join(",")))
}

/// All results in the order of the records.
fn merged(told: Vec<&str>, made: Vec<(u64, String)>) -> Vec<String> {
    let mut all = Vec::with_capacity(told.len() + made.len());
    let mut told = told.into_iter().map(str::to_owned);
    for (at, error) in made {
        let before = usize::try_from(at).unwrap_or(usize::MAX);
        all.extend(told.by_ref().take(before.saturating_sub(all.len())));
        all.push(error);
    }
    all.extend(told);
    all
}

fn in_json(error: &RowError) -> String {
    let fields: Vec<&str> = error.field.as_deref().into_iter().collect();
    let error = json!({
        "fields": fields, "message": error.message, "statusCode": error.code,
        "extendedErrorDetails": null,
    });
    json!({"success": false, "created": false, "id": null, "errors": [error]}).to_string()
}

fn in_xml(error: &RowError) -> Option<String> {
    let write = || {
        let mut out = Writer::part();
        out.open("result", &[])?;
        out.open("errors", &[])?;
        if let Some(field) = &error.field {
            out.text("fields", field)?;
        }
        out.text("message", &error.message)?;
        out.text("statusCode", &error.code)?;
        out.close();
        out.text("success", "false")?;
        out.text("created", "false")?;
        Ok::<_, Unfit>(out.finish())
    };
    String::from_utf8(write().ok()?).ok()
}

/// Whether an error of 1.0 says that the session has ended. Only its code says so: its message may
/// have words of the client's.
#[must_use]
pub fn is_session_end(text: &str) -> bool {
    const ENDED: &str = "InvalidSessionId";
    if let Ok(members) = xml::flat(text, "error") {
        let mut members = members.iter();
        return members.any(|(name, text)| name == "exceptionCode" && text == ENDED);
    }
    let parsed = json::Document::parse(text.as_bytes(), &json::Limits::default());
    parsed.is_ok_and(|document| {
        let code = document.get(document.root(), "exceptionCode");
        code.and_then(|code| document.text(code)).as_deref() == Some(ENDED)
    })
}

/// What is told of a job or a batch, with records that never came to the CRM added to those that it
/// processed and that failed. None where it tells no such numbers.
#[must_use]
pub fn counted(text: &str, refused: usize) -> Option<String> {
    const NUMBERS: [&str; 2] = ["numberRecordsProcessed", "numberRecordsFailed"];
    let more = |number: &str| Some((number.trim().parse::<usize>().ok()? + refused).to_string());
    if let Ok(document) = json::Document::parse(text.as_bytes(), &json::Limits::default()) {
        let mut edits = json::Edits::new();
        for name in NUMBERS {
            let node = document.get(document.root(), name)?;
            edits.replace(node, json::Value::Raw(more(document.raw(node))?));
        }
        return String::from_utf8(document.write(&edits)).ok();
    }
    let mut members = xml::flat(text, "batchInfo").ok()?;
    for name in NUMBERS {
        let (_, number) = members.iter_mut().find(|(known, _)| known == name)?;
        *number = more(number)?;
    }
    let members: Vec<(&str, String)> = members
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    Some(xml::write("batchInfo", &members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::bulk::NAMESPACE;

    #[test]
    fn results_tell_which_records_were_taken_in_both_forms() {
        let id = "003000000000001AAA";
        let expected = vec![(0, Id::parse(id)), (1, None)];
        let text = format!(
            "[{{\"success\":true,\"created\":true,\"id\":\"{id}\",\"errors\":[]}},\
             {{\"success\":false,\"id\":null,\"errors\":[{{\"message\":\"no\"}}]}},{{\"id\":\"{id}\"}}]"
        );
        assert_eq!(outcomes(&text, false), expected);
        let text = format!(
            "<results xmlns=\"{NAMESPACE}\"><result><id>{id}</id><success>true</success></result>\
             <result><errors><message>no</message></errors><success>false</success></result>\
             <result><success>true</success></result></results>"
        );
        assert_eq!(outcomes(&text, true), expected);
        assert!(outcomes("<results>", true).is_empty());
        assert!(outcomes("{\"success\":false}", false).is_empty());
    }

    #[test]
    fn errors_of_ours_stand_at_the_places_of_their_records() {
        let error = |field: Option<&str>| RowError {
            code: "FIELD_INTEGRITY_EXCEPTION".to_owned(),
            message: "a < b".to_owned(),
            field: field.map(str::to_owned),
        };
        let errors = [
            (0, error(Some("Email"))),
            (2, error(None)),
            (3, error(None)),
        ];
        let told = "[ {\"id\":\"1\",\"n\":1e0} ,{\"id\":\"2\"}]";
        let text = with_errors(told, false, &errors).unwrap();
        let all: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(all.len(), 5);
        assert_eq!(all[0]["errors"][0]["fields"][0], "Email");
        assert!(text.contains("{\"id\":\"1\",\"n\":1e0}") && all[1]["id"] == "1");
        assert!(all[2]["success"] == false && all[3]["success"] == false);
        assert_eq!(all[4]["id"], "2");
        let told = format!(
            "<?xml version=\"1.0\"?><results xmlns=\"{NAMESPACE}\"><result><id>1</id></result> \
             <result><id>2</id></result></results>"
        );
        let text = with_errors(&told, true, &errors).unwrap();
        let document = Document::parse(text.as_bytes(), &XML).unwrap();
        let names = document.children(document.root()).map(|result| {
            let first = document.children(result).next().unwrap();
            assert_eq!(document.name(result).namespace, NAMESPACE);
            document.name(first).local
        });
        let names: Vec<&str> = names.collect();
        assert_eq!(names, ["errors", "id", "errors", "errors", "id"]);
        assert!(text.contains("<message>a &lt; b</message>"), "{text}");
        assert_eq!(with_errors("{}", false, &errors), None);
        assert_eq!(
            with_errors("<b:results xmlns:b=\"x\"/>", true, &errors),
            None
        );
    }

    #[test]
    fn only_the_code_of_an_error_ends_a_session() {
        let error = |code: &str, text: &str, json: bool| super::super::fault(code, text, json).2;
        for json in [true, false] {
            assert!(is_session_end(&error("InvalidSessionId", "x", json)));
            assert!(!is_session_end(&error(
                "InvalidBatch",
                "InvalidSessionId",
                json
            )));
        }
        assert!(!is_session_end("InvalidSessionId"));
        assert!(!is_session_end(
            "[{\"exceptionCode\":\"InvalidSessionId\"}]"
        ));
    }

    #[test]
    fn records_that_were_left_out_count_as_failed() {
        let told = "{\"id\":\"x\",\"numberRecordsProcessed\":7,\"numberRecordsFailed\":1}";
        assert_eq!(
            counted(told, 2).unwrap(),
            "{\"id\":\"x\",\"numberRecordsProcessed\":9,\"numberRecordsFailed\":3}"
        );
        let told = format!(
            "<batchInfo xmlns=\"{NAMESPACE}\"><numberRecordsProcessed>7</numberRecordsProcessed>\
             <numberRecordsFailed>0</numberRecordsFailed></batchInfo>"
        );
        let told = counted(&told, 2).unwrap();
        assert!(told.contains("<numberRecordsProcessed>9</"), "{told}");
        assert!(told.contains("<numberRecordsFailed>2</"), "{told}");
        assert_eq!(counted("{\"numberRecordsFailed\":1}", 2), None);
        assert_eq!(counted("<x/>", 2), None);
    }
}
