//! A first policy for a CRM that nobody has described: from the recording of one session of a
//! signed-in administrator, which every browser's developer tools export (HTTP Archive, HAR).
//!
//! Names and shapes of requests come out of it, never values: a value is read, its form is noted
//! (a number, a date, a word), and it is gone with its entry. What may be a value that somebody
//! typed, wherever it stands, is left out of the proposal and counted.
//!
//! The proposal is as narrow as what was seen. It compiles as it stands, and where a form does not
//! tell whether people type it, it asks in a comment; until then the request is refused.
//!
//! Read first: [`learn`], [`Session`], [`draft::Draft`].

mod aside;
mod body;
mod controls;
mod decide;
mod door;
mod draft;
mod group;
mod guess;
mod har;
mod make;
mod object;
mod path;
mod print;
mod routes;
mod session;
mod shape;
mod words;
mod write;

#[cfg(test)]
mod tests;

use std::io::Read;

pub use session::Session;

/// What is known of the CRM before anything was read.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the policy calls the CRM.
    pub name: String,
    /// The CRM's origin; without it, the one that sent most pages.
    pub site: Option<String>,
}

/// A policy file to be edited by a person.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The file's text.
    pub text: String,
    /// The origin that it is of.
    pub site: String,
    pub routes: usize,
    /// Lines that ask a person to decide.
    pub questions: usize,
}

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The parser's text may repeat what it read, so only the place is told.
    #[error("line {line}, column {column}: this is no HTTP Archive (HAR)")]
    Archive { line: usize, column: usize },
    #[error("the recording has no page of a site")]
    Empty,
    #[error("the recording has no request to that site")]
    Elsewhere,
}

/// Reads a recording and proposes a policy. The recording is read as it comes and kept nowhere.
///
/// # Errors
/// When it is no recording, or has nothing of the site.
pub fn learn(recording: impl Read, options: &Options) -> Result<Proposal, Error> {
    let session = har::read(recording)?;
    let site = session.site(options.site.as_deref())?;
    let draft = draft::Draft::of(&session, &site)?;
    Ok(write::proposal(&draft, &site, &options.name))
}
