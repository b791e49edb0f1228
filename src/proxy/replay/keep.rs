//! What is kept of an exchange while it is carried out.

use crate::dialect::pages;
use crate::model::Code;
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
                client: scribe.client.to_owned(),
                roles: scribe.roles.to_vec(),
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

    /// It is over. What was refused is kept too, because another policy may let it pass. What has
    /// special categories in it is not, whatever became of them: nobody keeps those a second time.
    pub fn end(self, outcome: &Result<Reply, Failure>, tally: &Tally) {
        let keeps = match outcome {
            Ok(_) => !tally.special,
            Err(Failure::Refused(refusal)) => {
                refusal.found.is_empty() && refusal.code != Code::PolicyBlocked
            }
            Err(_) => false,
        };
        if let (Some((tape, exchange)), true, true) = (self.kept, self.read, keeps) {
            tape.keep(exchange);
        }
    }
}
