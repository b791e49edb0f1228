//! The exchange of a SOAP message: the phases of `carry`, for a door that carries its session in
//! the body and answers in XML.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::inwards::{rename_host, shape};
use super::record::{Scribe, Tally};
use super::{Content, Failure, Proxy, Reply, body, outwards};
use crate::dialect::salesforce::soap::{Asked, Envelope, Message, Operation};
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::protect::find;
use crate::protect::inward::{Answer, Outcome, Viewer, read_soap};
use crate::wire;
use crate::wire::coding::Coding;
use crate::wire::xml::{Document, Limits};

/// The name of a message that asks nothing that is known.
const SOAP: &str = "soap";

/// A SOAP message from whoever the gate has admitted.
pub struct Spoken<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub envelope: &'r Envelope<'r, 'r>,
    /// The field `SOAPAction`.
    pub action: Option<&'r str>,
    /// Header fields that may go to the CRM.
    pub headers: HeaderMap,
    /// The name and port by which the client knows us.
    pub host: &'r str,
}

/// What becomes of a message.
pub enum Heard {
    /// The CRM's answer.
    Reply(Reply),
    /// The border itself is asked, for whoever is admitted.
    Own(Operation),
}

/// The text of a message: `text/xml` in UTF-8, decoded within limits.
///
/// # Errors
/// Any other media type, charset or coding, multipart packages (MTOM, SwA) among them.
pub fn decode(kind: Option<&str>, coding: Option<&str>, bytes: &Bytes) -> Result<Vec<u8>, Refusal> {
    if !kind.is_some_and(|kind| body::is(kind, "text/xml")) {
        return Err(Refusal::new(
            Code::BodyMediaType,
            "the body must be text/xml in UTF-8",
        ));
    }
    let limits = Limits::default();
    let coding = Coding::parse(coding.unwrap_or("identity")).map_err(|_| body::coded())?;
    body::decoded(coding, bytes, limits.bytes)
}

/// Parses a message strictly.
///
/// # Errors
/// As [`Document::parse`].
pub fn parse(body: &[u8]) -> Result<Document<'_>, Refusal> {
    Document::parse(body, &Limits::default()).map_err(|error| body::refused(&error))
}

impl Proxy {
    /// Carries out one exchange.
    ///
    /// # Errors
    /// As [`Proxy::exchange`].
    pub async fn speak(
        &self,
        permit: &Permit,
        spoken: Spoken<'_>,
        tally: &mut Tally,
    ) -> Result<Heard, Failure> {
        let rules = self.shared.rules.load_full();
        let mut scribe = Scribe::new(&self.shared, &rules, permit, spoken.exchange);
        scribe.route = SOAP;
        tally.route = SOAP;
        let outcome = match spoken.envelope.asked(spoken.action) {
            Ok(Asked::Own(operation)) => Ok(Heard::Own(operation)),
            Ok(Asked::Message(message)) => {
                tally.route = message.name();
                scribe.route = message.name();
                let reply = self.pass(&scribe, &message, spoken, tally).await;
                reply.map(Heard::Reply)
            }
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    /// The phases, in order.
    async fn pass(
        &self,
        scribe: &Scribe<'_>,
        message: &Message,
        spoken: Spoken<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        let route = message
            .route()
            .ok_or_else(|| Refusal::new(Code::BodyMalformed, "the message asks nothing"))?;
        let records = message.records().map(str::as_bytes);
        let document = records.map(body::parse).transpose()?;

        // Plan, load, protect, make durable, record.
        let way = outwards::Way {
            route,
            document: document.as_ref(),
            message: Some(message),
            released: false,
        };
        let (protected, written) = outwards::protect(self, scribe, &way, tally).await?;

        // Forward.
        let answer = self
            .upstream
            .speak(protected.cleared, spoken.headers)
            .await?;
        let distrusted = |error| {
            answer.distrust();
            Failure::Answer(error)
        };
        let text = std::str::from_utf8(&answer.body).map_err(|error| {
            distrusted(wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;

        // Inwards: find tokens, and learn which records were written.
        let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
        let found = find(
            &rules.protection.codec,
            text.as_bytes(),
            &rules.protection.domain,
        );
        let answered = Answer {
            text,
            shape: shape(&route.door),
            viewer,
            request: &protected.request,
            aliases: &protected.aliases,
            found: &found,
        };
        let (reading, outcome) = read_soap(&answered).map_err(distrusted)?;
        // A fault has the status 500, whatever it says.
        let settled = match outcome {
            Outcome::Done => answer.status,
            Outcome::Refused => StatusCode::BAD_REQUEST,
            Outcome::Open => StatusCode::INTERNAL_SERVER_ERROR,
        };
        shared
            .settle(
                spoken.exchange,
                &protected.request,
                &written,
                settled,
                Some(&reading),
            )
            .await;

        // Load in one batch, reveal or mask, record, and only then answer.
        let revealed = shared.reveal(rules, &viewer, text, &reading).await?;
        tally.masked = revealed.masked;
        tally.revealed = revealed.classes.values().sum();
        if tally.revealed > 0 {
            scribe.revealed(&revealed, reading.records).await?;
        }
        let body = rename_host(revealed.body, &shared.crm_authority, spoken.host);
        Ok(Reply {
            status: answer.status,
            headers: answer.headers,
            body: Content::Whole(body),
        })
    }
}
