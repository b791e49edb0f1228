//! All that was seen of one path, whatever the method.

use std::collections::{BTreeMap, BTreeSet};

use super::body::Written;
use super::decide::{Place, signs_in};
use super::door::Door;
use super::guess;
use super::path::Shaped;
use super::session::Site;
use super::shape::Shape;
use crate::dialect::pages::Media;

/// All methods of one path.
pub struct Group<'s> {
    pub path: &'s Shaped,
    pub doors: Vec<(&'s str, &'s Door)>,
}

impl<'s> Group<'s> {
    pub fn seen(&self) -> usize {
        self.doors.iter().map(|(_, door)| door.seen).sum()
    }

    pub fn methods(&self) -> Vec<&'s str> {
        self.doors.iter().map(|(method, _)| *method).collect()
    }

    /// The methods that a route can have.
    pub fn taken(&self) -> Vec<&'s str> {
        let mut methods = self.methods();
        methods.retain(|method| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(method));
        methods
    }

    pub fn query(&self) -> BTreeMap<String, Shape> {
        let mut query = BTreeMap::new();
        for (_, door) in &self.doors {
            merge(&mut query, &door.query);
        }
        query
    }

    pub fn body(&self) -> BTreeMap<String, Shape> {
        let mut body = BTreeMap::new();
        for (_, door) in &self.doors {
            merge(&mut body, &door.body);
        }
        body
    }

    pub fn codecs(&self) -> Vec<Written> {
        let written = self.doors.iter().flat_map(|(_, door)| &door.written);
        let written: BTreeSet<Written> = written.copied().collect();
        written.into_iter().collect()
    }

    pub fn answers(&self) -> Vec<Media> {
        let mut answers = Vec::new();
        for (media, _) in self.doors.iter().flat_map(|(_, door)| &door.answers) {
            if !answers.contains(media) {
                answers.push(*media);
            }
        }
        answers
    }

    /// Where its redirects led: to the record of the path itself, or to another.
    pub fn leads(&self, same: bool) -> Option<&'s Shaped> {
        let writes = self.doors.iter().filter(|(method, _)| *method != "GET");
        let mut leads = writes.flat_map(|(_, door)| &door.leads);
        let (path, _) = leads.find(|(_, known)| *known == same)?;
        Some(path)
    }

    pub fn told(&self) -> Option<&'static str> {
        let writes = self.doors.iter().filter(|(method, _)| *method != "GET");
        writes.filter_map(|(_, door)| door.told).next()
    }

    /// What its bodies do. A body that is asked for by no redirect, has no record and names what the
    /// path's own query names, or a search, asks for a list.
    pub fn place(&self, site: &Site) -> Place {
        let body = self.body();
        let signs = |name: &String| signs_in(name, site.controls.get(name));
        if body.keys().any(signs) && self.path.variables() == 0 {
            return Place::SignIn;
        }
        let redirects = self.doors.iter().any(|(_, door)| door.redirects > 0);
        let query = self.query();
        let lists = |name: &String| {
            query.contains_key(name) && !guess::is_proof(name) || guess::is_search(name)
        };
        let only_posts = self
            .doors
            .iter()
            .all(|(method, _)| ["GET", "POST"].contains(method));
        match only_posts
            && !redirects
            && self.told().is_none()
            && self.path.variables() == 0
            && body.keys().any(lists)
        {
            true => Place::Question,
            false => Place::Body,
        }
    }
}

/// Adds shapes to those of the same names.
pub fn merge(into: &mut BTreeMap<String, Shape>, from: &BTreeMap<String, Shape>) {
    for (name, shape) in from {
        into.entry(name.clone()).or_default().merge(shape);
    }
}
