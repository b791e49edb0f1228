//! What a new version of a policy changes, in words, and which changes let more out or show more.
//!
//! A weaker policy comes into force only after a second person has read these sentences. So what
//! nobody has words for is weaker too: the compiled plans are compared part by part, then the files
//! key by key, and a key is silent only where [`written`] has it on its closed list.
//!
//! Read first: [`compare`], [`Told`] (what is said, and of what), [`written`].

mod class;
mod differ;
mod door;
mod header;
mod object;
mod scan;
mod told;
mod written;

use crate::policy::{Plan, Sentence, site};

pub(in crate::policy) use told::Told;

/// One difference between two versions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// More leaves, more is seen or searched, or it is kept longer than before; or nobody can say
    /// that it is not so.
    pub weaker: bool,
    /// In English, as on the command line.
    pub text: String,
    /// The same in Dutch.
    pub dutch: String,
}

impl Change {
    #[must_use]
    pub fn new(weaker: bool, sentence: Sentence) -> Self {
        Self {
            weaker,
            text: sentence.english,
            dutch: sentence.dutch,
        }
    }
}

/// All differences that matter to data subjects, weaker ones first.
#[must_use]
pub fn compare(before: &Plan, after: &Plan) -> Vec<Change> {
    let mut told = Told::default();
    header::changes(before, after, &mut told);
    class::changes(before, after, &mut told);
    object::changes(before, after, &mut told);
    scan::detection(before, after, &mut told);
    door::changes(before, after, &mut told);
    site::changes(before.site(), after.site(), &mut told);
    written::changes(before, after, &mut told);
    told.into_changes()
}
