//! What can be wrong with a text format.

/// Why a body or a part of a URL is refused.
///
/// Positions are byte offsets into the input, and no variant holds any of the input: these errors
/// go back to clients and into logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The grammar is broken, or something is used that is refused on purpose.
    #[error("malformed at byte {at}: {what}")]
    Malformed {
        /// Where.
        at: usize,
        /// What stands there or is missing.
        what: &'static str,
    },
    /// Two members of one object, or two fields of one form, have the same name.
    #[error("duplicate name at byte {at}")]
    Duplicate {
        /// Where the later of the two begins.
        at: usize,
    },
    /// A limit is passed.
    #[error("too large: more than {limit} {what}")]
    TooLarge {
        /// The unit that is counted.
        what: &'static str,
        /// The most that is allowed.
        limit: usize,
    },
    /// The text is not UTF-8.
    #[error("not UTF-8 at byte {at}")]
    NotUtf8 {
        /// Where the first wrong byte stands.
        at: usize,
    },
}
