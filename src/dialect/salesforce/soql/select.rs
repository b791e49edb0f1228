//! The items of `SELECT`: fields, functions, subqueries and `TYPEOF`.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Function, Path, SelectItem, TypeOf, When};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    pub(in crate::dialect::salesforce) fn select_item(&mut self) -> Result<SelectItem, Error> {
        if self.mark(b'(') {
            let query = self.nested(Self::query)?;
            self.expect_mark(b')', ") was expected behind the query in SELECT")?;
            return Ok(SelectItem::Subquery {
                query: Box::new(query),
                alias: self.alias()?,
            });
        }
        if self.sees_type_of() {
            return self.type_of().map(SelectItem::TypeOf);
        }
        if self.sees_call() {
            let at = self.at();
            let call = self.call()?;
            if call.function == Function::Geolocation {
                let what = "GEOLOCATION stands in DISTANCE alone, and FIELDS in SELECT";
                return Err(Error { at, what });
            }
            let alias = self.alias()?;
            return Ok(SelectItem::Function { call, alias });
        }
        Ok(SelectItem::Field {
            path: self.path("a field was expected in SELECT")?,
            alias: self.alias()?,
        })
    }

    /// `TYPEOF` is a keyword when a name follows; a field of that name has none behind it.
    fn sees_type_of(&self) -> bool {
        let follows = |word: &str| !word.eq_ignore_ascii_case("FROM");
        self.sees("TYPEOF") && self.second_word().is_some_and(follows)
    }

    fn type_of(&mut self) -> Result<TypeOf, Error> {
        let start = self.at();
        self.expect("TYPEOF", "TYPEOF was expected")?;
        let path = self.path("a relationship was expected behind TYPEOF")?;
        let mut whens = Vec::new();
        while self.keyword("WHEN") {
            let object = self.free_name("an object was expected behind WHEN")?;
            self.expect("THEN", "THEN was expected in TYPEOF")?;
            let fields = self.list(Self::type_of_field)?;
            whens.push(When { object, fields });
        }
        if whens.is_empty() {
            return self.refuse("WHEN was expected in TYPEOF");
        }
        let otherwise = match self.keyword("ELSE") {
            true => self.list(Self::type_of_field)?,
            false => Vec::new(),
        };
        self.expect("END", "WHEN, ELSE or END was expected in TYPEOF")?;
        let span = self.back_to(start);
        Ok(TypeOf {
            span,
            path,
            whens,
            otherwise,
            alias: self.alias()?,
        })
    }

    fn type_of_field(&mut self) -> Result<Path, Error> {
        let what = "a field was expected in TYPEOF";
        if self.sees_call() || ["WHEN", "ELSE", "END"].iter().any(|word| self.sees(word)) {
            return self.refuse(what);
        }
        self.path(what)
    }
}
