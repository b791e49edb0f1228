//! The conditions of `WHERE` and `HAVING`.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Compare, Condition, Operator, Right};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    /// `NOT a`, or parts joined by one of `AND` and `OR`: SOQL has no precedence between the two,
    /// and takes `NOT` only where nothing stands beside it.
    pub(super) fn condition(&mut self) -> Result<Condition, Error> {
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
        let start = self.at;
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
        let at = self.at;
        self.refuse_bind()?;
        self.expect_mark(b'(', "( was expected behind IN")?;
        if self.sees("SELECT") {
            let query = self.semi_join()?;
            self.expect_mark(b')', ") was expected behind the query in IN")?;
            return Ok(Right::SemiJoin(Box::new(query)));
        }
        self.at = at;
        self.literals().map(Right::List)
    }
}
