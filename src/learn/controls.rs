//! Which names a page asks people to fill in, and which it fills in itself: its forms' controls.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What a control is to whoever looks at the page. The stronger stands later.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Ord, PartialOrd)]
pub enum Kind {
    /// `hidden`: the page fills it in.
    #[default]
    Hidden,
    /// `select`, `checkbox`, `radio`: people choose what the page offers.
    Choice,
    Number,
    Date,
    /// `text` and its like: people type.
    Text,
    Email,
    Phone,
    Url,
    Search,
    Area,
    File,
    Password,
}

/// One control.
#[derive(Clone, Copy, Debug, Default)]
pub struct Control {
    pub kind: Kind,
    /// `maxlength`.
    pub room: Option<usize>,
}

impl Control {
    /// Whether people type into it.
    pub fn is_typed(self) -> bool {
        matches!(
            self.kind,
            Kind::Text | Kind::Email | Kind::Phone | Kind::Url | Kind::Search | Kind::Area
        )
    }
}

/// The controls of all pages by their names.
#[derive(Debug, Default)]
pub struct Controls(BTreeMap<String, Control>);

impl Controls {
    pub fn get(&self, name: &str) -> Option<Control> {
        self.0.get(name).copied()
    }

    /// Notes the controls of a page or of a part of one.
    pub fn read(&mut self, html: &str) {
        let found = Found::default();
        let tokenizer = Tokenizer::new(found, TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(html));
        // It stops where a page says its encoding, and goes on from there.
        while !input.is_empty() {
            drop(tokenizer.feed(&input));
        }
        tokenizer.end();
        for (name, control) in tokenizer.sink.0.take() {
            self.add(name, control);
        }
    }

    fn add(&mut self, name: String, control: Control) {
        let known = self.0.entry(name).or_insert(control);
        known.kind = known.kind.max(control.kind);
        known.room = match (known.room, control.room) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Start tags, as they come.
#[derive(Default)]
struct Found(RefCell<Vec<(String, Control)>>);

impl TokenSink for Found {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().extend(control(&tag));
        }
        TokenSinkResult::Continue
    }
}

fn control(tag: &Tag) -> Option<(String, Control)> {
    let attribute = |name: &str| {
        let mut attributes = tag.attrs.iter();
        let found = attributes.find(|attribute| &*attribute.name.local == name);
        found.map(|attribute| attribute.value.to_string())
    };
    let kind = match &*tag.name {
        "select" => Kind::Choice,
        "textarea" => Kind::Area,
        "input" => match attribute("type")
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "hidden" => Kind::Hidden,
            "checkbox" | "radio" => Kind::Choice,
            "number" | "range" => Kind::Number,
            "date" | "datetime-local" | "time" | "month" | "week" => Kind::Date,
            "email" => Kind::Email,
            "tel" => Kind::Phone,
            "url" => Kind::Url,
            "search" => Kind::Search,
            "file" => Kind::File,
            "password" => Kind::Password,
            "submit" | "image" | "reset" | "button" => Kind::Hidden,
            _ => Kind::Text,
        },
        "button" => Kind::Hidden,
        _ => return None,
    };
    let room = attribute("maxlength").and_then(|text| text.parse().ok());
    let name = attribute("name").filter(|name| !name.is_empty())?;
    Some((name, Control { kind, room }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_what_is_typed_and_what_it_fills_in() {
        let mut controls = Controls::default();
        controls.read(
            "<form><input name=a><INPUT type=hidden name=b value=x><select name=c></select>\
             <textarea name=d></textarea><input type=EMAIL maxlength=80 name=e><p name=f>",
        );
        controls.read("<input name=b><input name=e type=hidden maxlength=40>");
        for (name, kind) in [
            ("a", Some(Kind::Text)),
            ("b", Some(Kind::Text)),
            ("c", Some(Kind::Choice)),
            ("d", Some(Kind::Area)),
            ("e", Some(Kind::Email)),
            ("f", None),
        ] {
            assert_eq!(
                controls.get(name).map(|control| control.kind),
                kind,
                "{name}"
            );
        }
        assert_eq!(controls.get("e").and_then(|control| control.room), Some(40));
    }
}
