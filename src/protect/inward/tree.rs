//! A walk over answers whose places are told by the way to them: each member and element has a place
//! that its form knows, or nobody has said what it is.

use super::read::{Answer, Reading, Shape, Site, Walk, What};
use super::view::Sight;
use crate::dialect::salesforce::id::Id;
use crate::policy::Plan;
use crate::wire::Error;
use crate::wire::json::{Event, Reader, Text};

/// What an answer is made of.
pub(super) trait Form<'p> {
    /// Where a value stands.
    type Place: Copy;

    /// The place of the whole answer.
    fn root(&self) -> Self::Place;

    /// The place of an object or array that begins at `at`.
    fn opened(&mut self, place: Self::Place, at: usize) -> Self::Place;

    /// The place of a member of the object at `place`.
    fn member(&mut self, place: Self::Place, key: &str) -> Self::Place;

    /// The place of the element at `index` of the array at `place`.
    fn element(&self, place: Self::Place, index: usize) -> Self::Place;

    /// What a value at this place is.
    fn leaf(&self, place: Self::Place) -> Leaf<'p>;

    /// A text that was read at this place.
    fn told(&mut self, _place: Self::Place, _text: &str) {}

    /// Whether an object at this place is a record that somebody is shown.
    fn is_record(&self, _place: Self::Place) -> bool {
        false
    }
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf<'p> {
    Seen(Sight<'p>),
    /// The same, but the id of a record stays in any case: names are shown with one.
    Named(Sight<'p>),
    /// A name of the client's that left in a word of ours.
    Renamed,
    /// Objects and arrays stand here; a value is masked.
    Within,
}

/// How deep an answer may nest.
const DEEPEST: usize = 64;

/// An open object or array.
struct Open<P> {
    place: P,
    array: bool,
    count: usize,
    /// Where a value that is masked whole began, and how many sites there were.
    masked: Option<(usize, usize)>,
}

/// Walks over an answer.
///
/// # Errors
/// An answer that is not strict JSON.
pub(super) fn read<'p, F: Form<'p>>(
    answer: &Answer<'_, 'p>,
    form: F,
) -> Result<Reading<'p>, Error> {
    let mut tree = Tree {
        walk: Walk::new(answer),
        form,
        open: vec![],
        key: None,
        hidden: 0,
    };
    let mut reader = Reader::new(answer.text, DEEPEST);
    loop {
        match reader.next()? {
            Event::Key(text) => tree.key(&text),
            Event::String(text) => tree.string(&text),
            Event::Number(span) | Event::Bool(span, _) => {
                let place = tree.next();
                if tree.hidden == 0 && tree.hides(place) {
                    tree.walk.mask(span);
                }
            }
            Event::Null(_) => {
                tree.next();
            }
            Event::BeginObject { at } => tree.begin(at, false),
            Event::BeginArray { at } => tree.begin(at, true),
            Event::EndObject { at, .. } | Event::EndArray { at, .. } => tree.end(at),
            Event::End => return Ok(tree.walk.reading),
        }
    }
}

struct Tree<'a, 'p, F: Form<'p>> {
    walk: Walk<'a, 'p>,
    form: F,
    open: Vec<Open<F::Place>>,
    /// The place of the value that comes next, where a key has told it.
    key: Option<F::Place>,
    /// How many of the open values are masked whole.
    hidden: usize,
}

impl<'p, F: Form<'p>> Tree<'_, 'p, F> {
    fn key(&mut self, text: &Text<'_>) {
        if let Some(open) = self.open.last().filter(|_| self.hidden == 0) {
            self.key = Some(self.form.member(open.place, text.raw));
        }
    }

    /// The place of the value that begins here.
    fn next(&mut self) -> F::Place {
        if let Some(place) = self.key.take() {
            return place;
        }
        match self.open.last_mut() {
            None => self.form.root(),
            Some(open) if open.array => {
                let index = open.count;
                open.count += 1;
                let place = open.place;
                match self.hidden {
                    0 => self.form.element(place, index),
                    _ => place,
                }
            }
            Some(open) => open.place,
        }
    }

    fn begin(&mut self, at: usize, array: bool) {
        let place = self.next();
        let mut masked = None;
        let place = match self.form.leaf(place) {
            _ if self.hidden > 0 => place,
            Leaf::Seen(Sight::Unknown) | Leaf::Named(Sight::Unknown) | Leaf::Renamed => {
                masked = Some((at, self.walk.reading.sites.len()));
                place
            }
            Leaf::Seen(_) | Leaf::Named(_) | Leaf::Within => self.form.opened(place, at),
        };
        if masked.is_some() || self.hidden > 0 {
            self.hidden += 1;
        } else if !array && self.form.is_record(place) {
            self.walk.reading.records += 1;
        }
        self.open.push(Open {
            place,
            array,
            count: 0,
            masked,
        });
    }

    fn end(&mut self, end: usize) {
        self.key = None;
        let Some(open) = self.open.pop() else {
            return;
        };
        self.hidden = self.hidden.saturating_sub(1);
        if let Some((at, sites)) = open.masked {
            self.walk.reading.sites.truncate(sites);
            self.walk.mask(at..end + 1);
        }
    }

    fn string(&mut self, text: &Text<'_>) {
        let place = self.next();
        if self.hidden > 0 {
            return;
        }
        match self.form.leaf(place) {
            Leaf::Within => self.walk.mask(text.span.clone()),
            Leaf::Renamed => self.renamed(text),
            // One token in many has the form of an id.
            Leaf::Named(sight) => {
                match !self.walk.has_token(&text.span)
                    && is_reference(self.walk.answer.viewer.plan, text.raw)
                {
                    true => {}
                    false => self.walk.value(&text.span, self.listed(sight)),
                }
            }
            Leaf::Seen(sight) => self.walk.value(&text.span, self.listed(sight)),
        }
        self.form.told(place, text.raw);
    }

    /// Puts the client's name in the place of ours; any other word there is nobody's.
    fn renamed(&mut self, text: &Text<'_>) {
        match self.walk.answer.request.theirs(text.raw) {
            Some(theirs) => self.walk.reading.sites.push(Site {
                range: text.span.clone(),
                what: What::Name(theirs.to_owned()),
            }),
            None => self.walk.mask(text.span.clone()),
        }
    }

    /// What a value is to a program that keeps to a list of fields. In reports and feeds text stands
    /// of which nobody says what field it is; then the list does not name it, whatever token is in it.
    fn listed(&self, sight: Sight<'p>) -> Sight<'p> {
        let answer = self.walk.answer;
        match sight {
            Sight::TokensOnly
                if answer.viewer.plan.is_narrowed() && answer.shape != Shape::Events =>
            {
                Sight::Unknown
            }
            sight => sight,
        }
    }

    fn hides(&self, place: F::Place) -> bool {
        match self.form.leaf(place) {
            Leaf::Within | Leaf::Renamed => true,
            Leaf::Seen(sight) | Leaf::Named(sight) => sight.hides(),
        }
    }
}

/// Whether a text is the id of a record: of 18 characters with their check, or of an object of the
/// policy's. Digits alone could be a telephone number: `0039` begins one, as an id may.
pub(super) fn is_reference(plan: &Plan, text: &str) -> bool {
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let known = || plan.object_of_id(text).is_some();
    Id::parse(text).is_some() && letters && (text.len() == 18 || known())
}
