//! Tokens: `tq` and 16 characters of base32, which are a row number under a keyed permutation.
//!
//! docs/spec/token.md, sections 1 to 3. A row number is padded with 40 zero bits, so that of 2^40
//! forged tokens one passes the check: [`Codec::check`] refuses the others without a look-up.

use std::fmt::{self, Debug, Formatter};
use std::ops::Range;

use crate::model::Secret;
use crate::protect::Error;
use crate::protect::ff1::{Ff1, Halves};
use crate::protect::primitives::hash;

/// Characters of a token: the marker `tq` and 16 of base32.
pub const TEXT_LENGTH: usize = 18;
/// The highest row number.
pub const LAST_ROW: u64 = (1 << 40) - 1;
/// Characters of base32 in a token, 5 bits each.
pub(in crate::protect) const BODY_LENGTH: usize = 16;

/// RFC 4648, table 3, in lower case: the CRM changes the case of some fields.
const ALPHABET: [u8; 32] = *b"abcdefghijklmnopqrstuvwxyz234567";
/// The value of each character, in any case; [`NONE`] for what is not in the alphabet.
const VALUES: [u8; 256] = values();
const NONE: u8 = 0xff;

/// The 80 bits of a token, checked or not.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Token(Halves);

impl Token {
    /// Reads `tq` and 16 characters, in any case and with nothing around them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (marker, body) = text.as_bytes().split_first_chunk::<2>()?;
        if !marker.eq_ignore_ascii_case(b"tq") {
            return None;
        }
        Self::decode(body.try_into().ok()?)
    }

    /// Reads the 16 characters after the marker, in any case.
    pub(in crate::protect) fn decode(body: &[u8; BODY_LENGTH]) -> Option<Self> {
        let (left, right) = body.split_at(BODY_LENGTH / 2);
        let mut seen = 0;
        let mut half = |characters: &[u8]| {
            characters.iter().fold(0_u64, |all, character| {
                let value = VALUES.get(usize::from(*character)).copied().unwrap_or(NONE);
                seen |= value;
                (all << 5) | u64::from(value & 31)
            })
        };
        let halves = Halves {
            left: half(left),
            right: half(right),
        };
        // No value of the alphabet has the bits above 31.
        (seen < 32).then_some(Self(halves))
    }

    /// The token as ASCII, for a buffer.
    #[must_use]
    pub fn ascii(self) -> [u8; TEXT_LENGTH] {
        let mut text = [0; TEXT_LENGTH];
        let (marker, body) = text.split_at_mut(2);
        marker.copy_from_slice(b"tq");
        let halves = [self.0.left, self.0.right];
        for (half, characters) in halves.iter().zip(body.chunks_mut(BODY_LENGTH / 2)) {
            for (at, character) in characters.iter_mut().rev().enumerate() {
                *character = digit(half >> (5 * at));
            }
        }
        text
    }

    /// The token as text, in lower case.
    #[must_use]
    pub fn text(self) -> String {
        self.ascii().iter().copied().map(char::from).collect()
    }

    /// The token in the form of an e-mail address, for fields that take nothing else.
    #[must_use]
    pub fn address(self, domain: &str) -> String {
        format!("{}@{domain}", self.text())
    }
}

/// A token is no secret: it is what the CRM holds.
impl Debug for Token {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Makes tokens of row numbers and row numbers of tokens, for one tenant.
pub struct Codec {
    permutation: Ff1,
    nobody: Token,
}

impl Codec {
    /// `key` is random and never changes: it would change every token in the CRM.
    ///
    /// # Errors
    /// [`Error::KeyLength`] for anything but 32 bytes.
    pub fn new(key: &Secret, tenant: &str) -> Result<Self, Error> {
        let name = [b"sluis-tenant-1\0", tenant.as_bytes()].concat();
        let tweak = hash(&name)
            .as_ref()
            .first_chunk()
            .copied()
            .ok_or(Error::Library)?;
        let permutation = Ff1::new(key, tweak)?;
        let mut zero = [Halves::default()];
        permutation.encrypt(&mut zero);
        let [nobody] = zero.map(Token);
        Ok(Self {
            permutation,
            nobody,
        })
    }

    /// The token of a row.
    ///
    /// # Errors
    /// [`Error::RowOutside`] for row 0 and rows over [`LAST_ROW`].
    pub fn mint(&self, row: u64) -> Result<Token, Error> {
        self.mint_many(row..row.checked_add(1).ok_or(Error::RowOutside)?)?
            .pop()
            .ok_or(Error::RowOutside)
    }

    /// The tokens of many rows, in their order: three times as fast as one by one.
    ///
    /// # Errors
    /// [`Error::RowOutside`] when one of them is row 0 or over [`LAST_ROW`].
    pub fn mint_many(&self, rows: Range<u64>) -> Result<Vec<Token>, Error> {
        if rows.start == 0 || rows.end > LAST_ROW + 1 {
            return Err(Error::RowOutside);
        }
        let mut values: Vec<Halves> = rows.map(|right| Halves { left: 0, right }).collect();
        self.permutation.encrypt(&mut values);
        Ok(values.into_iter().map(Token).collect())
    }

    /// The row that a token stands for; `None` for a forged token, another tenant's, and nobody's.
    #[must_use]
    pub fn check(&self, token: Token) -> Option<u64> {
        self.check_many(&[token]).pop().flatten()
    }

