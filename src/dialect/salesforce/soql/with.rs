//! The `WITH` clauses.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Category, Selector, Setting, Value, With};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    pub(super) fn with_clauses(&mut self) -> Result<Vec<With>, Error> {
        let mut clauses = Vec::new();
        while self.keyword("WITH") {
            clauses.push(self.with_clause()?);
        }
        Ok(clauses)
    }

    fn with_clause(&mut self) -> Result<With, Error> {
        if self.keyword("SECURITY_ENFORCED") {
            return Ok(With::SecurityEnforced);
        }
        if self.keyword("USER_MODE") {
            return Ok(With::UserMode);
        }
        if self.keyword("SYSTEM_MODE") {
            return Ok(With::SystemMode);
        }
        if self.keyword("RecordVisibilityContext") {
            self.expect_mark(b'(', "( was expected in WITH")?;
            let settings = self.list(Self::setting)?;
            self.expect_mark(b')', ") or a comma was expected in WITH")?;
            return Ok(With::RecordVisibilityContext(settings));
        }
        if self.keyword("DATA") {
            return self.categories().map(With::DataCategory);
        }
        self.refuse("WITH is followed by something else than a mode or DATA CATEGORY")
    }

    /// What stands behind `WITH DATA`.
    pub(in crate::dialect::salesforce) fn categories(&mut self) -> Result<Vec<Category>, Error> {
        self.expect("CATEGORY", "CATEGORY was expected behind WITH DATA")?;
        let mut categories = vec![self.category()?];
        while self.keyword("AND") {
            categories.push(self.category()?);
        }
        Ok(categories)
    }

    fn category(&mut self) -> Result<Category, Error> {
        const SELECTORS: &[(&str, Selector)] = &[
            ("AT", Selector::At),
            ("ABOVE", Selector::Above),
            ("BELOW", Selector::Below),
            ("ABOVE_OR_BELOW", Selector::AboveOrBelow),
        ];
        let what = "a category was expected in WITH DATA CATEGORY";
        let group = self.free_name("a group of categories was expected in WITH DATA CATEGORY")?;
        let Some((_, selector)) = SELECTORS.iter().find(|(word, _)| self.keyword(word)) else {
            return self.refuse("AT, ABOVE, BELOW or ABOVE_OR_BELOW was expected in WITH");
        };
        let categories = if self.mark(b'(') {
            let categories = self.list(|cursor| cursor.free_name(what))?;
            self.expect_mark(b')', ") or a comma was expected in WITH DATA CATEGORY")?;
            categories
        } else {
            vec![self.free_name(what)?]
        };
        Ok(Category {
            group,
            selector: *selector,
            categories,
        })
    }

    fn setting(&mut self) -> Result<Setting, Error> {
        let name = self.free_name("a setting was expected in WITH")?;
        self.expect_mark(b'=', "= was expected in WITH")?;
        let at = self.at();
        let value = self.literal()?;
        match value.value {
            Value::Number(_) | Value::Bool(_) => Ok(Setting { name, value }),
            _ => Err(Error {
                at,
                what: "a number or a boolean was expected in WITH",
            }),
        }
    }
}
