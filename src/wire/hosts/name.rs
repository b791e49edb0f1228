//! Finding host names in any text, and putting others in their places.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::wire::Error;

use super::{Origin, default_port};

/// Origins of one side, and those of the other side that take their places.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub from: Vec<Origin>,
    pub to: Vec<Origin>,
    /// Finds the hosts, in capitals or not. `None` where there are none.
    finder: Option<AhoCorasick>,
}

impl Names {
    pub fn new(from: Vec<Origin>, to: Vec<Origin>) -> Result<Self, Error> {
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true);
        builder.match_kind(MatchKind::LeftmostLongest);
        let names = from.iter().map(|origin| origin.host.as_str());
        let finder = builder.build(names).map_err(|_| Error::TooLarge {
            what: "bytes of host names",
            limit: 0x7fff_ffff,
        })?;
        let finder = (!from.is_empty()).then_some(finder);
        Ok(Self { from, to, finder })
    }

    pub fn replace<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut out = Vec::new();
        let mut at = 0;
        for found in self.finder.iter().flat_map(|finder| finder.find_iter(text)) {
            let before = text.get(at..found.start()).unwrap_or_default();
            let after = text.get(found.end()..).unwrap_or_default();
            // What was replaced before this ends with a port or a name: then it is none.
            if !(begins(before) && ends(after)) || (at > 0 && before.is_empty()) {
                continue;
            }
            let Some(change) = self.change(found.pattern().as_usize(), before, after) else {
                continue;
            };
            out.extend_from_slice(before.get(..change.scheme.start).unwrap_or_default());
            out.extend_from_slice(change.new_scheme.as_bytes());
            out.extend_from_slice(before.get(change.scheme.end..).unwrap_or_default());
            out.extend_from_slice(change.authority.as_bytes());
            at = found.end() + change.port;
        }
        if at == 0 {
            return Cow::Borrowed(text);
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// What becomes of the host of `from[pattern]` between two texts.
    fn change(&self, pattern: usize, before: &[u8], after: &[u8]) -> Option<Change> {
        let host = &self.from.get(pattern)?.host;
        let scheme = scheme_before(before);
        let port = port_after(after);
        let meant = port
            .as_ref()
            .map(|port| port.number)
            .or(scheme.as_ref().map(|scheme| default_port(scheme.plain)));
        let same_host = || {
            let pairs = self.from.iter().zip(&self.to);
            pairs.filter(|(from, _)| from.host == *host)
        };
        let exact = same_host().find(|(from, _)| match meant {
            Some(meant) => from.port() == meant,
            None => from.port.is_none(),
        });
        // The host at a port of another service: its name must not get out either. Where both sides
        // have one host, the port alone tells them apart, and there is no name to hide.
        let shared = self.to.iter().any(|origin| origin.host == *host);
        let (_, to) = exact.or_else(|| same_host().next().filter(|_| !shared))?;
        let colon = port.as_ref().map(|port| port.colon);
        let colon = colon.unwrap_or_else(|| colon_like(before));
        let kept = exact.is_none().then_some(port.as_ref()).flatten();
        let number = kept.map(|port| port.number).or(to.port);
        let mut authority = to.host.clone();
        if let Some(number) = number {
            authority.push_str(&format!("{colon}{number}"));
        }
        let none = before.len()..before.len();
        let (range, new_scheme) = scheme.map_or((none, ""), |scheme| {
            let secure = to.scheme == "https";
            let new = match (scheme.socket, secure) {
                (false, _) => to.scheme,
                (true, true) => "wss",
                (true, false) => "ws",
            };
            (scheme.range, new)
        });
        Some(Change {
            scheme: range,
            new_scheme,
            authority,
            port: port.map_or(0, |port| port.length),
        })
    }
}

/// What to write around and in the place of a host.
struct Change {
    /// Where the scheme stands in what comes before, empty at its end if there is none.
    scheme: Range<usize>,
    new_scheme: &'static str,
    authority: String,
    /// How many bytes after the host were its port.
    port: usize,
}

struct Scheme {
    range: Range<usize>,
    /// `http` or `https`, for sockets too.
    plain: &'static str,
    socket: bool,
}

