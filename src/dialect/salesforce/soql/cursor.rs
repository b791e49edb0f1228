//! The lexer: a place in the text, and the steps over words, marks and names.

use crate::dialect::salesforce::soql::ast::{Name, Path, Span};
use crate::dialect::salesforce::soql::{Error, MAX_CHARS, MAX_DEPTH, MAX_PARTS};

/// Words that are never a name by themselves: the reference's list of reserved keywords without
/// `GROUP`, which is an object.
const RESERVED: &[&str] = &[
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "HAVING", "IN", "INCLUDES", "LAST", "LIKE",
    "LIMIT", "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH",
];

/// The length of the longest of them: most fields have longer names.
const LONGEST: usize = "EXCLUDES".len();

/// Words that start a clause behind `FROM object`, so that an alias cannot be one of them.
const NO_ALIAS: &[&str] = &["ALL", "AS", "FOR", "GROUP", "OFFSET", "ORDER", "UPDATE"];

/// A place in a query's text. The grammar stands in the sibling files, as further `impl`s.
pub(in crate::dialect::salesforce) struct Cursor<'t> {
    pub(in crate::dialect::salesforce) text: &'t str,
    at: usize,
    /// The identifier here: much of the grammar asks for it before it steps on.
    word: Option<&'t str>,
    depth: usize,
    parts: usize,
}

