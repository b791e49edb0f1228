//! The Huffman code of HPACK (RFC 7541, appendix B), decoded by its canonical form.
//!
//! The code is canonical: codes of one length are consecutive in the order of their symbols, and a
//! longer code continues where the shorter ones ended. The lengths alone therefore say all.

use std::sync::LazyLock;

/// Decodes a whole string. `None` where the padding is not what RFC 7541, section 5.2 demands.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() * 8 / 5);
    let (mut code, mut length) = (0_u32, 0_usize);
    for byte in bytes {
        for bit in (0..8).rev() {
            code = (code << 1) | u32::from((byte >> bit) & 1);
            length += 1;
            if let Some(symbol) = symbol(code, length)? {
                out.push(symbol);
                (code, length) = (0, 0);
            }
        }
    }
    // What is left is the beginning of the longest code: ones, fewer than a byte of them.
    let padding = length < 8 && code == (1 << length) - 1;
    padding.then_some(out)
}

/// The symbol of a code, if a code of this length is one; `None` where no code can follow.
#[expect(
    clippy::option_option,
    reason = "no symbol yet, and no symbol ever, are two answers"
)]
fn symbol(code: u32, length: usize) -> Option<Option<u8>> {
    let of_length = CODES.get(length)?;
    let Some(index) = code.checked_sub(of_length.first) else {
        return Some(None);
    };
    match of_length.symbols.get(usize::try_from(index).ok()?) {
        // The end of string is no symbol of a string.
        Some(symbol) => u8::try_from(*symbol).ok().map(Some),
        None => Some(None),
    }
}

/// The codes of one length.
#[derive(Default)]
struct OfLength {
    first: u32,
    symbols: Vec<u16>,
}

/// By length, from 0 to 30.
static CODES: LazyLock<Vec<OfLength>> = LazyLock::new(|| {
    let mut first = 0;
    (0..=30_u8)
        .map(|length| {
            let symbols: Vec<u16> = (0..)
                .zip(LENGTHS)
                .filter(|(_, of_symbol)| *of_symbol == length)
                .map(|(symbol, _)| symbol)
                .collect();
            first <<= 1;
            let of_length = OfLength { first, symbols };
            first += u32::try_from(of_length.symbols.len()).unwrap_or(0);
            of_length
        })
        .collect()
});

/// Bits of each symbol's code; the last is the end of string.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30,
    28, 28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5,
    7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22,
    22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23,
    22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22,
    21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26,
    26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20,
    24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27,
    27, 28, 27, 27, 27, 27, 27, 26, 30,];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_decode() {
        // RFC 7541, appendices C.4.1, C.4.3 and C.6.1.
        for (hex, text) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("25a849e95bb8e8b4bf", "custom-value"),
            (
                "9d29ad171863c78f0b97c8e9ae82ae43d3",
                "https://www.example.com",
            ),
            (
                "d07abe941054d444a8200595040b8166e082a62d1bff",
                "Mon, 21 Oct 2013 20:13:21 GMT",
            ),
            ("", ""),
        ] {
            let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            assert_eq!(decode(&bytes).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn padding_is_fewer_than_eight_ones() {
        // `0` is 00000; five bits and three of padding.
        assert_eq!(decode(&[0b0000_0111]).unwrap(), b"0");
        assert_eq!(decode(&[0b0000_0000]), None);
        assert_eq!(decode(&[0b0000_0111, 0xff]), None);
        assert_eq!(decode(&[0xff; 4]), None);
    }
}
