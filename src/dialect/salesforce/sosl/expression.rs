//! What stands in the braces of `FIND`: words, phrases, wildcards and operators.
//!
//! Source: SOQL and SOSL Reference, "FIND {SearchQuery}". `AND` binds closer than `OR`. Marks that
//! clients do not escape although they should (`{+31612345678}`) are read as part of a word; those
//! that could be read as an operator are not taken without their escape.

use crate::dialect::salesforce::soql::ast::{Piece, Span};
use crate::dialect::salesforce::soql::{Cursor, Error};
use crate::dialect::salesforce::sosl::ast::{Expression, Part, Word};
use crate::model::Personal;

/// Characters that need an escape to stand for themselves.
pub(super) const RESERVED: &[char] = &[
    '?', '&', '|', '!', '{', '}', '[', ']', '(', ')', '^', '~', '*', ':', '\\', '"', '\'', '+', '-',
];

/// Those of them that are refused without one.
const STRICT: &[char] = &['&', '|', '!', '{', '[', ']', '^', '~'];

impl Cursor<'_> {
    pub(super) fn expression(&mut self) -> Result<Expression, Error> {
        let mut parts = vec![self.conjunction()?];
        while self.joined_by("OR") {
            parts.push(self.conjunction()?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Expression::Any(parts),
        })
    }

    fn conjunction(&mut self) -> Result<Expression, Error> {
        let first = self.unit()?;
        let mut parts = vec![Part {
            negated: false,
            of: first,
        }];
        while self.joined_by("AND") {
            let negated = self.joined_by("NOT");
            let of = self.unit()?;
            parts.push(Part { negated, of });
        }
        Ok(match parts.len() {
            1 => parts.remove(0).of,
            _ => Expression::All(parts),
        })
    }

    /// Words side by side, or an expression in parentheses.
    fn unit(&mut self) -> Result<Expression, Error> {
        if self.mark(b'(') {
            let expression = self.nested(Self::expression)?;
            self.expect_mark(b')', ") was expected in FIND")?;
            if self.at_word() && !self.sees("AND") && !self.sees("OR") {
                return self.refuse("AND or OR was expected in FIND");
            }
            return Ok(expression);
        }
        let mut words = Vec::new();
        while self.at_word() && !(self.is_operator("AND") || self.is_operator("OR")) {
            if self.is_operator("NOT") {
                return self.refuse("NOT stands behind AND alone");
            }
            words.push(self.search_word()?);
        }
        match words.is_empty() {
            true => self.refuse("a word was expected in FIND"),
            false => Ok(Expression::Words(words)),
        }
    }

    /// Whether something stands here that belongs to a word; refused marks too, so that they are
    /// refused by name.
    fn at_word(&self) -> bool {
        !matches!(self.first(), None | Some(b'}' | b')'))
    }

    fn joined_by(&mut self, word: &str) -> bool {
        let sees = self.is_operator(word);
        if sees {
            self.step(word.len());
        }
        sees
    }

    /// Whether the operator stands here and not a word that begins like it.
    fn is_operator(&self, word: &str) -> bool {
        let behind = self.word().and_then(|found| self.rest().get(found.len()..));
        let ends = behind.is_some_and(|behind| {
            behind
                .chars()
                .next()
                .is_none_or(|c| matches!(c, '(' | ')' | '}' | '"') || c.is_ascii_whitespace())
        });
        ends && self.sees(word)
    }

    fn search_word(&mut self) -> Result<Word, Error> {
        self.count_part()?;
        let start = self.at();
        let quoted = self.first() == Some(b'"');
        let (pieces, length) = self.pieces(quoted)?;
        if pieces.is_empty() {
            return self.refuse("a word of FIND is empty");
        }
        let Span { end, .. } = self.step(length);
        Ok(Word {
            span: Span { start, end },
            pieces,
            quoted,
        })
    }

    /// The pieces of a word or a phrase, and its length with its quotes.
    fn pieces(&self, quoted: bool) -> Result<(Vec<Piece>, usize), Error> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(usize::from(quoted));
        while let Some((place, c)) = chars.next() {
            let fail = |what| {
                Err(Error {
                    at: self.at() + place,
                    what,
                })
            };
            match c {
                '"' if quoted => {
                    push(&mut pieces, &mut text);
                    return Ok((pieces, place + 1));
                }
                '"' => return fail("a quote within a word of FIND needs an escape"),
                '\\' => match chars.next() {
                    Some((_, c)) if RESERVED.contains(&c) => text.push(c),
                    _ => return fail("an escape in FIND is not one of SOSL's"),
                },
                '*' | '?' => {
                    push(&mut pieces, &mut text);
                    pieces.push(match c {
                        '*' => Piece::AnyRun,
                        _ => Piece::AnyOne,
                    });
                }
                '}' | ')' | '(' | ' ' | '\t' | '\r' | '\n' if !quoted => {
                    push(&mut pieces, &mut text);
                    return Ok((pieces, place));
                }
                '}' | ')' | '(' => return fail("a bracket in a phrase of FIND needs an escape"),
                c if STRICT.contains(&c) => {
                    return fail("a mark in FIND that is an operator elsewhere needs an escape");
                }
                c if c.is_control() && !matches!(c, '\t' | '\r' | '\n') => {
                    return fail("a control character cannot stand in FIND");
                }
                c => text.push(c),
            }
        }
        if quoted {
            return self.refuse("a phrase in FIND does not end");
        }
        push(&mut pieces, &mut text);
        Ok((pieces, rest.len()))
    }
}

fn push(pieces: &mut Vec<Piece>, text: &mut String) {
    if !text.is_empty() {
        pieces.push(Piece::Text(Personal::new(std::mem::take(text))));
    }
}
