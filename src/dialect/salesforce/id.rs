//! Salesforce record ids: 15 case-sensitive characters, or 18 with a suffix that makes them
//! case-insensitive.

use std::fmt::{self, Display, Formatter};

use crate::model::RecordId;

/// A record id in its 18-character form.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Id([u8; 18]);

/// Suffix characters: one stands for which of five characters are upper case.
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

impl Id {
    /// An id of 15 characters, or of 18 whose suffix agrees. A text that merely has the length of
    /// an id is refused: ids begin with a key prefix, which has a digit among its three characters
    /// (001 Account, 003 Contact, a0X custom), so that a name cannot pass as one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let base: &[u8; 15] = bytes.get(..15)?.try_into().ok()?;
        if !base.iter().all(u8::is_ascii_alphanumeric)
            || !base.iter().take(3).any(u8::is_ascii_digit)
        {
            return None;
        }
        let id = Self::with_suffix(base);
        match bytes.len() {
            15 => Some(id),
            // The CRM reads the suffix in any case, and repairs the rest by it; we do not repair.
            18 => bytes[15..].eq_ignore_ascii_case(&id.0[15..]).then_some(id),
            _ => None,
        }
    }

    fn with_suffix(base: &[u8; 15]) -> Self {
        let mut id = [0; 18];
        id[..15].copy_from_slice(base);
        for (group, suffix) in base.chunks_exact(5).zip(15..) {
            let upper = group.iter().rev().fold(0_usize, |bits, c| {
                bits << 1 | usize::from(c.is_ascii_uppercase())
            });
            id[suffix] = SUFFIX[upper];
        }
        Self(id)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<Id> for RecordId {
    fn from(id: Id) -> Self {
        Self::from(id.0)
    }
}

impl Display for Id {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_gets_its_suffix() {
        let id = Id::parse("001A0000006Vm9r").expect("an id");
        assert_eq!(id.as_str(), "001A0000006Vm9rIAC");
        assert_eq!(Id::parse("001A0000006Vm9rIAC"), Some(id));
    }

    #[test]
    fn what_only_looks_like_an_id_is_none() {
        for text in [
            "",
            "JanJansenUtrech",
            "001A0000006Vm9rIAA",
            "001A0000006Vm9",
            "001A0000006Vm9-",
            "001A0000006Vm9rIACX",
        ] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
