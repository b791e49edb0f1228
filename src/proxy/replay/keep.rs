//! What is kept of an exchange while it is carried out.

use crate::dialect::pages;
use crate::proxy::record::{Scribe, Tally};
use crate::proxy::{Failure, Incoming, Reply};
use crate::replay::{Answered, Exchange, Tape};

/// An exchange that is to be kept, once it is over.
pub(in crate::proxy) struct Keeping<'s> {
    kept: Option<(&'s Tape, Exchange)>,
    /// Whether the request was read, so that a policy can be asked about it.
    read: bool,
}

impl<'s> Keeping<'s> {
    /// A request to an API, if it is one of the sample. Its body comes by [`Self::reads`].
    pub fn call(scribe: &Scribe<'s>, incoming: &Incoming<'_>) -> Self {
        let bytes = incoming.target.len() + incoming.body.len();
        let file = incoming.blob.is_some();
        let (method, target) = (incoming.method, incoming.target);
        Self::begin(
            scribe,
            (method, target, incoming.content_type),
            (bytes, file),
            None,
        )
    }

    /// A request of a browser to one of the CRM's hosts. Sign-in at the CRM is not for
    /// keeping, and of what is the same for everybody there is nothing to try.
    pub fn page(
        scribe: &Scribe<'s>,
        (call, submitted): (&pages::Call<'_>, &pages::Submitted<'_>),
        (host, file): (Option<&str>, bool),
    ) -> Self {
        let bytes = submitted.target.len() + submitted.body.len();
        let not_kept = file || call.route.login || call.route.fixed;
        let asked = (submitted.method, submitted.target, submitted.content_type);
        Self::begin(
            scribe,
            asked,
            (bytes, not_kept),
            Some(host.unwrap_or_default()),
        )
    }

    fn begin(
        scribe: &Scribe<'s>,
        (method, target, content_type): (&str, &str, Option<&str>),
        (bytes, not_kept): (usize, bool),
        page: Option<&str>,
    ) -> Self {
        let tape = scribe.shared.tape.as_ref().filter(|_| !not_kept);
        let tape = tape.filter(|tape| tape.takes((scribe.client, scribe.route), bytes));
        let exchange = |tape| {
            let exchange = Exchange {
                time: scribe.shared.clock.now().0,
                client: match scribe.person {
                    true => String::new(),
                    false => scribe.client.to_owned(),
                },
                roles: scribe.roles.to_vec(),
                fields: scribe
                    .fields
                    .map_or_else(Vec::new, |list| list.names().map(str::to_owned).collect()),
                fresh: scribe.fresh,
                route: scribe.route.to_owned(),
                method: method.to_owned(),
                target: target.to_owned(),
                page: page.map(str::to_owned),
                content_type: content_type.map(str::to_owned),
                body: None,
                answer: None,
            };
            (tape, exchange)
        };
        Self {
            kept: tape.map(exchange),
            read: false,
        }
    }

    /// The request was read, and this is its body without a coding.
    pub fn reads(&mut self, body: Option<&[u8]>) {
        let Some((_, exchange)) = &mut self.kept else {
            return;
        };
        let text = body.map(|body| {
            std::str::from_utf8(body)
                .ok()
                .filter(|text| Exchange::has_room(text))
        });
        match text {
            Some(None) => self.kept = None,
            Some(Some(text)) => exchange.body = Some(text.to_owned()),
            None => {}
        }
        self.read = true;
    }

    /// What the CRM answered.
    pub fn answers(&mut self, text: &str) {
        if let Some((_, exchange)) = &mut self.kept
            && Answered::has_room(text)
        {
            exchange.answer = Some(Answered {
                text: text.to_owned(),
            });
        }
    }

    /// It is over. What has special categories in it is not kept, whatever became of them: nobody
    /// keeps those a second time. Of what was refused only the names are, because nobody has looked
    /// at all of its values; another policy may let it pass.
    pub fn end(self, outcome: &Result<Reply, Failure>, tally: &Tally) {
        let Some((tape, mut exchange)) = self.kept else {
            return;
        };
        let keeps = match outcome {
            Ok(_) => !tally.special,
            Err(Failure::Refused(refusal)) => refusal.found.is_empty() && bare(&mut exchange),
            Err(_) => false,
        };
        match self.read && keeps {
            true => tape.keep(exchange),
            false => tape.leave_out(),
        }
    }
}

/// What stands in a bare body for each text.
const BARE: &str = "x";

/// Takes the values out of a body and leaves the names. `false`: it is none of names and values.
fn bare(exchange: &mut Exchange) -> bool {
    let Some(body) = &exchange.body else {
        return true;
    };
    let (None, Ok(mut json)) = (&exchange.page, serde_json::from_str(body)) else {
        return false;
    };
    blank(&mut json);
    exchange.body = Some(json.to_string());
    true
}

fn blank(json: &mut serde_json::Value) {
    use serde_json::Value;
    match json {
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) => *json = 0.into(),
        Value::String(_) => *json = BARE.into(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        // What an object says of itself is no value of anybody's.
        Value::Object(members) => members
            .iter_mut()
            .filter(|(name, _)| *name != "attributes")
            .for_each(|(_, value)| blank(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_refused_names_are_left_and_no_value() {
        let text = r#"{"attributes":{"type":"Contact"},"A":"Kanarie","b":[{"c":12.50,"d":null}],"e":true}"#;
        let mut json = serde_json::from_str(text).expect("JSON");
        blank(&mut json);
        let left = r#"{"attributes":{"type":"Contact"},"A":"x","b":[{"c":0,"d":null}],"e":true}"#;
        assert_eq!(json.to_string(), left);
    }
}
