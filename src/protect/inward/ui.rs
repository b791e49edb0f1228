//! Records of the UI API on the way in: `{"apiName", "fields": {"Email": {"displayValue", "value"}}, "id"}`.
//!
//! Both members of a field are the same value, one as it is shown, so both have the field's sight.
//! The record's type stands first and its id last. What is neither record nor description is
//! known by name, or masked.

use std::ops::Range;

use super::frame::{Frame, UiField, UiRecord, Under};
use super::read::{Saved, Site, Walk, What};
use super::view::Sight;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::ui::answer::{Member, is_plain_of_record, member};
use crate::wire::json::Text;

/// What the value that comes next is.
#[derive(Clone, Copy, Debug)]
pub(super) enum UiKey<'p> {
    /// A record's type and id.
    Name,
    Id,
    /// All fields of a record, and one of them.
    Fields,
    Field(UiField<'p>),
    /// A field's value, and how it is shown.
    Value(UiField<'p>),
    Shown(Sight<'p>),
    /// Neither of these.
    Member(Member),
    Unknown,
}

impl<'p> UiKey<'p> {
    /// The sight of a value that is neither text nor null.
    pub fn sight(self) -> Sight<'p> {
        match self {
            Self::Value(field) => field.sight,
            Self::Shown(sight) => sight,
            Self::Member(Member::Described | Member::Loose | Member::Plain) => Sight::Open,
            Self::Name | Self::Id | Self::Fields | Self::Field(_) | Self::Unknown => Sight::Unknown,
            Self::Member(Member::Names | Member::Link | Member::Other) => Sight::Unknown,
        }
    }
}

/// Whether a member of a record is what its object, its fields and its id are told by.
pub(super) fn is_of_record(key: &str) -> bool {
    matches!(key, "apiName" | "fields" | "id")
}

impl<'a, 'p> Walk<'a, 'p> {
    /// What a key means in the frame that is open.
    pub(super) fn ui_key(&self, key: &str) -> UiKey<'p> {
        match self.frames.last() {
            Some(Frame::UiRecord(_)) => match key {
                "apiName" => UiKey::Name,
                "id" => UiKey::Id,
                "fields" => UiKey::Fields,
                "childRelationships" => UiKey::Member(Member::Other),
                key if is_plain_of_record(key) => UiKey::Member(Member::Described),
                _ => UiKey::Unknown,
            },
            Some(Frame::UiFields { view }) => {
                let view = view.and_then(|view| self.views.get(view));
                view.map_or(UiKey::Unknown, |view| {
                    UiKey::Field(view.shown(key, &self.answer.viewer))
                })
            }
            Some(Frame::UiValue(field)) => match key {
                "value" => UiKey::Value(*field),
                "displayValue" => UiKey::Shown(field.sight),
                _ => UiKey::Unknown,
            },
            Some(Frame::UiEnvelope) => UiKey::Member(member(key)),
            _ => UiKey::Unknown,
        }
    }

    /// The frame of an object under a key.
    pub(super) fn ui_object(&self, key: UiKey<'p>, at: usize) -> Frame<'p> {
        let opening = |under| Frame::Opening { at, under };
        let masked = Frame::Masked {
            at,
            sites: self.reading.sites.len(),
        };
        match key {
            UiKey::Fields => match self.holder() {
                Some(Frame::UiRecord(record)) => Frame::UiFields { view: record.view },
                _ => masked,
            },
            UiKey::Field(field) if field.related || !matches!(field.sight, Sight::Unknown) => {
                Frame::UiValue(field)
            }
            UiKey::Value(UiField { related: true, .. }) => opening(Under::Ui),
            UiKey::Value(UiField { sight, .. })
                if !matches!(sight, Sight::Unknown | Sight::Held(..)) =>
            {
                opening(Under::Field(sight))
            }
            UiKey::Member(Member::Described) => opening(Under::Field(Sight::Open)),
            UiKey::Member(Member::Loose) => opening(Under::Loose),
            UiKey::Member(Member::Other) => opening(Under::Ui),
            UiKey::Member(Member::Names | Member::Plain | Member::Link)
            | UiKey::Name
            | UiKey::Id
            | UiKey::Field(_)
            | UiKey::Value(_)
            | UiKey::Shown(_)
            | UiKey::Unknown => masked,
        }
    }

    /// The frame of an array under a key.
    pub(super) fn ui_array(&self, key: UiKey<'p>, at: usize) -> Frame<'p> {
        let array = Frame::array;
        match key {
            UiKey::Member(Member::Described | Member::Names) => array(Under::Field(Sight::Open)),
            UiKey::Member(Member::Other) => array(Under::Ui),
            UiKey::Member(Member::Loose) => array(Under::Loose),
            UiKey::Value(UiField {
                sight: sight @ (Sight::Open | Sight::TokensOnly),
                ..
            }) => array(Under::Field(sight)),
            _ => Frame::Masked {
                at,
                sites: self.reading.sites.len(),
            },
        }
    }

    pub(super) fn ui_string(&mut self, key: UiKey<'p>, text: &Text<'_>) {
        match key {
            UiKey::Name => {
                self.reading.records += 1;
                let view = self.view(text.raw);
                if let Some(Frame::UiRecord(record)) = self.frames.last_mut() {
                    record.view = view;
                }
            }
            UiKey::Id => {
                if let Some(Frame::UiRecord(record)) = self.frames.last_mut() {
                    record.id = Id::parse(text.raw);
                }
            }
            // A value in a link would not be escaped for it, and a token leads nowhere.
            UiKey::Member(Member::Link) => {
                let (sites, rows) = (self.reading.sites.len(), self.reading.rows.len());
                self.tokens(&text.span);
                if self.reading.sites.len() > sites {
                    self.reading.sites.truncate(sites);
                    self.reading.rows.truncate(rows);
                    self.mask(text.span.clone());
                }
            }
            other => self.value(&text.span, other.sight()),
        }
    }

    /// A null is where a held value stands; whose it is, is told behind it.
    pub(super) fn ui_null(&mut self, key: UiKey<'p>, span: Range<usize>) {
        let (field, shown) = match key {
            UiKey::Value(UiField {
                sight: Sight::Held(field, true),
                ..
            }) => (field, false),
            UiKey::Shown(Sight::Held(field, true)) => (field, true),
            _ => return,
        };
        let site = self.reading.sites.len();
        let record = self.frames.iter_mut().rev().find_map(|frame| match frame {
            Frame::UiRecord(record) => Some(record),
            _ => None,
        });
        let Some(record) = record else {
            return;
        };
        record.held.push(site);
        let what = What::Held {
            at: usize::MAX,
            field,
            shown,
        };
        self.reading.sites.push(Site { range: span, what });
    }

    /// Says of held values whose they are, and notes the record that an answer is about.
    pub(super) fn ui_end(&mut self, record: UiRecord) {
        let Some(id) = record.id else {
            return;
        };
        let position = self.answers().filter(|_| !record.loose);
        if self.frames.is_empty() || position.is_some() {
            self.reading.saved.push(Saved {
                id,
                trail: position.into_iter().collect(),
                name: None,
            });
        }
        let view = record.view.and_then(|view| self.views.get(view));
        let Some(view) = view.filter(|_| !record.held.is_empty()) else {
            return;
        };
        self.reading.held.push((view.object.name.as_str(), id));
        let place = self.reading.held.len() - 1;
        for site in record.held {
            if let Some(Site {
                what: What::Held { at, .. },
                ..
            }) = self.reading.sites.get_mut(site)
            {
                *at = place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::protect::inward::Shape;
    use crate::protect::trial::{CONTACT, Sent, Trial};

    const EVERYTHING: &[&str] = &["sales", "support", "marketing", "privacy", "integration"];

    /// A border that has protected one contact, and the tokens of its fields.
    fn contact() -> (Trial, Sent, Value) {
        let mut trial = Trial::start();
        let body = "{\"FirstName\":\"Mien\",\"LastName\":\"Jansen\",\"Birthdate\":\"1980-05-01\",\
                    \"Email\":\"mien@example.nl\",\"LeadSource\":\"Web\"}";
        let sent = trial.write("Contact", body).unwrap();
        let tokens = serde_json::from_str(&sent.body).unwrap();
        (trial, sent, tokens)
    }

    fn record(fields: &str) -> String {
        format!(
            "{{\"apiName\":\"Contact\",\"childRelationships\":{{}},\"eTag\":\"12ab\",\"fields\":{{{fields}}},\
             \"id\":\"{CONTACT}\",\"lastModifiedDate\":\"2026-01-01T00:00:00.000Z\",\
             \"recordTypeInfo\":null,\"weakEtag\":1767225600000}}"
        )
    }

    fn shown(trial: &Trial, sent: &Sent, text: &str, roles: &[&str]) -> Value {
        let (body, _) = trial.answer_as(Shape::Ui, sent, text, roles);
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn a_value_is_revealed_in_both_members_and_the_tags_stay() {
        let (trial, sent, tokens) = contact();
        let last = tokens["LastName"].as_str().unwrap();
        let text = record(&format!(
            "\"LastName\":{{\"displayValue\":\"{last}\",\"value\":\"{last}\"}}"
        ));
        let seen = shown(&trial, &sent, &text, EVERYTHING);
        assert_eq!(seen["fields"]["LastName"]["value"], "Jansen");
        assert_eq!(seen["fields"]["LastName"]["displayValue"], "Jansen");
        assert_eq!(seen["eTag"], "12ab");
        assert_eq!(seen["weakEtag"], 1_767_225_600_000_u64);
        assert_eq!(seen["id"], CONTACT);
        let masked = shown(&trial, &sent, &text, &[]);
        assert_eq!(masked["fields"]["LastName"]["value"], last);
    }

    #[test]
    fn a_held_value_stands_in_both_members_though_the_id_comes_last() {
        let (trial, sent, _) = contact();
        let text = record("\"Birthdate\":{\"displayValue\":null,\"value\":null}");
        let seen = shown(&trial, &sent, &text, EVERYTHING);
        assert_eq!(seen["fields"]["Birthdate"]["value"], "1980-05-01");
        assert_eq!(seen["fields"]["Birthdate"]["displayValue"], "1980-05-01");
        let hidden = shown(&trial, &sent, &text, &[]);
        assert_eq!(hidden["fields"]["Birthdate"]["value"], Value::Null);
    }

    #[test]
    fn a_relation_is_a_record_of_its_own_and_shown_by_its_name() {
        let (trial, sent, tokens) = contact();
        let last = tokens["LastName"].as_str().unwrap();
        let text = format!(
            "{{\"apiName\":\"Case\",\"fields\":{{\"Contact\":{{\"displayValue\":\"Mien {last}\",\"value\":{}}}}},\
             \"id\":\"500000000000001AAA\"}}",
            record(&format!(
                "\"LastName\":{{\"displayValue\":null,\"value\":\"{last}\"}},\
                 \"Nickname__c\":{{\"displayValue\":null,\"value\":\"Mientje\"}}"
            ))
        );
        let seen = shown(&trial, &sent, &text, EVERYTHING);
        let contact = &seen["fields"]["Contact"];
        assert_eq!(contact["displayValue"], "Mien Jansen");
        assert_eq!(contact["value"]["fields"]["LastName"]["value"], "Jansen");
        assert_eq!(contact["value"]["fields"]["Nickname__c"], Value::Null);
        let masked = shown(&trial, &sent, &text, &[]);
        assert_eq!(masked["fields"]["Contact"]["displayValue"], Value::Null);
    }

    #[test]
    fn what_is_neither_record_nor_description_is_masked() {
        let (trial, sent, tokens) = contact();
        let last = tokens["LastName"].as_str().unwrap();
        let inner = record(&format!(
            "\"LastName\":{{\"value\":\"{last}\",\"x\":\"clear\"}}"
        ));
        let text = format!(
            "{{\"count\":1,\"currentPageUrl\":\"/ui-api/x?q={last}\",\"nextPageUrl\":\"/ui-api/y\",\
             \"records\":[{inner}],\"strange\":\"clear\",\"strange2\":[\"clear\",5],\"strange3\":{{\"a\":\"clear\"}},\
             \"objectInfos\":{{\"Contact\":{{\"label\":\"Contact\"}}}}}}"
        );
        let seen = shown(&trial, &sent, &text, EVERYTHING);
        assert_eq!(seen["count"], 1);
        assert_eq!(seen["currentPageUrl"], Value::Null);
        assert_eq!(seen["nextPageUrl"], "/ui-api/y");
        assert_eq!(seen["records"][0]["fields"]["LastName"]["value"], "Jansen");
        assert_eq!(seen["objectInfos"]["Contact"]["label"], "Contact");
        assert!(!seen.to_string().contains("clear"), "{seen}");
        let batch = format!(
            "{{\"hasErrors\":false,\"results\":[{{\"result\":{inner},\"statusCode\":200}}]}}"
        );
        let seen = shown(&trial, &sent, &batch, EVERYTHING);
        assert_eq!(
            seen["results"][0]["result"]["fields"]["LastName"]["value"],
            "Jansen"
        );
        assert_eq!(seen["results"][0]["statusCode"], 200);
        let by_id = format!("{{\"layouts\":{{}},\"records\":{{\"{CONTACT}\":{inner}}}}}");
        let seen = shown(&trial, &sent, &by_id, EVERYTHING);
        assert_eq!(
            seen["records"][CONTACT]["fields"]["LastName"]["value"],
            "Jansen"
        );
    }

    #[test]
    fn fields_before_their_type_are_masked() {
        let (trial, sent, tokens) = contact();
        let last = tokens["LastName"].as_str().unwrap();
        let text = format!(
            "{{\"fields\":{{\"LastName\":{{\"value\":\"{last}\"}}}},\"apiName\":\"Contact\",\"id\":\"{CONTACT}\"}}"
        );
        let seen = shown(&trial, &sent, &text, EVERYTHING);
        assert!(!seen.to_string().contains("Jansen"), "{seen}");
        let turned = format!(
            "{{\"apiName\":\"Pet__c\",\"fields\":{{\"LastName\":{{\"value\":\"{last}\"}}}},\"id\":\"x\"}}"
        );
        let seen = shown(&trial, &sent, &turned, EVERYTHING);
        assert!(!seen.to_string().contains("Jansen"), "{seen}");
    }
}
