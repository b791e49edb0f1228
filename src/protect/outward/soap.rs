//! A SOAP message, protected as the request of the REST API that asks the same.

use super::needs::Known;
use super::rewrite::{Failure, Protected};
use super::survey::Survey;
use crate::dialect::salesforce::soap::Message;
use crate::model::{Code, Entropy, Refusal};
use crate::protect::Protection;
use crate::protect::cleared::{Cleared, Outgoing};
use crate::wire::json::Document;

impl Survey<'_> {
    /// As [`Survey::protect`], written as the message. `document` holds its records.
    ///
    /// # Errors
    /// As there; or a value that XML cannot hold.
    pub fn protect_message(
        self,
        known: &Known,
        protection: &Protection,
        (message, document): (&Message, Option<&Document<'_>>),
        entropy: &dyn Entropy,
    ) -> Result<Protected, Failure> {
        let rewritten = self.rewrite(known, protection, (None, entropy))?;
        let records = document.map(|document| document.write(&rewritten.edits));
        let written = message.write(&rewritten.request, records.as_deref());
        let written = written.map_err(|_| {
            Refusal::new(
                Code::ValueUnfit,
                "the message has a value that cannot be written as XML",
            )
        })?;
        let outgoing = Outgoing {
            method: "POST",
            target: message.place.target(),
            body: Some(written.body),
            content_type: Some("text/xml; charset=UTF-8".to_owned()),
            session: Some(written.session),
            files: vec![],
        };
        Ok(Protected {
            cleared: Cleared::new(outgoing),
            rows: rewritten.rows,
            request: rewritten.request,
            aliases: rewritten.aliases,
            left_out: rewritten.left_out,
        })
    }
}
