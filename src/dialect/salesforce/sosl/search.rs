//! The clauses of a search, in SOSL's order.

use crate::dialect::salesforce::soql::ast::{Literal, Value};
use crate::dialect::salesforce::soql::{Cursor, Error};
use crate::dialect::salesforce::sosl::ast::{Group, Search, With};

impl Cursor<'_> {
    pub(super) fn search(&mut self) -> Result<Search, Error> {
        self.expect("FIND", "FIND was expected")?;
        self.expect_mark(b'{', "words in braces were expected behind FIND")?;
        let find = self.expression()?;
        self.expect_mark(b'}', "a word, an operator or } was expected in FIND")?;
        let group = self.group()?;
        let returning = self.returning()?;
        let mut with = Vec::new();
        while self.keyword("WITH") {
            let clause = self.with_of_search()?;
            if with.iter().any(|other| same_kind(other, &clause)) {
                return self.refuse("a WITH clause stands twice");
            }
            with.push(clause);
        }
        let limit = self.count("LIMIT")?;
        let update = self.update()?;
        Ok(Search {
            find,
            group,
            returning,
            with,
            limit,
            update,
        })
    }

    /// `IN NAME FIELDS`.
    fn group(&mut self) -> Result<Option<Group>, Error> {
        if !self.keyword("IN") {
            return Ok(None);
        }
        let Some((word, group)) = self
            .word()
            .and_then(|word| Some((word, Group::named(word)?)))
        else {
            return self.refuse("ALL, NAME, EMAIL, PHONE or SIDEBAR was expected behind IN");
        };
        self.step(word.len());
        self.expect("FIELDS", "FIELDS was expected behind IN")?;
        Ok(Some(group))
    }

    fn with_of_search(&mut self) -> Result<With, Error> {
        if self.keyword("DATA") {
            return self.categories().map(With::DataCategory);
        }
        if self.keyword("HIGHLIGHT") {
            return Ok(With::Highlight);
        }
        if self.keyword("SNIPPET") {
            return self.snippet();
        }
        if self.keyword("METADATA") {
            let labels = self.behind_equals()?;
            return match &labels.value {
                Value::Text(text) if text.expose().eq_ignore_ascii_case("LABELS") => {
                    Ok(With::Metadata)
                }
                _ => self.refuse("'LABELS' was expected behind METADATA"),
            };
        }
        if self.keyword("SPELL_CORRECTION") {
            return match self.behind_equals()?.value {
                Value::Bool(on) => Ok(With::SpellCorrection(on)),
                _ => self.refuse("true or false was expected behind SPELL_CORRECTION"),
            };
        }
        if self.keyword("DIVISION") {
            return self.text_behind_equals().map(With::Division);
        }
        if self.keyword("PricebookId") {
            return self.text_behind_equals().map(With::PricebookId);
        }
        if self.keyword("NETWORK") {
            return self.network();
        }
        self.refuse("WITH is followed by something that SOSL does not have")
    }

    /// `SNIPPET`, or `SNIPPET (target_length = 120)`.
    fn snippet(&mut self) -> Result<With, Error> {
        if !self.mark(b'(') {
            return Ok(With::Snippet(None));
        }
        self.expect("target_length", "target_length was expected in SNIPPET")?;
        let length = self.behind_equals()?;
        if !matches!(length.value, Value::Number(_)) {
            return self.refuse("a number was expected in SNIPPET");
        }
        self.expect_mark(b')', ") was expected behind SNIPPET")?;
        Ok(With::Snippet(Some(length)))
    }

    /// `NETWORK = 'id'` or `NETWORK IN ('id', 'id')`.
    fn network(&mut self) -> Result<With, Error> {
        if !self.keyword("IN") {
            return Ok(With::Network(vec![self.text_behind_equals()?]));
        }
        self.expect_mark(b'(', "a list in parentheses was expected behind NETWORK")?;
        let ids = self.list(Self::text_literal)?;
        self.expect_mark(b')', ") or a comma was expected behind NETWORK")?;
        Ok(With::Network(ids))
    }

    fn behind_equals(&mut self) -> Result<Literal, Error> {
        self.expect_mark(b'=', "= was expected in WITH")?;
        self.literal()
    }

    fn text_behind_equals(&mut self) -> Result<Literal, Error> {
        self.expect_mark(b'=', "= was expected in WITH")?;
        self.text_literal()
    }

    fn text_literal(&mut self) -> Result<Literal, Error> {
        let at = self.at();
        let literal = self.literal()?;
        match literal.value {
            Value::Text(_) => Ok(literal),
            _ => Err(Error {
                at,
                what: "a text in quotes was expected in WITH",
            }),
        }
    }
}

fn same_kind(one: &With, other: &With) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}
