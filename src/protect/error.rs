//! Why a value could not be protected or opened. No message holds a value, a token or a key.

#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Error {
    #[error("a key has 32 bytes, this one has not")]
    KeyLength,
    #[error("a row number lies between 1 and 2^40 - 1")]
    RowOutside,
    #[error("a nonce has 12 bytes, this one has not")]
    NonceLength,
    #[error("the format version is unknown")]
    FormatUnknown,
    #[error("the sealed value is damaged or does not belong where it stands")]
    Unopened,
    #[error("the value is too long to be sealed in its field")]
    TooLong,
    #[error("the value is blank, and nothing can be searched by it")]
    Blank,
    #[error("the value is not a date of the form YYYY-MM-DD, alone or with a time")]
    NotADate,
    #[error("the value is not a decimal number in the range of 10^30")]
    NotANumber,
    #[error("the value is not in the list of known values")]
    NotListed,
    #[error("the rule would keep nothing, or cannot be computed")]
    Rule,
    #[error("the cryptographic library failed")]
    Library,
}
