//! Answers of Aura on the way in: a list of actions, each read by what was asked under its name.
//!
//! An action that is the UI API in another spelling is read as that. Of any other nobody knows what
//! its answer means: tokens in it are revealed by their class. Records in it are read as records by
//! their form, and what stands under the name of a protected field is masked where this viewer may
//! not see that; nothing else is touched, so a text that came into the CRM past the border and stands
//! in neither passes. A value that stands in several places stands
//! once (`{"s": 1, "v": …}`) and is referred to elsewhere (`{"r": 1}`); it is read where it stands.

use std::ops::Range;

use super::frame::{Frame, Under};
use super::read::{Care, Key, Part as Told, Reading, Shape, Site, Walk, What};
use super::ui::UiKey;
use super::view::Sight;
use crate::dialect::salesforce::aura::is_number;
use crate::dialect::salesforce::door::Door;
use crate::wire::json::Text;

/// An object of Aura's own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Message,
    /// The call that it answers, and the status that its state comes to.
    Action {
        call: Option<usize>,
        status: Option<u16>,
    },
    Application,
    /// What all components share; whether it may hold records.
    Provider {
        records: bool,
    },
}

/// What the value that comes next is.
#[derive(Clone, Copy, Debug)]
pub(super) enum AuraKey {
    /// An action's name and state.
    Id,
    State,
    /// What a provider provides.
    Type,
    /// The number of a shared value.
    Reference,
}

impl Part {
    /// What an object of that kind is.
    pub(super) fn under(under: Under<'_>) -> Option<Self> {
        Some(match under {
            Under::Message => Self::Message,
            Under::Action => Self::Action {
                call: None,
                status: None,
            },
            Under::Application => Self::Application,
            Under::Provider => Self::Provider { records: true },
            Under::Envelope | Under::Field(_) | Under::Ui | Under::Graph | Under::Loose => {
                return None;
            }
        })
    }
}

/// What a key of a shared value's frame means, where the whole stands for `stand`.
pub(super) fn shared<'p>(stand: Key<'p>, key: &str) -> Key<'p> {
    match (key, stand) {
        ("v", stand) => stand,
        // A number, by which other places refer to it.
        ("s" | "r", _) => Key::Aura(AuraKey::Reference),
        (_, Key::Field(sight)) => Key::Field(sight),
        (_, Key::Element(Under::Loose)) => LOOSE,
        _ => Key::Field(Sight::Unknown),
    }
}

/// What nobody knows the meaning of.
const LOOSE: Key<'static> = Key::Element(Under::Loose);

/// Whether what stands here is not for this viewer, so that a reference to it is not either: what it
/// refers to may stand open elsewhere.
fn is_hidden(stand: Key<'_>) -> bool {
    let sight = match stand {
        Key::Field(sight) | Key::Element(Under::Field(sight)) => sight,
        Key::Ui(UiKey::Field(field) | UiKey::Value(field)) => field.sight,
        Key::Ui(UiKey::Shown(sight)) => sight,
        _ => return false,
    };
    matches!(
        sight,
        Sight::Unknown | Sight::TokensOnly | Sight::Held(_, false)
    )
}

impl<'a, 'p> Walk<'a, 'p> {
    /// What an object of an answer of Aura is, by its first key; which may tell more.
    pub(super) fn told(&mut self, key: &str) {
        let Some(Frame::Unsure { at, stand }) = self.frames.last() else {
            return;
        };
        let (at, stand) = (*at, *stand);
        self.frames.pop();
        let frame = match key {
            "r" if is_hidden(stand) => Frame::Masked {
                at,
                sites: self.reading.sites.len(),
            },
            "s" | "r" => Frame::Shared { stand },
            _ => self.object(stand, at),
        };
        self.frames.push(frame);
    }

