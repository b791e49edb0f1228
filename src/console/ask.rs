//! A request of somebody whom the route admits.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::view;
use crate::console::words::Words;
use crate::gate::Form;
use crate::gate::staff::{ConsoleRole, Seated};
use crate::signin::{self, Visit};

/// Who asks what, in which language.
pub(super) struct Ask<'v> {
    pub visit: &'v Visit,
    pub words: &'static Words,
    pub seated: Seated,
    /// What stands in the places of the path that are open.
    parameters: Vec<String>,
}

impl<'v> Ask<'v> {
    pub fn new(
        visit: &'v Visit,
        words: &'static Words,
        seated: Seated,
        parameters: Vec<String>,
    ) -> Self {
        Self {
            visit,
            words,
            seated,
            parameters,
        }
    }

    /// The text in the first open place of the path.
    pub fn parameter(&self) -> &str {
        self.parameters.first().map_or("", String::as_str)
    }

    /// A parameter of the query, without blanks around it; none where it is empty.
    pub fn query(&self, name: &str) -> Option<String> {
        let text = self.visit.parameter(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The form, or what is said of one that is none.
    pub fn form(&self) -> Result<Form, Box<Response<Bytes>>> {
        signin::form(self.visit).ok_or_else(|| {
            let words = self.words;
            view::message(words, StatusCode::BAD_REQUEST, words.malformed).into()
        })
    }

    pub fn may(&self, role: ConsoleRole) -> bool {
        self.seated.person.console.has(role)
    }

    pub fn login(&self) -> &str {
        &self.seated.person.login
    }
}

fn moment_as(at: i64, form: &str) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map(|at| at.strftime(form).to_string())
        .unwrap_or_default()
}

/// `2026-11-22 15:04`, in UTC.
pub(super) fn moment(at: i64) -> String {
    moment_as(at, "%Y-%m-%d %H:%M")
}

/// `2026-11-22`, in UTC.
pub(super) fn day(at: i64) -> String {
    moment_as(at, "%Y-%m-%d")
}

/// `15:00`, in UTC.
pub(super) fn hour(at: i64) -> String {
    moment_as(at, "%H:%M")
}
