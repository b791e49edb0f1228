//! The headers of a part and of the whole body.

use crate::wire::Error;
use crate::wire::percent::{Plus, decode_text};

use super::malformed;

/// What a part's headers say.
#[derive(Debug, Default)]
pub(super) struct Headers {
    pub name: String,
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub length: Option<usize>,
}

/// Reads a header block without the empty line behind it; `start` is its offset in the body.
pub(super) fn read(block: &[u8], start: usize) -> Result<Headers, Error> {
    let text = std::str::from_utf8(block).map_err(|error| Error::NotUtf8 {
        at: start + error.valid_up_to(),
    })?;
    let mut headers = Headers::default();
    let mut disposition = false;
    let mut at = start;
    for line in text.split("\r\n") {
        let wrong = |what| malformed(at, what);
        if line.contains(char::is_control) {
            return Err(wrong("a control character in a header"));
        }
        let (name, value) = line
            .split_once(':')
            .ok_or(wrong("a header without colon"))?;
        let value = value.trim_matches(' ');
        let first = match name.to_ascii_lowercase().as_str() {
            "content-disposition" => {
                (headers.name, headers.filename) = form_data(value).map_err(wrong)?;
                !std::mem::replace(&mut disposition, true)
            }
            "content-type" => headers
                .content_type
                .replace(media_type(value).map_err(wrong)?)
                .is_none(),
            "content-length" => headers
                .length
                .replace(number(value).map_err(wrong)?)
                .is_none(),
            _ => return Err(wrong("a header that forms do not have")),
        };
        if !first {
            return Err(wrong("a header that comes twice"));
        }
        at += line.len() + 2;
    }
    match disposition {
        true => Ok(headers),
        false => Err(malformed(start, "a part without a disposition")),
    }
}

/// The boundary of `multipart/form-data; boundary=...`.
pub(super) fn boundary(content_type: &str) -> Result<String, Error> {
    let wrong = |what| malformed(0, what);
    let (media, parameters) = parameters(content_type).map_err(wrong)?;
    if !media.eq_ignore_ascii_case("multipart/form-data") {
        return Err(wrong("another media type than multipart/form-data"));
    }
    match parameters.as_slice() {
        [(name, value)] if name == "boundary" => {
            check_boundary(value)?;
            Ok(value.clone())
        }
        _ => Err(wrong("other parameters than one boundary")),
    }
}

/// RFC 2046, section 5.1.1. A space is allowed there inside a boundary, and is refused here:
/// some parsers trim it.
pub(super) fn check_boundary(boundary: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    if boundary.is_empty() || boundary.len() > 70 || !boundary.bytes().all(allowed) {
        return Err(malformed(0, "a boundary that RFC 2046 does not allow"));
    }
    Ok(())
}

/// The names in `form-data; name="..."; filename="..."`.
fn form_data(value: &str) -> Result<(String, Option<String>), &'static str> {
    let (disposition, parameters) = parameters(value)?;
    if !disposition.eq_ignore_ascii_case("form-data") {
        return Err("another disposition than form-data");
    }
    let (mut field, mut plain, mut extended) = (None, None, None);
    for (parameter, value) in parameters {
        let first = match parameter.as_str() {
            "name" => field.replace(one_reading(value)?).is_none(),
            "filename" => plain.replace(file_name(one_reading(value)?)?).is_none(),
            "filename*" => extended.replace(file_name(utf8_value(&value)?)?).is_none(),
            _ => return Err("a parameter of a disposition that forms do not have"),
        };
        if !first {
            return Err("a parameter that comes twice");
        }
    }
    let field = field.filter(|name| !name.is_empty());
    let field = field.ok_or("a part without a name")?;
    match (plain, extended) {
        // Which of the two counts is up to the reader.
        (Some(plain), Some(extended)) if plain != extended => Err("two file names"),
        (plain, extended) => Ok((field, plain.or(extended))),
    }
}

/// Names whose escapes some readers take apart and others do not: a browser writes `%22` for a
/// quote, servers keep it; older browsers wrote a backslash; mail programs write `=?utf-8?...?=`.
fn one_reading(name: String) -> Result<String, &'static str> {
    let escape = |at: usize| {
        let digits = name.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if name.match_indices('%').any(|(at, _)| escape(at)) {
        return Err("a percent escape in a name");
    }
    if name.contains("=?") {
        return Err("an encoded word in a name");
    }
    Ok(name)
}

/// A bare file name: what to make of a path is up to the reader.
fn file_name(name: String) -> Result<String, &'static str> {
    match name.contains(['/', '\\', '"']) || name.contains(char::is_control) {
        true => Err("a file name with a slash, a quote or a control character"),
        false => Ok(name),
    }
}

/// `UTF-8''...` (RFC 8187), for `filename*`.
fn utf8_value(value: &str) -> Result<String, &'static str> {
    let wrong = "a file name in another form than UTF-8''";
    let rest = match value.split_at_checked(7) {
        Some((charset, rest)) if charset.eq_ignore_ascii_case("utf-8''") => rest,
        _ => return Err(wrong),
    };
    decode_text(rest.as_bytes(), Plus::Plus).map_err(|_| wrong)
}

/// A part's media type. Parts in parts are refused: RFC 7578, section 4.3 has done with them.
fn media_type(value: &str) -> Result<String, &'static str> {
    let (media, parameters) = parameters(value)?;
    let whole = |side: &str| !side.is_empty() && side.bytes().all(is_token);
    let Some((kind, subtype)) = media.split_once('/').filter(|(a, b)| whole(a) && whole(b)) else {
        return Err("a media type without its two halves");
    };
    let kind = kind.to_ascii_lowercase();
    if kind == "multipart" || kind == "message" || subtype.eq_ignore_ascii_case("external-body") {
        return Err("a part in a part");
    }
    let mut charsets = parameters.iter().filter(|(name, _)| name == "charset");
    if charsets.any(|(_, charset)| !charset.eq_ignore_ascii_case("utf-8")) {
        return Err("a character set other than UTF-8");
    }
    Ok(value.to_owned())
}

fn number(value: &str) -> Result<usize, &'static str> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits);
    number.ok_or("a length that is no number")
}

/// A header's value, and its parameters with their names in small letters.
type Parameters<'a> = (&'a str, Vec<(String, String)>);

/// Splits `value; name=value; name="value"`; names come back in order, each once.
fn parameters(value: &str) -> Result<Parameters<'_>, &'static str> {
    let end = value.find(';').unwrap_or(value.len());
    let (first, mut rest) = value.split_at(end);
    let mut found: Vec<(String, String)> = Vec::new();
    while let Some(parameter) = rest.strip_prefix(';') {
        let parameter = parameter.trim_start_matches(' ');
        let (name, value) = parameter.split_once('=').ok_or("a parameter without =")?;
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err("a parameter's name that is no token");
        }
        let (value, behind) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quote that does not end")?,
            None => {
                let (token, behind) = value.split_at(value.find(';').unwrap_or(value.len()));
                if token.is_empty() || !token.bytes().all(is_token) {
                    return Err("a parameter's value that is no token");
                }
                (token, behind)
            }
        };
        if value.contains('\\') {
            return Err("a backslash in a parameter");
        }
        let name = name.to_ascii_lowercase();
        if found.iter().any(|(other, _)| *other == name) {
            return Err("a parameter that comes twice");
        }
        found.push((name, value.to_owned()));
        rest = behind;
    }
    match rest.is_empty() {
        true => Ok((first, found)),
        false => Err("data behind a parameter"),
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
