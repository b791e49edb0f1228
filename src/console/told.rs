//! What `review` says, in a person's words, with what to do.

use crate::console::words::Words;
use crate::review::{Error, State};

pub(super) fn state(state: State, words: &Words) -> &'static str {
    match state {
        State::Open => words.state_open,
        State::Submitted => words.state_submitted,
        State::Refused => words.state_refused,
        State::Live => words.state_live,
        State::Dropped => words.state_dropped,
    }
}

/// An error in a person's words, with what to do.
pub(super) fn said(error: &Error, words: &Words) -> String {
    match error {
        Error::OwnWork => words.own_work.to_owned(),
        Error::StepUp => words.fresh_first.to_owned(),
        Error::Reason => words.reason_missing.to_owned(),
        Error::Weaker => words.emergency_weaker.to_owned(),
        Error::Behind => words.behind.to_owned(),
        Error::Changed => words.changed_since.to_owned(),
        Error::Unfit(_) => words.unfit.to_owned(),
        Error::Nothing => words.nothing_changes.to_owned(),
        Error::State(found) => words.wrong_state.replace("{state}", state(*found, words)),
        Error::TooLong(_) => words.too_long.to_owned(),
        Error::TooLarge(_) => words.too_large.to_owned(),
        Error::TooDifferent => words.too_different.to_owned(),
        Error::TooMany(_) => words.too_many.to_owned(),
        Error::Hidden(_) => words.hidden.to_owned(),
        Error::Marks => words.marks_left.to_owned(),
        Error::NotYours => words.not_yours_to_drop.to_owned(),
        Error::NoDraft(_) => words.no_draft.to_owned(),
        Error::NoVersion(_) => words.no_version.to_owned(),
        Error::NotFlagged(_) => words.not_flagged.to_owned(),
        Error::Role(role) => words.wrong_role.replace("{roles}", role),
        Error::Broken(_) | Error::PutBack { .. } | Error::DraftBroken(_) => {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the store of policies"
            );
            words.store_broken.to_owned()
        }
        Error::Store(_)
        | Error::Keys(_)
        | Error::Book(_)
        | Error::NoEntropy(_)
        | Error::Begun
        | Error::Name
        | Error::Encoding(_) => {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the store of policies"
            );
            words.failed.to_owned()
        }
    }
}
