//! The trial's SOAP door.

use super::{Counting, Sent, Trial};
use crate::dialect::salesforce::door::Door;
use crate::dialect::salesforce::soap::{Api, Asked, Envelope, Message, Place};
use crate::model::Refusal;
use crate::protect::inward::Shape;
use crate::wire::{json, xml};

/// Reads a message of version 60.
pub fn message(api: Api, text: &str) -> Result<Message, Refusal> {
    let document = xml::Document::parse(text.as_bytes(), &xml::Limits::default());
    let document = document.unwrap_or_else(|error| panic!("{error}: {text}"));
    let place = Place { api, version: 60 };
    match Envelope::read(place, &document)?.asked(None)? {
        Asked::Message(message) => Ok(*message),
        Asked::Own(operation) => panic!("{operation:?} does not leave"),
    }
}

/// A message around an operation, by the partner API: `sf` is the prefix of records.
pub fn partner(operation: &str) -> String {
    envelope("partner", operation)
}

/// As [`partner`], by the enterprise API.
pub fn enterprise(operation: &str) -> String {
    envelope("enterprise", operation)
}

fn envelope(name: &str, operation: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope \
         xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:{name}.soap.sforce.com\" xmlns:sf=\"urn:sobject.{name}.soap.sforce.com\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <e:Body>{operation}</e:Body></e:Envelope>"
    )
}

impl Trial {
    /// Carries a SOAP message to where it would leave.
    pub fn speak(&mut self, api: Api, text: &str) -> Result<Sent, Refusal> {
        let message = message(api, text)?;
        let limits = json::Limits::default();
        let records = message.records();
        let document = records.map(|json| json::Document::parse(json.as_bytes(), &limits).unwrap());
        let document = document.as_ref();
        let request = message.request(document)?;
        let metadata = matches!(
            request.top.door,
            Door::Describe { .. } | Door::Objects | Door::Limits
        );
        let sent = self.protect(request, document, |survey, known, protection| {
            survey.protect_message(known, protection, (&message, document), &Counting)
        })?;
        Ok(Sent {
            shape: match metadata {
                true => Shape::Metadata,
                false => Shape::Data,
            },
            ..sent
        })
    }
}
