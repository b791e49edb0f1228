//! Literals: texts with their escapes, patterns, numbers, dates and date names.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Literal, Piece, Value, Verbatim};
use crate::dialect::salesforce::soql::cursor::Cursor;
use crate::model::Personal;

/// Date names that stand alone.
const DATE_NAMES: &[&str] = &[
    "YESTERDAY",
    "TODAY",
    "TOMORROW",
    "LAST_WEEK",
    "THIS_WEEK",
    "NEXT_WEEK",
    "LAST_MONTH",
    "THIS_MONTH",
    "NEXT_MONTH",
    "LAST_90_DAYS",
    "NEXT_90_DAYS",
    "LAST_QUARTER",
    "THIS_QUARTER",
    "NEXT_QUARTER",
    "LAST_YEAR",
    "THIS_YEAR",
    "NEXT_YEAR",
    "LAST_FISCAL_QUARTER",
    "THIS_FISCAL_QUARTER",
    "NEXT_FISCAL_QUARTER",
    "LAST_FISCAL_YEAR",
    "THIS_FISCAL_YEAR",
    "NEXT_FISCAL_YEAR",
];

/// Date names with a number behind a colon.
const COUNTED_DATE_NAMES: &[&str] = &[
    "LAST_N_DAYS",
    "NEXT_N_DAYS",
    "N_DAYS_AGO",
    "LAST_N_WEEKS",
    "NEXT_N_WEEKS",
    "N_WEEKS_AGO",
    "LAST_N_MONTHS",
    "NEXT_N_MONTHS",
    "N_MONTHS_AGO",
    "LAST_N_QUARTERS",
    "NEXT_N_QUARTERS",
    "N_QUARTERS_AGO",
    "LAST_N_YEARS",
    "NEXT_N_YEARS",
    "N_YEARS_AGO",
    "LAST_N_FISCAL_QUARTERS",
    "NEXT_N_FISCAL_QUARTERS",
    "N_FISCAL_QUARTERS_AGO",
    "LAST_N_FISCAL_YEARS",
    "NEXT_N_FISCAL_YEARS",
    "N_FISCAL_YEARS_AGO",
];

impl<'t> Cursor<'t> {
    /// Literals in parentheses.
    pub(super) fn literals(&mut self) -> Result<Vec<Literal>, Error> {
        self.refuse_bind()?;
        self.expect_mark(b'(', "a list in parentheses was expected")?;
        let literals = self.list(Self::literal)?;
        self.expect_mark(b')', ") or a comma was expected in the list")?;
        Ok(literals)
    }

    /// One literal of any kind but a pattern.
    pub(super) fn literal(&mut self) -> Result<Literal, Error> {
        self.refuse_bind()?;
        let (value, length) = if self.first() == Some(b'\'') {
            let (pieces, length) = self.quoted(false)?;
            (Value::Text(only_text(pieces)), length)
        } else {
            let run = self.run();
            let Some(value) = plain(run) else {
                return self.refuse("a literal was expected");
            };
            (value, run.len())
        };
        let span = self.step(length);
        Ok(Literal { span, value })
    }

    /// The text on the right of `LIKE`.
    pub(super) fn pattern(&mut self) -> Result<Literal, Error> {
        self.refuse_bind()?;
        if self.first() != Some(b'\'') {
            return self.refuse("a text in quotes was expected behind LIKE");
        }
        let (pieces, length) = self.quoted(true)?;
        let span = self.step(length);
        let value = Value::Pattern(pieces);
        Ok(Literal { span, value })
    }

    pub(super) fn refuse_bind(&self) -> Result<(), Error> {
        if self.first() == Some(b':') {
            return self.refuse("a bind variable is not part of a query over the API");
        }
        Ok(())
    }

    /// All that belongs together in a literal without quotes. It reaches as far as any such
    /// literal could, so that no half of it is read as something else.
    pub(super) fn run(&self) -> &'t str {
        let of_run =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-' | ':');
        let rest = self.rest();
        let length = rest.find(|c| !of_run(c)).unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }

    /// The text in quotes here and its length with them. Wildcards and their escapes exist in a
    /// pattern alone.
    fn quoted(&self, pattern: bool) -> Result<(Vec<Piece>, usize), Error> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = self.rest().get(1..).unwrap_or_default();
        loop {
            let at = self.text.len() - rest.len();
            let fail = |what| Err(Error { at, what });
            let mut chars = rest.chars();
            match chars.next() {
                None => return fail("the text in quotes does not end"),
                Some('\'') => break,
                Some('\\') => {
                    let Some((c, after)) = escape(chars.as_str(), pattern) else {
                        return fail("an escape in the text is not one of SOQL's");
                    };
                    text.push(c);
                    rest = after;
                    continue;
                }
                Some(wildcard @ ('%' | '_')) if pattern => {
                    push_text(&mut pieces, &mut text);
                    pieces.push(match wildcard {
                        '%' => Piece::AnyRun,
                        _ => Piece::AnyOne,
                    });
                }
                Some(c) if c.is_control() && c != '\t' => {
                    return fail("a control character in the text needs an escape");
                }
                Some(c) => text.push(c),
            }
            rest = chars.as_str();
        }
        push_text(&mut pieces, &mut text);
        // One more for the quote at the end, which `rest` still has.
        let length = self.rest().len() - rest.len() + 1;
        Ok((pieces, length))
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &mut String) {
    if !text.is_empty() {
        pieces.push(Piece::Text(Personal::new(std::mem::take(text))));
    }
}

