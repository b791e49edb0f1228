//! The canonical form of a request target.
//!
//! A path passes only if it already is in the one form that every reader takes for the same
//! segments. Real clients put external ids into it, raw (`jan@example.nl`, jsforce) or escaped
//! (`jan%2Fde%20vries%40x.nl`, simple-salesforce), so escapes are not refused altogether:
//!
//! 1. It begins with `/`; no segment is empty but the last (`/query/` is what clients send).
//! 2. Raw are only the unreserved characters and ``!$&'()*+,:=@`` (RFC 3986, section 3.3, without
//!    `;`, where servers cut matrix parameters off).
//! 3. An escape is `%` and two *upper-case* digits, never of an unreserved character.
//! 4. A segment decodes to UTF-8 without control characters, without `\`, without a second layer of
//!    escapes (`%25` before two hexadecimal digits), and is not `.` or `..`; it neither begins nor
//!    ends with a space nor ends with a dot, which some servers cut off.
//! 5. `%2F` is data, allowed in the *last* segment only, where an external id stands; and what it
//!    separates keeps to rule 4 and is not empty. The dialect decodes the segment, matches it whole
//!    and escapes it again, so `sobjects%2FContact` is an unknown object, never two segments.
//!
//! A query is read and written anew by the dialect; here it must be legal characters and whole
//! escapes, without NUL, and without a parameter that overrides the method.

use percent_encoding::percent_decode_str;

use crate::server::framing::Violation;
use crate::wire::ascii::{self, Set};
use crate::wire::percent::{UNRESERVED, hex};

/// A target in canonical form: the bytes that are matched are the bytes that were sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    pub path: String,
    /// What follows `?`, still escaped.
    pub query: Option<String>,
}

impl Target {
    /// # Errors
    /// 400 when the target is not in canonical form.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (path, query) = ascii::split_once(text, b'?');
        let Some(segments) = path.strip_prefix('/') else {
            return Err(Violation::bad("the target is not a path"));
        };
        let mut segments = ascii::split(segments, b'/').peekable();
        while let Some(segment) = segments.next() {
            let last = segments.peek().is_none();
            if segment.is_empty() && !last {
                return Err(Violation::bad("the path has an empty segment"));
            }
            self::segment(segment, last)?;
        }
        if let Some(query) = query {
            self::query(query)?;
        }
        Ok(Self {
            path: path.to_owned(),
            query: query.map(str::to_owned),
        })
    }

    /// The path's segments, decoded. A trailing slash shows as a last empty one.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect()
    }
}

/// What may stand in a path as it is, rule 2.
const PATH: Set = UNRESERVED.with(b"!$&'()*+,:=@");
/// What may stand in a query as it is.
const QUERY: Set = PATH.with(b"/?;");

fn segment(raw: &str, last: bool) -> Result<(), Violation> {
    let mut rest = raw.as_bytes();
    // Most have nothing else, and then there is nothing to decode.
    if UNRESERVED.run(rest) == rest.len() && !raw.ends_with('.') {
        return Ok(());
    }
    loop {
        rest = match &rest[PATH.run(rest)..] {
            [] => break,
            [b'%', digits @ ..] => {
                let upper = |digits: &[u8; 2]| !digits.iter().any(u8::is_ascii_lowercase);
                let escape = digits
                    .split_first_chunk()
                    .filter(|(digits, _)| upper(digits));
                let Some((decoded, after)) = escape.and_then(decoded) else {
                    return Err(Violation::bad("the path has a non-canonical escape"));
                };
                if UNRESERVED.has(decoded) {
                    return Err(Violation::bad("the path escapes what needs no escape"));
                }
                if decoded == b'/' && !last {
                    return Err(Violation::bad("the path escapes a slash"));
                }
                after
            }
            _ => return Err(Violation::bad("the path has an illegal character")),
        };
    }
    let Ok(decoded) = percent_decode_str(raw).decode_utf8() else {
        return Err(Violation::bad("the path is not UTF-8"));
    };
    if raw.is_empty() {
        return Ok(());
    }
    decoded.split('/').try_for_each(part)
}

/// What a segment, or what stands between its escaped slashes, decodes to.
fn part(text: &str) -> Result<(), Violation> {
    if text.is_empty() {
        return Err(Violation::bad("the path has an empty segment"));
    }
    if text.chars().any(|char| char.is_control() || char == '\\') {
        return Err(Violation::bad("the path has an illegal character"));
    }
    // This covers `.` and `..` too.
    if text.ends_with('.') || text.starts_with(' ') || text.ends_with(' ') {
        return Err(Violation::bad("the path has a dot or a space at an edge"));
    }
    let twice = text.as_bytes().windows(3).any(|three| {
        matches!(three, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
    });
    if twice {
        return Err(Violation::bad("the path is escaped twice"));
    }
    Ok(())
}

/// Parameters that Salesforce and web frameworks take for the method.
const OVERRIDES: [&str; 4] = [
    "_httpmethod",
    "_method",
    "_httpmethodoverride",
    "x-http-method-override",
];

fn query(raw: &str) -> Result<(), Violation> {
    let mut rest = raw.as_bytes();
    loop {
        rest = match &rest[QUERY.run(rest)..] {
            [] => break,
            [b'%', digits @ ..] => match digits.split_first_chunk().and_then(decoded) {
                Some((1.., after)) => after,
                _ => return Err(Violation::bad("the query has a bad escape")),
            },
            _ => return Err(Violation::bad("the query has an illegal character")),
        };
    }
    // Names only: a query language's text stands in the values.
    let mut names = ascii::split(raw, b'&').map(|pair| ascii::split_once(pair, b'=').0);
    let overrides = |name: &str| {
        OVERRIDES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    let overrides = names.any(|name| match UNRESERVED.run(name.as_bytes()) == name.len() {
        true => overrides(name),
        false => form_urlencoded::parse(name.as_bytes()).any(|(name, _)| overrides(name.trim())),
    });
    if overrides {
        return Err(Violation::bad("a parameter would override the method"));
    }
    Ok(())
}

/// The byte of an escape's digits, and what stands behind them.
fn decoded<'b>((digits, after): (&[u8; 2], &'b [u8])) -> Option<(u8, &'b [u8])> {
    Some((hex(*digits)?, after))
}
