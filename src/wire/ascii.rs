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
        // Eight at a time without a branch; most runs are longer.
        let all = |eight: &&[u8; 8]| eight.iter().fold(true, |all, byte| all & self.has(*byte));
        let run = 8 * bytes.as_chunks().0.iter().take_while(all).count();
        let end = bytes.iter().skip(run);
        run + end.take_while(|byte| self.has(**byte)).count()
    }
}

/// What stands between bytes of that value, which is an ASCII character's.
pub(crate) fn split(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let ends = memchr::memchr_iter(at, text.as_bytes()).chain([text.len()]);
    ends.map(move |end| {
        let part = text.get(start..end).unwrap_or_default();
        start = end + 1;
        part
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq};
    use proptest::proptest;

    use super::{Set, split};

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
        fn text_is_split_as_the_standard_library_does(text in "[a,é]{0,40}") {
            let parts: Vec<&str> = split(&text, b',').collect();
            prop_assert_eq!(parts, text.split(',').collect::<Vec<_>>());
        }
    }
}