/// The text of what is no pattern: one piece, or none if it is empty.
fn only_text(pieces: Vec<Piece>) -> Personal {
    match pieces.into_iter().next() {
        Some(Piece::Text(text)) => text,
        _ => Personal::new(String::new()),
    }
}

/// The character that an escape stands for, and what follows it. `text` begins behind the
/// backslash. Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".
fn escape(text: &str, pattern: bool) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        'n' | 'N' => '\n',
        'r' | 'R' => '\r',
        't' | 'T' => '\t',
        // The reference calls it the bell, Salesforce's code is Java, where it is the backspace.
        // It is written back as the same escape, so the CRM decides.
        'b' | 'B' => '\u{8}',
        'f' | 'F' => '\u{c}',
        c @ ('"' | '\'' | '\\') => c,
        c @ ('%' | '_') if pattern => c,
        'u' => return unicode(chars.as_str()),
        _ => return None,
    };
    Some((c, chars.as_str()))
}

/// Four hex digits behind `\u`, or a pair of surrogates. `text` begins behind the `u`.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (high, rest) = hex(text)?;
    if let Some(c) = char::from_u32(high) {
        return Some((c, rest));
    }
    let (low, rest) = hex(rest.strip_prefix("\\u")?)?;
    let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some((c, rest))
}

fn hex(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((u32::from_str_radix(digits, 16).ok()?, text.get(4..)?))
}

/// What a literal without quotes says.
fn plain(run: &str) -> Option<Value> {
    let checked = || Verbatim::checked(run);
    if is_number(run) {
        return Some(Value::Number(checked()));
    }
    if is_currency(run) {
        return Some(Value::Currency(checked()));
    }
    if is_date(run) {
        return Some(Value::Date(checked()));
    }
    if let Some((date, time)) = run.split_once('T')
        && is_date(date)
    {
        return is_time(time, true).then(|| Value::DateTime(checked()));
    }
    if is_time(run, false) {
        return Some(Value::Time(checked()));
    }
    match run.to_ascii_lowercase().as_str() {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        _ => date_name(run),
    }
}

fn date_name(run: &str) -> Option<Value> {
    let (text, names, count) = match run.split_once(':') {
        None => (run, DATE_NAMES, None),
        Some((text, count)) if is_digits(count) => {
            (text, COUNTED_DATE_NAMES, Some(count.parse().ok()?))
        }
        Some(_) => return None,
    };
    let name = names.iter().find(|name| text.eq_ignore_ascii_case(name))?;
    Some(Value::DateName { name, count })
}

/// `12`, `-1.5`, `.5`, `1e6`.
fn is_number(run: &str) -> bool {
    let run = run.strip_prefix(['+', '-']).unwrap_or(run);
    let (mantissa, exponent) = match run.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (run, None),
    };
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    let mantissa = match mantissa.split_once('.') {
        Some((whole, part)) => (whole.is_empty() || is_digits(whole)) && is_digits(part),
        None => is_digits(mantissa),
    };
    mantissa && exponent.is_none_or(is_digits)
}

/// An ISO 4217 code and a number, `USD-500`.
fn is_currency(run: &str) -> bool {
    run.split_at_checked(3).is_some_and(|(code, amount)| {
        code.bytes().all(|b| b.is_ascii_uppercase()) && is_number(amount)
    })
}

/// `YYYY-MM-DD`.
fn is_date(run: &str) -> bool {
    let parts: Vec<&str> = run.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    year.len() == 4 && is_digits(year) && is_within(month, 1, 12) && is_within(day, 1, 31)
}

/// `hh:mm:ss`, perhaps a fraction of any length, then `Z`, `+hh:mm` or `+hhmm`.
fn is_time(run: &str, needs_zone: bool) -> bool {
    let (clock, zone) = match run.find(['Z', '+', '-']) {
        Some(at) => run.split_at(at),
        None => (run, ""),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else {
        return false;
    };
    is_within(hour, 0, 23)
        && is_within(minute, 0, 59)
        && is_within(second, 0, 59)
        && fraction.is_none_or(is_digits)
        && is_zone(zone, needs_zone)
}

fn is_zone(zone: &str, needed: bool) -> bool {
    match zone {
        "" => !needed,
        "Z" => true,
        _ => {
            let offset = zone.get(1..).unwrap_or_default();
            let hour = offset.get(..2).unwrap_or_default();
            let minute = offset.get(2..).unwrap_or_default();
            let minute = minute.strip_prefix(':').unwrap_or(minute);
            !zone.starts_with('Z') && is_within(hour, 0, 23) && is_within(minute, 0, 59)
        }
    }
}

/// Two digits, from `low` to `high`.
fn is_within(text: &str, low: u8, high: u8) -> bool {
    let number = text.parse().unwrap_or(u8::MAX);
    text.len() == 2 && is_digits(text) && (low..=high).contains(&number)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
