//! The value that must not leave.

/// No id of the CRM's (of which the length would be right, but not the underscore), no date, no
/// number; and a name that may stand as an alias, a reference, a key or a variable. None of the
/// encodings that are written towards the CRM escapes a character of it.
pub const CANARY: &str = "kanarie_geel";

/// Panics where the canary stands in what would leave, in any case and in whatever escapes.
pub fn absent(text: &[u8], from: &str) {
    assert!(
        !holds(text),
        "the canary leaves by {from}: {}",
        String::from_utf8_lossy(text)
    );
}

/// Whether the canary can be read in what would leave.
pub fn holds(text: &[u8]) -> bool {
    let forms = [text.to_vec(), plain(text), plain(&plain(text))];
    forms
        .iter()
        .any(|form| present(&String::from_utf8_lossy(form)))
}

/// Whether the canary stands in a text.
fn present(text: &str) -> bool {
    text.to_ascii_lowercase().contains(CANARY)
}

/// Without the escapes of JSON, of URLs and of XML, as the most tolerant reader would read it.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let escaped = [
            hex(rest, b"\\u", 4),
            hex(rest, b"%", 2),
            numeric(rest, b"&#x", 16),
            numeric(rest, b"&#", 10),
        ];
        match escaped.into_iter().flatten().next() {
            Some((byte, length)) => {
                out.push(byte);
                rest = rest.get(length..).unwrap_or_default();
            }
            None if *first == b'\\' => rest = behind,
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

fn hex(text: &[u8], mark: &[u8], digits: usize) -> Option<(u8, usize)> {
    let length = mark.len() + digits;
    let digits = text.strip_prefix(mark)?.get(..digits)?;
    let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((u8::try_from(number).ok()?, length))
}

fn numeric(text: &[u8], mark: &[u8], radix: u32) -> Option<(u8, usize)> {
    let inside = text.strip_prefix(mark)?;
    let end = inside.iter().take(8).position(|byte| *byte == b';')?;
    let number = u32::from_str_radix(std::str::from_utf8(&inside[..end]).ok()?, radix).ok()?;
    Some((u8::try_from(number).ok()?, mark.len() + end + 1))
}
