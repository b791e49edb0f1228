//! The way to the organization's identity provider, and back.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::gate::staff::{Journey, SignInError, Step, Vouched};
use crate::oidc::Provider;
use crate::signin::reply::{self, Said};
use crate::signin::words::Words;
use crate::signin::{Pages, Visit, cookie, guard, is_ours};

/// Where the provider leads back to.
const BACK: &str = "/.sluis/oidc/callback";

/// Where the second factor must be one that was shown just now, the provider asks for it unless it
/// has done so within this time: shorter than what counts as just now, so that something is left.
const JUST_NOW: Duration = Duration::from_mins(1);

impl Pages {
    pub(super) fn provider_start(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(provider) = &self.provider else {
            return reply::message(words, StatusCode::NOT_FOUND, words.no_page);
        };
        if let Err(error) = self.gate.may_depart(&visit.visitor()) {
            return Said::of(&error, words, words.provider_refused).alone(words);
        }
        let next = visit.parameter("next");
        let next = guard::next(next.as_deref());
        let fresh = visit.parameter("fresh").is_some() || is_ours(next);
        let within = fresh.then_some(JUST_NOW);
        let Ok(departure) = provider.depart(&back(visit), within) else {
            return reply::message(words, StatusCode::BAD_GATEWAY, words.provider_away);
        };
        let journey = Journey {
            state: departure.state,
            nonce: departure.nonce,
            verifier: departure.verifier,
            next: next.to_owned(),
        };
        match self.gate.depart(&journey, &visit.visitor()) {
            Ok(name) => reply::with_journey(reply::see_other(&departure.url), &name),
            Err(error) => Said::of(&error, words, words.provider_refused).alone(words),
        }
    }

    pub(super) fn provider_callback(
        &self,
        visit: &Visit,
        words: &'static Words,
    ) -> Response<Bytes> {
        let Some(provider) = &self.provider else {
            return reply::message(words, StatusCode::NOT_FOUND, words.no_page);
        };
        let answered = self.answered(provider, visit);
        let response = match answered {
            Ok((step, next)) => {
                let to = match step.full {
                    true => next,
                    false => guard::second_step_at(&next),
                };
                reply::with_session(reply::see_other(&to), &step)
            }
            Err(error) => Said::of(&error, words, words.provider_refused).alone(words),
        };
        reply::without_journey(response)
    }

    fn answered(&self, provider: &Provider, visit: &Visit) -> Result<(Step, String), SignInError> {
        let visitor = visit.visitor();
        let state = visit.parameter("state").unwrap_or_default();
        let journey = self
            .gate
            .arrive(cookie::journey(&visit.headers), &state, &visitor)?;
        let Some(code) = visit.parameter("code") else {
            return Err(self.gate.distrust("provider-declined", &visitor));
        };
        let issuer = visit.parameter("iss");
        let identity = provider
            .arrive(
                (&back(visit), &code, issuer.as_deref()),
                (&journey.nonce, &journey.verifier),
            )
            .map_err(|error| self.gate.distrust(error.kind(), &visitor))?;
        let vouched = Vouched {
            issuer: identity.issuer,
            subject: identity.subject,
            second: identity.second,
            asked: identity.asked,
        };
        Ok((self.gate.show_vouched(&vouched, &visitor)?, journey.next))
    }
}

fn back(visit: &Visit) -> String {
    format!("https://{}{BACK}", visit.host)
}
