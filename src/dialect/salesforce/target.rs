//! Request targets, ours and those inside composite bodies, taken apart strictly and written again.

use std::borrow::Cow;

use crate::model::{Code, Refusal};
use crate::wire::{Error, ascii, form, percent};

/// A target: decoded path segments and decoded query parameters, both in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    pub segments: Vec<String>,
    pub parameters: Vec<(String, String)>,
}

impl Target {
    /// Takes `path?query` apart. One trailing slash is allowed, since `simple-salesforce` sends it.
    ///
    /// # Errors
    /// Anything that is not in the one canonical form: empty or dot segments, segments that hold a
    /// slash of either kind but for the last (an external id's value may), malformed escapes,
    /// parameters without `=` or twice.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (path, query) = ascii::split_once(text, b'?');
        let path = path
            .strip_prefix('/')
            .ok_or_else(|| not_canonical("the path must begin with a slash"))?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments = ascii::split(path, b'/').map(segment);
        let segments = segments.collect::<Result<Vec<_>, _>>()?;
        let inner = segments.split_last().map_or(&[][..], |(_, before)| before);
        let slash = |byte| matches!(byte, b'/' | b'\\');
        if inner.iter().any(|s| s.bytes().any(slash)) {
            return Err(not_canonical("a slash may not be escaped inside the path"));
        }
        Ok(Self {
            segments,
            parameters: parameters(query)?,
        })
    }

    /// The value of a parameter that may stand once.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

fn segment(part: &str) -> Result<String, Refusal> {
    let text =
        percent::decode(part).map_err(|_| not_canonical("the path has a malformed escape"))?;
    if text.is_empty() || text == "." || text == ".." || text.as_bytes().contains(&b';') {
        return Err(not_canonical(
            "the path has an empty, dot or parameter segment",
        ));
    }
    Ok(text)
}

/// How many parameters and bytes a query may have; SOQL has up to 100,000 characters, each up to
/// three bytes when escaped, and Aura names each action of a message.
const LIMITS: form::Limits = form::Limits {
    bytes: 400_000,
    pairs: 128,
};

fn parameters(query: Option<&str>) -> Result<Vec<(String, String)>, Refusal> {
    let Some(query) = query.filter(|query| !query.is_empty()) else {
        return Ok(vec![]);
    };
    // Sub-requests may carry SOQL with spaces as they are.
    let escaped = match memchr::memchr(b' ', query.as_bytes()) {
        Some(_) => Cow::Owned(query.replace(' ', "+")),
        None => Cow::Borrowed(query),
    };
    // Names are compared below, in whatever case they are.
    let found = form::parse_repeated(escaped.as_bytes(), &LIMITS).map_err(|error| match error {
        Error::Duplicate { .. } => {
            Refusal::new(Code::ParameterUnknown, "a URL parameter stands twice")
        }
        Error::Malformed { .. } | Error::TooLarge { .. } | Error::NotUtf8 { .. } => {
            not_canonical("the URL parameters are malformed")
        }
    })?;
    let twice = |(at, (name, _)): (usize, &(String, String))| {
        found
            .iter()
            .skip(at + 1)
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    if found.iter().enumerate().any(twice) {
        return Err(Refusal::new(
            Code::ParameterUnknown,
            "a URL parameter stands twice",
        ));
    }
    Ok(found)
}

fn not_canonical(text: &str) -> Refusal {
    Refusal::new(Code::TargetNotCanonical, text)
}
