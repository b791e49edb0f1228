//! Feeds on the way in, and who takes part in them.
//!
//! Their objects are many and change with each version, so that a value is known by its key and by
//! the record that its object is of. Texts of posts and comments are those of their fields; names,
//! addresses and titles those of the record; words and counts of the API's own stay. Anything else
//! shows tokens by their class, ids, and nothing besides.

use std::collections::BTreeMap;

use super::read::{Answer, Part, Reading, Saved};
use super::tree::{self, Form, Leaf};
use super::view::{Sight, View, Viewer};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::chatter;
use crate::dialect::salesforce::door::Door;
use crate::dialect::salesforce::id::Id;
use crate::wire::Error;
use crate::wire::json::{Event, Reader};

/// Reads an answer of Chatter.
///
/// # Errors
/// An answer that is not strict JSON.
pub(super) fn read<'p>(answer: &Answer<'_, 'p>) -> Result<Reading<'p>, Error> {
    let told = Told::read(answer)?;
    let viewer = answer.viewer;
    // Which of both a text is of, a feed does not say at each place.
    let texts = [("FeedItem", "Body"), ("FeedComment", "CommentBody")];
    let open = texts.iter().all(|(object, field)| {
        let object = viewer.plan.object(object);
        let sight = object.map(|object| View::new(object, &viewer).find(field, &viewer));
        matches!(sight, Some(Sight::Open))
    });
    let form = Feed {
        viewer,
        views: told.views,
        of: told.of,
        text: match open {
            true => Sight::Open,
            false => Sight::TokensOnly,
        },
    };
    let mut reading = tree::read(answer, form)?;
    reading.saved = told.saved;
    reading.parts = told.parts;
    Ok(reading)
}

fn is_batch(request: &Request) -> bool {
    matches!(&request.top.door, Door::Chatter(top) if top.what == chatter::What::Batch)
}

/// What an answer tells before it is read: which record each object is of, what was written, and
/// what became of the parts of a batch.
struct Told<'p> {
    views: Vec<View<'p>>,
    /// For where an object begins, the view of its record's object.
    of: BTreeMap<usize, usize>,
    saved: Vec<Saved>,
    parts: Vec<Part>,
}

/// An open object or array.
struct Open {
    at: usize,
    /// The position of the element that is being read; none in an object.
    element: Option<usize>,
    key: Key,
    /// The record that the object is of, and the one that it names by a member.
    own: Option<Id>,
    named: Option<Id>,
    status: Option<u16>,
}

/// The members that tell something.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Key {
    Id,
    /// An object that is the record which the one around it shows.
    Record,
    Status,
    Result,
    Results,
    Other,
}

impl<'p> Told<'p> {
    fn read(answer: &Answer<'_, 'p>) -> Result<Self, Error> {
        let mut told = Self {
            views: vec![],
            of: BTreeMap::new(),
            saved: vec![],
            parts: vec![],
        };
        let batch = is_batch(answer.request);
        let mut open: Vec<Open> = Vec::new();
        let mut reader = Reader::new(answer.text, 64);
        loop {
            let event = reader.next()?;
            if let Some(last) = open.last_mut() {
                match &event {
                    Event::String(text) if last.key == Key::Id => last.own = Id::parse(text.raw),
                    Event::Number(span) if last.key == Key::Status => {
                        let number = answer.text.get(span.clone());
                        last.status = number.and_then(|number| number.parse().ok());
                    }
                    _ => {}
                }
            }
            match event {
                Event::Key(key) => {
                    if let Some(last) = open.last_mut() {
                        last.key = told_by(key.raw);
                    }
                    continue;
                }
                Event::BeginObject { at } => open.push(Open::new(at, None)),
                Event::BeginArray { at } => open.push(Open::new(at, Some(0))),
                Event::EndObject { .. } | Event::EndArray { .. } => {
                    let Some(ended) = open.pop() else { continue };
                    told.ended(answer, &ended, &mut open, batch);
                    passed(&mut open);
                }
                Event::End => return Ok(told),
                Event::String(_) | Event::Number(_) | Event::Bool(..) | Event::Null(_) => {
                    passed(&mut open);
                }
            }
        }
    }

