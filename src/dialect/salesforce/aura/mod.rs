//! Aura, by which Lightning pages ask: a form with a message of actions, each for a controller.
//!
//! Source: the open-source Aura framework (its client's service and its server's serializers) and
//! the client's bundle of Lightning Data Service, for the names of controllers and parameters.
//!
//! Actions of controllers that are another spelling of the UI API become its resources; the rest
//! are known by their descriptor alone. Towards protection a form reads as one JSON document
//! ([`normal`]), and is written anew from it ([`outgoing`]).
//!
//! Read first: [`Message`], [`Action`], [`actions`].

pub mod answer;
mod choices;
mod context;
mod controller;
mod form;
mod ids;
mod message;
mod page;
mod parameters;
mod token;
mod words;

use super::target::Target;
use crate::model::{Code, Refusal};
use crate::wire::json::NodeId;

pub use choices::{is_choice, is_count, is_free};
pub use form::{normal, outgoing};
pub use ids::is_id;
pub use message::{actions, our_id};
pub use parameters::write;
pub use words::{is_number, is_words};

/// The door: `POST /aura`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Message {
    pub place: Place,
    /// `r`: which of a page's requests it is.
    pub round: Option<u32>,
}

/// Whose pages ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// `/aura`: Lightning Experience.
    Lightning,
    /// `/s/sfsites/aura`: Experience Cloud.
    Site,
}

/// Where an action stands in the document.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Its parameters, an object.
    pub params: Option<NodeId>,
    /// Which component asked: its name may be anything, and does not leave.
    pub calling: Option<NodeId>,
}

impl Message {
    /// The door of a path, with parameters that say nothing.
    pub(super) fn of(place: Place, target: &Target) -> Result<Self, Refusal> {
        let wrong = || {
            let text = "a URL parameter of Aura counts requests or actions";
            Refusal::new(Code::ParameterUnknown, text)
        };
        let mut round = None;
        for (name, value) in &target.parameters {
            let number: u32 = match is_number(value) {
                true => value.parse().map_err(|_| wrong())?,
                false => return Err(wrong()),
            };
            if name == "r" {
                round = Some(number);
            } else if !is_method(name) {
                return Err(wrong());
            }
        }
        Ok(Self { place, round })
    }

    /// The target as it leaves, without the names of actions: the message has them.
    #[must_use]
    pub fn target(&self) -> String {
        let path = match self.place {
            Place::Lightning => "/aura",
            Place::Site => "/s/sfsites/aura",
        };
        match self.round {
            Some(round) => format!("{path}?r={round}"),
            None => path.to_owned(),
        }
    }
}

/// `aura.RecordUi.getRecordWithFields`. It does not leave.
fn is_method(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.len() <= 200 && name.bytes().all(plain)
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

#[cfg(test)]
mod tests;
