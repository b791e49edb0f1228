//! A query as tokens, each with its place for the error messages.

use crate::demo::crm::fault::{Fault, Outcome};

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name, a path with dots, a keyword or a date literal such as `LAST_N_DAYS:4`.
    Word(String),
    Text(Text),
    Number(f64),
    /// `2026-01-31`
    Date(String),
    /// `2026-01-31T09:00:00Z`
    Datetime(String),
    Sign(&'static str),
    End,
}

/// A literal in quotes, as plain text and as the pattern that LIKE makes of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    pub plain: String,
    pub pattern: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece {
    One(char),
    AnyOne,
    AnyMany,
}

/// A token and where it begins, in characters.
#[derive(Clone, Debug)]
pub struct Placed {
    pub token: Token,
    pub at: usize,
}

const SIGNS: [&str; 13] = [
    "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ":", "+", "-",
];

/// # Errors
/// MALFORMED_QUERY when a literal does not end or a character belongs to no token.
pub fn tokens(query: &str) -> Outcome<Vec<Placed>> {
    let chars: Vec<char> = query.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let rest = chars.get(at..).unwrap_or_default();
        let (token, length) = if c == '\'' {
            text(rest).ok_or_else(|| malformed(query, at, "unterminated string literal"))?
        } else if c.is_ascii_alphabetic() || c == '_' {
            word(rest)
        } else if c.is_ascii_digit() || c == '-' && digit_at(rest, 1) || c == '.' {
            number(rest).ok_or_else(|| unexpected(query, at, c))?
        } else {
            let sign = SIGNS.iter().find(|sign| {
                let length = sign.len();
                rest.get(..length)
                    .is_some_and(|found| found.iter().copied().eq(sign.chars()))
            });
            let sign = sign.ok_or_else(|| unexpected(query, at, c))?;
            (Token::Sign(sign), sign.len())
        };
        out.push(Placed { token, at });
        at += length;
    }
    out.push(Placed {
        token: Token::End,
        at: chars.len(),
    });
    Ok(out)
}

/// A refusal that shows the place in the query, as Salesforce does.
pub fn fault_at(query: &str, at: usize, code: &'static str, message: &str) -> Fault {
    let chars: Vec<char> = query.chars().collect();
    let before = chars.get(..at).unwrap_or(&chars);
    let row = before.iter().filter(|c| **c == '\n').count() + 1;
    let start = before.iter().rposition(|c| *c == '\n').map_or(0, |n| n + 1);
    let column = before.len() - start + 1;
    let from = start.max(before.len().saturating_sub(60));
    let line = chars.get(from..).unwrap_or_default();
    let line: String = line.iter().take_while(|c| **c != '\n').take(90).collect();
    let caret = " ".repeat(before.len() - from);
    let text = format!("\n{line}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{message}");
    Fault::bad(code, text)
}

pub fn malformed(query: &str, at: usize, message: &str) -> Fault {
    fault_at(query, at, "MALFORMED_QUERY", message)
}

fn unexpected(query: &str, at: usize, c: char) -> Fault {
    malformed(
        query,
        at,
        &format!("line 1:{at} no viable alternative at character '{c}'"),
    )
}

fn digit_at(rest: &[char], at: usize) -> bool {
    rest.get(at).is_some_and(char::is_ascii_digit)
}

fn word(rest: &[char]) -> (Token, usize) {
    let mut length = 0;
    while let Some(c) = rest.get(length) {
        let dotted = *c == '.'
            && rest
                .get(length + 1)
                .is_some_and(|c| c.is_ascii_alphabetic());
        let counted = *c == ':' && digit_at(rest, length + 1);
        if !(c.is_ascii_alphanumeric() || *c == '_' || dotted || counted) {
            break;
        }
        length += 1;
    }
    let word = rest.get(..length).unwrap_or_default().iter().collect();
    (Token::Word(word), length)
}

fn number(rest: &[char]) -> Option<(Token, usize)> {
    let part = |c: &&char| c.is_ascii_alphanumeric() || "-+:.".contains(**c);
    let text: String = rest.iter().take_while(part).collect();
    let length = text.chars().count();
    let dashes = text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-');
    if dashes && length == 10 {
        Some((Token::Date(text), length))
    } else if dashes {
        Some((Token::Datetime(text), length))
    } else {
        Some((Token::Number(text.parse().ok()?), length))
    }
}

/// Reads `'…'`; `\%` and `\_` are the characters themselves even in a pattern.
fn text(rest: &[char]) -> Option<(Token, usize)> {
    let mut out = Text::default();
    let mut at = 1;
    loop {
        let c = *rest.get(at)?;
        at += 1;
        let (plain, piece) = match c {
            '\'' => return Some((Token::Text(out), at)),
            '%' => (c, Piece::AnyMany),
            '_' => (c, Piece::AnyOne),
            '\\' => {
                let escaped = *rest.get(at)?;
                at += 1;
                let c = match escaped {
                    'n' | 'N' => '\n',
                    'r' | 'R' => '\r',
                    't' | 'T' => '\t',
                    'b' | 'B' => '\u{8}',
                    'f' | 'F' => '\u{c}',
                    'u' | 'U' => {
                        let hex: String = rest.get(at..at + 4)?.iter().collect();
                        at += 4;
                        char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?
                    }
                    '\'' | '"' | '\\' | '%' | '_' => escaped,
                    _ => return None,
                };
                (c, Piece::One(c))
            }
            c => (c, Piece::One(c)),
        };
        out.plain.push(plain);
        out.pattern.push(piece);
    }
}