impl<'t> Cursor<'t> {
    pub(in crate::dialect::salesforce) fn new(text: &'t str) -> Result<Self, Error> {
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(Error {
                at: 0,
                what: "the query has more than 100,000 characters",
            });
        }
        let mut cursor = Self {
            text,
            at: 0,
            word: None,
            depth: 0,
            parts: 0,
        };
        cursor.step(0);
        Ok(cursor)
    }

    /// Where it stands, in bytes.
    pub(in crate::dialect::salesforce) fn at(&self) -> usize {
        self.at
    }

    /// Goes to a place in the text.
    pub(in crate::dialect::salesforce) fn go(&mut self, at: usize) {
        self.at = at;
        self.word = word_at_start(self.rest());
    }

    /// Refuses at the place where the cursor stands.
    pub(in crate::dialect::salesforce) fn refuse<T>(&self, what: &'static str) -> Result<T, Error> {
        Err(Error { at: self.at, what })
    }

    /// Nothing may follow: not even a comment or a semicolon.
    pub(in crate::dialect::salesforce) fn end(&self) -> Result<(), Error> {
        if self.rest().is_empty() {
            return Ok(());
        }
        self.refuse("the end of the query was expected")
    }

    /// Runs a nested part of the grammar, unless it would stand too deep.
    pub(in crate::dialect::salesforce) fn nested<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH {
            return self.refuse("the query nests deeper than 64 levels");
        }
        self.depth += 1;
        let part = part(self);
        self.depth -= 1;
        part
    }

    /// Counts a name or a literal.
    pub(in crate::dialect::salesforce) fn count_part(&mut self) -> Result<(), Error> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return self.refuse("the query has more than 20,000 names and literals");
        }
        Ok(())
    }

    pub(in crate::dialect::salesforce) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(in crate::dialect::salesforce) fn first(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    /// Steps over `length` bytes and the white space behind them; returns where they stood.
    pub(in crate::dialect::salesforce) fn step(&mut self, length: usize) -> Span {
        let start = self.at;
        let end = start + length;
        let behind = self.text.get(end..).unwrap_or_default();
        self.go(end + behind.len() - without_space(behind).len());
        Span { start, end }
    }

    /// The identifier here, or nothing.
    pub(in crate::dialect::salesforce) fn word(&self) -> Option<&'t str> {
        self.word
    }

    /// What stands behind a word that stands here, and behind the white space after it.
    pub(in crate::dialect::salesforce) fn behind(&self, word: &str) -> &'t str {
        without_space(self.rest().get(word.len()..).unwrap_or_default())
    }

    /// Whether the keyword stands here.
    pub(in crate::dialect::salesforce) fn sees(&self, keyword: &str) -> bool {
        self.word()
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
    }

    /// The identifier behind the one that stands here.
    pub(in crate::dialect::salesforce) fn second_word(&self) -> Option<&'t str> {
        word_at_start(self.behind(self.word()?))
    }

    /// Whether both keywords stand here.
    pub(in crate::dialect::salesforce) fn sees_both(&self, first: &str, second: &str) -> bool {
        self.sees(first)
            && self
                .second_word()
                .is_some_and(|word| word.eq_ignore_ascii_case(second))
    }

    /// Steps over the keyword if it stands here.
    pub(in crate::dialect::salesforce) fn keyword(&mut self, keyword: &str) -> bool {
        let sees = self.sees(keyword);
        if sees {
            self.step(keyword.len());
        }
        sees
    }

    /// Steps over the keyword, which must stand here.
    pub(in crate::dialect::salesforce) fn expect(
        &mut self,
        keyword: &str,
        what: &'static str,
    ) -> Result<(), Error> {
        if self.keyword(keyword) {
            return Ok(());
        }
        self.refuse(what)
    }

    /// Steps over the mark if it stands here.
    pub(in crate::dialect::salesforce) fn mark(&mut self, mark: u8) -> bool {
        let sees = self.first() == Some(mark);
        if sees {
            self.step(1);
        }
        sees
    }

    /// Steps over the mark, which must stand here.
    pub(in crate::dialect::salesforce) fn expect_mark(
        &mut self,
        mark: u8,
        what: &'static str,
    ) -> Result<(), Error> {
        if self.mark(mark) {
            return Ok(());
        }
        self.refuse(what)
    }

    /// An identifier, whichever it is.
    pub(in crate::dialect::salesforce) fn name(
        &mut self,
        what: &'static str,
    ) -> Result<Name, Error> {
        self.count_part()?;
        let Some(mut name) = self.word().and_then(Name::new) else {
            return self.refuse(what);
        };
        name.span = self.step(name.text().len());
        Ok(name)
    }

    /// An identifier that is no keyword.
    pub(in crate::dialect::salesforce) fn free_name(
        &mut self,
        what: &'static str,
    ) -> Result<Name, Error> {
        if self.word().is_some_and(is_reserved) {
            return self.refuse(what);
        }
        self.name(what)
    }

    /// An alias, if one stands here.
    pub(in crate::dialect::salesforce) fn alias(&mut self) -> Result<Option<Name>, Error> {
        let taken = |word: &str| is_reserved(word) || is_one_of(word, NO_ALIAS);
        match self.word() {
            Some(word) if !taken(word) => self.name("an alias was expected").map(Some),
            _ => Ok(None),
        }
    }

    /// Names joined by dots, without white space among them. Behind a dot any word is a name, and
    /// so is any before one, but not alone.
    pub(in crate::dialect::salesforce) fn path(
        &mut self,
        what: &'static str,
    ) -> Result<Path, Error> {
        let dotted = |word: &str| self.rest().get(word.len()..)?.strip_prefix('.');
        let first = match self.word() {
            Some(word) if dotted(word).is_some() => self.name(what)?,
            _ => self.free_name(what)?,
        };
        let mut names = vec![first];
        while self.first() == Some(b'.') && names.last().is_some_and(|n| n.span.end == self.at) {
            self.go(self.at + 1);
            names.push(self.name("a name was expected behind the dot")?);
        }
        Ok(Path { names })
    }

    /// One or more of something, with commas between.
    pub(in crate::dialect::salesforce) fn list<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut items = vec![item(self)?];
        while self.mark(b',') {
            items.push(item(self)?);
        }
        Ok(items)
    }
}

fn word_at_start(text: &str) -> Option<&str> {
    text.get(..Name::length_at_start(text)?)
}

/// The text behind the white space that SOQL has: a no-break space, say, is not of it.
fn without_space(text: &str) -> &str {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let spaces = text.bytes().take_while(space).count();
    text.get(spaces..).unwrap_or_default()
}

fn is_reserved(word: &str) -> bool {
    word.len() <= LONGEST && is_one_of(word, RESERVED)
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| word.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, is_reserved};

    #[test]
    fn each_reserved_word_is_known_in_any_case() {
        for word in RESERVED {
            assert!(
                is_reserved(word) && is_reserved(&word.to_lowercase()),
                "{word}"
            );
        }
        assert!(!is_reserved("GROUP") && !is_reserved("Name") && !is_reserved("INCLUDESX"));
    }
}
