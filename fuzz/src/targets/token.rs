//! Tokens in any text.
//!
//! `@@` in an input becomes a token that stands for something, so that damage can be done around one.

use sluis::protect::{Token, find};

use crate::border::{self, STANDING_ROW};

pub fn run(input: &[u8]) {
    let border = border::salesforce();
    let (codec, domain) = (&border.protection.codec, &border.protection.domain);
    let token = codec.mint(STANDING_ROW).expect("a token").text();
    let text = String::from_utf8_lossy(input).replace("@@", &token);
    let mut end = 0;
    for found in find(codec, text.as_bytes(), domain) {
        assert!(found.range.start >= end, "two tokens overlap");
        end = found.range.end;
        let stands = &text[found.range.clone()];
        let sign = stands.to_ascii_lowercase();
        let plain = match sign.strip_prefix("tq1") {
            Some(rest) => format!("tq{rest}"),
            None => sign.clone(),
        };
        let read = Token::parse(plain.get(..18).unwrap_or_default());
        assert_eq!(read, Some(found.token), "a token reads as what it is");
        assert_eq!(codec.check(found.token), Some(found.row));
        let minted = codec.mint(found.row).expect("a row of a token has one");
        assert_eq!(minted, found.token, "a row has one token");
    }
    // What the border takes for free of tokens has none after a change of case either.
    if find(codec, text.as_bytes(), domain).is_empty() {
        let upper = text.to_ascii_uppercase();
        assert!(find(codec, upper.as_bytes(), domain).is_empty());
    }
}
