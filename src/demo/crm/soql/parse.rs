//! Reads a query.

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::soql::lex::{Placed, Token, malformed, tokens};
use crate::demo::crm::soql::written::{
    Call, Condition, Literal, Name, Operand, Order, Query, Sign, Written,
};

/// # Errors
/// MALFORMED_QUERY when it is no SOQL, or SOQL beyond what the stand-in knows.
pub fn parse(query: &str) -> Outcome<Query> {
    let mut parser = Parser {
        query,
        tokens: tokens(query)?,
        next: 0,
    };
    let parsed = parser.query(false)?;
    match parser.peek() {
        Token::End => Ok(parsed),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'q> {
    query: &'q str,
    tokens: Vec<Placed>,
    next: usize,
}

/// Words that end a column list or a clause, so they are no alias.
const RESERVED: [&str; 15] = [
    "from", "where", "group", "having", "order", "limit", "offset", "all", "for", "with", "using",
    "asc", "desc", "nulls", "update",
];

impl Parser<'_> {
    fn query(&mut self, inner: bool) -> Outcome<Query> {
        self.expect_word("select")?;
        let mut columns = vec![self.column(inner)?];
        while self.take_sign(",") {
            columns.push(self.column(inner)?);
        }
        self.expect_word("from")?;
        let from = self.name()?;
        self.take_word("as");
        let alias = self.alias();
        let filter = match self.take_word("where") {
            true => Some(self.condition()?),
            false => None,
        };
        let mut group = Vec::new();
        let mut having = None;
        if self.take_words("group", "by")? {
            group.push(self.name()?);
            while self.take_sign(",") {
                group.push(self.name()?);
            }
            if self.take_word("having") {
                having = Some(self.condition()?);
            }
        }
        let mut order = Vec::new();
        if self.take_words("order", "by")? {
            order.push(self.order()?);
            while self.take_sign(",") {
                order.push(self.order()?);
            }
        }
        let limit = match self.take_word("limit") {
            true => Some(self.count()?),
            false => None,
        };
        let offset = match self.take_word("offset") {
            true => Some(self.count()?),
            false => None,
        };
        let all_rows = self.take_words("all", "rows")?;
        self.tail()?;
        Ok(Query {
            columns,
            from,
            alias,
            filter,
            group,
            having,
            order,
            limit,
            offset,
            all_rows,
        })
    }

    /// `FOR VIEW` and `FOR REFERENCE` only mark the records as seen.
    fn tail(&mut self) -> Outcome<()> {
        while self.take_word("for") {
            if !self.take_word("view") {
                self.expect_word("reference")?;
            }
        }
        Ok(())
    }

    fn column(&mut self, inner: bool) -> Outcome<Written> {
        if self.peek() == &Token::Sign("(") {
            if inner {
                return Err(self.unexpected());
            }
            self.advance();
            let child = self.query(true)?;
            self.expect_sign(")")?;
            return Ok(Written::Child(Box::new(child)));
        }
        if self.is_word("typeof") {
            return self.type_of();
        }
        let name = self.name()?;
        if !self.take_sign("(") {
            return Ok(Written::Field(name, self.alias()));
        }
        if name.text.eq_ignore_ascii_case("count") && self.take_sign(")") {
            return Ok(Written::CountAll);
        }
        let field = self.name()?;
        self.expect_sign(")")?;
        if name.text.eq_ignore_ascii_case("fields") {
            return Ok(Written::Fields(field));
        }
        let call = Call {
            function: name,
            field,
        };
        Ok(Written::Call(call, self.alias()))
    }

    /// `TYPEOF What WHEN Account THEN Name, Phone ELSE Id END`
    fn type_of(&mut self) -> Outcome<Written> {
        self.advance();
        let relation = self.name()?;
        let mut when = Vec::new();
        while self.take_word("when") {
            let object = self.name()?;
            self.expect_word("then")?;
            when.push((object, self.names()?));
        }
        let otherwise = match self.take_word("else") {
            true => self.names()?,
            false => Vec::new(),
        };
        self.expect_word("end")?;
        if when.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Written::TypeOf {
            relation,
            when,
            otherwise,
        })
    }

    fn names(&mut self) -> Outcome<Vec<Name>> {
        let mut names = vec![self.name()?];
        while self.take_sign(",") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// Terms joined by AND or by OR; Salesforce refuses a mixture without parentheses.
    fn condition(&mut self) -> Outcome<Condition> {
        let first = self.term()?;
        for (word, join) in [
            ("and", Condition::All as fn(Vec<Condition>) -> Condition),
            ("or", Condition::Any),
        ] {
            if !self.is_word(word) {
                continue;
            }
            let mut terms = vec![first];
            while self.take_word(word) {
                terms.push(self.term()?);
            }
            if self.is_word("and") || self.is_word("or") {
                return Err(self.unexpected());
            }
            return Ok(join(terms));
        }
        Ok(first)
    }

    fn term(&mut self) -> Outcome<Condition> {
        if self.take_word("not") {
            return Ok(Condition::Not(Box::new(self.term()?)));
        }
        if self.take_sign("(") {
            let inner = self.condition()?;
            self.expect_sign(")")?;
            return Ok(inner);
        }
        let operand = self.operand()?;
        let negated = self.is_word("not");
        if negated {
            self.advance();
        }
        if self.take_word("in") {
            return self.membership(operand, negated);
        }
        if negated {
            return Err(self.unexpected());
        }
        let sign = self.sign()?;
        let literal = self.literal()?;
        Ok(Condition::Compare(operand, sign, literal))
    }

    fn membership(&mut self, operand: Operand, negated: bool) -> Outcome<Condition> {
        self.expect_sign("(")?;
        if self.is_word("select") {
            let query = Box::new(self.query(true)?);
            self.expect_sign(")")?;
            return Ok(Condition::InQuery {
                operand,
                negated,
                query,
            });
        }
        let mut list = vec![self.literal()?];
        while self.take_sign(",") {
            list.push(self.literal()?);
        }
        self.expect_sign(")")?;
        Ok(Condition::In {
            operand,
            negated,
            list,
        })
    }

    fn operand(&mut self) -> Outcome<Operand> {
        let name = self.name()?;
        if !self.take_sign("(") {
            return Ok(Operand::Field(name));
        }
        let field = if self.peek() == &Token::Sign(")") {
            Name {
                text: "Id".to_owned(),
                at: name.at,
            }
        } else {
            self.name()?
        };
        self.expect_sign(")")?;
        if name.text.eq_ignore_ascii_case("tolabel") {
            // There is one language, so a label is its value.
            return Ok(Operand::Field(field));
        }
        Ok(Operand::Call(Call {
            function: name,
            field,
        }))
    }

    fn sign(&mut self) -> Outcome<Sign> {
        let sign = match self.peek() {
            Token::Sign("=") => Sign::Equal,
            Token::Sign("!=" | "<>") => Sign::NotEqual,
            Token::Sign("<") => Sign::Less,
            Token::Sign("<=") => Sign::LessOrEqual,
            Token::Sign(">") => Sign::Greater,
            Token::Sign(">=") => Sign::GreaterOrEqual,
            Token::Word(word) if word.eq_ignore_ascii_case("like") => Sign::Like,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(sign)
    }

    fn literal(&mut self) -> Outcome<Literal> {
        let literal = match self.peek().clone() {
            Token::Text(text) => Literal::Text(text),
            Token::Number(number) => Literal::Number(number),
            Token::Date(date) => Literal::Date(date),
            Token::Datetime(at) => Literal::Datetime(at),
            Token::Word(word) => match word.to_lowercase().as_str() {
                "null" => Literal::Null,
                "true" => Literal::Flag(true),
                "false" => Literal::Flag(false),
                _ => Literal::Named(word),
            },
            Token::Sign(_) | Token::End => return Err(self.unexpected()),
        };
        self.advance();
        Ok(literal)
    }

    fn order(&mut self) -> Outcome<Order> {
        let operand = self.operand()?;
        let descending = self.take_word("desc");
        if !descending {
            self.take_word("asc");
        }
        let mut nulls_last = None;
        if self.take_word("nulls") {
            nulls_last = Some(self.is_word("last"));
            if !self.take_word("last") {
                self.expect_word("first")?;
            }
        }
        Ok(Order {
            operand,
            descending,
            nulls_last,
        })
    }

    fn count(&mut self) -> Outcome<usize> {
        let number = match self.peek() {
            Token::Number(number) => format!("{number}").parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(number)
    }

    fn name(&mut self) -> Outcome<Name> {
        let at = self.at();
        let Token::Word(text) = self.peek().clone() else {
            return Err(self.unexpected());
        };
        self.advance();
        Ok(Name { text, at })
    }

    fn alias(&mut self) -> Option<String> {
        let Token::Word(word) = self.peek() else {
            return None;
        };
        let reserved = RESERVED.iter().any(|kept| word.eq_ignore_ascii_case(kept));
        if reserved || word.contains('.') {
            return None;
        }
        let word = word.clone();
        self.advance();
        Some(word)
    }

    fn peek(&self) -> &Token {
        let placed = self.tokens.get(self.next);
        placed.map_or(&Token::End, |placed| &placed.token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(0, |placed| placed.at)
    }

    fn advance(&mut self) {
        self.next += 1;
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn take_words(&mut self, first: &str, second: &str) -> Outcome<bool> {
        if !self.take_word(first) {
            return Ok(false);
        }
        self.expect_word(second)?;
        Ok(true)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if found {
            self.advance();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Outcome<()> {
        match self.take_word(word) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn expect_sign(&mut self, sign: &str) -> Outcome<()> {
        match self.take_sign(sign) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> Fault {
        let shown = match self.peek() {
            Token::Word(word) => word.clone(),
            Token::Text(text) => format!("'{}'", text.plain),
            Token::Number(number) => number.to_string(),
            Token::Date(text) | Token::Datetime(text) => text.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
            Token::End => "<EOF>".to_owned(),
        };
        malformed(
            self.query,
            self.at(),
            &format!("unexpected token: '{shown}'"),
        )
    }
}