    /// The rows of many tokens, in their order: three times as fast as one by one.
    #[must_use]
    pub fn check_many(&self, tokens: &[Token]) -> Vec<Option<u64>> {
        let mut values: Vec<Halves> = tokens.iter().map(|token| token.0).collect();
        self.permutation.decrypt(&mut values);
        values
            .into_iter()
            .map(|value| (value.left == 0 && value.right != 0).then_some(value.right))
            .collect()
    }

    /// The token that never stands for a value (row 0): for a query that must find nothing.
    #[must_use]
    pub fn nobody(&self) -> Token {
        self.nobody
    }
}

/// The number that characters of base32 write, most significant first; any case.
pub(in crate::protect) fn number(text: &[u8]) -> Option<usize> {
    text.iter().try_fold(0_usize, |all, character| {
        let value = VALUES.get(usize::from(*character)).copied()?;
        (value != NONE).then_some((all << 5) | usize::from(value))
    })
}

/// The character of base32 for the lowest five bits.
pub(in crate::protect) fn digit(bits: u64) -> u8 {
    let [low, ..] = bits.to_le_bytes();
    ALPHABET
        .get(usize::from(low & 31))
        .copied()
        .unwrap_or_default()
}

const fn values() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 32 {
        let character = ALPHABET[value as usize];
        table[character as usize] = value;
        table[character.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn codec(tenant: &str) -> Codec {
        Codec::new(&Secret::new(vec![7; 32]), tenant).unwrap()
    }

    #[test]
    fn a_token_is_18_characters_that_survive_a_change_of_case() {
        let codec = codec("voorbeeld");
        let token = codec.mint(1).unwrap();
        let text = token.text();
        assert_eq!(text.len(), TEXT_LENGTH);
        assert!(text.starts_with("tq"));
        let title = format!("Tq{}", &text[2..]);
        for form in [text.clone(), text.to_uppercase(), title] {
            assert_eq!(Token::parse(&form), Some(token), "{form}");
        }
        assert_eq!(codec.check(token), Some(1));
    }

    #[test]
    fn what_is_not_a_token_is_not_parsed() {
        let good = codec("voorbeeld").mint(1).unwrap().text();
        for wrong in [
            String::new(),
            "tq".to_owned(),
            good[1..].to_owned(),
            good[..17].to_owned(),
            format!("{good}a"),
            format!(" {good}"),
            format!("{}0", &good[..17]),
            format!("{}1", &good[..17]),
            format!("ta{}", &good[2..]),
            format!("{}é", &good[..16]),
        ] {
            assert_eq!(Token::parse(&wrong), None, "{wrong}");
        }
        assert!(Token::parse(&good).is_some());
    }

    #[test]
    fn rows_outside_the_range_have_no_token() {
        let codec = codec("voorbeeld");
        for row in [0, LAST_ROW + 1, u64::MAX] {
            assert_eq!(codec.mint(row), Err(Error::RowOutside), "{row}");
        }
        for row in [1, LAST_ROW] {
            assert_eq!(codec.check(codec.mint(row).unwrap()), Some(row));
        }
    }

    #[test]
    fn nobodys_token_stands_for_no_row_and_no_row_has_it() {
        let codec = codec("voorbeeld");
        assert_eq!(codec.check(codec.nobody()), None);
        assert!(Token::parse(&codec.nobody().text()).is_some());
        let tokens = codec.mint_many(1..10_000).unwrap();
        assert!(!tokens.contains(&codec.nobody()));
    }

    #[test]
    fn the_token_of_another_tenant_or_key_does_not_check() {
        let token = codec("voorbeeld").mint(1).unwrap();
        assert_eq!(codec("ander").check(token), None);
        let other = Codec::new(&Secret::new(vec![8; 32]), "voorbeeld").unwrap();
        assert_eq!(other.check(token), None);
        assert_eq!(codec("voorbeeld").check(token), Some(1));
    }

    #[test]
    fn tokens_of_neighbors_share_nothing() {
        let tokens = codec("voorbeeld").mint_many(1..100_001).unwrap();
        let starts: HashSet<u64> = tokens.iter().map(|token| token.0.left).collect();
        let ends: HashSet<u64> = tokens.iter().map(|token| token.0.right).collect();
        // Halves of 40 bits: 100,000 random ones collide with a chance of 1 in 200.
        assert!(starts.len() > 99_990 && ends.len() > 99_990);
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), 100_000);
    }

    proptest! {
        #[test]
        fn every_row_comes_back_from_its_token(row in 1..=LAST_ROW) {
            let codec = codec("voorbeeld");
            let token = codec.mint(row).unwrap();
            prop_assert_eq!(Token::parse(&token.text()), Some(token));
            prop_assert_eq!(codec.check(token), Some(row));
        }

        /// By chance one of 2^40 would.
        #[test]
        fn a_forged_token_does_not_check(left in 0..=LAST_ROW, right in 0..=LAST_ROW) {
            let forged = Token(Halves { left, right });
            prop_assert!(codec("voorbeeld").check(forged).is_none());
        }

        #[test]
        fn a_token_with_one_changed_character_does_not_check(
            row in 1..=LAST_ROW,
            at in 2..TEXT_LENGTH,
            by in 1..32_usize,
        ) {
            let codec = codec("voorbeeld");
            let mut text = codec.mint(row).unwrap().ascii();
            let value = number(&text[at..=at]).unwrap();
            text[at] = ALPHABET[(value + by) % 32];
            let damaged = Token::parse(str::from_utf8(&text).unwrap()).unwrap();
            prop_assert!(codec.check(damaged).is_none());
        }
    }
}
