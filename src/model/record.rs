//! A record's id in the CRM, of whatever form that CRM gives it.

use std::fmt::{self, Display, Formatter};

/// The most characters of an id: a UUID with its hyphens.
const LONGEST: usize = 36;

/// The id of a record of the CRM: printable ASCII, at most 36 characters. A dialect says which of
/// these its CRM gives out.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordId {
    bytes: [u8; LONGEST],
    length: usize,
}

impl RecordId {
    /// None when the text is empty, too long, or has other characters.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        bytes
            .get_mut(..text.len())
            .filter(|_| fits)?
            .copy_from_slice(text.as_bytes());
        Some(Self {
            bytes,
            length: text.len(),
        })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// Of 18 characters of printable ASCII, as Salesforce has them.
impl From<[u8; 18]> for RecordId {
    fn from(text: [u8; 18]) -> Self {
        let mut bytes = [0; LONGEST];
        for (to, byte) in bytes.iter_mut().zip(text) {
            *to = byte;
        }
        Self {
            bytes,
            length: text.len(),
        }
    }
}

impl Display for RecordId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_text_and_what_is_none_is_refused() {
        let longest = "123e4567-e89b-12d3-a456-426614174000";
        for text in ["1", "0035g00000ABCDEAA4", longest] {
            assert_eq!(RecordId::new(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "a b",
            "é",
            "1\n",
            "123e4567-e89b-12d3-a456-4266141740001",
        ] {
            assert_eq!(RecordId::new(text), None, "{text:?}");
        }
    }
}
