//! The file in its place: it follows the version in force, and is never followed.

use super::Follower;
use crate::policy::sentence;
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
                let text = sentence!(
                    "the version in force could not be written into the policy's file",
                    "de versie die van kracht is kon niet in het beleidsbestand worden geschreven"
                );
                Some((Finding::new("review-file-unwritable", text), None))
            }
            Ok(found) => {
                let what = match self.known(&found) {
                    Some(number) => {
                        sentence!("is version {number}'s", "is dat van versie {number}")
                    }
                    None => sentence!("is no version's", "is van geen versie"),
                };
                let text = sentence!(
                    "the policy's file {what}; version {number} stays in force",
                    "het beleidsbestand {what}; versie {number} blijft van kracht",
                    what: what,
                    number: sentence!("{number}", "{number}", number = self.live.number),
                );
                Some((Finding::new("review-file-foreign", text), Some(found)))
            }
            Err(error) => {
                let text = sentence!(
                    "the policy's file cannot be read: {error:#}",
                    "het beleidsbestand kan niet worden gelezen: {error:#}"
                );
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
