//! The small grammars that values are held to. Each gives the value as it is to be written.

use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

/// One of `words`, whatever its case; as `words` has it.
pub(super) fn word(value: &str, words: &[&str]) -> Option<String> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(value));
    found.map(|word| (*word).to_owned())
}

/// A decimal number between `least` and `most`, without leading zeros.
pub(super) fn number(value: &str, least: u32, most: u32) -> Option<String> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = value.parse().ok().filter(|_| digits)?;
    (least..=most).contains(&number).then(|| number.to_string())
}

/// An HTTP date, in its one preferred form (RFC 9110, section 5.6.7).
pub(super) fn date(value: &str) -> Option<String> {
    let at = DateTimeParser::new().parse_timestamp(value).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// `name=value` pairs divided by `;` or `,`, each name of `names` at most once, its value by `value`.
pub(super) fn pairs(
    text: &str,
    names: &[&str],
    value: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let mut written: Vec<(String, String)> = Vec::new();
    for pair in text.split([';', ',']).map(str::trim) {
        if pair.is_empty() {
            continue;
        }
        let (name, given) = pair.split_once('=')?;
        let name = word(name.trim(), names)?;
        if written.iter().any(|(known, _)| *known == name) {
            return None;
        }
        written.push((name, value(given.trim())?));
    }
    let pairs: Vec<String> = written
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// The media types that a CRM's API speaks, without parameters but the charset.
pub(super) fn media_type(value: &str) -> Option<String> {
    const TYPES: [&str; 8] = [
        "application/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "text/csv",
        "text/plain",
        "text/xml",
        "*/*",
    ];
    let mut parts = value.split(';').map(str::trim);
    let kind = word(parts.next()?, &TYPES)?;
    match (parts.next(), parts.next()) {
        (None, _) => Some(kind),
        (Some(parameter), None) => {
            let (name, charset) = parameter.split_once('=')?;
            let utf8 = charset.trim_matches('"').eq_ignore_ascii_case("utf-8");
            (name.eq_ignore_ascii_case("charset") && utf8).then(|| format!("{kind}; charset=UTF-8"))
        }
        (Some(_), Some(_)) => None,
    }
}

/// A preference list: the ranges of `range` in their order, without weights (order says enough).
pub(super) fn list(value: &str, range: impl Fn(&str) -> Option<String>) -> Option<String> {
    const MOST: usize = 8;
    let ranges: Vec<String> = value
        .split(',')
        .filter_map(|item| range(item.split(";q=").next().unwrap_or(item).trim()))
        .take(MOST)
        .collect();
    (!ranges.is_empty()).then(|| ranges.join(", "))
}

/// A language of two letters, with a region of two where it has one, or `*`.
pub(super) fn language(value: &str) -> Option<String> {
    let letters =
        |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    match value.split_once('-') {
        _ if value == "*" => Some(value.to_owned()),
        None if letters(value) => Some(value.to_ascii_lowercase()),
        Some((language, region)) if letters(language) && letters(region) => Some(format!(
            "{}-{}",
            language.to_ascii_lowercase(),
            region.to_ascii_uppercase()
        )),
        _ => None,
    }
}

/// A Salesforce id of 15 or 18 characters of the object with this key prefix.
pub(super) fn id(value: &str, prefix: &str) -> Option<String> {
    let shape = matches!(value.len(), 15 | 18)
        && value.starts_with(prefix)
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    shape.then(|| value.to_owned())
}
