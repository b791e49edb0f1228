//! The blind index: search terms that tell equal values from unequal ones, and nothing more.
//!
//! docs/spec/token.md, section 7. HMAC-SHA-256 under a key that stays in the EU, so that a list of
//! all names or numbers does not help to read the index without it.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::model::{Personal, Secret};
use crate::protect::Error;
use crate::protect::primitives::MacKey;

/// How a value is written down before it is compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Canonical {
    /// Names, streets: without case and superfluous white space.
    Text,
    /// As text, and without any white space.
    Email,
    /// Digits after the country's code. `country` is the code for numbers that begin with one 0.
    Phone { country: u16 },
}

/// Makes the search terms of one tenant.
pub struct Index {
    key: MacKey,
    tenant: String,
}

impl Index {
    /// `key` is random and never changes: it would change every term in the vault.
    ///
    /// # Errors
    /// [`Error::KeyLength`] for anything but 32 bytes.
    pub fn new(key: &Secret, tenant: &str) -> Result<Self, Error> {
        Ok(Self {
            key: MacKey::new(key)?,
            tenant: tenant.to_owned(),
        })
    }

    /// The term of a canonical value of a class: 128 bits.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn term(&self, class: &str, canonical: &Personal) -> Result<[u8; 16], Error> {
        self.key.sign(&[
            b"sluis-index-1",
            self.tenant.as_bytes(),
            class.as_bytes(),
            canonical.expose().as_bytes(),
        ])
    }
}

/// Writes a value in the form in which it is compared.
///
/// # Errors
/// [`Error::Blank`] when nothing is left of it.
pub fn canonical(kind: Canonical, text: &str) -> Result<Personal, Error> {
    let folded = fold(text);
    let written = match kind {
        Canonical::Text => folded,
        // Composed again, since an accent may now follow another letter.
        Canonical::Email => Zeroizing::new(
            folded
                .split_whitespace()
                .flat_map(str::chars)
                .nfkc()
                .collect(),
        ),
        Canonical::Phone { country } => match phone(&folded, country) {
            Some(number) => number,
            // Not a number, such as `zie notitie`: compared as text, which no number equals.
            None => folded,
        },
    };
    if written.is_empty() {
        return Err(Error::Blank);
    }
    Ok(Personal::new(written.to_string()))
}

