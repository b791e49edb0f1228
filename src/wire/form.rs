//! Forms: `application/x-www-form-urlencoded` (WHATWG URL, section 5), strict.
//!
//! The standard repairs everything, so that two parsers find two forms in one body. Here each pair
//! has its `=`, and only what the standard's serializer writes is read. Query strings of a URL have
//! this format too.
//!
//! The standard lets names repeat as well. [`parse`] refuses that, since readers differ in which of
//! the two they take; [`parse_repeated`] keeps both in order, for whoever looks at each of them.

use std::collections::BTreeSet;

use crate::wire::Error;
use crate::wire::percent::{Plus, decode_text};

/// What a form may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of source text.
    pub bytes: usize,
    /// The most pairs.
    pub pairs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 6 << 20,
            pairs: 1000,
        }
    }
}

/// Reads a form's names and values, in order.
///
/// Refused are broken escapes (`%uXXXX` too), what is not UTF-8, NUL, bytes that the serializer
/// would have escaped, a pair without `=`, an empty pair or name, and a name that comes twice
/// after decoding. A semicolon is data. The empty body is the empty form.
pub fn parse(body: &[u8], limits: &Limits) -> Result<Vec<(String, String)>, Error> {
    let mut seen = BTreeSet::new();
    pairs(body, limits, |name| seen.insert(name.to_owned()))
}

/// As [`parse`], with names that come twice: browsers send one pair for each choice of a list.
/// Pairs are not merged and keep their order.
pub fn parse_repeated(body: &[u8], limits: &Limits) -> Result<Vec<(String, String)>, Error> {
    pairs(body, limits, |_| true)
}

/// Reads pairs as long as `takes` takes their names.
fn pairs(
    body: &[u8],
    limits: &Limits,
    mut takes: impl FnMut(&str) -> bool,
) -> Result<Vec<(String, String)>, Error> {
    if body.len() > limits.bytes {
        let limit = limits.bytes;
        let what = "bytes";
        return Err(Error::TooLarge { what, limit });
    }
    let mut pairs = Vec::new();
    if body.is_empty() {
        return Ok(pairs);
    }
    let mut at = 0;
    for end in memchr::memchr_iter(b'&', body).chain([body.len()]) {
        let pair = &body[at..end];
        if pairs.len() >= limits.pairs {
            let limit = limits.pairs;
            let what = "pairs";
            return Err(Error::TooLarge { what, limit });
        }
        let (name, value) = split(pair).ok_or(Error::Malformed {
            at,
            what: "a pair without a name or an equals sign",
        })?;
        let value_at = at + name.len() + 1;
        let name = decode_text(name, Plus::Space).map_err(|error| moved(error, at))?;
        let value = decode_text(value, Plus::Space).map_err(|error| moved(error, value_at))?;
        if !takes(&name) {
            return Err(Error::Duplicate { at });
        }
        pairs.push((name, value));
        at = end + 1;
    }
    Ok(pairs)
}

/// Writes pairs as the standard's serializer does.
#[must_use]
pub fn write<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(pairs.iter());
    out.finish()
}

/// The name, which is not empty, and the value.
fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = memchr::memchr(b'=', pair).filter(|at| *at > 0)?;
    Some((&pair[..equals], &pair[equals + 1..]))
}

