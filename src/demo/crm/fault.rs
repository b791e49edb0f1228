//! A refusal in Salesforce's own words.

use serde_json::{Value, json};

/// What Salesforce would answer instead of doing what was asked.
///
/// The message may hold a value that the client sent: the real one echoes values too, and whoever
/// stands before it has to cope with that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// The fields at fault; `None` leaves the key out of the answer, as the real one does.
    pub fields: Option<Vec<String>>,
}

/// What a step of a request comes to.
pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: None,
        }
    }

    /// A 400, the status of nearly all of them.
    pub fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub fn on(mut self, field: &str) -> Self {
        self.fields.get_or_insert_default().push(field.to_owned());
        self
    }

    pub fn on_none(mut self) -> Self {
        self.fields = Some(Vec::new());
        self
    }

    pub fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    pub fn deleted(status: u16) -> Self {
        Self::new(status, "ENTITY_IS_DELETED", "entity is deleted").on_none()
    }

    pub fn no_column(field: &str, object: &str) -> Self {
        Self::bad(
            "INVALID_FIELD",
            format!("No such column '{field}' on sobject of type {object}"),
        )
    }

    pub fn method(method: &str, allowed: &str) -> Self {
        Self::new(
            405,
            "METHOD_NOT_ALLOWED",
            format!("HTTP Method '{method}' not allowed. Allowed are {allowed}"),
        )
    }

    /// The error array that is the body of a failed request.
    pub fn body(&self) -> Value {
        // The recorded NOT_FOUND has its keys the other way round than the recorded INVALID_TYPE.
        let mut error = if self.code == "NOT_FOUND" {
            json!({"errorCode": self.code, "message": self.message})
        } else {
            json!({"message": self.message, "errorCode": self.code})
        };
        if let (Some(fields), Value::Object(map)) = (&self.fields, &mut error) {
            map.insert("fields".to_owned(), json!(fields));
        }
        Value::Array(vec![error])
    }

    /// The error as it stands in the slot of one record of a collection.
    pub fn slot(&self) -> Value {
        json!({
            "statusCode": self.code,
            "message": self.message,
            "fields": self.fields.clone().unwrap_or_default(),
        })
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the laptop CRM's database failed");
        Self::new(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.")
    }
}
