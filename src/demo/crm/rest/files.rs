//! Files: forms that bring one, and where they are given out.

use data_encoding::BASE64;
use memchr::memmem;
use serde_json::{Map, Value};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, text};
use crate::demo::crm::rest::{Call, Reply, org};
use crate::demo::crm::schema::Object;
use crate::demo::crm::{Inner, files};

/// Whether a path is that of a servlet which gives files to pages.
pub fn is_servlet(segments: &[&str]) -> bool {
    matches!(
        segments,
        ["sfc", "servlet.shepherd", _, "download", _] | ["servlet", "servlet.FileDownload"]
    )
}

/// A file for a page.
///
/// # Errors
/// When there is no such record or file.
pub fn servlet(inner: &Inner, call: &Call) -> Outcome<Reply> {
    let store = inner.store();
    let org = org(inner, &store, "60.0");
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [_, _, "version", _, id] => given(&org, org.object("ContentVersion")?, id),
        [_, _, "document", _, id] => {
            let documents = org.object("ContentDocument")?;
            let document = org.record(documents, id)?;
            let newest = text(documents, &document, "LatestPublishedVersionId");
            given(&org, org.object("ContentVersion")?, newest)
        }
        _ => {
            let id = call.parameter("file").unwrap_or_default();
            let object = org.schema.of_id(id);
            given(&org, object.ok_or_else(Fault::not_found)?, id)
        }
    }
}

/// Whether a part of a path behind a record is its file.
pub fn is_file(org: &Org<'_>, object: &str, name: &str) -> bool {
    let object = org.schema.object(object);
    let field = object.and_then(files::field);
    field.is_some_and(|field| field.name.eq_ignore_ascii_case(name))
}

/// `GET /sobjects/T/ID/FIELD`
///
/// # Errors
/// When there is no such record or file.
pub fn blob(org: &Org<'_>, call: &Call, object: &str, id: &str) -> Outcome<Reply> {
    match call.method.as_str() {
        "GET" | "HEAD" => given(org, org.object(object)?, id),
        other => Err(Fault::method(other, "GET,HEAD")),
    }
}

fn given(org: &Org<'_>, object: &Object, id: &str) -> Outcome<Reply> {
    let row = org.record(object, id)?;
    let content = org.store.file(text(object, &row, "Id"))?;
    let content = content.ok_or_else(Fault::not_found)?;
    let kind = match text(object, &row, "ContentType") {
        "" => "application/octet-stream",
        kind => kind,
    };
    Ok(Reply::file(content).with("Content-Type", kind))
}

/// A form of a record in JSON and its file, as the record with its file in it. None where the body is
/// no form.
///
/// # Errors
/// When it is not whole.
pub fn form(call: &Call) -> Outcome<Option<Map<String, Value>>> {
    let kind = call.header("content-type").unwrap_or_default();
    let Some((_, boundary)) = kind
        .strip_prefix("multipart/form-data")
        .and_then(|rest| rest.split_once("boundary="))
    else {
        return Ok(None);
    };
    let wrong = || {
        Fault::bad(
            "INVALID_MULTIPART_REQUEST",
            "Multipart message is malformed",
        )
    };
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let body = [b"\r\n", call.body.as_slice()].concat();
    let edge = format!("\r\n{delimiter}").into_bytes();
    let places: Vec<usize> = memmem::find_iter(&body, &edge).collect();
    let (mut record, mut file) = (None, None);
    for pair in places.windows(2) {
        let &[from, to] = pair else { continue };
        let part = body.get(from + edge.len() + 2..to).ok_or_else(wrong)?;
        let head = memmem::find(part, b"\r\n\r\n").ok_or_else(wrong)?;
        let (head, content) = part.split_at_checked(head).ok_or_else(wrong)?;
        let content = content.get(4..).ok_or_else(wrong)?;
        let head = String::from_utf8_lossy(head);
        match head.contains("filename=") {
            true => file = Some((named(&head).ok_or_else(wrong)?, BASE64.encode(content))),
            false => record = serde_json::from_slice(content).ok(),
        }
    }
    let (Some(Value::Object(mut record)), Some((name, file))) = (record, file) else {
        return Err(wrong());
    };
    record.insert(name, Value::String(file));
    Ok(Some(record))
}

/// The name of a part.
fn named(head: &str) -> Option<String> {
    let (_, rest) = head.split_once(" name=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}
