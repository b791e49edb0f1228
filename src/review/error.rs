//! Why something cannot be done. The texts are for the person who tries.

use crate::keys;
use crate::ledger;
use crate::model::NoEntropy;
use crate::review::{State, Trial};
use crate::store;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    Book(#[from] ledger::Error),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// Changed, cut or added to by somebody without the key.
    #[error("the versions of the policy are broken at {0}; run `sluis policy versions --verify`")]
    Broken(u64),
    /// The store is older than what this node has taken from it.
    #[error(
        "the store of policies was put back: version {taken} was in force here, and it has {found}"
    )]
    PutBack { taken: u64, found: u64 },
    #[error("draft {0} was changed outside of the console and cannot be used")]
    DraftBroken(i64),
    #[error("there is no draft {0}")]
    NoDraft(i64),
    #[error("there is no version {0}")]
    NoVersion(u64),
    #[error("there is a version already")]
    Begun,
    /// Whoever is not one of these.
    #[error("only an {0} may do this")]
    Role(&'static str),
    #[error("nobody approves what they wrote, edited or submitted themselves")]
    OwnWork,
    #[error("this lets more out or shows more: confirm with your second factor first")]
    StepUp,
    #[error("say why, in words for whoever reviews it")]
    Reason,
    #[error("an emergency change may not let more out or show more; ask a second person")]
    Weaker,
    #[error("another version went live since; merge it into the draft first")]
    Behind,
    #[error("the draft is no longer what you saw; look at it again")]
    Changed,
    #[error("the draft is {}", .0.name())]
    State(State),
    /// What it is, the trial says.
    #[error("the text has errors, or its cases fail")]
    Unfit(Box<Trial>),
    #[error("nothing changes")]
    Nothing,
    #[error("version {0} waits for nobody's review")]
    NotFlagged(u64),
    /// Marks of a conflict that nobody has decided.
    #[error("both sides of a conflict stand in the text; choose, and take the marks out")]
    Marks,
    #[error("there are too many {0} already; give some up first")]
    TooMany(&'static str),
    /// Characters that change what a person reads: control characters, directions of writing.
    #[error("the {0} has characters that nobody sees")]
    Hidden(&'static str),
    /// A draft of somebody else's.
    #[error("only its authors and approvers give a draft up")]
    NotYours,
    #[error("the {0} is too long")]
    TooLong(&'static str),
    #[error("the {0} is longer than 256 KiB or 5000 lines")]
    TooLarge(&'static str),
    /// Nothing was merged and nothing saved.
    #[error("the texts are too different to be merged line by line; begin from the newer one")]
    TooDifferent,
    #[error("this person's name cannot stand in the ledger")]
    Name,
    #[error("a row cannot be written or read as JSON")]
    Encoding(#[from] serde_json::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::Store(source.into())
    }
}
