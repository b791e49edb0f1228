//! The exchange of a message of Aura: the phases of `carry`, for a door whose actions are refused
//! one by one.
//!
//! What reading or policy refuses of an action refuses that action alone, and the others go on
//! without it. What is only found with the vault's knowledge (a token of another place, a look-up of
//! too many values) and what lies between actions refuses all of them.

use std::sync::Arc;

use http::StatusCode;

use super::exchange::Incoming;
use super::inwards::{described_actions, shape, show};
use super::record::{Scribe, Tally};
use super::{Content, Failure, Proxy, Reply, body, outwards};
use crate::dialect::salesforce::aura::{actions, answer};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::Route;
use crate::model::{Code, Refusal};
use crate::protect::find;
use crate::protect::inward::{self, Answer, Viewer};
use crate::protect::outward::survey;
use crate::wire;
use crate::wire::json::{Document, Edits};

/// How many actions of a message may be refused by themselves: each is looked at and may be recorded,
/// while others wait for the ledger.
const MOST: usize = 20;

/// Actions that the border refuses, by the client's names, with the reason of each.
type Refused = Vec<(String, Refusal)>;

impl Proxy {
    /// Carries out one message.
    ///
    /// # Errors
    /// As [`Proxy::exchange`]; a refusal only where nothing can be said of an action.
    pub(super) async fn message(
        &self,
        scribe: &Scribe<'_>,
        incoming: Incoming<'_>,
        route: &Arc<Route>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        // Read: the form, and the message in it.
        let Some(decoded) = body::decode(&incoming, route)? else {
            return Err(Failure::Protection(super::outward::Failure::Incomplete));
        };
        let document = body::parse(&decoded)?;
        let all = actions(&document)?;

        // What cannot leave is refused by itself, and the rest is read again without it.
        let mut refused = Refused::new();
        let mut edits = Edits::new();
        for action in &all {
            let (node, id) = action;
            let request = Request::action(Arc::clone(route), &document, action);
            let by = outwards::by(scribe);
            let looked = request.and_then(|request| {
                let rules = scribe.rules;
                survey(&rules.plan, &rules.protection, by, request, Some(&document)).map(|_| ())
            });
            if let Err(refusal) = looked {
                let same = |(_, known): &(String, Refusal)| known == &refusal;
                if !refused.iter().any(same) {
                    scribe.refused(&refusal).await?;
                }
                if refused.len() == MOST {
                    let text = "too many actions of the message are refused";
                    return Err(Refusal::new(Code::BodyTooLarge, text).into());
                }
                refused.push((id.clone(), refusal));
                edits.remove(*node);
            }
        }
        tally.refusal = refused.first().map(|(_, refusal)| refusal.code);
        if refused.len() == all.len() && !all.is_empty() {
            return Ok(told(answer::refused(&named(&refused))));
        }
        let left = document.write(&edits);
        let document = body::parse(&left)?;
        let sent = self.sent_on(scribe, incoming, (route, &document), &refused, tally);
        match sent.await {
            Err(Failure::Refused(refusal)) => {
                scribe.refused(&refusal).await?;
                tally.refusal = Some(refusal.code);
                let of = |id: &String| {
                    let mut own = refused.iter().filter(|(refused, _)| refused == id);
                    own.next().map_or(&refusal, |(_, own)| own)
                };
                let all = all.iter().map(|(_, id)| (id.clone(), of(id)));
                Ok(told(answer::refused(&all.collect::<Vec<_>>())))
            }
            other => other,
        }
    }

    /// The phases of `carry`, from planning on, for the actions that may leave.
    async fn sent_on(
        &self,
        scribe: &Scribe<'_>,
        incoming: Incoming<'_>,
        (route, document): (&Arc<Route>, &Document<'_>),
        refused: &Refused,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);

        // Plan, load, protect, make durable, record.
        let way = outwards::Way {
            route,
            document: Some(document),
            message: None,
            file: None,
            form: None,
            released: false,
        };
        let (protected, written) = outwards::protect(self, scribe, &way, tally).await?;

        // Forward.
        let answered = self
            .upstream
            .act(protected.cleared, incoming.headers)
            .await?;
        let distrusted = |error| {
            answered.distrust();
            Failure::Answer(error)
        };
        let text = std::str::from_utf8(&answered.body).map_err(|error| {
            distrusted(wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;
        let (before, text, behind) = answer::unwrap(text);
        let narrowed = described_actions(rules, &protected.request, text).map_err(distrusted)?;
        let text = narrowed.as_deref().unwrap_or(text);

        // Inwards: find tokens, and learn which records were written.
        let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
        let found = find(
            &rules.protection.codec,
            text.as_bytes(),
            &rules.protection.domain,
        );
        let mut reading = inward::read(&Answer {
            text,
            shape: shape(&route.door),
            viewer,
            request: &protected.request,
            aliases: &protected.aliases,
            found: &found,
        })
        .map_err(distrusted)?;
        shared
            .settle(
                incoming.exchange,
                &protected.request,
                &written,
                answered.status,
                Some(&reading),
            )
            .await;
        if !refused.is_empty() {
            // An answer without actions is an error of the whole, which says it for these too.
            let _ = reading.add_actions(answer::refused_actions(&named(refused)));
        }
        let shown = show(scribe, &viewer, (text, &reading), incoming.host, tally).await?;
        let body = [before.as_bytes(), &shown, behind.as_bytes()].concat();
        Ok(Reply {
            status: answered.status,
            headers: answered.headers,
            body: Content::Whole(body),
        })
    }
}

fn named(refused: &Refused) -> Vec<(String, &Refusal)> {
    let refused = refused.iter();
    refused.map(|(id, why)| (id.clone(), why)).collect()
}

/// An answer of our own. A page reads what became of each action only from one that succeeded.
fn told(body: String) -> Reply {
    let mut headers = http::HeaderMap::new();
    let kind = http::HeaderValue::from_static("application/json;charset=UTF-8");
    headers.insert(http::header::CONTENT_TYPE, kind);
    Reply {
        status: StatusCode::OK,
        headers,
        body: Content::Whole(body.into_bytes()),
    }
}
