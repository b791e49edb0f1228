//! The file in its place: it follows the version in force, and is never followed.

use super::Follower;
use crate::review::{Finding, Text};

impl Follower {
    /// Writes the version in force into the file, once. What stood there and is no version is kept
    /// beside it.
    pub(super) fn write_file(&mut self) {
        if self.taken.written == self.live.number {
            return;
        }
        let known = match self.file.read() {
            Ok(found) => self.known(&found).is_some(),
            Err(_) => false,
        };
        let keep = format!("before-{}", self.live.number);
        match self.file.write(&self.live.text, (!known).then_some(&*keep)) {
            Ok(()) => self.taken.written = self.live.number,
            Err(error) => {
                tracing::error!("the policy's file could not be written: {error:#}");
            }
        }
        self.file.changed();
    }

    /// The version that has this text, if one has.
    fn known(&self, found: &Text) -> Option<u64> {
        self.review.number_of(found).unwrap_or_default()
    }

    /// A file that is not the version in force stays where it is and comes into force by no means.
    pub(super) fn look_at_file(&mut self) {
        let read = self.file.read();
        let before = self.foreign.take();
        self.foreign = match read {
            Ok(found) if found == self.live.text => None,
            Ok(_) | Err(_) if self.taken.written != self.live.number => {
                let text = "the version in force could not be written into the policy's file";
                Some((Finding::new("review-file-unwritable", text), None))
            }
            Ok(found) => {
                let what = match self.known(&found) {
                    Some(number) => format!("is version {number}'s"),
                    None => "is no version's".to_owned(),
                };
                let text = format!(
                    "the policy's file {what}; version {} stays in force",
                    self.live.number
                );
                Some((Finding::new("review-file-foreign", text), Some(found)))
            }
            Err(error) => {
                let text = format!("the policy's file cannot be read: {error:#}");
                Some((Finding::new("review-file-foreign", text), None))
            }
        };
        if let Some((finding, _)) = &self.foreign
            && before.is_none_or(|(before, _)| before != *finding)
        {
            tracing::warn!(code = finding.code, "{}", finding.text);
        }
    }
}