struct Port {
    /// With the colon.
    length: usize,
    colon: &'static str,
    number: u16,
}

/// How a colon and a slash are written: as they are, in a URL once and twice, in HTML, in strings.
const COLONS: [&str; 10] = [
    ":", "%3A", "%3a", "%253A", "%253a", "&#58;", "&#x3A;", "&#x3a;", "\\u003a", "\\x3a",
];
const SLASHES: [&str; 11] = [
    "/", "\\/", "%2F", "%2f", "%252F", "%252f", "&#47;", "&#x2F;", "&#x2f;", "\\u002f", "\\x2f",
];

fn scheme_before(before: &[u8]) -> Option<Scheme> {
    let slash = |text| {
        SLASHES
            .iter()
            .rev()
            .find_map(|slash| strip_end(text, slash))
    };
    let rest = slash(slash(before)?)?;
    let rest = COLONS.iter().find_map(|colon| strip_end(rest, colon))?;
    let known = [
        ("https", "https", false),
        ("http", "http", false),
        ("wss", "https", true),
        ("ws", "http", true),
    ];
    known.into_iter().find_map(|(name, plain, socket)| {
        let start = strip_end(rest, name)?.len();
        let range = start..rest.len();
        Some(Scheme {
            range,
            plain,
            socket,
        })
    })
}

fn strip_end<'a>(text: &'a [u8], end: &str) -> Option<&'a [u8]> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end.as_bytes()).then_some(head)
}

fn port_after(after: &[u8]) -> Option<Port> {
    let colon = COLONS.into_iter().find(|colon| {
        let head = after.get(..colon.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(colon.as_bytes()))
    })?;
    let rest = after.get(colon.len()..)?;
    let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    let number = std::str::from_utf8(rest.get(..digits)?)
        .ok()?
        .parse()
        .ok()?;
    let length = colon.len() + digits;
    Some(Port {
        length,
        colon,
        number,
    })
}

/// The colon of a port where none stood: written as the slashes before it are.
fn colon_like(before: &[u8]) -> &'static str {
    match () {
        () if strip_end(before, "%252F").is_some() => "%253A",
        () if strip_end(before, "%2F").is_some() => "%3A",
        () => ":",
    }
}

/// Whether a name can begin behind a text.
fn begins(before: &[u8]) -> bool {
    if let Some(escaped) = escape_before(before) {
        return !escaped.is_some_and(in_name);
    }
    match before {
        // `*.crm.example`, `.crm.example`: what covers the name.
        [.., last, b'.'] => !in_name(*last),
        [b'.'] | [] => true,
        [.., last] => !in_name(*last),
    }
}

/// Whether a name can end before a text.
fn ends(after: &[u8]) -> bool {
    match after {
        [b'.', next, ..] => !in_name(*next),
        [b'%', high, low, ..] => !hex(&[*high, *low]).is_some_and(in_name),
        [next, ..] => *next == b'.' || !in_name(*next),
        [] => true,
    }
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// The byte that an escape at the end of a text means: of a URL, once or twice, or of a string.
/// `Some(None)`: it means a line end or another character that is in no name.
fn escape_before(text: &[u8]) -> Option<Option<u8>> {
    let mark = |length: usize, mark: &[u8]| {
        let tail = text.get(text.len().checked_sub(length)?..)?;
        let digits = tail.strip_prefix(mark)?;
        let end = digits.get(digits.len() - 2..)?;
        let zeros = digits.get(..digits.len() - 2)?;
        hex(end).filter(|_| zeros.iter().all(|digit| *digit == b'0'))
    };
    let found = mark(3, b"%").or(mark(5, b"%25"));
    let found = found.or(mark(4, b"\\x")).or(mark(6, b"\\u"));
    if found.is_some() {
        return Some(found);
    }
    match text {
        // An escaped backslash and a letter would be two.
        [head @ .., b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v'] => {
            let slashes = head.iter().rev().take_while(|byte| **byte == b'\\');
            (slashes.count() % 2 == 0).then_some(None)
        }
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    u8::from_str_radix(text, 16).ok().filter(|_| all)
}
