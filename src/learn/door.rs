//! What was seen of one method and path.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body::{self, Pair, Written};
use super::guess;
use super::har::Held;
use super::path::Shaped;
use super::print::Printer;
use super::session::{Seen, markup, split};
use super::shape::Shape;
use crate::dialect::pages::{IdForm, Media};

/// What was seen of one method and path.
#[derive(Default)]
pub struct Door {
    pub seen: usize,
    /// Answered by an error, or not at all.
    pub failed: usize,
    pub redirects: usize,
    pub query: BTreeMap<String, Shape>,
    pub body: BTreeMap<String, Shape>,
    pub written: Vec<Written>,
    /// Bodies of a kind that no route takes.
    pub strange: usize,
    pub answers: Vec<(Media, usize)>,
    pub html_in_json: bool,
    /// Where redirects led within the site, and whether to the record of the path.
    pub leads: Vec<(Shaped, bool)>,
    /// The names that lead to an id in JSON answers.
    pub told: Option<&'static str>,
}

impl Door {
    pub fn note(&mut self, seen: &Seen<'_>, kind: &str, text: Option<&str>) {
        let (request, response) = (&seen.entry.request, &seen.entry.response);
        self.seen += 1;
        note(&mut self.query, body::query(seen.query), seen.printer);
        if let Some(sent) = &request.body
            && !(sent.kind.is_empty() && sent.text.as_ref().is_none_or(|text| text.is_empty()))
        {
            match body::pairs(sent) {
                Some((written, pairs)) => {
                    if !self.written.contains(&written) {
                        self.written.push(written);
                    }
                    note(&mut self.body, pairs, seen.printer);
                }
                None => self.strange += 1,
            }
        }
        match response.status {
            300..400 if response.status != 304 => self.redirect(seen),
            200..300 | 304 => {
                let media = match kind {
                    "" | "x-unknown" => Media::Empty,
                    kind => Media::of(kind),
                };
                self.answer(media, text);
            }
            _ => self.failed += 1,
        }
    }

    fn redirect(&mut self, seen: &Seen<'_>) {
        self.redirects += 1;
        let leads: &Held = &seen.entry.response.leads;
        let path = match split(leads) {
            Some((origin, target)) if origin == seen.origin => target,
            Some(_) => return,
            None if leads.starts_with('/') => leads,
            None => return,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let own = split(&seen.entry.request.url).map_or("", |(_, target)| target);
        let own = own.split('?').next().unwrap_or_default();
        let shaped = Shaped::of(path, seen.whose);
        if let Some(id) = id(path) {
            let same = own.split('/').any(|segment| segment == id);
            if !self.leads.contains(&(shaped.clone(), same)) {
                self.leads.push((shaped, same));
            }
        }
    }

    fn answer(&mut self, media: Media, text: Option<&str>) {
        match self.answers.iter_mut().find(|(known, _)| *known == media) {
            Some((_, count)) => *count += 1,
            None => self.answers.push((media, 1)),
        }
        if media != Media::Json {
            return;
        }
        let Some(value) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
            return;
        };
        markup(&value, &mut |_| self.html_in_json = true);
        let named = [
            ("id", "/id"),
            ("data.id", "/data/id"),
            ("result.id", "/result/id"),
        ];
        let mut named = named.into_iter();
        let told = named.find(|(_, place)| value.pointer(place).is_some_and(is_id));
        self.told = self.told.or(told.map(|(name, _)| name));
        body::wipe(value);
    }
}

/// Notes names and values.
pub fn note(shapes: &mut BTreeMap<String, Shape>, pairs: Vec<Pair>, printer: &Printer) {
    for pair in pairs {
        let named = guess::class(&pair.name).is_some_and(guess::Class::is_name);
        let shape = shapes.entry(pair.name).or_default();
        shape.add(&pair.value, named, printer);
        shape.file |= pair.file;
    }
}

fn is_id(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_u64(),
        Value::String(text) => [IdForm::Number, IdForm::Uuid, IdForm::Hex]
            .iter()
            .any(|form| form.fits(text)),
        _ => false,
    }
}

/// The last segment of a path that is an id.
fn id(path: &str) -> Option<&str> {
    let segments = path.split('/').rev();
    let mut ids = segments.filter(|segment| Shaped::of(segment, None).variables() > 0);
    ids.next()
}
