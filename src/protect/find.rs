//! Tokens in any text: the CRM copies them into names, formulas, labels and error texts.
//!
//! docs/spec/token.md, section 5. The search is for the pair `tq`, which hardly any word of a European
//! language has; what stands behind it is looked at only there.

use std::ops::Range;

use crate::protect::token::{BODY_LENGTH, Codec, TEXT_LENGTH, Token, number};

/// The ways in which `@` is written in what a CRM answers: as it is, in a URL, in HTML, in
/// quoted-printable, in JSON.
const AT_SIGNS: [&[u8]; 7] = [
    b"@", b"%40", b"&#64;", b"&#064;", b"&#x40;", b"=40", b"\\u0040",
];
/// Characters of base32 that say how long a sealed body is.
pub(in crate::protect) const COUNT_LENGTH: usize = 5;

/// A token that stands in a text and checks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// What to replace: the token, and the domain or sealed body that belongs to it.
    pub range: Range<usize>,
    pub token: Token,
    /// The row of the vault that the token stands for.
    pub row: u64,
    pub kind: Kind,
}

/// The form in which a token stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    Plain,
    /// Followed by `@` and the domain, which the range covers.
    Address,
    /// `tq1`: the value itself is sealed in the text, at `body`; see [`crate::protect::open_field`].
    Sealed {
        body: Range<usize>,
    },
}

/// Finds every token of the codec's tenant, from left to right; none overlap.
///
/// What looks like a token and does not check is text: random letters, a damaged token, a forged
/// one. It stays as it stands, so that nobody's data appears in its place.
#[must_use]
pub fn find(codec: &Codec, text: &[u8], domain: &str) -> Vec<Found> {
    let candidates = candidates(text);
    if candidates.is_empty() {
        return Vec::new();
    }
    let tokens: Vec<Token> = candidates.iter().map(|found| found.token).collect();
    let rows = codec.check_many(&tokens);

    let mut found = Vec::with_capacity(candidates.len());
    let mut free = 0;
    for (candidate, row) in candidates.iter().zip(rows) {
        let Some(row) = row else { continue };
        if candidate.start < free {
            continue; // It stands inside the one before.
        }
        if let Some(one) = candidate.resolve(text, domain, row) {
            free = one.range.end;
            found.push(one);
        }
    }
    found
}

/// Everything that has the shape of a token, in order. The second letter is the one to look for: in
/// most languages of Europe hardly any is as rare.
fn candidates(text: &[u8]) -> Vec<Candidate> {
    memchr::memchr2_iter(b'q', b'Q', text)
        .filter_map(|at| Candidate::at(text, at.checked_sub(1)?))
        .collect()
}

/// What has the shape of a token.
struct Candidate {
    start: usize,
    token: Token,
    sealed: bool,
}

impl Candidate {
    /// What stands behind the marker at `start`, if it is one.
    fn at(text: &[u8], start: usize) -> Option<Self> {
        let (marker, after) = text.get(start..)?.split_first_chunk::<2>()?;
        if !marker.eq_ignore_ascii_case(b"tq") {
            return None;
        }
        let (body, sealed) = match after.split_first() {
            Some((b'1', rest)) => (rest, true),
            _ => (after, false),
        };
        Some(Self {
            start,
            token: Token::decode(body.first_chunk::<BODY_LENGTH>()?)?,
            sealed,
        })
    }

    /// How far it reaches. A sealed one that is cut off is damaged, and stays.
    fn resolve(&self, text: &[u8], domain: &str, row: u64) -> Option<Found> {
        let end = self.start + TEXT_LENGTH;
        let (end, kind) = if self.sealed {
            let body = body_after(text, end + 1)?;
            (body.end, Kind::Sealed { body })
        } else {
            match address_after(text.get(end..)?, domain) {
                Some(length) => (end + length, Kind::Address),
                None => (end, Kind::Plain),
            }
        };
        Some(Found {
            range: self.start..end,
            token: self.token,
            row,
            kind,
        })
    }
}

/// Where the sealed body stands whose length is written at `at`. Its characters are looked at when
/// it is opened, once: here, bodies inside bodies would be read again and again.
fn body_after(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + COUNT_LENGTH;
    let length = number(text.get(at..start)?)?;
    let end = start.checked_add(length)?;
    (end <= text.len()).then_some(start..end)
}

