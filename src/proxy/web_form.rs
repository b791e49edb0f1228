//! The exchange of a visitor's form: the phases of `carry`, for a door whose answer says no more than
//! whether the CRM has it.

use std::sync::Arc;

use http::StatusCode;

use super::record::{Scribe, Tally};
use super::settle::Outcome;
use super::{Failure, Proxy, body, outwards};
use crate::dialect::salesforce::web_form::{Form, Kind, LIMITS, LONGEST, Setup};
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::protect::outward::read_form;
use crate::upstream::Submitted;
use crate::wire::coding::Coding;
use crate::wire::form;

/// A form from a program that the gate has admitted.
pub struct Passed<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub kind: Kind,
    pub method: &'r str,
    /// Path and query in canonical form.
    pub target: &'r str,
    pub content_type: Option<&'r str>,
    pub content_encoding: Option<&'r str>,
    pub body: &'r [u8],
}

/// What became of a form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Became {
    /// The CRM has it; the visitor is led on, if the form says where.
    Taken(Option<String>),
    /// The CRM does not say that it has it.
    Unsure,
}

impl Proxy {
    /// Which servlet of forms a path is, where the configuration takes forms.
    #[must_use]
    pub fn takes_form(&self, path: &str) -> Option<Kind> {
        let kind = Kind::of(path)?;
        self.shared.forms.as_ref().map(|_| kind)
    }

    /// Passes a form on, once.
    ///
    /// # Errors
    /// As [`Proxy::exchange`].
    pub async fn pass_form(
        &self,
        permit: &Permit,
        passed: Passed<'_>,
        tally: &mut Tally,
    ) -> Result<Became, Failure> {
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, passed.exchange);
        tally.route = passed.kind.name();
        scribe.route = tally.route;
        let outcome = match self.read_form(&scribe, &passed) {
            Ok(form) => self.submit(&scribe, &form, tally).await,
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    fn read_form(&self, scribe: &Scribe<'_>, passed: &Passed<'_>) -> Result<Form, Refusal> {
        if passed.method != "POST" {
            let text = "a form comes by POST";
            return Err(Refusal::new(Code::MethodUnknown, text));
        }
        let kind = "application/x-www-form-urlencoded";
        if !passed
            .content_type
            .is_some_and(|value| body::is(value, kind))
        {
            return Err(Refusal::new(
                Code::BodyMediaType,
                "the body must be application/x-www-form-urlencoded in UTF-8",
            ));
        }
        let coding = Coding::parse(passed.content_encoding.unwrap_or("identity"));
        let coding = coding.map_err(|_| body::coded())?;
        let decoded = body::decoded(coding, passed.body, LONGEST)?;
        let pairs = form::parse_repeated(&decoded, &LIMITS);
        let pairs = pairs.map_err(|error| body::refused(&error))?;
        let setup = self.setup()?;
        let sent = (passed.target, pairs.as_slice());
        let now = self.shared.clock.now();
        read_form(&scribe.rules.plan, passed.kind, sent, (setup, now))
    }

    fn setup(&self) -> Result<&Setup, Refusal> {
        let none = || Refusal::new(Code::EndpointUnknown, "no forms are taken here");
        self.shared.forms.as_ref().ok_or_else(none)
    }

    /// The phases of `carry`, from planning on.
    async fn submit(
        &self,
        scribe: &Scribe<'_>,
        form: &Form,
        tally: &mut Tally,
    ) -> Result<Became, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        let record = form.record();
        let document = body::parse(&record)?;

        // Plan, load, protect, make durable, record.
        let route = form.route(rules.plan.api().newest);
        let way = outwards::Way {
            route: &Arc::new(route),
            document: Some(&document),
            message: None,
            file: None,
            form: Some(form),
            released: false,
        };
        let (protected, written) = outwards::protect(self, scribe, &way, tally).await?;

        // Forward.
        let submitted = self.upstream.submit(protected.cleared).await?;

        // The CRM tells no record, so what was written stays open: its tokens open all the same.
        let outcome = match submitted {
            Submitted::Refused(_) => Outcome::Refused,
            Submitted::Taken | Submitted::Unsure(_) => Outcome::Open,
        };
        shared.settle_page(scribe.exchange, &written, outcome).await;
        match submitted {
            Submitted::Taken => Ok(Became::Taken(form.returns().map(str::to_owned))),
            Submitted::Refused(status) | Submitted::Unsure(status) => {
                untold(form.kind(), status);
                Ok(Became::Unsure)
            }
        }
    }
}

/// The log has what the visitor is not told.
fn untold(kind: Kind, status: StatusCode) {
    let (route, status) = (kind.name(), status.as_u16());
    tracing::warn!(route, status, "the CRM did not say that it has a form");
}
