//! The exchange of a SOAP message: the phases of `carry`, for a door that carries its session in
//! the body and answers in XML.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use super::exchange::warn;
use super::inwards::{shape, show};
use super::record::{Scribe, Tally};
use super::{Content, Failure, Proxy, Reply, body, outwards};
use crate::dialect::salesforce::soap::{Asked, Envelope, Message, Operation, Place};
use crate::gate::Permit;
use crate::model::{Code, Refusal, Secret};
use crate::protect::find;
use crate::protect::inward::{Answer, Outcome, Viewer, read_soap};
use crate::wire;
use crate::wire::coding::{Coding, decode_beginning};
use crate::wire::xml::{Document, Limits};

/// The name of a message that asks nothing that is known.
const SOAP: &str = "soap";

/// A SOAP message from whoever the gate has admitted.
pub struct Spoken<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub place: Place,
    pub framing: Framing<'r>,
    /// The whole body, as it came.
    pub body: &'r [u8],
    /// The session by which its sender was admitted.
    pub session: &'r Secret,
    /// Header fields that may go to the CRM.
    pub headers: HeaderMap,
    /// The name and port by which the client knows us.
    pub host: &'r str,
}

/// The header fields that say how a message is to be read.
#[derive(Clone, Copy)]
pub struct Framing<'r> {
    pub content_type: Option<&'r str>,
    pub content_encoding: Option<&'r str>,
    /// The field `SOAPAction`.
    pub action: Option<&'r str>,
}

/// What becomes of a message.
pub enum Heard {
    /// The CRM's answer.
    Reply(Reply),
    /// The border itself is asked, for whoever is admitted.
    Own(Operation),
}

/// What may stand before the operation: a few headers.
const HEAD: Limits = Limits {
    bytes: 64 * 1024,
    depth: 8,
    nodes: 200,
    attributes: 32,
    namespaces: 64,
};

impl Framing<'_> {
    /// How the body is coded.
    ///
    /// # Errors
    /// Any media type but `text/xml` in UTF-8, multipart packages (MTOM, SwA) among them; a coding
    /// that is not understood.
    pub(super) fn coding(&self) -> Result<Coding, Refusal> {
        if !self
            .content_type
            .is_some_and(|kind| body::is(kind, "text/xml"))
        {
            return Err(Refusal::new(
                Code::BodyMediaType,
                "the body must be text/xml in UTF-8",
            ));
        }
        let coding = Coding::parse(self.content_encoding.unwrap_or("identity"));
        coding.map_err(|_| body::coded())
    }
}

/// What the beginning of a message tells.
pub enum Begun {
    SignIn,
    /// The session by which its sender asks, if it has one.
    By(Option<Secret>),
}

/// Reads the beginning of a message, up to the operation.
///
/// # Errors
/// What is refused of a whole message, as far as it is there.
pub fn begin(place: Place, framing: Framing<'_>, bytes: &[u8]) -> Result<Begun, Refusal> {
    let decoded = decode_beginning(framing.coding()?, bytes, HEAD.bytes / 2);
    let decoded = decoded.map_err(|_| body::undecodable(Code::BodyMalformed))?;
    let document = Document::parse_beginning(&decoded, &HEAD, &Envelope::begins);
    let document = document.map_err(|error| body::refused(&error))?;
    let envelope = Envelope::read(place, &document)?;
    Ok(match envelope.signs_in() {
        true => Begun::SignIn,
        false => Begun::By(envelope.session()),
    })
}

/// Reads a sign-in: a small message, by somebody unknown.
///
/// # Errors
/// What does not have the form of the WSDL.
pub fn sign_in(place: Place, framing: Framing<'_>, bytes: &[u8]) -> Result<Asked, Refusal> {
    let decoded = body::decoded(framing.coding()?, bytes, HEAD.bytes)?;
    let document = Document::parse(&decoded, &HEAD);
    let document = document.map_err(|error| body::refused(&error))?;
    Envelope::read(place, &document)?.asked(framing.action)
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
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, spoken.exchange);
        scribe.route = SOAP;
        tally.route = SOAP;
        let outcome = match asked(&spoken) {
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

    /// The phases of `carry`, from planning on.
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
            route: &Arc::new(route.clone()),
            document: document.as_ref(),
            message: Some(message),
            file: None,
            form: None,
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

        if outcome == Outcome::Done {
            shared.copied(rules, &protected.request, &reading).await;
        }
        let (status, mut headers) = (answer.status, answer.headers);
        warn(&mut headers, protected.left_out.as_deref());
        let body = show(scribe, &viewer, (text, &reading), spoken.host, tally).await?;
        Ok(Reply {
            status,
            headers,
            body: Content::Whole(body),
        })
    }
}

/// Reads the whole message, of which whoever was admitted by it has shown the beginning.
fn asked(spoken: &Spoken<'_>) -> Result<Asked, Refusal> {
    let limits = Limits::default();
    let decoded = body::decoded(spoken.framing.coding()?, spoken.body, limits.bytes)?;
    let document = Document::parse(&decoded, &limits);
    let document = document.map_err(|error| body::refused(&error))?;
    let envelope = Envelope::read(spoken.place, &document)?;
    let same = |session: &Secret| session.matches(spoken.session.expose());
    if !envelope.session().as_ref().is_some_and(same) {
        return Err(Refusal::new(
            Code::BodyMalformed,
            "the message has another session than its beginning",
        ));
    }
    envelope.asked(spoken.framing.action)
}
