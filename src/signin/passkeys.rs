//! What the script of passkeys asks: a challenge, and what becomes of its answer. JSON both ways.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gate::staff::{Challenge, SignInError};
use crate::signin::reply::{self, Said};
use crate::signin::words::Words;
use crate::signin::{Pages, Visit, guard};

/// What the script sends. Each field where it is needed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sent {
    /// The challenge's id, sent back.
    id: String,
    /// What `navigator.credentials` gave.
    answer: Value,
    /// The enrolment link's token.
    link: String,
    /// What the person calls the new passkey.
    label: String,
    next: String,
}

/// Only JSON, typed as such: no form of another site can send it.
fn sent(visit: &Visit) -> Option<Sent> {
    let kind = visit
        .headers
        .get(http::header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return None;
    }
    serde_json::from_slice(&visit.body).ok()
}

fn said(error: &SignInError, words: &'static Words) -> Response<Bytes> {
    let said = Said::of(error, words, words.passkey_wrong);
    said.paced(reply::json(said.status, &json!({ "error": said.text })))
}

fn malformed(words: &'static Words) -> Response<Bytes> {
    reply::json(
        StatusCode::BAD_REQUEST,
        &json!({ "error": words.malformed }),
    )
}

pub(super) fn stale(words: &'static Words) -> Response<Bytes> {
    reply::json(StatusCode::FORBIDDEN, &json!({ "error": words.stale_form }))
}

fn asked(challenge: Result<Challenge, SignInError>, words: &'static Words) -> Response<Bytes> {
    match challenge {
        Ok(challenge) => {
            let id = String::from_utf8_lossy(challenge.id.expose());
            reply::json(
                StatusCode::OK,
                &json!({ "id": id, "options": challenge.options }),
            )
        }
        Err(error) => said(&error, words),
    }
}

fn go(next: &str) -> Response<Bytes> {
    reply::json(StatusCode::OK, &json!({ "next": next }))
}

impl Pages {
    pub(super) fn passkey_start(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match sent(visit) {
            Some(_) => asked(self.gate.passkey_challenge(&visit.visitor()), words),
            None => malformed(words),
        }
    }

    pub(super) fn passkey_finish(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(sent) = sent(visit) else {
            return malformed(words);
        };
        let answer = sent.answer.to_string();
        match self.gate.show_passkey(&sent.id, &answer, &visit.visitor()) {
            Ok(step) => reply::with_session(go(guard::next(Some(&sent.next))), &step),
            Err(error) => said(&error, words),
        }
    }

    pub(super) fn enrol_start(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match sent(visit) {
            Some(sent) => asked(
                self.gate.enrol_challenge(&sent.link, &visit.visitor()),
                words,
            ),
            None => malformed(words),
        }
    }

    pub(super) fn enrol_finish(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(sent) = sent(visit) else {
            return malformed(words);
        };
        let answer = sent.answer.to_string();
        let enrolled = self.gate.enrol_passkey(
            &sent.link,
            &sent.id,
            &answer,
            named(&sent.label, words),
            &visit.visitor(),
        );
        match enrolled {
            Ok(enrolled) => reply::with_session(go("/.sluis/account"), &enrolled.step),
            Err(error) => said(&error, words),
        }
    }

    pub(super) fn add_start(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match sent(visit) {
            Some(_) => asked(self.gate.add_passkey_challenge(&visit.visitor()), words),
            None => malformed(words),
        }
    }

    pub(super) fn add_finish(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(sent) = sent(visit) else {
            return malformed(words);
        };
        let answer = sent.answer.to_string();
        let label = named(&sent.label, words);
        match self
            .gate
            .add_passkey(&sent.id, &answer, label, &visit.visitor())
        {
            Ok(()) => go("/.sluis/account"),
            Err(error) => said(&error, words),
        }
    }
}

fn named<'a>(label: &'a str, words: &'static Words) -> &'a str {
    if label.trim().is_empty() {
        words.passkey
    } else {
        label
    }
}
