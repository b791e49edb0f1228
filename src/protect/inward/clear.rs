//! What counts as clear text beside tokens.

/// Whether more than blanks and punctuation stands in a piece of a JSON string. The letter of an
/// escape such as `\n` is none; what `\u` stands for may be one.
pub(super) fn is_text(raw: &str) -> bool {
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        let blank = match character {
            '\\' => characters.next() != Some('u'),
            _ => character.is_whitespace() || character.is_ascii_punctuation(),
        };
        if !blank {
            return true;
        }
    }
    false
}
