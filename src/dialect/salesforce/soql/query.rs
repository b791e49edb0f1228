//! The clauses of a query, in SOQL's order.

use std::collections::HashSet;

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{
    Count, Direction, For, Function, GroupBy, Grouping, Name, Nulls, Operand, OrderItem, Query,
    SelectItem, Source, Span, Update,
};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    /// `SELECT … FROM …` and whatever follows.
    pub(super) fn query(&mut self) -> Result<Query, Error> {
        let start = self.at();
        self.expect("SELECT", "SELECT was expected")?;
        let select = self.list(Self::select_item)?;
        self.expect("FROM", "FROM, or a comma and one more field, was expected")?;
        let from = self.list(Self::source)?;
        self.aliases_differ(select.iter().filter_map(SelectItem::alias))?;
        self.aliases_differ(from.iter().filter_map(|source| source.alias.as_ref()))?;
        let scope = self.scope()?;
        let condition = match self.keyword("WHERE") {
            true => Some(self.condition()?),
            false => None,
        };
        let with = self.with_clauses()?;
        let group_by = self.group_by()?;
        if group_by.is_none() && select.iter().any(is_renamed_field) {
            let what = "a field has an alias only in a query with GROUP BY";
            return Err(Error { at: start, what });
        }
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
        let at = self.at();
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

    /// A result that comes back under a name must be one item's alone.
    fn aliases_differ<'a>(&self, aliases: impl Iterator<Item = &'a Name>) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for alias in aliases {
            if !seen.insert(alias.text().to_ascii_lowercase()) {
                return self.refuse("an alias stands twice");
            }
        }
        Ok(())
    }

    pub(in crate::dialect::salesforce) fn source(&mut self) -> Result<Source, Error> {
        let path = self.path("an object was expected in FROM")?;
        let alias = match self.keyword("AS") {
            true => match self.alias()? {
                // A word that begins a clause would be read as one where `AS` is not written.
                None => return self.refuse("an alias was expected behind AS"),
                alias => alias,
            },
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

    pub(in crate::dialect::salesforce) fn order_by(&mut self) -> Result<Vec<OrderItem>, Error> {
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
            let at = self.at();
            let call = self.call()?;
            if matches!(call.function, Function::Geolocation | Function::Fields) {
                let what = "GEOLOCATION stands in DISTANCE alone, and FIELDS in SELECT";
                return Err(Error { at, what });
            }
            return Ok(Operand::Call(call));
        }
        self.path(what).map(Operand::Path)
    }

    /// `LIMIT n` or `OFFSET n`.
    pub(in crate::dialect::salesforce) fn count(
        &mut self,
        keyword: &str,
    ) -> Result<Option<Count>, Error> {
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
    pub(in crate::dialect::salesforce) fn update(&mut self) -> Result<Vec<Update>, Error> {
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
    pub(in crate::dialect::salesforce) fn back_to(&self, start: usize) -> Span {
        let seen = self.text.get(start..self.at()).unwrap_or_default();
        let end = start + seen.trim_end_matches([' ', '\t', '\r', '\n']).len();
        Span { start, end }
    }
}

/// The reference lets aliases stand on aggregates and on what the query groups by.
fn is_renamed_field(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Field { alias: Some(_), .. })
}

#[cfg(test)]
mod tests {
    use crate::dialect::salesforce::soql::ast::{For, Grouping, Update};
    use crate::dialect::salesforce::soql::canonical::canonical;
    use crate::dialect::salesforce::soql::parse;

    #[test]
    fn all_clauses_are_read_in_their_order() {
        let text = "select a.Name n, count(Id) from Account a using scope Mine where Id != null \
                    with SECURITY_ENFORCED with data category G__c below x__c \
                    group by cube(Name) having count(Id) > 1 order by count(Id) desc nulls first, \
                    Name asc limit 10 offset 5 for view for reference update tracking, viewstat \
                    for update all rows";
        let query = parse(text).expect("a query");
        assert_eq!(query.for_clauses, [For::View, For::Reference, For::Update]);
        assert_eq!(query.update, [Update::Tracking, Update::ViewStat]);
        assert_eq!(
            query.group_by.as_ref().map(|g| g.kind),
            Some(Grouping::Cube)
        );
        assert_eq!(query.span.end, text.len());
        assert_eq!(
            canonical(&query),
            "SELECT a.Name n, count(Id) FROM Account a USING SCOPE Mine WHERE Id != null \
             WITH SECURITY_ENFORCED WITH DATA CATEGORY G__c BELOW (x__c) \
             GROUP BY CUBE(Name) HAVING count(Id) > 1 ORDER BY count(Id) DESC NULLS FIRST, \
             Name ASC LIMIT 10 OFFSET 5 FOR VIEW FOR REFERENCE UPDATE TRACKING, VIEWSTAT \
             FOR UPDATE ALL ROWS"
        );
    }

    #[test]
    fn keywords_are_names_where_soql_has_no_keyword() {
        for text in [
            "SELECT Id FROM group",
            "SELECT Id FROM Order",
            "SELECT Group.Name, Group.From FROM GroupMember",
            "SELECT Format, Count, Fields, Typeof FROM Lead",
            "SELECT TYPEOF Who WHEN Group THEN Id, Type ELSE Id END FROM Task",
            "SELECT TypeOf FROM Lead",
            "SELECT COUNT(Id) distinct FROM Lead",
            "SELECT Id FROM Lead GROUP BY Group, Cube",
            "SELECT Select__c FROM From__c",
        ] {
            let query = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(canonical(&query), text);
        }
    }

    #[test]
    fn both_forms_of_an_alias_are_read() {
        let plain = parse("SELECT c.Name FROM Contact c, c.Cases k").expect("a query");
        let with_as = parse("SELECT c.Name FROM Contact AS c, c.Cases AS k").expect("a query");
        assert_eq!(plain, with_as);
        for word in ["FOR", "OFFSET", "WHERE"] {
            let error = parse(&format!("SELECT Id FROM Lead AS {word}")).expect_err(word);
            assert_eq!(error.what, "an alias was expected behind AS");
        }
    }

    #[test]
    fn an_alias_stands_once() {
        for text in [
            "SELECT MAX(Name) a, MIN(Name) A FROM Lead",
            "SELECT Id FROM Account x, x.Contacts X",
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.what, "an alias stands twice");
        }
        assert!(parse("SELECT MAX(Name) a, MIN(Name) b, Name, Name FROM Lead").is_ok());
    }

    #[test]
    fn a_field_has_an_alias_only_beside_group_by() {
        let error = parse("SELECT LastName Id FROM Lead").expect_err("a refusal");
        assert_eq!(
            error.what,
            "a field has an alias only in a query with GROUP BY"
        );
        assert!(parse("SELECT LastName n, MAX(Id) m FROM Lead GROUP BY LastName").is_ok());
        assert!(parse("SELECT MAX(LastName) m FROM Lead").is_ok());
    }

    #[test]
    fn a_function_stands_only_where_soql_has_it() {
        for text in [
            "SELECT GEOLOCATION(1, 2) FROM Lead",
            "SELECT Id FROM Lead WHERE GEOLOCATION(1, 2) < 20",
            "SELECT Id FROM Lead ORDER BY GEOLOCATION(1, 2)",
            "SELECT Id FROM Lead WHERE FIELDS(ALL) = 'x'",
            "SELECT Id FROM Lead GROUP BY FIELDS(ALL)",
        ] {
            let error = parse(text).expect_err(text);
            let what = "GEOLOCATION stands in DISTANCE alone, and FIELDS in SELECT";
            assert_eq!(error.what, what, "{text}");
        }
        assert!(parse("SELECT FIELDS(ALL) FROM Lead").is_ok());
        assert!(parse("SELECT DISTANCE(a, GEOLOCATION(1, 2), 'mi') FROM Lead").is_ok());
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "",
            "SELECT",
            "SELECT Id",
            "SELECT FROM Lead",
            "SELECT * FROM Lead",
            "SELECT Id, FROM Lead",
            "SELECT Id Name Email FROM Lead",
            "SELECT DISTINCT Name FROM Lead",
            "SELECT 'x' FROM Lead",
            "SELECT (Id) FROM Lead",
            "SELECT Lead .Id FROM Lead",
            "SELECT Lead. Id FROM Lead",
            "SELECT Lead..Id FROM Lead",
            "SELECT .Id FROM Lead",
            "SELECT _Id FROM Lead",
            "SELECT \"Id\" FROM Lead",
            "SELECT Id FROM",
            "SELECT Id FROM WHERE Name = 'x'",
            "SELECT Id FROM Lead WHERE",
            "SELECT Id FROM Lead USING SCOPE",
            "SELECT Id FROM Lead USING LOOKUP x",
            "SELECT Id FROM Lead HAVING Name = 'x'",
            "SELECT Id FROM Lead GROUP Name",
            "SELECT Id FROM Lead GROUP BY ROLLUP(Name), Email",
            "SELECT Id FROM Lead ORDER BY",
            "SELECT Id FROM Lead ORDER BY 1",
            "SELECT Id FROM Lead ORDER BY Name NULLS",
            "SELECT Id FROM Lead ORDER BY Name WHERE Name = 'x'",
            "SELECT Id FROM Lead LIMIT",
            "SELECT Id FROM Lead LIMIT -1",
            "SELECT Id FROM Lead LIMIT +1",
            "SELECT Id FROM Lead LIMIT 1.5",
            "SELECT Id FROM Lead LIMIT 4294967296",
            "SELECT Id FROM Lead LIMIT :x",
            "SELECT Id FROM Lead LIMIT 1 LIMIT 2",
            "SELECT Id FROM Lead OFFSET 1 LIMIT 1",
            "SELECT Id FROM Lead FOR",
            "SELECT Id FROM Lead FOR VIEW FOR VIEW",
            "SELECT Id FROM Lead UPDATE TRACKING, TRACKING",
            "SELECT Id FROM Lead ALL",
            "SELECT Id FROM Lead;",
            "SELECT Id FROM Lead -- comment",
            "SELECT Id /* comment */ FROM Lead",
            "SELECT Id FROM Lead WHERE Id = '1' UNION SELECT Id FROM Contact",
            "SELECT Id FROM Lead\u{feff}",
            "\u{feff}SELECT Id FROM Lead",
            "SELECT Id FROM Lead\0",
            "SELECT TYPEOF Who END FROM Task",
            "SELECT TYPEOF Who WHEN Lead THEN END FROM Task",
            "SELECT TYPEOF Who WHEN Lead THEN Id FROM Task",
            "SELECT TYPEOF Who WHEN Lead THEN toLabel(Id) END FROM Task",
            "SELECT Id FROM Lead WITH",
            "SELECT Id FROM Lead WITH Network = 'Jansen'",
            "SELECT Id FROM Lead WITH RecordVisibilityContext (a = 'Jansen')",
            "SELECT Id FROM Lead WITH DATA CATEGORY G__c x__c",
            "SELECT Id FROM Lead SET OPTIONS (a = 1)",
            "FIND {Jansen} IN ALL FIELDS RETURNING Lead",
            "DELETE FROM Lead",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(" \t\r\nSELECT\nId\tFROM\r\nLead ").is_ok());
    }

    #[test]
    fn the_settings_of_a_record_visibility_context_are_numbers_and_booleans() {
        let text = "SELECT Id FROM Lead WITH RecordVisibilityContext \
                    (maxDescriptorPerRecord = 100, supportsDomains = true)";
        assert_eq!(canonical(&parse(text).expect("a query")), text);
    }
}
