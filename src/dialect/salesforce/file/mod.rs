//! Files: the fields of type base64 that hold them (`VersionData`, `Body`), where they are given out,
//! and the form with which one is sent beside its record.
//!
//! Source: Salesforce REST API Developer Guide, "Insert or Update Blob Data" and "sObject Blob Get";
//! the servlets are those that Lightning and classic pages link to. They come in here and go no
//! further: the CRM is asked for the field.
//!
//! Read first: [`Download`], [`Form`].

mod form;
mod resolve;

#[cfg(test)]
mod tests;

use super::id::Id;

pub use form::{Form, Part};
pub(super) use resolve::resolve;

/// Where a file is given out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Download {
    /// `GET D/sobjects/T/ID/FIELD`
    Field {
        object: String,
        id: Id,
        field: String,
    },
    /// `GET /sfc/servlet.shepherd/version/download/ID`
    Version(Id),
    /// `GET /sfc/servlet.shepherd/document/download/ID`: the newest version of a document.
    Newest(Id),
    /// `GET /servlet/servlet.FileDownload?file=ID`
    Classic(Id),
}

/// The object of a file, which may be a further version of a document, and the field that says so.
pub const VERSION: &str = "ContentVersion";
pub const VERSION_OF: &str = "ContentDocumentId";

/// The field that holds an object's files, for the servlets, which do not name it.
#[must_use]
pub fn field(object: &str) -> Option<&'static str> {
    match object {
        VERSION => Some("VersionData"),
        "Attachment" | "Document" => Some("Body"),
        _ => None,
    }
}

/// The fields of a record that name its file, the best first.
pub const NAMES: [&str; 4] = ["PathOnClient", "Name", "FileName", "Title"];
/// The field of a record that has its file's media type.
pub const MEDIA_TYPE: &str = "ContentType";