/// An error of a part that begins at `start`.
fn moved(error: Error, start: usize) -> Error {
    match error {
        Error::Malformed { at, what } => Error::Malformed {
            at: start + at,
            what,
        },
        Error::NotUtf8 { at } => Error::NotUtf8 { at: start + at },
        Error::Duplicate { .. } | Error::TooLarge { .. } => error,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{hash_map, vec};
    use proptest::prelude::{any, prop_assert_eq};
    use proptest::proptest;

    use crate::wire::Error;
    use crate::wire::form::{Limits, parse, parse_repeated, write};

    #[test]
    fn pairs_keep_their_order_and_semicolons() {
        let body = b"b=J%C3%B6rg+%2B&a=1;c=2&d=&e==";
        let pairs = parse(body, &Limits::default()).unwrap();
        let found: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            found,
            [("b", "Jörg +"), ("a", "1;c=2"), ("d", ""), ("e", "=")]
        );
        assert_eq!(write(&pairs), "b=J%C3%B6rg+%2B&a=1%3Bc%3D2&d=&e=%3D");
        assert_eq!(parse(b"", &Limits::default()), Ok(Vec::new()));
    }

    #[test]
    fn duplicate_names_are_refused_after_decoding() {
        for body in ["a=1&a=2", "a=1&%61=1", "a+b=1&a%20b=2", "a[]=1&a[]=2"] {
            let found = parse(body.as_bytes(), &Limits::default());
            assert!(matches!(found, Err(Error::Duplicate { .. })), "{body}");
        }
        assert!(parse(b"a=1&A=2&a%00=3", &Limits::default()).is_err());
        assert!(parse(b"a=1&A=2&a[0]=3&a[1]=4", &Limits::default()).is_ok());
    }

    #[test]
    fn repeated_names_are_kept_one_by_one_where_they_are_asked_for() {
        let pairs = parse_repeated(b"a=1&b=2&%61=3&a=", &Limits::default()).unwrap();
        let found: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(found, [("a", "1"), ("b", "2"), ("a", "3"), ("a", "")]);
        assert_eq!(write(&pairs), "a=1&b=2&a=3&a=");
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        let refused: [&[u8]; 16] = [
            b"a",
            b"a=1&",
            b"&a=1",
            b"a=1&&b=2",
            b"=1",
            b"a=%",
            b"a=%u0041",
            b"a=%4",
            b"a=%00",
            b"a=\0",
            b"a=\xe9",
            b"a=%E9",
            b"a=%C0%AF",
            "a=é".as_bytes(),
            b"a=b c",
            b"a=1\r\n",
        ];
        for body in refused {
            assert!(parse(body, &Limits::default()).is_err(), "{body:?}");
            assert!(
                parse_repeated(body, &Limits::default()).is_err(),
                "{body:?}"
            );
        }
        assert!(parse(b"a=%0D%0A%09%C3%A9", &Limits::default()).is_ok());
    }

    #[test]
    fn an_error_tells_where_in_the_body() {
        let at = |body: &[u8]| parse(body, &Limits::default()).unwrap_err();
        assert_eq!(at(b"a=1&b=x%E9"), Error::NotUtf8 { at: 7 });
        assert!(matches!(at(b"a=1&b=xy%"), Error::Malformed { at: 8, .. }));
    }

    #[test]
    fn each_limit_refuses_one_more() {
        let limits = Limits { bytes: 7, pairs: 2 };
        assert!(parse(b"a=1&b=2", &limits).is_ok());
        assert!(parse(b"a=1&b=23", &limits).is_err());
        let limits = Limits {
            bytes: 99,
            pairs: 1,
        };
        assert!(parse(b"a=1&b=2", &limits).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(form in hash_map("[^\0]{1,9}", "[^\0]*", 0..9)) {
            let pairs: Vec<_> = form.into_iter().collect();
            prop_assert_eq!(parse(write(&pairs).as_bytes(), &Limits::default()).unwrap(), pairs);
        }

        #[test]
        fn repeated_pairs_read_back(pairs in vec(("[ab]", "[^\0]*"), 0..9)) {
            let body = write(&pairs);
            prop_assert_eq!(parse_repeated(body.as_bytes(), &Limits::default()).unwrap(), pairs);
        }

        #[test]
        fn what_is_read_is_what_the_standard_reads(body in "([a-c=&;+]|%[0-7][0-9a-f])*") {
            if let Ok(pairs) = parse(body.as_bytes(), &Limits::default()) {
                let meant: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
                prop_assert_eq!(pairs, meant);
            }
        }

        #[test]
        fn nothing_panics(body in any::<Vec<u8>>()) {
            let _ = (
                parse(&body, &Limits::default()),
                parse_repeated(&body, &Limits::default()),
            );
        }
    }
}
