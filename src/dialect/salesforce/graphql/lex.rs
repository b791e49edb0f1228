//! Words, marks, texts and numbers. Comments and commas are passed over, and never written again.

use super::ast::{Name, Place};
use super::{Error, MAX_BYTES};

/// A token. Texts are unescaped.
#[derive(Clone, Eq, PartialEq)]
pub(super) enum Token {
    Name(Name),
    Mark(char),
    /// `...`
    Spread,
    Text(String),
    Number(String),
    End,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The place that was asked for last, and where in the text it is: each character is counted
    /// once.
    place: Place,
    counted: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, Error> {
        let start = Place { line: 1, column: 1 };
        let mut lexer = Self {
            text,
            at: 0,
            place: start,
            counted: 0,
        };
        match text.len() > MAX_BYTES {
            true => Err(lexer.error(0, "the document is too long")),
            false => Ok(lexer),
        }
    }

    /// The place of a byte that stands behind all that were asked for.
    pub(super) fn place(&mut self, at: usize) -> Place {
        for c in self.text.get(self.counted..at).unwrap_or_default().chars() {
            match c {
                '\n' => {
                    self.place.line += 1;
                    self.place.column = 1;
                }
                _ => self.place.column += 1,
            }
        }
        self.counted = self.counted.max(at);
        self.place
    }

    /// The error at a place.
    pub(super) fn error(&mut self, at: usize, what: &'static str) -> Error {
        let Place { line, column } = self.place(at);
        Error { line, column, what }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token, usize), Error> {
        self.skip();
        let at = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok((Token::End, at));
        };
        let token = match first {
            '!' | '$' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '}' => {
                self.at += 1;
                Token::Mark(first)
            }
            '.' if self.rest().starts_with("...") => {
                self.at += 3;
                Token::Spread
            }
            '"' if self.rest().starts_with("\"\"\"") => self.block()?,
            '"' => self.quoted()?,
            '-' | '0'..='9' => self.number()?,
            _ => {
                let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let rest = self.rest();
                let length = rest.find(|c| !of_name(c)).unwrap_or(rest.len());
                let name = rest.get(..length).and_then(Name::new);
                let Some(name) = name else {
                    return Err(self.error(at, "a character is not one of GraphQL's"));
                };
                self.at += length;
                Token::Name(name)
            }
        };
        Ok((token, at))
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | ',');
            let length = rest.find(|c| !blank(c)).unwrap_or(rest.len());
            self.at += length;
            let rest = self.rest();
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
        }
    }

    /// `-12`, `1.5`, `1e6`; no word may follow at once.
    fn number(&mut self) -> Result<Token, Error> {
        let rest = self.rest();
        let of_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
        let length = rest.find(|c| !of_run(c)).unwrap_or(rest.len());
        let run = rest.get(..length).unwrap_or_default();
        // JSON has the same numbers.
        if serde_json::from_str::<serde_json::Number>(run).is_err() {
            return Err(self.error(self.at, "a number is malformed"));
        }
        self.at += length;
        Ok(Token::Number(run.to_owned()))
    }

    fn quoted(&mut self) -> Result<Token, Error> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((place, c)) = chars.next() {
            let at = start + place;
            match c {
                '"' => {
                    self.at = at + 1;
                    return Ok(Token::Text(text));
                }
                '\n' | '\r' => break,
                '\\' => {
                    let Some((_, c)) = chars.next() else {
                        break;
                    };
                    let unescaped = match c {
                        '"' | '\\' | '/' => c,
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => {
                            let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                            let code = u32::from_str_radix(&digits, 16).ok();
                            // Half of a pair, or braces, would be read in two ways.
                            let hex =
                                digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
                            let Some(c) = code.filter(|_| hex).and_then(char::from_u32) else {
                                return Err(self.error(at, "an escape is not taken"));
                            };
                            c
                        }
                        _ => return Err(self.error(at, "an escape is not one of GraphQL's")),
                    };
                    text.push(unescaped);
                }
                c if c.is_control() && c != '\t' => {
                    return Err(self.error(at, "a control character needs an escape"));
                }
                c => text.push(c),
            }
        }
        Err(self.error(start, "a text does not end"))
    }

    /// `"""text"""`: its common indentation is taken off (section 2.9.4).
    fn block(&mut self) -> Result<Token, Error> {
        let start = self.at;
        let inner = self.rest().get(3..).unwrap_or_default();
        let mut raw = String::new();
        let mut rest = inner;
        loop {
            if let Some(after) = rest.strip_prefix("\\\"\"\"") {
                raw.push_str("\"\"\"");
                rest = after;
            } else if rest.starts_with("\"\"\"") {
                break;
            } else {
                let mut chars = rest.chars();
                match chars.next() {
                    None => return Err(self.error(start, "a text does not end")),
                    Some(c) if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {
                        return Err(self.error(start, "a control character cannot stand there"));
                    }
                    Some(c) => raw.push(c),
                }
                rest = chars.as_str();
            }
        }
        self.at = start + 3 + (inner.len() - rest.len()) + 3;
        Ok(Token::Text(dedented(&raw)))
    }
}

fn dedented(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = raw.split('\n').collect();
    let common = lines.iter().skip(1).filter(|line| !is_blank(line));
    let common = common.map(|line| indentation(line)).min().unwrap_or(0);
    let cut = lines.iter().enumerate().map(|(at, line)| match at {
        0 => *line,
        _ => line
            .get(common.min(indentation(line))..)
            .unwrap_or_default(),
    });
    let cut: Vec<&str> = cut.collect();
    let first = cut.iter().position(|line| !is_blank(line));
    let last = cut.iter().rposition(|line| !is_blank(line));
    let kept = first
        .zip(last)
        .and_then(|(first, last)| cut.get(first..=last));
    kept.unwrap_or_default().join("\n")
}

fn is_blank(line: &str) -> bool {
    indentation(line) == line.len()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
