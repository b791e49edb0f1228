//! A record with its file: `multipart/form-data` of two parts, in any order.
//!
//! The guide has the record in a part named `entity_content` or `entity_document`, jsforce names it by
//! the object and sends it last. What tells the two apart is the media type and the file name: the
//! record is JSON and has none, the file has one. A third part, or a part that could be either, is
//! refused, because the CRM might take the other one.

use crate::model::{Code, Refusal};
use crate::wire::multipart::Head;

/// Which parts have come.
#[derive(Clone, Debug)]
pub struct Form {
    object: String,
    record: bool,
    file: bool,
}

/// What a part is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// The fields, as JSON.
    Record,
    /// The content of the field of that name.
    File {
        field: String,
        name: String,
        kind: String,
    },
}

impl Form {
    /// A form for a record of this object.
    #[must_use]
    pub fn new(object: &str) -> Self {
        Self {
            object: object.to_owned(),
            record: false,
            file: false,
        }
    }

    /// What the part that begins is.
    ///
    /// # Errors
    /// A part that comes twice, or is neither a record nor a file.
    pub fn part(&mut self, head: Head) -> Result<Part, Refusal> {
        let json = head.content_type.as_deref().is_some_and(is_json);
        match head.filename {
            None if json && self.is_entity(&head.name) => {
                once(&mut self.record, "two records came in one form")?;
                Ok(Part::Record)
            }
            None => Err(malformed(
                "a part is neither a record in JSON nor a file with a name",
            )),
            Some(name) if name.trim().is_empty() => Err(malformed("a file came without a name")),
            Some(name) => {
                once(&mut self.file, "two files came in one form")?;
                Ok(Part::File {
                    field: head.name,
                    name,
                    kind: head.content_type.unwrap_or_default(),
                })
            }
        }
    }

    /// Says that the form has ended.
    ///
    /// # Errors
    /// Where the record or the file did not come.
    pub fn finish(&self) -> Result<(), Refusal> {
        match (self.record, self.file) {
            (true, true) => Ok(()),
            (false, _) => Err(malformed("the form has no record")),
            (true, false) => Err(malformed("the form has no file")),
        }
    }

    /// A name that a record's part has: `entity_…`, or that of the object.
    fn is_entity(&self, name: &str) -> bool {
        name.starts_with("entity_") || name.eq_ignore_ascii_case(&self.object)
    }

    /// The name of the record's part as the guide has it.
    #[must_use]
    pub fn entity(object: &str) -> String {
        match object {
            "ContentVersion" => "entity_content".to_owned(),
            object => format!("entity_{}", object.to_ascii_lowercase()),
        }
    }
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn once(seen: &mut bool, twice: &'static str) -> Result<(), Refusal> {
    match std::mem::replace(seen, true) {
        true => Err(malformed(twice)),
        false => Ok(()),
    }
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}
