//! What stands in the braces: words, phrases, operators.

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::sosl::words::{Pattern, row};

/// What is looked for.
pub enum Expression {
    Row(Vec<Pattern>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Expression {
    /// Whether it holds, where `stands` says whether a row of words does.
    pub fn holds(&self, stands: &dyn Fn(&[Pattern]) -> bool) -> bool {
        match self {
            Self::Row(row) => stands(row),
            Self::All(parts) => parts.iter().all(|part| part.holds(stands)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(stands)),
            Self::Not(part) => !part.holds(stands),
        }
    }
}

enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Row(Vec<Pattern>),
}

/// How deep parentheses may nest.
const DEEPEST: usize = 64;

/// # Errors
/// MALFORMED_SEARCH when it is no expression, or nothing is looked for.
pub fn parse(text: &str) -> Outcome<Expression> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let expression = parser.any()?;
    match parser.tokens.get(parser.next) {
        None => Ok(expression),
        Some(_) => Err(malformed("unexpected token in the search")),
    }
}

fn tokens(text: &str) -> Outcome<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.peek().copied() {
        match c {
            c if c.is_whitespace() => {
                chars.next();
            }
            '(' | ')' => {
                chars.next();
                tokens.push(if c == '(' { Token::Open } else { Token::Close });
            }
            '"' => {
                chars.next();
                let mut phrase = String::new();
                loop {
                    match chars.next() {
                        None => return Err(malformed("a phrase does not end")),
                        Some('"') => break,
                        Some('\\') => phrase.extend(chars.next()),
                        Some(c) => phrase.push(c),
                    }
                }
                tokens.push(Token::Row(row(&phrase)));
            }
            _ => {
                let mut word = String::new();
                while let Some(c) = chars.peek().copied() {
                    if c.is_whitespace() || matches!(c, '(' | ')' | '"') {
                        break;
                    }
                    chars.next();
                    match c {
                        '\\' => word.extend(chars.next()),
                        c => word.push(c),
                    }
                }
                tokens.push(match word.to_uppercase().as_str() {
                    "AND" => Token::And,
                    "OR" => Token::Or,
                    "NOT" => Token::Not,
                    _ => Token::Row(row(&word)),
                });
            }
        }
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Outcome<Expression> {
        let mut parts = vec![self.all()?];
        while matches!(self.tokens.get(self.next), Some(Token::Or)) {
            self.next += 1;
            parts.push(self.all()?);
        }
        Ok(Expression::Any(parts))
    }

    fn all(&mut self) -> Outcome<Expression> {
        let mut parts = vec![self.one()?];
        loop {
            match self.tokens.get(self.next) {
                Some(Token::And) => {
                    self.next += 1;
                    if matches!(self.tokens.get(self.next), Some(Token::Not)) {
                        self.next += 1;
                        let part = self.one()?;
                        parts.push(Expression::Not(Box::new(part)));
                        continue;
                    }
                    parts.push(self.one()?);
                }
                Some(Token::Row(_) | Token::Open) => parts.push(self.one()?),
                _ => return Ok(Expression::All(parts)),
            }
        }
    }

    fn one(&mut self) -> Outcome<Expression> {
        let at = self.next;
        self.next += 1;
        match self.tokens.get(at) {
            Some(Token::Row(row)) => {
                let letters: usize = row.iter().map(Vec::len).sum();
                if letters < 2 {
                    return Err(malformed("search term must be longer than one character"));
                }
                Ok(Expression::Row(row.clone()))
            }
            Some(Token::Open) if self.depth < DEEPEST => {
                self.depth += 1;
                let inner = self.any()?;
                self.depth -= 1;
                match self.tokens.get(self.next) {
                    Some(Token::Close) => {
                        self.next += 1;
                        Ok(inner)
                    }
                    _ => Err(malformed("a parenthesis does not end")),
                }
            }
            _ => Err(malformed(
                "No search term found. The search term must be enclosed in braces.",
            )),
        }
    }
}

pub fn malformed(message: &str) -> Fault {
    Fault::bad("MALFORMED_SEARCH", message)
}