    fn ended(&mut self, answer: &Answer<'_, 'p>, ended: &Open, around: &mut [Open], batch: bool) {
        if ended.element.is_some() {
            return;
        }
        let viewer = &answer.viewer;
        let record = ended.own.or(ended.named);
        let object = record.and_then(|id| viewer.plan.object_of_id(id.as_str()));
        if let Some(object) = object {
            let known = self.views.iter();
            let known = known
                .clone()
                .position(|view| view.object.name == object.name);
            let view = known.unwrap_or_else(|| {
                self.views.push(View::new(object, viewer));
                self.views.len() - 1
            });
            self.of.insert(ended.at, view);
        }
        let way: Vec<(Key, Option<usize>)> =
            around.iter().map(|open| (open.key, open.element)).collect();
        match (batch, way.as_slice()) {
            (false, []) => self.saved(ended.own, vec![]),
            (
                true,
                [
                    (Key::Results, None),
                    (_, Some(position)),
                    (Key::Result, None),
                ],
            ) => {
                self.saved(ended.own, vec![*position]);
            }
            (true, [(Key::Results, None), (_, Some(position))]) => {
                self.parts.extend(ended.status.map(|status| Part {
                    name: None,
                    position: *position,
                    status,
                }));
            }
            _ => {}
        }
        if let Some(last) = around.last_mut().filter(|last| last.key == Key::Record) {
            last.named = ended.own;
        }
    }

    fn saved(&mut self, id: Option<Id>, trail: Vec<usize>) {
        self.saved.extend(id.map(|id| Saved {
            id,
            trail,
            name: None,
        }));
    }
}

impl Open {
    fn new(at: usize, element: Option<usize>) -> Self {
        Self {
            at,
            element,
            key: Key::Other,
            own: None,
            named: None,
            status: None,
        }
    }
}

/// A value has ended: the next one is another element.
fn passed(open: &mut [Open]) {
    if let Some(last) = open.last_mut() {
        last.key = Key::Other;
        last.element = last.element.map(|element| element + 1);
    }
}

fn told_by(key: &str) -> Key {
    match key {
        "id" => Key::Id,
        "record" | "user" => Key::Record,
        "statusCode" => Key::Status,
        "result" => Key::Result,
        "results" => Key::Results,
        _ => Key::Other,
    }
}

struct Feed<'p> {
    viewer: Viewer<'p>,
    views: Vec<View<'p>>,
    of: BTreeMap<usize, usize>,
    /// What texts of posts and comments are to the viewer.
    text: Sight<'p>,
}

#[derive(Clone, Copy)]
struct Place<'p> {
    /// The view of the record that this is of.
    of: Option<usize>,
    what: What<'p>,
}

#[derive(Clone, Copy)]
enum What<'p> {
    /// The whole answer, and that of a part of a batch.
    Root,
    Results,
    Result,
    /// An error of the API's.
    Fault,
    /// The text of a post or a comment.
    Body,
    /// A link that somebody gave a title.
    Link,
    Value(Sight<'p>),
    Other,
}

