//! What stands beside the routes: static paths, names that pass everywhere, and what is left out.

use std::collections::BTreeMap;

use super::draft::{Draft, Line};
use super::group::{Group, merge};
use super::make::{Maker, is_plain};
use super::path::Segment;
use super::shape::Shape;

impl Maker<'_> {
    /// Style sheets, scripts and fonts: a folder of their own, or each path.
    pub fn fixed(&self, draft: &mut Draft) {
        let mut query: BTreeMap<String, Shape> = BTreeMap::new();
        let mut unnamed = 0;
        for (path, door) in &self.site.fixed {
            let folder = path.0.first().filter(|_| path.0.len() > 1);
            let shared = |other: &Group<'_>| other.path.0.first() == folder;
            let text = match folder {
                Some(Segment::Word(word))
                    if !word.is_empty() && !self.groups.iter().any(shared) =>
                {
                    format!("/{word}/**")
                }
                _ if path.is_named() => path.pattern(self.ids),
                _ => {
                    unnamed += door.seen;
                    continue;
                }
            };
            draft.fixed.insert(text);
            merge(&mut query, &door.query);
        }
        draft.fixed_query = self.lines(&query);
        if unnamed > 0 {
            draft.left.push(format!(
                "{unnamed} requests for scripts or style sheets at paths with numbers"
            ));
        }
        let pictures = self.site.pictures.iter().filter(|(path, _)| {
            let first = path.words().next().unwrap_or_default();
            !draft.fixed.contains(&format!("/{first}/**"))
        });
        let pictures: usize = pictures.map(|(_, count)| count).sum();
        if pictures > 0 {
            draft.left.push(format!(
                "{pictures} requests for pictures outside of the static paths: those of people are personal data"
            ));
        }
    }

    /// Names that pass by the form of their values alone: cookies, header fields, versions of files.
    pub fn lines(&self, shapes: &BTreeMap<String, Shape>) -> Vec<Line> {
        let known = shapes
            .iter()
            .filter(|(name, _)| is_plain(name) && !self.session.tells(&self.typed, name));
        let line = |(name, shape): (&String, &Shape)| {
            let form = match shape.form() {
                Some("path") | None => None,
                // Sessions and proofs are of the CRM's making, however short they were seen.
                _ if shape.is("token") => Some("token"),
                form => form,
            };
            let ask = match form {
                None => Some("its values have no form that may pass"),
                Some(_) if is_counting(name) => Some("it looks like one that counts visitors"),
                Some(_) => None,
            };
            Line {
                name: name.clone(),
                form,
                ask,
                seen: shape.seen,
            }
        };
        known.map(line).collect()
    }

    pub fn left(&self, draft: &mut Draft, origin: &str) {
        for (other, requests) in self.session.others(origin) {
            // Some services give each customer a host.
            let somebodys = self.session.tells(&self.typed, other);
            let other = if somebodys {
                "a host with a name that may be somebody's"
            } else {
                other
            };
            draft.left.push(format!(
                "{requests} requests to {other}: pages may not load from there (`[site] csp`), unless it is the CRM's own (`[crm.hosts]` in sluis.toml)"
            ));
        }
        if self.site.sockets > 0 {
            draft.left.push(format!("{} WebSockets", self.site.sockets));
        }
        if self.site.authorized > 0 {
            draft.left.push(format!(
                "{} requests with `Authorization`: a browser's session here is a cookie",
                self.site.authorized
            ));
        }
        let strange: usize = self.site.doors.values().map(|door| door.strange).sum();
        if strange > 0 {
            draft.left.push(format!(
                "{strange} bodies that are no form, no multipart and no JSON"
            ));
        }
    }
}

/// Cookies that count visitors for somebody else.
fn is_counting(name: &str) -> bool {
    const STARTS: [&str; 8] = ["_ga", "_gid", "_gat", "_pk_", "_fbp", "ajs_", "_hj", "mp_"];
    STARTS.iter().any(|start| name.starts_with(start))
}