/// NFKC, without case, without invisible characters, white space as single spaces.
///
/// Case goes by upper and then lower case of each character, which the standard library has. It
/// equals Unicode's full case folding for the languages of the EU (`ß` is `ss`, `ς` is `σ`);
/// Cherokee and the dotted `İ` of Turkish differ.
fn fold(text: &str) -> Zeroizing<String> {
    let caseless: Zeroizing<String> = Zeroizing::new(
        text.nfkc()
            .filter(|character| !is_invisible(*character))
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .collect(),
    );
    let composed: Zeroizing<String> = Zeroizing::new(caseless.nfkc().collect());
    let mut folded = Zeroizing::new(String::with_capacity(composed.len()));
    for word in composed.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Characters without width, which copying from documents brings along: soft hyphen, joiners,
/// direction marks, word joiner, variation selectors, byte order mark.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

/// `+` and the digits of an international number, or the bare digits when nothing says from where.
fn phone(text: &str, country: u16) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(text.strip_prefix("tel:").unwrap_or(text).trim().to_owned());
    let international = text.starts_with('+') || text.starts_with("00");
    // `+31 (0)6` says both ways to dial at once; the 0 is not dialed after the country's code.
    let text = if international {
        Zeroizing::new(text.replacen("(0)", "", 1))
    } else {
        text
    };
    let mut digits = Zeroizing::new(String::with_capacity(text.len() + 4));
    for (at, character) in text.char_indices() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if at == 0 => (),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{2010}' | '\u{2011}' | '\u{2013}' => (),
            _ => return None,
        }
    }
    if digits.is_empty() {
        return None;
    }
    let number = if text.starts_with('+') {
        format!("+{}", digits.as_str())
    } else if let Some(rest) = digits.strip_prefix("00") {
        format!("+{rest}")
    } else if let Some(rest) = digits.strip_prefix('0') {
        format!("+{country}{rest}")
    } else {
        digits.to_string()
    };
    Some(Zeroizing::new(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;

    const DUTCH: Canonical = Canonical::Phone { country: 31 };

    fn written(kind: Canonical, text: &str) -> String {
        canonical(kind, text).unwrap().expose().to_owned()
    }

    #[test]
    fn text_is_compared_without_case_and_superfluous_space() {
        for (text, expected) in [
            ("Jansen", "jansen"),
            ("  VAN  DEN\tBerg ", "van den berg"),
            ("Van\u{a0}den Berg", "van den berg"),
            ("Jan\u{ad}sen", "jansen"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδος", "οδοσ"),
            ("e\u{301}", "é"),
            ("ﬁets", "fiets"),
            ("１２３", "123"),
        ] {
            assert_eq!(written(Canonical::Text, text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_compared_without_case_and_space() {
        assert_eq!(
            written(Canonical::Email, " A.Jansen@Example.NL "),
            "a.jansen@example.nl"
        );
        assert_eq!(written(Canonical::Email, "a @ example.nl"), "a@example.nl");
        // An accent by itself is a space and a combining accent in NFKC.
        assert_eq!(written(Canonical::Email, "c´@example.nl"), "ć@example.nl");
    }

    #[test]
    fn a_phone_number_is_the_same_however_it_is_written() {
        for text in [
            "+31 6 12345678",
            "+31612345678",
            "+31 (0)6-12345678",
            "0031 6 1234 5678",
            "06-12345678",
            "06 12 34 56 78",
            "(06) 12345678",
            "tel:+31-6-12345678",
            "０６１２３４５６７８",
        ] {
            assert_eq!(written(DUTCH, text), "+31612345678", "{text}");
        }
        assert_eq!(written(DUTCH, "+32 2 555 12 12"), "+3225551212");
        assert_eq!(
            written(Canonical::Phone { country: 32 }, "02 555 12 12"),
            "+3225551212"
        );
        assert_eq!(written(DUTCH, "14020"), "14020");
    }

    #[test]
    fn what_is_not_a_phone_number_is_compared_as_text() {
        assert_eq!(written(DUTCH, "Zie notitie"), "zie notitie");
        assert_eq!(written(DUTCH, "0612345678 (werk)"), "0612345678 (werk)");
        assert_eq!(written(DUTCH, "-"), "-");
    }

    #[test]
    fn a_blank_value_has_no_canonical_form() {
        for kind in [Canonical::Text, Canonical::Email, DUTCH] {
            for blank in ["", "  ", "\u{200b}", "\n"] {
                assert_eq!(canonical(kind, blank).err(), Some(Error::Blank));
            }
            assert!(canonical(kind, "1").is_ok());
        }
    }

    #[test]
    fn a_term_depends_on_key_tenant_class_and_value() {
        let term = |key: u8, tenant: &str, class: &str, text: &str| {
            let index = Index::new(&Secret::new(vec![key; 32]), tenant).unwrap();
            index.term(class, &Personal::from(text)).unwrap()
        };
        let base = term(1, "voorbeeld", "name", "jansen");
        assert_eq!(base, term(1, "voorbeeld", "name", "jansen"));
        for other in [
            term(2, "voorbeeld", "name", "jansen"),
            term(1, "voorbeel", "dname", "jansen"),
            term(1, "voorbeeld", "email", "jansen"),
            term(1, "voorbeeld", "name", "janssen"),
            term(1, "voorbeeld", "namej", "ansen"),
        ] {
            assert_ne!(base, other);
        }
    }

    proptest! {
        #[test]
        fn a_canonical_form_is_its_own_canonical_form(text in any::<String>()) {
            for kind in [Canonical::Text, Canonical::Email, DUTCH] {
                if let Ok(once) = canonical(kind, &text) {
                    prop_assert_eq!(&written(kind, once.expose()), once.expose());
                }
            }
        }

        #[test]
        fn a_word_in_capitals_is_the_same_word(text in "[a-zà-öø-ÿα-ωа-я ß]{1,20}x") {
            prop_assert_eq!(
                written(Canonical::Text, &text.to_uppercase()),
                written(Canonical::Text, &text)
            );
        }
    }
}