/// The length of `@` and the domain, if they follow. What comes after them does not matter: formulas
/// glue fields together.
fn address_after(rest: &[u8], domain: &str) -> Option<usize> {
    // Most tokens are not followed by any sign: one look suffices for them.
    if domain.is_empty() || !matches!(rest.first()?, b'@' | b'%' | b'&' | b'=' | b'\\') {
        return None;
    }
    AT_SIGNS.iter().find_map(|sign| {
        let length = sign.len() + domain.len();
        let (head, tail) = rest.get(..length)?.split_at_checked(sign.len())?;
        let matches =
            head.eq_ignore_ascii_case(sign) && tail.eq_ignore_ascii_case(domain.as_bytes());
        matches.then_some(length)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;
    use crate::model::Secret;

    const DOMAIN: &str = "t.example.nl";

    fn codec() -> Codec {
        Codec::new(&Secret::new(vec![7; 32]), "voorbeeld").unwrap()
    }

    fn token(row: u64) -> String {
        codec().mint(row).unwrap().text()
    }

    fn rows(text: &str) -> Vec<(u64, &str)> {
        find(&codec(), text.as_bytes(), DOMAIN)
            .into_iter()
            .map(|found| (found.row, &text[found.range]))
            .collect()
    }

    #[test]
    fn tokens_are_found_in_any_case_and_glued_to_anything() {
        let (one, two) = (token(1), token(2));
        let upper = one.to_uppercase();
        let title = format!("Tq{}", &one[2..]);
        for (text, expected) in [
            (one.clone(), vec![(1, one.as_str())]),
            (format!("Beste {one}, welkom"), vec![(1, &one)]),
            (format!("x{one}x"), vec![(1, &one)]),
            (format!("tq{one}"), vec![(1, &one)]),
            (format!("TQTQ{upper}qt"), vec![(1, &upper)]),
            (format!("{one}{two}"), vec![(1, &one), (2, &two)]),
            (format!("{title}-{two}"), vec![(1, &title), (2, &two)]),
            (format!("é{one}é"), vec![(1, &one)]),
            (format!("%20{one}%20"), vec![(1, &one)]),
            (format!("&lt;{one}&gt;"), vec![(1, &one)]),
            (format!("{{\"Name\":\"{one}\\n\"}}"), vec![(1, &one)]),
        ] {
            assert_eq!(rows(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_cut_changed_or_forged_is_not_found() {
        let one = token(1);
        for text in [
            String::new(),
            "q".to_owned(),
            "tq".to_owned(),
            "tq1".to_owned(),
            one[..17].to_owned(),
            one[1..].to_owned(),
            one.replace("tq", "t-q"),
            format!(
                "{}{}",
                &one[..10],
                one[10..].replace(char::is_alphabetic, "a")
            ),
            codec().nobody().text(),
            "tqaaaaaaaaaaaaaaaa".to_owned(),
            Codec::new(&Secret::new(vec![7; 32]), "ander")
                .unwrap()
                .mint(1)
                .unwrap()
                .text(),
        ] {
            assert_eq!(rows(&text), [], "{text}");
        }
    }

    #[test]
    fn an_address_is_covered_with_its_domain() {
        let one = token(1);
        for sign in [
            "@", "%40", "&#64;", "&#064;", "&#x40;", "&#X40;", "=40", "\\u0040",
        ] {
            for domain in ["t.example.nl", "T.EXAMPLE.NL"] {
                let address = format!("{one}{sign}{domain}");
                let text = format!("mailto:{address}?{}", token(2));
                assert_eq!(rows(&text), [(1, address.as_str()), (2, &token(2))]);
                let kinds = find(&codec(), text.as_bytes(), DOMAIN);
                assert_eq!(
                    (&kinds[0].kind, &kinds[1].kind),
                    (&Kind::Address, &Kind::Plain)
                );
            }
        }
        let glued = format!("{one}@{DOMAIN}{one}@{DOMAIN}");
        assert_eq!(rows(&glued).len(), 2);
        let elsewhere = format!("{one}@example.nl");
        assert_eq!(rows(&elsewhere), [(1, one.as_str())]);
        let cut = format!("{one}@t.example.n");
        assert_eq!(rows(&cut), [(1, one.as_str())]);
    }

    #[test]
    fn a_sealed_value_is_found_with_its_body_and_a_cut_one_is_not() {
        let one = token(1);
        let sealed = format!("tq1{}aaaaeAb-_", &one[2..]);
        let text = format!("x{sealed}x");
        let found = find(&codec(), text.as_bytes(), DOMAIN);
        assert_eq!(found.len(), 1);
        assert_eq!(&text[found[0].range.clone()], sealed);
        let Kind::Sealed { body } = found[0].kind.clone() else {
            panic!("a sealed value")
        };
        assert_eq!(&text[body], "Ab-_");
        for length in 0..sealed.len() {
            assert_eq!(rows(&sealed[..length]), [], "{length}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_found_at_every_place_of_any_text(
            before in any::<String>(),
            after in "[^@%&=\\\\]*",
            row in 1..1_000_000_u64,
            upper in any::<bool>(),
        ) {
            let mut token = token(row);
            if upper {
                token = token.to_uppercase();
            }
            let text = format!("{before}{token}{after}");
            let expected = before.len()..before.len() + TEXT_LENGTH;
            let found = find(&codec(), text.as_bytes(), DOMAIN);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].range, &expected);
            prop_assert_eq!(found[0].row, row);
        }

        #[test]
        fn random_text_has_no_tokens(text in "([tTqQ1]|[a-z2-7]{0,20}|.)*") {
            prop_assert_eq!(find(&codec(), text.as_bytes(), DOMAIN), []);
        }

        #[test]
        fn random_bytes_are_no_harm(text in any::<Vec<u8>>()) {
            prop_assert_eq!(find(&codec(), &text, DOMAIN), []);
        }
    }
}
