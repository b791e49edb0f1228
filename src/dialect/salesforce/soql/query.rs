//! The clauses of a query, in SOQL's order.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{
    Count, Direction, For, GroupBy, Grouping, Name, Nulls, Operand, OrderItem, Query, SelectItem,
    Source, Span, Update,
};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    /// `SELECT … FROM …` and whatever follows.
    pub(super) fn query(&mut self) -> Result<Query, Error> {
        let start = self.at;
        self.expect("SELECT", "SELECT was expected")?;
        let select = self.list(Self::select_item)?;
        self.expect("FROM", "FROM, or a comma and one more field, was expected")?;
        let from = self.list(Self::source)?;
        let scope = self.scope()?;
        let condition = match self.keyword("WHERE") {
            true => Some(self.condition()?),
            false => None,
        };
        let with = self.with_clauses()?;
        let group_by = self.group_by()?;
        let having = match group_by.is_some() && self.keyword("HAVING") {
            true => Some(self.condition()?),
            false => None,
        };
        let order_by = self.order_by()?;
        let limit = self.count("LIMIT")?;
        let offset = self.count("OFFSET")?;
        let mut for_clauses = self.for_view()?;
        let update = self.update()?;
        if self.sees_both("FOR", "UPDATE") {
            self.keyword("FOR");
            self.keyword("UPDATE");
            for_clauses.push(For::Update);
        }
        let all_rows = self.all_rows()?;
        Ok(Query {
            span: self.back_to(start),
            select,
            from,
            scope,
            condition,
            with,
            group_by,
            having,
            order_by,
            limit,
            offset,
            for_clauses,
            update,
            all_rows,
        })
    }

    /// A query on the right of `IN`: one field, and neither groups, order nor limit.
    pub(super) fn semi_join(&mut self) -> Result<Query, Error> {
        let at = self.at;
        let query = self.query()?;
        let one_field = matches!(query.select.as_slice(), [SelectItem::Field { .. }]);
        let bare = query.group_by.is_none()
            && query.order_by.is_empty()
            && query.limit.is_none()
            && query.offset.is_none()
            && query.for_clauses.is_empty()
            && query.update.is_empty()
            && !query.all_rows;
        if one_field && bare {
            return Ok(query);
        }
        Err(Error {
            at,
            what: "a query behind IN selects one field and has only FROM, WHERE and WITH",
        })
    }

    fn source(&mut self) -> Result<Source, Error> {
        let path = self.path("an object was expected in FROM")?;
        let alias = match self.keyword("AS") {
            true => Some(self.free_name("an alias was expected behind AS")?),
            false => self.alias()?,
        };
        Ok(Source { path, alias })
    }

    fn scope(&mut self) -> Result<Option<Name>, Error> {
        if !self.keyword("USING") {
            return Ok(None);
        }
        self.expect("SCOPE", "SCOPE was expected behind USING")?;
        self.free_name("a scope was expected behind USING SCOPE")
            .map(Some)
    }

    fn group_by(&mut self) -> Result<Option<GroupBy>, Error> {
        if !self.keyword("GROUP") {
            return Ok(None);
        }
        self.expect("BY", "BY was expected behind GROUP")?;
        for (word, kind) in [("ROLLUP", Grouping::Rollup), ("CUBE", Grouping::Cube)] {
            if self.keyword(word) {
                self.expect_mark(b'(', "( was expected in GROUP BY")?;
                let items =
                    self.list(|cursor| cursor.operand("a field was expected in GROUP BY"))?;
                self.expect_mark(b')', ") or a comma was expected in GROUP BY")?;
                return Ok(Some(GroupBy { kind, items }));
            }
        }
        let items = self.list(|cursor| cursor.operand("a field was expected in GROUP BY"))?;
        let kind = Grouping::Plain;
        Ok(Some(GroupBy { kind, items }))
    }

    fn order_by(&mut self) -> Result<Vec<OrderItem>, Error> {
        if !self.keyword("ORDER") {
            return Ok(Vec::new());
        }
        self.expect("BY", "BY was expected behind ORDER")?;
        self.list(Self::order_item)
    }

    fn order_item(&mut self) -> Result<OrderItem, Error> {
        let by = self.operand("a field was expected in ORDER BY")?;
        let direction = if self.keyword("ASC") {
            Some(Direction::Ascending)
        } else if self.keyword("DESC") {
            Some(Direction::Descending)
        } else {
            None
        };
        let nulls = match self.keyword("NULLS") {
            false => None,
            true if self.keyword("FIRST") => Some(Nulls::First),
            true if self.keyword("LAST") => Some(Nulls::Last),
            true => return self.refuse("FIRST or LAST was expected behind NULLS"),
        };
        Ok(OrderItem {
            by,
            direction,
            nulls,
        })
    }

    /// A field or a function.
    pub(super) fn operand(&mut self, what: &'static str) -> Result<Operand, Error> {
        if self.sees_call() {
            return self.call().map(Operand::Call);
        }
        self.path(what).map(Operand::Path)
    }

    /// `LIMIT n` or `OFFSET n`.
    fn count(&mut self, keyword: &str) -> Result<Option<Count>, Error> {
        if !self.keyword(keyword) {
            return Ok(None);
        }
        let run = self.run();
        let digits = run.bytes().all(|b| b.is_ascii_digit());
        match run.parse() {
            Ok(rows) if digits => {
                let span = self.step(run.len());
                Ok(Some(Count { span, rows }))
            }
            _ => self.refuse("a number of rows was expected behind LIMIT or OFFSET"),
        }
    }

    /// `FOR VIEW` and `FOR REFERENCE`.
    fn for_view(&mut self) -> Result<Vec<For>, Error> {
        let mut clauses = Vec::new();
        while self.sees("FOR") && !self.sees_both("FOR", "UPDATE") {
            self.keyword("FOR");
            let clause = if self.keyword("VIEW") {
                For::View
            } else if self.keyword("REFERENCE") {
                For::Reference
            } else {
                return self.refuse("VIEW, REFERENCE or UPDATE was expected behind FOR");
            };
            if clauses.contains(&clause) {
                return self.refuse("a FOR clause stands twice");
            }
            clauses.push(clause);
        }
        Ok(clauses)
    }

    /// `UPDATE TRACKING, VIEWSTAT`.
    fn update(&mut self) -> Result<Vec<Update>, Error> {
        if !self.keyword("UPDATE") {
            return Ok(Vec::new());
        }
        let clauses = self.list(|cursor| {
            if cursor.keyword("TRACKING") {
                Ok(Update::Tracking)
            } else if cursor.keyword("VIEWSTAT") {
                Ok(Update::ViewStat)
            } else {
                cursor.refuse("TRACKING or VIEWSTAT was expected behind UPDATE")
            }
        })?;
        match clauses.as_slice() {
            [_] => Ok(clauses),
            [first, second] if first != second => Ok(clauses),
            _ => self.refuse("an UPDATE clause stands twice"),
        }
    }

    fn all_rows(&mut self) -> Result<bool, Error> {
        if !self.keyword("ALL") {
            return Ok(false);
        }
        self.expect("ROWS", "ROWS was expected behind ALL")?;
        Ok(true)
    }

    /// From `start` to here, without the white space before here.
    pub(super) fn back_to(&self, start: usize) -> Span {
        let seen = self.text.get(start..self.at).unwrap_or_default();
        let end = start + seen.trim_end_matches([' ', '\t', '\r', '\n']).len();
        Span { start, end }
    }
}
