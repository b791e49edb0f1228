//! Versions of the interface as paths have them.

/// `60.0` as 60; no sign, no leading zero.
#[must_use]
pub(super) fn number(text: &str) -> Option<u16> {
    let number = text.strip_suffix(".0").filter(|number| {
        (1..=3).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_version_has_one_spelling() {
        assert_eq!(number("60.0"), Some(60));
        for text in ["", ".0", "60", "060.0", "+60.0", "60.1", "6000.0", "v60.0"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
