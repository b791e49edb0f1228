//! An outbound message of the CRM's, on its way to the program that it is for: revealed by that
//! program's roles, recorded, delivered, and had only when the program says so. Nothing is kept
//! here: what is not delivered the CRM sends again.

use super::inwards::show;
use super::record::{Scribe, Tally};
use super::soap::Framing;
use super::{Failure, Proxy, body};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{Door, Route};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::outbound::{Notifications, acknowledged};
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::protect::find;
use crate::protect::inward::{Answer, Shape, Viewer, read_notifications};
use crate::wire;
use crate::wire::xml::{Document, Limits};

/// A message that the gate has admitted.
pub struct Notified<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    /// Which endpoint it came to.
    pub endpoint: &'r str,
    pub framing: Framing<'r>,
    pub body: &'r [u8],
    /// The name and port by which the CRM knows us.
    pub host: &'r str,
}

/// A message has a hundred records at most, and each field 32 thousand characters.
const LIMITS: Limits = Limits {
    bytes: 16 << 20,
    depth: 16,
    nodes: 100_000,
    attributes: 32,
    namespaces: 64,
};

impl Proxy {
    /// Passes a message on. `true`: whoever it is for has it.
    ///
    /// # Errors
    /// The refusal, or what failed; in neither case does anybody have it for certain.
    pub async fn notify(
        &self,
        permit: &Permit,
        notified: Notified<'_>,
        tally: &mut Tally,
    ) -> Result<bool, Failure> {
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, notified.exchange);
        scribe.route = "outbound";
        tally.route = "outbound";
        let outcome = self.deliver(&scribe, &notified, tally).await;
        scribe.conclude(outcome).await
    }

    async fn deliver(
        &self,
        scribe: &Scribe<'_>,
        notified: &Notified<'_>,
        tally: &mut Tally,
    ) -> Result<bool, Failure> {
        let rules = scribe.rules;
        let known = rules.plan.role_names();
        if !scribe.roles.iter().all(|role| known.contains(role)) {
            // Its program would get tokens, and say that it has the message.
            let text = "a role of this endpoint is none of the policy's";
            return Err(Refusal::new(Code::RoleRefused, text).into());
        }
        let receiver = self.upstream.receiver(notified.endpoint);
        let receiver = receiver.ok_or(Failure::Gate)?;
        let decoded = body::decoded(notified.framing.coding()?, notified.body, LIMITS.bytes)?;
        let text = std::str::from_utf8(&decoded).map_err(|error| {
            body::refused(&wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;
        let document = Document::parse(text.as_bytes(), &LIMITS);
        let document = document.map_err(|error| body::refused(&error))?;
        let organization = Id::parse(receiver.organization()).ok_or(Failure::Gate)?;
        let message = Notifications::read(&document, organization)?;

        let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
        let found = find(
            &rules.protection.codec,
            text.as_bytes(),
            &rules.protection.domain,
        );
        let answered = Answer {
            text,
            shape: Shape::Data,
            viewer,
            request: &Request::bare(Route {
                version: 0,
                door: Door::Versions,
            }),
            aliases: &[],
            found: &found,
        };
        let names = (self.shared.crm_name.as_str(), notified.host);
        let reading = read_notifications(&answered, &document, &message, names);
        // Recorded before it is given to anybody.
        let body = show(scribe, &viewer, (text, &reading), notified.host, tally).await?;
        let answer = receiver.deliver(body).await.map_err(Failure::Delivery)?;
        let had = answer.status.is_success() && acknowledged(&answer.body);
        if !had {
            let status = answer.status.as_u16();
            tracing::warn!(
                endpoint = notified.endpoint,
                status,
                "an outbound message was not acknowledged by whom it is for"
            );
        }
        Ok(had)
    }
}

/// The refusal of an endpoint that takes messages alone.
#[must_use]
pub fn takes_messages_alone() -> Refusal {
    Refusal::new(
        Code::MethodUnknown,
        "an endpoint of outbound messages takes POST, and no parameters",
    )
}
