//! The conditions of `WHERE` and `HAVING`.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Compare, Condition, Operator, Right};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    /// `NOT a`, or parts joined by one of `AND` and `OR`: SOQL has no precedence between the two,
    /// and takes `NOT` only where nothing stands beside it.
    pub(in crate::dialect::salesforce) fn condition(&mut self) -> Result<Condition, Error> {
        if self.keyword("NOT") {
            let negated = self.nested(Self::part)?;
            if self.sees("AND") || self.sees("OR") {
                return self.refuse("NOT beside AND or OR needs parentheses of its own");
            }
            return Ok(Condition::Not(Box::new(negated)));
        }
        let first = self.part()?;
        let (word, other) = if self.sees("AND") {
            ("AND", "OR")
        } else if self.sees("OR") {
            ("OR", "AND")
        } else {
            return Ok(first);
        };
        let mut parts = vec![first];
        while self.keyword(word) {
            parts.push(self.part()?);
        }
        if self.sees(other) {
            return self.refuse("AND and OR are mixed without parentheses");
        }
        Ok(match word {
            "AND" => Condition::And(parts),
            _ => Condition::Or(parts),
        })
    }

    /// A condition in parentheses, or one comparison.
    fn part(&mut self) -> Result<Condition, Error> {
        if self.mark(b'(') {
            let condition = self.nested(Self::condition)?;
            self.expect_mark(b')', ") was expected in the condition")?;
            return Ok(condition);
        }
        if self.sees("NOT") {
            return self.refuse("NOT beside AND, OR or NOT needs parentheses of its own");
        }
        self.compare().map(Condition::Compare)
    }

    fn compare(&mut self) -> Result<Compare, Error> {
        let start = self.at();
        let left = self.operand("a field was expected in the condition")?;
        let operator = self.operator()?;
        let right = match operator {
            Operator::In | Operator::NotIn => self.nested(Self::in_right)?,
            Operator::Includes | Operator::Excludes => Right::List(self.literals()?),
            Operator::Like => Right::Literal(self.pattern()?),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => Right::Literal(self.literal()?),
        };
        Ok(Compare {
            span: self.back_to(start),
            left,
            operator,
            right,
        })
    }

    fn operator(&mut self) -> Result<Operator, Error> {
        // The longer marks first, so that `<=` is not read as `<`.
        const MARKS: &[(&str, Operator)] = &[
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<>", Operator::NotEqual),
            ("!=", Operator::NotEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        const WORDS: &[(&str, Operator)] = &[
            ("LIKE", Operator::Like),
            ("IN", Operator::In),
            ("INCLUDES", Operator::Includes),
            ("EXCLUDES", Operator::Excludes),
        ];
        if let Some((mark, operator)) = MARKS.iter().find(|(mark, _)| self.rest().starts_with(mark))
        {
            self.step(mark.len());
            return Ok(*operator);
        }
        if let Some((_, operator)) = WORDS.iter().find(|(word, _)| self.keyword(word)) {
            return Ok(*operator);
        }
        if self.keyword("NOT") {
            self.expect("IN", "IN was expected behind NOT")?;
            return Ok(Operator::NotIn);
        }
        self.refuse("an operator was expected in the condition")
    }

    /// A list, or a query.
    fn in_right(&mut self) -> Result<Right, Error> {
        let at = self.at();
        self.refuse_bind()?;
        self.expect_mark(b'(', "( was expected behind IN")?;
        if self.sees("SELECT") {
            let query = self.semi_join()?;
            self.expect_mark(b')', ") was expected behind the query in IN")?;
            return Ok(Right::SemiJoin(Box::new(query)));
        }
        self.go(at);
        self.literals().map(Right::List)
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::salesforce::soql::canonical::canonical;
    use crate::dialect::salesforce::soql::{Error, parse};

    /// The condition as it is written back.
    fn condition(text: &str) -> Result<String, &'static str> {
        let query = parse(&format!("SELECT Id FROM Lead WHERE {text}"));
        let text = canonical(&query.map_err(|Error { what, .. }| what)?);
        let (_, condition) = text.split_once(" WHERE ").expect("a condition");
        Ok(condition.to_owned())
    }

    #[test]
    fn conditions_are_written_in_one_way() {
        let table = [
            ("Name='x'", "Name = 'x'"),
            ("Name<>'x'", "Name != 'x'"),
            ("((Name = 'x'))", "Name = 'x'"),
            ("a=1 AND(b=2 or c=3)", "a = 1 AND (b = 2 OR c = 3)"),
            ("(a = 1 AND b = 2) AND c = 3", "(a = 1 AND b = 2) AND c = 3"),
            ("not a=1", "NOT a = 1"),
            ("NOT(a = 1 AND b = 2)", "NOT (a = 1 AND b = 2)"),
            ("(NOT a = 1) AND b = 2", "(NOT a = 1) AND b = 2"),
            ("a not  in('x',null)", "a NOT IN ('x', null)"),
            ("a includes ('x;y','z')", "a INCLUDES ('x;y', 'z')"),
            (
                "a<=1 AND b>=2 AND c<3 AND d>4",
                "a <= 1 AND b >= 2 AND c < 3 AND d > 4",
            ),
            ("d = last_n_days:04", "d = LAST_N_DAYS:4"),
            (
                "Id IN (select ContactId from Case)",
                "Id IN (SELECT ContactId FROM Case)",
            ),
        ];
        for (given, written) in table {
            assert_eq!(condition(given), Ok(written.to_owned()), "{given}");
        }
    }

    #[test]
    fn and_and_or_do_not_mix_without_parentheses() {
        let what = "AND and OR are mixed without parentheses";
        assert_eq!(condition("a = 1 AND b = 2 OR c = 3"), Err(what));
        assert_eq!(condition("a = 1 OR b = 2 OR c = 3 AND d = 4"), Err(what));
        assert!(condition("(a = 1 AND b = 2) OR c = 3").is_ok());
    }

    #[test]
    fn not_stands_alone() {
        let what = "NOT beside AND or OR needs parentheses of its own";
        assert_eq!(condition("NOT a = 1 AND b = 2"), Err(what));
        let what = "NOT beside AND, OR or NOT needs parentheses of its own";
        assert_eq!(condition("a = 1 AND NOT b = 2"), Err(what));
        assert_eq!(condition("NOT NOT a = 1"), Err(what));
        assert!(condition("a = 1 AND (NOT b = 2)").is_ok());
    }

    #[test]
    fn a_query_behind_in_is_bare() {
        let what = "a query behind IN selects one field and has only FROM, WHERE and WITH";
        for query in [
            "SELECT Id, Name FROM Lead",
            "SELECT COUNT() FROM Lead",
            "SELECT (SELECT Id FROM Tasks) FROM Lead",
            "SELECT Id FROM Lead LIMIT 1",
            "SELECT Id FROM Lead OFFSET 1",
            "SELECT Id FROM Lead ORDER BY Id",
            "SELECT Id FROM Lead GROUP BY Id",
            "SELECT Id FROM Lead FOR UPDATE",
            "SELECT Id FROM Lead ALL ROWS",
        ] {
            assert_eq!(condition(&format!("Id IN ({query})")), Err(what), "{query}");
        }
        assert!(condition("Id IN (SELECT Id FROM Lead WHERE a = 1 WITH USER_MODE)").is_ok());
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in [
            "",
            "Name",
            "Name =",
            "Name = foo",
            "Name = Other__c",
            "'Jansen' = Name",
            "Name = ('x')",
            "Name = 'x' AND",
            "AND Name = 'x'",
            "Name = 'x' Name = 'y'",
            "(Name = 'x'",
            "Name = 'x')",
            "()",
            "Name IN ()",
            "Name IN 'x'",
            "Name IN ('x',)",
            "Name IN ('x' 'y')",
            "Name IN :names",
            "Name = :name",
            "Name LIKE :name",
            "Name NOT LIKE 'x'",
            "Name == 'x'",
            "Name < = 'x'",
            "Name IS NULL",
            "Name BETWEEN 1 AND 2",
            "a + b > 3",
            "Name = 'x' -- comment",
            "Name = 'x' /* comment */",
            "Name = 'x';",
            "Name = ‘x’",
            "Na\u{ef}ve = 'x'",
            "Name =\u{a0}'x'",
        ] {
            assert!(condition(text).is_err(), "{text}");
        }
        assert!(condition("Name = 'x'").is_ok());
    }
}
