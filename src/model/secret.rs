//! Values that neither print nor serialize: keys and credentials, and plaintext personal data.

use std::fmt::{self, Debug, Formatter};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of a key or a credential. Wiped on drop, compared in constant time, never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves. Every call is a place to review.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether both are equal, in time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, other: &[u8]) -> bool {
        self.0.ct_eq(other).into()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec())
    }
}

/// Prints nothing of the content, so that a struct around it may derive `Debug`.
impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Plaintext personal data. Wiped on drop, never printed.
#[derive(Clone)]
pub struct Personal(Zeroizing<String>);

impl Personal {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every call is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

/// Prints nothing of the content, so that a struct around it may derive `Debug`.
impl Debug for Personal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_kind_prints_its_content() {
        let printed = format!(
            "{:?} {:?}",
            Secret::from("hunter2"),
            Personal::from("Jansen")
        );
        assert!(
            !printed.contains("hunter2") && !printed.contains("Jansen"),
            "{printed}"
        );
    }
}
