//! Bytes by their class, and text between bytes of one kind.
//!
//! A request's target is many short parts. Tests of one byte after the other, and the search that
//! `str::split` sets up for each part, cost more there than all that is done with the parts.

/// Some of the ASCII characters.
pub(crate) struct Set([bool; 256]);

impl Set {
    pub(crate) const fn alphanumeric() -> Self {
        let mut set = [false; 256];
        let mut byte = 0_u8;
        while byte.is_ascii() {
            set[byte as usize] = byte.is_ascii_alphanumeric();
            byte += 1;
        }
        Self(set)
    }

    /// All that can be seen: no space, no control character.
    pub(crate) const fn graphic() -> Self {
        let mut set = [false; 256];
        let mut byte = 0_u8;
        while byte.is_ascii() {
            set[byte as usize] = byte.is_ascii_graphic();
            byte += 1;
        }
        Self(set)
    }

    pub(crate) const fn with(self, bytes: &[u8]) -> Self {
        self.changed(bytes, true)
    }

    pub(crate) const fn without(self, bytes: &[u8]) -> Self {
        self.changed(bytes, false)
    }

    const fn changed(mut self, bytes: &[u8], to: bool) -> Self {
        let mut at = 0;
        while at < bytes.len() {
            self.0[bytes[at] as usize] = to;
            at += 1;
        }
        self
    }

    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    /// How many bytes at the beginning are of the set.
    pub(crate) fn run(&self, bytes: &[u8]) -> usize {
        let mut run = 0;
        // Eight at a time without a branch; most runs are longer.
        while let Some(eight) = bytes[run..].first_chunk::<8>()
            && eight.iter().fold(true, |all, byte| all & self.has(*byte))
        {
            run += eight.len();
        }
        let end = bytes[run..].iter().position(|byte| !self.has(*byte));
        end.map_or(bytes.len(), |end| run + end)
    }
}

/// What stands before the first ASCII character of that value, and what behind it.
pub(crate) fn split_once(text: &str, at: u8) -> (&str, Option<&str>) {
    let found = memchr::memchr(at, text.as_bytes());
    match found.and_then(|end| text.split_at_checked(end)) {
        Some((before, behind)) => (before, behind.get(1..)),
        None => (text, None),
    }
}

/// What stands between ASCII characters of that value.
pub(crate) fn split(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (part, behind) = split_once(rest?, at);
        rest = behind;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq};
    use proptest::proptest;

    use super::{Set, split, split_once};

    const NAMES: Set = Set::alphanumeric().with(b"_").without(b"xX");

    #[test]
    fn a_set_has_what_it_is_made_of() {
        for byte in 0..=u8::MAX {
            let name = (byte.is_ascii_alphanumeric() || byte == b'_') && !b"xX".contains(&byte);
            assert_eq!(NAMES.has(byte), name, "{byte}");
            assert_eq!(Set::graphic().has(byte), byte.is_ascii_graphic(), "{byte}");
        }
    }

    proptest! {
        #[test]
        fn a_run_ends_where_the_set_does(bytes in any::<Vec<u8>>(), name in "[a-w0-9_]{0,40}") {
            let bytes = [name.as_bytes(), &bytes].concat();
            let found = bytes.iter().position(|byte| !NAMES.has(*byte));
            prop_assert_eq!(NAMES.run(&bytes), found.unwrap_or(bytes.len()));
        }

        #[test]
        fn text_is_split_as_the_standard_library_does(text in "(é{0,20}[a,]{0,2}){0,4}") {
            let parts: Vec<&str> = split(&text, b',').collect();
            prop_assert_eq!(parts, text.split(',').collect::<Vec<_>>());
            let (before, behind) = split_once(&text, b',');
            prop_assert_eq!(behind.map(|behind| (before, behind)), text.split_once(','));
            prop_assert!(behind.is_some() || before == text);
        }
    }
}