impl<'p> Form<'p> for Feed<'p> {
    type Place = Place<'p>;

    fn root(&self) -> Place<'p> {
        Place {
            of: None,
            what: What::Root,
        }
    }

    fn opened(&mut self, place: Place<'p>, at: usize) -> Place<'p> {
        Place {
            of: self.of.get(&at).copied().or(place.of),
            what: match place.what {
                What::Value(_) => What::Other,
                what => what,
            },
        }
    }

    fn member(&mut self, place: Place<'p>, key: &str) -> Place<'p> {
        const OPEN: What<'static> = What::Value(Sight::Open);
        let what = match (place.what, key) {
            (What::Root, "results") => What::Results,
            (What::Result, "result") => What::Root,
            (What::Result, "statusCode") | (What::Fault, "message" | "errorCode") => OPEN,
            (What::Body, "messageSegments") => What::Body,
            (What::Body, "text" | "url") => What::Value(self.text),
            (What::Link, _) => What::Other,
            (_, "body") => What::Body,
            (_, "link") => What::Link,
            (_, key) if is_word(key) || is_count(key) => OPEN,
            (_, key) => field(key).map_or(What::Other, |field| {
                What::Value(self.sight(place.of, field))
            }),
        };
        Place { what, ..place }
    }

    fn element(&self, place: Place<'p>, _index: usize) -> Place<'p> {
        let what = match place.what {
            What::Root => What::Fault,
            What::Results => What::Result,
            what => what,
        };
        Place { what, ..place }
    }

    fn leaf(&self, place: Place<'p>) -> Leaf<'p> {
        match place.what {
            What::Value(Sight::Open) => Leaf::Seen(Sight::Open),
            What::Value(sight) => Leaf::Named(sight),
            _ => Leaf::Named(Sight::TokensOnly),
        }
    }

    fn is_record(&self, place: Place<'p>) -> bool {
        matches!(place.what, What::Body)
    }
}

impl<'p> Feed<'p> {
    /// What a field of a record is to the viewer.
    fn sight(&self, of: Option<usize>, field: &str) -> Sight<'p> {
        let view = of.and_then(|of| self.views.get(of));
        match view.map(|view| view.find(field, &self.viewer)) {
            Some(Sight::Open) => Sight::Open,
            // A held value is told by its null, which stands for anything here.
            Some(Sight::TokensOnly | Sight::Held(..) | Sight::Unknown) | None => Sight::TokensOnly,
        }
    }
}

/// The field of a record that a member shows.
fn field(key: &str) -> Option<&'static str> {
    Some(match key {
        "name" | "displayName" => "Name",
        "firstName" => "FirstName",
        "lastName" => "LastName",
        "email" => "Email",
        "phoneNumber" => "Phone",
        "title" => "Title",
        "username" => "Username",
        "companyName" => "CompanyName",
        "communityNickname" => "CommunityNickname",
        "aboutMe" => "AboutMe",
        "description" => "Description",
        _ => return None,
    })
}

/// Members with words, moments and addresses of the API's own.
fn is_word(key: &str) -> bool {
    let flag = |beginning: &str| {
        let rest = key.strip_prefix(beginning);
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
    };
    flag("is")
        || flag("has")
        || flag("can")
        || matches!(
            key,
            "type"
                | "feedElementType"
                | "userType"
                | "membershipType"
                | "markupType"
                | "htmlTag"
                | "visibility"
                | "accessible"
                | "color"
                | "createdDate"
                | "modifiedDate"
                | "relativeCreatedDate"
                | "latestCommentDate"
                | "url"
                | "currentPageUrl"
                | "nextPageUrl"
                | "previousPageUrl"
                | "currentPageToken"
                | "nextPageToken"
                | "previousPageToken"
                | "updatesToken"
                | "updatesUrl"
                | "isModifiedToken"
                | "isModifiedUrl"
                | "fullEmailPhotoUrl"
                | "standardEmailPhotoUrl"
                | "largePhotoUrl"
                | "mediumPhotoUrl"
                | "smallPhotoUrl"
                | "largeIconUrl"
                | "mediumIconUrl"
                | "smallIconUrl"
                | "svgIconUrl"
                | "hasErrors"
        )
}

/// Members with numbers that count.
fn is_count(key: &str) -> bool {
    key.ends_with("Count")
        || matches!(
            key,
            "total" | "count" | "people" | "records" | "page" | "pageSize" | "currentPageNumber"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_words_and_names_that_begin_like_one_are_not() {
        for key in ["isRichText", "hasErrors", "canViewFullProfile", "type"] {
            assert!(is_word(key), "{key}");
        }
        for key in ["issue", "hash", "candidate", "is", "text", "name"] {
            assert!(!is_word(key), "{key}");
        }
    }
}
