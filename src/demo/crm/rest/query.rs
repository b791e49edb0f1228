//! Queries and their pages.

use serde_json::{Map, Value};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::soql;

/// `GET /query?q=` and `GET /queryAll?q=`, which finds deleted records too.
///
/// # Errors
/// When the query is malformed.
pub fn run(org: &Org<'_>, call: &Call, deleted: bool) -> Outcome<Reply> {
    if call.method != "GET" && call.method != "HEAD" {
        return Err(Fault::method(&call.method, "GET,HEAD"));
    }
    let query = call.parameter("q").filter(|query| !query.trim().is_empty());
    let query =
        query.ok_or_else(|| Fault::bad("MALFORMED_QUERY", "A query string has to be specified"))?;
    let answer = soql::answer(org, query, deleted)?;
    let size = page_size(call);
    if answer.records.len() <= size {
        return Ok(page(answer.total, None, answer.records));
    }
    let locator = org.store.new_id_with("01g");
    let reply = page(
        answer.total,
        Some(next_url(org, &locator, size)),
        answer.records.get(..size).unwrap_or_default().to_vec(),
    );
    let mut cursors = org.store.cursors.borrow_mut();
    if cursors.len() >= MOST_CURSORS {
        cursors.clear();
    }
    let mut kept = answer.records;
    kept.push(Value::from(size));
    cursors.insert(locator, kept);
    Ok(reply)
}

/// `GET /query/LOCATOR-OFFSET`
///
/// # Errors
/// When the locator is unknown.
pub fn more(org: &Org<'_>, locator: &str) -> Outcome<Reply> {
    let unknown = || Fault::bad("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (id, offset) = locator.rsplit_once('-').ok_or_else(unknown)?;
    let offset: usize = offset.parse().map_err(|_| unknown())?;
    let cursors = org.store.cursors.borrow();
    let kept = cursors.get(id).ok_or_else(unknown)?;
    let (size, records) = kept.split_last().ok_or_else(unknown)?;
    let size = size.as_u64().and_then(|size| usize::try_from(size).ok());
    let size = size.ok_or_else(unknown)?;
    let rest = records.get(offset..).ok_or_else(unknown)?;
    let next = (rest.len() > size).then(|| next_url(org, id, offset + size));
    let shown = rest.iter().take(size).cloned().collect();
    Ok(page(records.len(), next, shown))
}

/// How many open cursors are kept; a client that leaves more unread has to ask again.
const MOST_CURSORS: usize = 64;

fn page(total: usize, next: Option<String>, records: Vec<Value>) -> Reply {
    let mut out = Map::new();
    out.insert("totalSize".to_owned(), Value::from(total));
    out.insert("done".to_owned(), Value::Bool(next.is_none()));
    if let Some(next) = next {
        out.insert("nextRecordsUrl".to_owned(), Value::String(next));
    }
    out.insert("records".to_owned(), Value::Array(records));
    Reply::json(200, Value::Object(out))
}

fn next_url(org: &Org<'_>, locator: &str, offset: usize) -> String {
    format!("/services/data/v{}/query/{locator}-{offset}", org.version)
}

/// `Sforce-Query-Options: batchSize=500`, between 200 and 2000.
fn page_size(call: &Call) -> usize {
    let options = call.header("sforce-query-options").unwrap_or_default();
    let size = options.split(',').find_map(|option| {
        let (name, value) = option.split_once('=')?;
        let named = name.trim().eq_ignore_ascii_case("batchSize");
        named.then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    size.unwrap_or(2000).clamp(200, 2000)
}
