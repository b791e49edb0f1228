//! What a comparison has said so far.

use std::collections::BTreeSet;

use crate::policy::{Change, Sentence};

/// Sentences, each with what it is about: a key of the file, or an object and field of it. The
/// comparison of the files asks by that whether somebody has judged a difference already.
#[derive(Default)]
pub(in crate::policy) struct Told {
    about: String,
    changes: Vec<Change>,
    /// In lower case, because the CRM's spelling of a name is not always the file's.
    said: BTreeSet<String>,
    weaker: BTreeSet<String>,
}

impl Told {
    /// What the next sentences are about.
    pub fn about(&mut self, what: impl AsRef<str>) {
        self.about = what.as_ref().to_ascii_lowercase();
    }

    pub fn add(&mut self, weaker: bool, sentence: Sentence) {
        let about = self.about.clone();
        self.covers(weaker, about);
        self.changes.push(Change::new(weaker, sentence));
    }

    /// That one of the sentences is about this too.
    pub fn covers(&mut self, weaker: bool, what: impl AsRef<str>) {
        let what = what.as_ref().to_ascii_lowercase();
        if weaker {
            self.weaker.insert(what.clone());
        }
        self.said.insert(what);
    }

    /// Whether something was said of it.
    pub fn has(&self, what: &str) -> bool {
        self.said.contains(&what.to_ascii_lowercase())
    }

    /// Whether it was said to become weaker.
    pub fn has_weaker(&self, what: &str) -> bool {
        self.weaker.contains(&what.to_ascii_lowercase())
    }

    /// Whether something was said of a part of it: `objects` has all that is about an object.
    pub fn has_within(&self, what: &str) -> bool {
        let prefix = format!("{}.", what.to_ascii_lowercase());
        self.said.iter().any(|said| said.starts_with(&prefix))
    }

    /// Weaker ones first.
    pub fn into_changes(mut self) -> Vec<Change> {
        self.changes.sort_by_key(|change| !change.weaker);
        self.changes
    }
}

/// What sentences about a class are about.
pub(in crate::policy) fn class(name: &str) -> String {
    format!("classes.{name}")
}

/// What sentences about an object are about; those about a field have the field's name behind it.
pub(in crate::policy) fn object(name: &str) -> String {
    format!("objects.{name}")
}

/// What sentences about a field are about, by its label (`Contact.Email`).
pub(in crate::policy) fn field(label: &str) -> String {
    format!("objects.{label}")
}

/// What sentences about a route are about.
pub(in crate::policy) fn route(name: &str) -> String {
    format!("routes.{name}")
}
