//! Three-way merges by lines: two texts that came from one.

use diffy::{ConflictStyle, MergeOptions};

use crate::review::lines::are_near_in_both;
use crate::review::{Error, Text};

/// Two texts in one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Merged {
    /// Where both changed the same lines, both stand in it, between `<<<<<<<`, `=======` and
    /// `>>>>>>>`: such a text cannot be submitted before somebody has decided.
    pub text: Text,
    /// In how many places.
    pub conflicts: usize,
}

/// Merges what two made of one text. Nothing of either is lost.
///
/// # Errors
/// [`Error::TooDifferent`] where one of them has little in common with the first.
pub fn merge(base: &Text, ours: &Text, theirs: &Text) -> Result<Merged, Error> {
    if !are_near_in_both(base, ours) || !are_near_in_both(base, theirs) {
        return Err(Error::TooDifferent);
    }
    let (policy, in_policy) = lines(&base.policy, &ours.policy, &theirs.policy);
    let (cases, in_cases) = lines(&base.cases, &ours.cases, &theirs.cases);
    Ok(Merged {
        text: Text { policy, cases },
        conflicts: in_policy + in_cases,
    })
}

/// Whether a mark of a conflict is left: within a text of several lines it would be TOML.
pub(super) fn has_marks(text: &Text) -> bool {
    let marks = ["<<<<<<<", ">>>>>>>", "|||||||"];
    let mut lines = text.policy.lines().chain(text.cases.lines());
    lines.any(|line| line == "=======" || marks.iter().any(|mark| line.starts_with(mark)))
}

fn lines(base: &str, ours: &str, theirs: &str) -> (String, usize) {
    let mut options = MergeOptions::new();
    options.set_conflict_style(ConflictStyle::Merge);
    match options.merge(base, ours, theirs) {
        Ok(text) => (text, 0),
        Err(text) => {
            let marks = text.lines().filter(|line| line.starts_with("<<<<<<< "));
            let count = marks.count().max(1);
            (text, count)
        }
    }
}
