//! Channels of events.

use crate::dialect::salesforce::door::is_name;
use crate::model::{Code, Refusal};

/// What is listened to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Channel {
    /// `/event/X__e`: a platform event, by its object.
    Event(String),
    /// `/data/ContactChangeEvent`: changes of an object's records.
    Changes(String),
    /// `/data/ChangeEvents`: changes of every object that the CRM tells of.
    AllChanges,
    /// `/topic/NAME` and `/u/NAME`: names that an administrator chose.
    Named(String),
}

impl Channel {
    /// # Errors
    /// [`Code::EndpointUnknown`] for what is none of them; patterns are none.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let channel = match text.split_once('/').map(|(_, rest)| rest.split_once('/')) {
            Some(Some(("event", name))) if is_name(name) && name.ends_with("__e") => {
                Some(Self::Event(name.to_owned()))
            }
            Some(Some(("data", "ChangeEvents"))) => Some(Self::AllChanges),
            Some(Some(("data", name))) if is_name(name) => changed(name).map(Self::Changes),
            Some(Some(("topic", name))) if is_name(name) => Some(Self::Named(text.to_owned())),
            Some(Some(("u", rest))) if rest.split('/').all(is_name) => {
                Some(Self::Named(text.to_owned()))
            }
            _ => None,
        };
        channel.filter(|_| text.starts_with('/')).ok_or_else(|| {
            let text = "this is no channel of events that the border knows";
            Refusal::new(Code::EndpointUnknown, text)
        })
    }
}

/// The object of a change event: `Contact` of `ContactChangeEvent`, `Pet__c` of `Pet__ChangeEvent`.
fn changed(name: &str) -> Option<String> {
    match name.strip_suffix("__ChangeEvent") {
        Some(custom) => Some(format!("{custom}__c")),
        None => name.strip_suffix("ChangeEvent").map(str::to_owned),
    }
    .filter(|object| is_name(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_says_what_is_listened_to() {
        for (text, channel) in [
            ("/event/Order__e", Channel::Event("Order__e".to_owned())),
            (
                "/data/ContactChangeEvent",
                Channel::Changes("Contact".to_owned()),
            ),
            (
                "/data/Pet__ChangeEvent",
                Channel::Changes("Pet__c".to_owned()),
            ),
            ("/data/ChangeEvents", Channel::AllChanges),
            (
                "/topic/Contacts",
                Channel::Named("/topic/Contacts".to_owned()),
            ),
            (
                "/u/notes/Today",
                Channel::Named("/u/notes/Today".to_owned()),
            ),
        ] {
            assert_eq!(Channel::parse(text).unwrap(), channel);
        }
        for text in [
            "",
            "/",
            "x/event/Order__e",
            "/event/Order",
            "/event/*",
            "/event/**",
            "/data/Contact",
            "/data/Custom__chn",
            "/topic/A?Id=1",
            "/topic/Jan Jansen",
            "/u/../x",
            "/meta/connect",
        ] {
            assert!(Channel::parse(text).is_err(), "{text}");
        }
    }
}
