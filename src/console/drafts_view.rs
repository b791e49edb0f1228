//! What the pages of drafts and versions are made of.

use askama::Template;

use crate::console::changes::{Finding, Line, Tried};
use crate::console::view::{Choice, Frame, Said};

#[derive(Template)]
#[template(path = "console/drafts.html")]
pub(super) struct Drafts<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub drafts: Vec<DraftRow>,
    /// Those that somebody changed outside.
    pub broken: Vec<i64>,
    /// Whether those that are over are shown too.
    pub all: bool,
    pub may_edit: bool,
    /// Whether the policy file has a text that could be taken as a draft.
    pub found: bool,
}

pub(super) struct DraftRow {
    pub id: i64,
    pub title: String,
    pub state: &'static str,
    pub authors: String,
    pub base: u64,
    pub changed: String,
}

#[derive(Template)]
#[template(path = "console/draft.html")]
pub(super) struct DraftPage<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub row: DraftRow,
    /// What a decision is about.
    pub seen: String,
    pub revision: u64,
    pub reason: String,
    pub refusal: Option<(String, String)>,
    pub version: Option<u64>,
    /// Whether it was made from the version in force.
    pub current: bool,
    pub pending: bool,
    /// Whether whoever looks had a hand in it.
    pub own: bool,
    pub tried: Tried,
    pub diff: Vec<Line>,
    pub cases_diff: Vec<Line>,
    pub may_edit: bool,
    pub may_submit: bool,
    pub may_decide: bool,
    pub may_hurry: bool,
    pub fresh: bool,
    pub step_up: String,
}

#[derive(Template)]
#[template(path = "console/editor.html")]
pub(super) struct Editor<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub id: i64,
    pub title: String,
    pub revision: u64,
    pub policy: String,
    pub cases: String,
    pub findings: Vec<Finding>,
}

/// A field's rule, as a form.
#[derive(Template)]
#[template(path = "console/field.html")]
pub(super) struct FieldForm<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub object: String,
    pub field: String,
    pub kind: String,
    /// Drafts that the rule could be put into.
    pub drafts: Vec<Choice>,
    pub classes: Vec<Choice>,
    pub actions: Vec<Choice>,
    pub stable: bool,
    pub reason: String,
}

#[derive(Template)]
#[template(path = "console/versions.html")]
pub(super) struct Versions<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub versions: Vec<VersionRow>,
    pub older: Option<u64>,
}

pub(super) struct VersionRow {
    pub number: u64,
    pub time: String,
    pub title: String,
    pub authors: String,
    pub approver: String,
    pub reason: String,
    pub weaker: u32,
    pub emergency: bool,
    pub reviewed: String,
    pub hash: String,
}

#[derive(Template)]
#[template(path = "console/version.html")]
pub(super) struct VersionPage {
    pub frame: Frame,
    pub said: Option<Said>,
    pub row: VersionRow,
    /// Whether it is in force.
    pub live: bool,
    pub flagged: bool,
    pub tried: Option<Tried>,
    pub diff: Vec<Line>,
    pub may_roll_back: bool,
    pub may_look: bool,
}
