//! The name of a file in an answer's `Content-Disposition` (RFC 6266).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands as it is in a value by RFC 8187, section 3.2.1.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The field's value: how the file is used, and its name, for old readers in ASCII and for others
/// in whole. A name's slashes and control characters become `_`.
#[must_use]
pub fn write(how: &str, name: &str) -> String {
    let harmless = |c: char| match c {
        '/' | '\\' => '_',
        // Marks that turn the direction of text make `fdp.exe` of `exe.pdf`.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    let name: String = name.chars().map(harmless).collect();
    let ascii: String = name
        .chars()
        .map(|c| match c {
            '"' | '%' => '_',
            c if c.is_ascii() => c,
            _ => '_',
        })
        .collect();
    let whole = utf8_percent_encode(&name, PLAIN);
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_name_is_written_for_old_readers_and_for_new_ones() {
        for (name, expected) in [
            (
                "Scan Zoë.pdf",
                "filename=\"Scan Zo_.pdf\"; filename*=UTF-8''Scan%20Zo%C3%AB.pdf",
            ),
            (
                "a\"; x=\"b.html",
                "filename=\"a_; x=_b.html\"; filename*=UTF-8''a%22%3B%20x%3D%22b.html",
            ),
            (
                "../x\r\nSet-Cookie: a",
                "filename=\".._x__Set-Cookie: a\"; filename*=UTF-8''.._x__Set-Cookie%3A%20a",
            ),
            (
                "\u{202e}fdp.exe",
                "filename=\"_fdp.exe\"; filename*=UTF-8''_fdp.exe",
            ),
        ] {
            let written = write("attachment", name);
            assert_eq!(written, format!("attachment; {expected}"));
            assert!(written.bytes().all(|byte| (b' '..0x7f).contains(&byte)));
        }
    }
}
