//! Actions of Aura whose parameters mean nothing to us: they leave as they are, if nothing in them
//! can be a value of somebody's, or policy says what they carry.

use super::resolve;
use super::values::Context;
use crate::dialect::salesforce::aura::{is_choice, is_count, is_free, is_id, is_number, is_words};
use crate::dialect::salesforce::call::Call;
use crate::dialect::salesforce::door::Door;
use crate::model::{Code, Refusal};
use crate::policy::Controller;
use crate::wire::json::{Document, Kind, NodeId};

/// Looks through a call that is an action of a controller.
pub(super) fn read(context: &Context<'_, '_>, call: &Call) -> Result<(), Refusal> {
    let (Door::Controller { descriptor }, Some(document)) = (&call.route.door, context.document)
    else {
        return Ok(());
    };
    let named = context.plan.controller(descriptor);
    if named.is_none() && !is_code(descriptor) {
        return Err(Refusal::new(
            Code::PolicyUnknownAction,
            "policy does not name this action, which is Apex or whose descriptor is not made of words of \
             the CRM's; name it under [[actions]]",
        ));
    }
    let mut look = Look {
        context,
        document,
        named,
        left: MOST,
    };
    let params = call.body.into_iter();
    for (key, node) in params.flat_map(|node| document.members(node)) {
        if named.is_some_and(|named| named.carries(&key)) {
            look.carried(node)?;
        } else if is_words(&key) {
            // A name that policy's own author wrote down is no word of the client's.
            look.member(&key, node)?;
        } else {
            return Err(carries(named));
        }
    }
    Ok(())
}

/// How many values and names an action's parameters may have: each is looked at.
const MOST: usize = 5_000;

/// The longest number of which nobody says that it counts something.
const SHORT: usize = 3;

/// Whether a descriptor is made of words of code: `serviceComponent://ui.force.XController/ACTION$m`.
/// Apex is a customer's own code: policy names it, whatever its words are.
fn is_code(descriptor: &str) -> bool {
    let Some((scheme, rest)) = descriptor.split_once("://") else {
        return false;
    };
    let Some((path, method)) = rest.split_once("/ACTION$") else {
        return false;
    };
    matches!(scheme, "aura" | "serviceComponent")
        && path.split('.').all(is_words)
        && is_words(method)
}

/// Looks through the parameters of one action.
struct Look<'l, 'c, 'd> {
    context: &'l Context<'c, 'd>,
    document: &'l Document<'d>,
    named: Option<&'l Controller>,
    /// How many nodes may still come.
    left: usize,
}

impl Look<'_, '_, '_> {
    /// A member whose name may leave: whether its value may. Under the name of a protected field, or
    /// of what somebody types, even a word is somebody's: `Long` for one.
    fn member(&mut self, key: &str, node: NodeId) -> Result<(), Refusal> {
        let document = self.document;
        let field = key.rsplit('.').next().unwrap_or(key);
        let nothing = match document.kind(node) {
            Kind::Null => true,
            Kind::Bool => !self.context.plan.is_guarded(field),
            Kind::String => document.raw(node) == "\"\"",
            Kind::Number | Kind::Array | Kind::Object => false,
        };
        if !nothing && (is_free(key) || self.context.plan.is_guarded(field)) {
            return Err(carries(self.named));
        }
        self.value(key, node)
    }

    /// Ids, names of code, names that policy knows, short numbers, true and false.
    fn value(&mut self, key: &str, node: NodeId) -> Result<(), Refusal> {
        self.count()?;
        let document = self.document;
        let fits = match document.kind(node) {
            Kind::Null | Kind::Bool => true,
            Kind::Number => {
                let number = document.raw(node);
                let digits = number.trim_start_matches('-').len();
                is_number(number) && (digits <= SHORT || is_count(key))
            }
            Kind::String => {
                let text = document.text(node).unwrap_or_default();
                text.is_empty()
                    || is_choice(&text)
                    || self.is_id(&text)
                    || is_known(self.context, &text)
            }
            Kind::Array => {
                let mut items = document.elements(node);
                return items.try_for_each(|item| self.value(key, item));
            }
            Kind::Object => {
                for (key, value) in document.members(node) {
                    let known = is_words(&key) || is_known(self.context, &key) || self.is_id(&key);
                    if !known {
                        return Err(carries(self.named));
                    }
                    self.member(&key, value)?;
                }
                return Ok(());
            }
        };
        match fits {
            true => Ok(()),
            false => Err(carries(self.named)),
        }
    }

    fn is_id(&self, text: &str) -> bool {
        is_id(text, |id| self.context.plan.object_of_id(id).is_some())
    }

    /// What policy lets through may not bring tokens of another place, however they are spelled.
    fn carried(&mut self, node: NodeId) -> Result<(), Refusal> {
        self.count()?;
        let document = self.document;
        let clean = |text: &str| self.context.no_token("a parameter of an action", text);
        match document.kind(node) {
            Kind::Null | Kind::Bool => Ok(()),
            Kind::Number => clean(document.raw(node)),
            Kind::String => clean(&document.text(node).unwrap_or_default()),
            Kind::Array => {
                let mut items = document.elements(node);
                items.try_for_each(|item| self.carried(item))
            }
            Kind::Object => {
                let mut members = document.members(node);
                members.try_for_each(|(key, value)| {
                    self.context.no_token("a parameter of an action", &key)?;
                    self.carried(value)
                })
            }
        }
    }

    fn count(&mut self) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let text = "an action that is not known has too many parameters";
            Refusal::new(Code::BodyTooLarge, text)
        })?;
        Ok(())
    }
}

/// Whether a text names an object, or a field of one by its path, that policy has rules for.
fn is_known(context: &Context<'_, '_>, text: &str) -> bool {
    let (object, path) = match text.split_once('.') {
        Some((object, path)) => (object, Some(path)),
        None => (text, None),
    };
    let Some(object) = context.plan.object(object) else {
        return false;
    };
    path.is_none_or(|path| resolve::spell(context, object, path).is_ok())
}

fn carries(named: Option<&Controller>) -> Refusal {
    let text = match named {
        None => {
            "an action that is not known carries a value; name it under [[actions]] in policy with what it may carry"
        }
        Some(_) => "an action carries a value in a parameter that policy does not let it carry",
    };
    Refusal::new(Code::PolicyUnknownAction, text)
}
