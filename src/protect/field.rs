//! A value sealed in the CRM's own field: `tq1`, a token, a length, and the ciphertext as text.
//!
//! docs/spec/token.md, section 6. For long text that policy wants outside the vault's rows. The
//! token says whose it is: its row has the subject, the class and the key.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::model::Personal;
use crate::protect::Error;
use crate::protect::find::COUNT_LENGTH;
use crate::protect::primitives::{
    Context, FormatVersion, NONCE_LENGTH, SubjectKey, TAG_LENGTH, open, seal,
};
use crate::protect::token::{BODY_LENGTH, Codec, digit};

/// `tq1`, the 16 characters of the token, the length.
const HEAD_LENGTH: usize = 3 + BODY_LENGTH + COUNT_LENGTH;
/// The longest body: its length has 25 bits.
const LONGEST: usize = (1 << (5 * COUNT_LENGTH)) - 1;

/// Characters of the sealed form of a value with this many bytes of UTF-8; `None` when it is too
/// long to be sealed at all.
#[must_use]
pub fn sealed_length(plain_bytes: usize) -> Option<usize> {
    Some(HEAD_LENGTH + body_length(plain_bytes)?)
}

fn body_length(plain_bytes: usize) -> Option<usize> {
    if plain_bytes > LONGEST {
        return None;
    }
    let length = BASE64URL_NOPAD.encode_len(NONCE_LENGTH + plain_bytes + TAG_LENGTH);
    (length <= LONGEST).then_some(length)
}

/// Seals a value for its field. The context's form is always [`FormatVersion::Field1`].
///
/// # Errors
/// [`Error::RowOutside`], [`Error::TooLong`] or [`Error::Library`]; then there is no ciphertext.
pub fn seal_field(
    codec: &Codec,
    key: &SubjectKey,
    context: &Context<'_>,
    nonce: [u8; NONCE_LENGTH],
    plain: &str,
) -> Result<String, Error> {
    let length = body_length(plain.len()).ok_or(Error::TooLong)?;
    let count = u64::try_from(length).map_err(|_| Error::TooLong)?;
    let token = codec.mint(context.row)?.text();
    let sealed = seal(key, &in_field(context), nonce, plain.as_bytes())?;
    let body = [nonce.as_slice(), &sealed].concat();

    let mut text = String::with_capacity(HEAD_LENGTH + length);
    text.push_str("tq1");
    text.push_str(token.get(2..).ok_or(Error::Library)?);
    for place in (0..COUNT_LENGTH).rev() {
        text.push(char::from(digit(count >> (5 * place))));
    }
    BASE64URL_NOPAD.encode_append(&body, &mut text);
    Ok(text)
}

/// Opens the body that [`crate::protect::find`] found; `context` comes from the row of its token.
///
/// # Errors
/// [`Error::Unopened`], the same for a damaged body, another place and another key.
pub fn open_field(key: &SubjectKey, context: &Context<'_>, body: &[u8]) -> Result<Personal, Error> {
    let bytes = BASE64URL_NOPAD
        .decode(body)
        .map(Zeroizing::new)
        .map_err(|_| Error::Unopened)?;
    let (nonce, sealed) = bytes
        .split_first_chunk::<NONCE_LENGTH>()
        .ok_or(Error::Unopened)?;
    open(key, &in_field(context), *nonce, sealed)
}

fn in_field<'a>(context: &Context<'a>) -> Context<'a> {
    Context {
        form: FormatVersion::Field1,
        ..*context
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;
    use crate::model::Secret;
    use crate::protect::find::{Kind, find};

    const HERE: Context<'static> = Context {
        form: FormatVersion::Field1,
        tenant: "voorbeeld",
        class: "note",
        subject: 17,
        key: 1,
        row: 4711,
    };

    fn codec() -> Codec {
        Codec::new(&Secret::new(vec![7; 32]), "voorbeeld").unwrap()
    }

    fn key() -> SubjectKey {
        SubjectKey::new(&Secret::new(vec![1; 32])).unwrap()
    }

    fn body_of(text: &str) -> &[u8] {
        let found = find(&codec(), text.as_bytes(), "");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].row, 4711);
        let Kind::Sealed { body } = found[0].kind.clone() else {
            panic!("a sealed value")
        };
        &text.as_bytes()[body]
    }

    #[test]
    fn a_sealed_value_moved_to_another_row_or_form_does_not_open() {
        let text = seal_field(&codec(), &key(), &HERE, [5; 12], "Belt liever niet").unwrap();
        let body = body_of(&text);
        assert_eq!(
            open_field(&key(), &HERE, body).unwrap().expose(),
            "Belt liever niet"
        );
        let other = Context { row: 4712, ..HERE };
        assert_eq!(
            open_field(&key(), &other, body).err(),
            Some(Error::Unopened)
        );

        let vault = Context {
            form: FormatVersion::Vault1,
            ..HERE
        };
        let sealed = seal(&key(), &vault, [5; 12], b"Belt liever niet").unwrap();
        let moved = BASE64URL_NOPAD.encode(&[[5; 12].as_slice(), &sealed].concat());
        assert_eq!(
            open_field(&key(), &HERE, moved.as_bytes()).err(),
            Some(Error::Unopened)
        );
    }

    #[test]
    fn a_changed_character_does_not_open() {
        let text = seal_field(&codec(), &key(), &HERE, [5; 12], "Jansen").unwrap();
        let body = body_of(&text);
        for at in 0..body.len() {
            let mut changed = body.to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                open_field(&key(), &HERE, &changed).err(),
                Some(Error::Unopened),
                "{at}"
            );
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert_eq!(sealed_length(usize::MAX), None);
        let most = LONGEST / 4 * 3 - NONCE_LENGTH - TAG_LENGTH + 2;
        assert_eq!(sealed_length(most), Some(HEAD_LENGTH + LONGEST));
        assert_eq!(sealed_length(most + 1), None);
    }

    proptest! {
        #[test]
        fn every_value_comes_back_from_inside_any_text(
            plain in any::<String>(),
            nonce in any::<[u8; 12]>(),
            before in any::<String>(),
            after in any::<String>(),
        ) {
            let sealed = seal_field(&codec(), &key(), &HERE, nonce, &plain).unwrap();
            prop_assert_eq!(Some(sealed.len()), sealed_length(plain.len()));
            let text = format!("{before}{sealed}{after}");
            let opened = open_field(&key(), &HERE, body_of(&text)).unwrap();
            prop_assert_eq!(opened.expose(), &plain);
        }
    }
}