    pub(super) fn aura_key(&self, part: Part, key: &str) -> Key<'p> {
        match part {
            Part::Message => match key {
                "actions" => Key::Element(Under::Action),
                "context" => Key::Element(Under::Application),
                "events" | "perfSummary" | "exceptionEvent" | "event" | "exceptionMessage" => LOOSE,
                _ => Key::Field(Sight::Unknown),
            },
            Part::Action { call, .. } => match key {
                "id" => Key::Aura(AuraKey::Id),
                "state" => Key::Aura(AuraKey::State),
                "returnValue" => self.returned(call),
                "error" | "components" | "storable" | "cacheable" => LOOSE,
                _ => Key::Field(Sight::Unknown),
            },
            Part::Application => match key {
                "globalValueProviders" => Key::Element(Under::Provider),
                _ => LOOSE,
            },
            Part::Provider { records } => match key {
                "type" => Key::Aura(AuraKey::Type),
                "values" if records => Key::Element(Under::Ui),
                _ => LOOSE,
            },
        }
    }

    /// What an action returns, by what was asked.
    fn returned(&self, call: Option<usize>) -> Key<'p> {
        let call = call.and_then(|call| self.answer.request.calls.get(call));
        match call.map(|call| &call.route.door) {
            Some(Door::Ui(ui)) if ui.is_metadata() => Key::Field(Sight::Open),
            Some(Door::Ui(_)) => Key::Element(Under::Ui),
            Some(Door::Controller { .. }) => LOOSE,
            // Nobody asked for it.
            _ => Key::Field(Sight::Unknown),
        }
    }

    pub(super) fn aura_string(&mut self, key: AuraKey, text: &Text<'_>) {
        let answered = match key {
            AuraKey::Id => self.answer.request.answered(text.raw),
            AuraKey::State | AuraKey::Type => None,
            AuraKey::Reference => {
                if !is_number(text.raw) {
                    self.mask(text.span.clone());
                }
                return;
            }
        };
        let Some(Frame::Aura(part)) = self.frames.last_mut() else {
            return;
        };
        match (key, part) {
            (AuraKey::Id, Part::Action { call, .. }) => {
                *call = answered.map(|(call, _)| call);
                let what = match answered {
                    Some((_, theirs)) => What::Name(theirs.to_owned()),
                    None => What::Mask,
                };
                self.reading.sites.push(Site {
                    range: text.span.clone(),
                    what,
                });
            }
            (AuraKey::State, Part::Action { status, .. }) => {
                *status = Some(match text.raw {
                    "SUCCESS" => 200,
                    "ERROR" => 400,
                    // It may have been carried out.
                    _ => 500,
                });
            }
            (AuraKey::Type, Part::Provider { records }) => *records = text.raw == "$Record",
            _ => {}
        }
    }

    /// A text that stands where an element of such an array would.
    pub(super) fn element(&mut self, under: Under<'p>, text: &Text<'_>) {
        match under {
            Under::Field(sight) => self.value(&text.span, sight),
            Under::Loose => self.value(&text.span, Sight::Open),
            _ => self.value(&text.span, Sight::Unknown),
        }
    }

    /// Says what became of an action.
    pub(super) fn aura_end(&mut self, part: Part) {
        let Part::Action {
            call: Some(position),
            status: Some(status),
        } = part
        else {
            return;
        };
        self.reading.parts.push(Told {
            name: None,
            position,
            status,
        });
    }

    /// The object that holds the value which is being read, where that is shared or not.
    pub(super) fn holder(&self) -> Option<&Frame<'p>> {
        let mut frames = self.frames.iter().rev();
        frames.find(|frame| !matches!(frame, Frame::Shared { .. }))
    }

    /// The call whose whole answer the object is that has just ended.
    pub(super) fn answers(&self) -> Option<usize> {
        match self.holder()? {
            Frame::Aura(Part::Action { call, .. }) => *call,
            _ => None,
        }
    }

    /// What stands under a name where nobody says of what object: a value of a field of that name at
    /// most, as the strictest of the objects that have it would show it.
    pub(super) fn loose(&mut self, key: &str) -> Key<'p> {
        let viewer = self.answer.viewer;
        if viewer.plan.is_narrowed() {
            return Key::Field(Sight::Unknown);
        }
        for object in viewer.plan.guarding(key) {
            let view = self.view(&object.name).and_then(|at| self.views.get(at));
            let sight = view.map_or(Sight::Unknown, |view| view.find(key, &viewer));
            if !matches!(sight, Sight::Open | Sight::Held(_, true)) {
                return Key::Field(Sight::TokensOnly);
            }
        }
        LOOSE
    }

    /// Whether what is read may be taken for markup: by a component that nobody knows, or because
    /// the CRM encodes the texts of feeds for pages where nobody asks it not to.
    pub(super) fn care(&self) -> Care {
        match self.answer.shape {
            Shape::Aura if !matches!(self.frames.last(), Some(Frame::UiValue(_))) => Care::Anywhere,
            Shape::Feed => Care::Tags,
            _ => Care::None,
        }
    }

    /// Whether a text that nobody knows is markup or an address, in which no value is safe: then its
    /// tokens stay.
    pub(super) fn is_markup(&self, span: &Range<usize>) -> bool {
        let raw = || self.answer.text.get(span.start + 1..span.end - 1);
        self.care() == Care::Anywhere && raw().is_none_or(is_markup)
    }
}

/// Whether a text, as JSON has it, is markup (escaped or not), an address, or script.
fn is_markup(raw: &str) -> bool {
    let lower = raw.to_ascii_lowercase();
    let starts = |scheme: &&str| lower.trim_start().starts_with(*scheme);
    let script = ["javascript:", "vbscript:", "data:"].iter().any(starts);
    let mut references = lower.split('&').skip(1);
    let coded = references.any(|rest| {
        let name = rest.split(';').next().unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'#';
        name.len() < rest.len() && !name.is_empty() && name.bytes().all(plain)
    });
    // A path or a query is one word.
    let address = !raw.contains(' ') && raw.contains(['/', '?']);
    let marks = ["<", "\\u003c", "\\u0026", "://", "=", "\\u003d"];
    script || coded || address || marks.iter().any(|mark| lower.contains(mark))
}

impl Reading<'_> {
    /// Puts a text of ours behind the last of an answer's actions.
    ///
    /// # Errors
    /// The text, where the answer has no list of actions.
    pub fn add_actions(&mut self, text: String) -> Result<(), String> {
        let Some((at, any)) = self.actions else {
            return Err(text);
        };
        let text = if any { format!(",{text}") } else { text };
        let place = self.sites.partition_point(|site| site.range.start < at);
        let what = What::Put(text);
        let range = at..at;
        self.sites.insert(place, Site { range, what });
        Ok(())
    }
}
