//! Files: their content in a table of its own, and the documents and links that a version makes.

use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, put, text, value};
use crate::demo::crm::schema::{Field, Kind, Object};
use crate::demo::crm::store::Row;

/// The content of files, by the id of the record that has it.
pub const TABLE: &str = "CREATE TABLE file (id TEXT PRIMARY KEY, content BLOB NOT NULL);";

/// A file as a request writes it.
///
/// # Errors
/// When it is no base64.
pub fn accept(field: &Field, text: &str) -> Outcome<Value> {
    match BASE64.decode(text.as_bytes()) {
        Ok(_) => Ok(Value::from(text)),
        Err(_) => {
            let message = format!("Value for field {} is not Base64 encoded", field.name);
            Err(Fault::bad("JSON_PARSER_ERROR", message))
        }
    }
}

/// The field of an object that holds its file.
pub fn field(object: &Object) -> Option<&Field> {
    object
        .fields
        .iter()
        .find(|field| field.kind == Kind::Base64)
}

/// Puts the file that a record was written with aside; what stays in its field is where to get it.
///
/// # Errors
/// When the database fails.
pub fn keep(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    let Some(field) = field(object) else {
        return Ok(());
    };
    let written = text(object, row, &field.name);
    let id = text(object, row, "Id").to_owned();
    if written.is_empty() || written.starts_with("/services/") {
        return Ok(());
    }
    let content = BASE64.decode(written.as_bytes()).unwrap_or_default();
    org.store.put_file(&id, &content)?;
    let size = Value::from(content.len());
    put(object, row, "ContentSize", size.clone());
    put(object, row, "BodyLength", size);
    let url = format!(
        "/services/data/v{}/sobjects/{}/{id}/{}",
        org.version, object.name, field.name
    );
    put(object, row, &field.name, Value::String(url));
    if object.name == "ContentVersion" {
        version(org, object, row)?;
    }
    Ok(())
}

/// A version has a title, an end of its name, and a document.
fn version(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    let path = text(object, row, "PathOnClient").to_owned();
    let (stem, end) = path.rsplit_once('.').unwrap_or((&path, ""));
    let (stem, end) = (stem.to_owned(), end.to_lowercase());
    if value(object, row, "Title").is_null() && !stem.is_empty() {
        put(object, row, "Title", Value::from(stem));
    }
    let kind = match end.as_str() {
        "" => "UNKNOWN".to_owned(),
        end => end.to_uppercase(),
    };
    let end = Some(end).filter(|end| !end.is_empty()).map(Value::from);
    put(object, row, "FileExtension", end.unwrap_or_default());
    put(object, row, "FileType", Value::from(kind));
    put(object, row, "VersionNumber", Value::from("1"));
    put(object, row, "IsLatest", Value::Bool(true));
    if !value(object, row, "ContentDocumentId").is_null() {
        return Ok(());
    }
    let documents = org.object("ContentDocument")?;
    let id = org.create(documents, &Map::new())?;
    put(object, row, "ContentDocumentId", Value::from(id));
    Ok(())
}

/// Tells the document of its newest version, and links it to the record that the version is for.
///
/// # Errors
/// When the database fails.
pub fn link(org: &Org<'_>, object: &Object, row: &Row) -> Outcome<()> {
    if object.name != "ContentVersion" {
        return Ok(());
    }
    let document = text(object, row, "ContentDocumentId");
    let documents = org.object("ContentDocument")?;
    let id = value(object, row, "Id");
    let copies = [
        "Title",
        "Description",
        "FileType",
        "FileExtension",
        "ContentSize",
    ];
    let copies = copies.map(|name| (name, value(object, row, name)));
    let changes = copies.into_iter().chain([("LatestPublishedVersionId", id)]);
    let changes =
        changes.filter_map(|(name, value)| Some((documents.position(name)?, value.clone())));
    let changes: Vec<(usize, Value)> = changes.collect();
    org.store.update(documents, document, &changes)?;
    let location = text(object, row, "FirstPublishLocationId");
    if location.is_empty() {
        return Ok(());
    }
    let links = org.object("ContentDocumentLink")?;
    let link = json!({
        "LinkedEntityId": location, "ContentDocumentId": document, "ShareType": "V",
    });
    if let Value::Object(link) = &link {
        org.create(links, link)?;
    }
    Ok(())
}
