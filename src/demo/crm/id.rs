//! Record ids: three characters for the type, twelve for the record, three that restore the case.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The 18 characters of the record of that number.
pub fn make(prefix: &str, number: u64) -> String {
    let mut tail = [b'0'; 9];
    let mut rest = number;
    for place in tail.iter_mut().rev() {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        *place = DIGITS.get(digit).copied().unwrap_or(b'0');
        rest /= 62;
    }
    let short = format!("{prefix}KB0{}", String::from_utf8_lossy(&tail));
    format!("{short}{}", suffix(&short))
}

/// The canonical 18 characters of an id given as 15 (case-sensitive) or 18 (any case).
pub fn canonical(text: &str) -> Option<String> {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    match text.len() {
        15 => Some(format!("{text}{}", suffix(text))),
        18 => restore(text),
        _ => None,
    }
}

/// Puts back the case that the suffix remembers.
fn restore(text: &str) -> Option<String> {
    let (short, end) = text.split_at_checked(15)?;
    let mut out = String::with_capacity(18);
    for (chunk, mark) in short.as_bytes().chunks(5).zip(end.bytes()) {
        let bits = SUFFIX
            .iter()
            .position(|s| *s == mark.to_ascii_uppercase())?;
        for (place, byte) in chunk.iter().enumerate() {
            let upper = bits & (1 << place) != 0;
            if upper && !byte.is_ascii_alphabetic() {
                return None;
            }
            let byte = if upper {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            };
            out.push(char::from(byte));
        }
    }
    out.push_str(&end.to_ascii_uppercase());
    Some(out)
}

/// One character for each five: bit n is set when the n-th is a capital.
fn suffix(short: &str) -> String {
    let mark = |chunk: &[u8]| {
        let bits = chunk.iter().enumerate().fold(0, |bits, (place, byte)| {
            bits | usize::from(byte.is_ascii_uppercase()) << place
        });
        char::from(SUFFIX.get(bits).copied().unwrap_or(b'A'))
    };
    short.as_bytes().chunks(5).map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::{canonical, make};

    #[test]
    fn the_suffix_is_that_of_recorded_ids() {
        for id in [
            "001Da00000xnAk6IAE",
            "0035500001H9kZuAAJ",
            "0012300000bVTq1AAG",
        ] {
            let short = id.get(..15).unwrap();
            assert_eq!(canonical(short).as_deref(), Some(id));
            assert_eq!(canonical(&id.to_lowercase()).as_deref(), Some(id));
        }
    }

    #[test]
    fn an_id_with_a_wrong_suffix_or_length_is_malformed() {
        assert_eq!(canonical("001Da00000xnAk6II5"), None);
        assert_eq!(canonical("001Da00000xnAk6IA"), None);
        assert_eq!(canonical("001Da00000xnAk-IAE"), None);
    }

    #[test]
    fn made_ids_are_canonical_and_differ() {
        let (one, two) = (make("003", 61), make("003", 62));
        assert_ne!(one, two);
        assert_eq!(canonical(&one), Some(one));
    }
}
