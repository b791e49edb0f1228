//! Telling strings of JavaScript from all else (ECMAScript, section 12).
//!
//! A slash begins a regular expression or divides, by what stands before it; behind `)` and `}` only
//! a whole parser knows. There the scan ends, unless no second slash stands on the line, and so no
//! regular expression. What comes behind counts as no string.

use crate::wire::html::Literal;

/// A part of a script; all of them are the whole script but for quotes.
pub(super) enum Piece<'a> {
    /// What stands between the quotes; of a template, between its ends and its substitutions.
    String { kind: Literal, raw: &'a str },
    /// Code, comments, regular expressions, and all behind the place where the scan ends.
    Other(&'a str),
}

pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Braces that are open: whether each is a template's substitution.
    open: Vec<bool>,
    before: Before,
    /// A string that begins here comes next.
    next: Option<Literal>,
}

/// What stands before, as far as a slash cares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing or an operator: an expression follows.
    Operator,
    /// A value: an operator follows.
    Value,
    /// One or the other.
    Either,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: vec![],
            before: Before::Operator,
            next: None,
        }
    }

    /// Goes over code to the start of the next string. `None`: the code cannot be understood.
    fn code(&mut self) -> Option<()> {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'"' | b'\'' | b'`' => {
                    self.at += 1;
                    self.next = Literal::opened_by(byte);
                    return Some(());
                }
                b'/' => self.slash()?,
                b'{' => {
                    self.open.push(false);
                    self.step(Before::Operator);
                }
                b'}' => {
                    let template = self.open.pop()?;
                    self.step(Before::Either);
                    if template {
                        self.next = Some(Literal::Template);
                        return Some(());
                    }
                }
                b')' => self.step(Before::Either),
                b']' => self.step(Before::Value),
                b'+' | b'-' if self.byte(1) == Some(byte) => {
                    self.at += 1;
                    self.step(Before::Either);
                }
                b'\\' => return None,
                byte if is_word(byte) => self.word(),
                byte if byte.is_ascii_whitespace() || byte == 0x0b => self.at += 1,
                _ => self.step(Before::Operator),
            }
        }
        Some(())
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self, before: Before) {
        self.at += 1;
        self.before = before;
    }

    fn word(&mut self) {
        let bytes = self.text.as_bytes();
        let member = self.at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'.');
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !is_word(byte));
        let word = rest.get(..length.unwrap_or(rest.len())).unwrap_or(rest);
        self.before = match word {
            _ if member => Before::Value,
            "await" | "of" | "yield" => Before::Either,
            _ if KEYWORDS.contains(&word) => Before::Operator,
            _ => Before::Value,
        };
        self.at += word.len();
    }

    fn slash(&mut self) -> Option<()> {
        match (self.byte(1), self.before) {
            (Some(b'/'), _) => {
                let rest = self.rest();
                self.at += rest.find(LINE_ENDS).unwrap_or(rest.len());
                Some(())
            }
            (Some(b'*'), _) => {
                let inside = self.rest().get(2..)?;
                self.at += 2 + inside.find("*/")? + 2;
                Some(())
            }
            (_, Before::Value) => {
                self.step(Before::Operator);
                Some(())
            }
            (_, Before::Operator) => self.regex(),
            (_, Before::Either) => {
                let line = self.rest().split(LINE_ENDS).next()?;
                self.step(Before::Operator);
                (!line.get(1..)?.contains('/')).then_some(())
            }
        }
    }

    fn regex(&mut self) -> Option<()> {
        let mut class = false;
        let mut escaped = false;
        for (at, one) in self.rest().char_indices().skip(1) {
            match one {
                _ if LINE_ENDS.contains(&one) => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.at += at;
                    self.step(Before::Value);
                    return Some(());
                }
                _ => (),
            }
        }
        None
    }

    /// Goes over a string whose inside begins here. `None`: it does not end as it should.
    fn string(&mut self, kind: Literal) -> Option<&'a str> {
        let start = self.at;
        loop {
            let byte = self.byte(0)?;
            let end = match (kind, byte) {
                (_, b'\\') => {
                    // An escaped carriage return takes a line feed with it; alone, that is harmless.
                    let crlf = self.byte(1) == Some(b'\r') && self.byte(2) == Some(b'\n');
                    self.at += if crlf { 3 } else { 2 };
                    continue;
                }
                (Literal::Single, b'\'') | (Literal::Double, b'"') | (Literal::Template, b'`') => {
                    self.before = Before::Value;
                    1
                }
                (Literal::Template, b'$') if self.byte(1) == Some(b'{') => {
                    self.before = Before::Operator;
                    self.open.push(true);
                    2
                }
                (Literal::Single | Literal::Double, b'\n' | b'\r') => return None,
                _ => {
                    self.at += 1;
                    continue;
                }
            };
            let raw = self.text.get(start..self.at);
            self.at += end;
            return raw;
        }
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        let whole = match self.next.take() {
            Some(kind) => match self.string(kind) {
                Some(raw) => return Some(Piece::String { kind, raw }),
                None => None,
            },
            None => self.code(),
        };
        if whole.is_none() {
            // Nothing behind is understood.
            self.at = self.text.len();
            self.next = None;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        (!text.is_empty() || self.next.is_some()).then_some(Piece::Other(text))
    }
}

/// Line ends of JavaScript; a regular expression and a comment end there.
const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// Words that an expression follows, and that are no names.
const KEYWORDS: [&str; 15] = [
    "case",
    "default",
    "delete",
    "do",
    "else",
    "extends",
    "finally",
    "in",
    "instanceof",
    "new",
    "return",
    "throw",
    "try",
    "typeof",
    "void",
];

/// Letters of all languages count as parts of words: no operator is among them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
