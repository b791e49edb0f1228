//! Text to tree (GraphQL specification, October 2021, section 2), in one pass and within limits.

use super::ast::{
    Directive, Document, Field, Fragment, Kind, Name, Operation, Selection, Value, Variable,
};
use super::lex::{Lexer, Token};
use super::{Error, MAX_DEPTH, MAX_PARTS};
use crate::model::Personal;

/// Reads a whole document of operations and fragments.
///
/// # Errors
/// On whatever is no such document, on subscriptions, on definitions of types, and beyond the
/// limits.
pub fn parse(text: &str) -> Result<Document, Error> {
    let mut parser = Parser::new(text)?;
    let mut document = Document::default();
    while parser.token != Token::End {
        parser.definition(&mut document)?;
    }
    match document.operations.is_empty() {
        true => parser.refuse("an operation was expected"),
        false => Ok(document),
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token,
    /// Where the token stands.
    at: usize,
    depth: usize,
    parts: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Result<Self, Error> {
        let mut lexer = Lexer::new(text)?;
        let (token, at) = lexer.next()?;
        Ok(Self {
            lexer,
            token,
            at,
            depth: 0,
            parts: 0,
        })
    }

    fn refuse<T>(&mut self, what: &'static str) -> Result<T, Error> {
        Err(self.lexer.error(self.at, what))
    }

    /// The token here; the next one takes its place.
    fn take(&mut self) -> Result<Token, Error> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return self.refuse("the document has too many parts");
        }
        let (token, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn mark(&mut self, mark: char) -> Result<bool, Error> {
        let sees = self.token == Token::Mark(mark);
        if sees {
            self.take()?;
        }
        Ok(sees)
    }

    fn expect(&mut self, mark: char, what: &'static str) -> Result<(), Error> {
        match self.mark(mark)? {
            true => Ok(()),
            false => self.refuse(what),
        }
    }

    fn sees(&self, keyword: &str) -> bool {
        matches!(&self.token, Token::Name(name) if name.text() == keyword)
    }

    fn name(&mut self, what: &'static str) -> Result<Name, Error> {
        let Token::Name(name) = &self.token else {
            return self.refuse(what);
        };
        let name = name.clone();
        self.take()?;
        Ok(name)
    }

    fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH {
            return self.refuse("the document nests too deep");
        }
        self.depth += 1;
        let part = part(self);
        self.depth -= 1;
        part
    }

    fn definition(&mut self, document: &mut Document) -> Result<(), Error> {
        if self.token == Token::Mark('{') {
            let selections = self.selections()?;
            document.operations.push(Operation {
                kind: Kind::Query,
                name: None,
                variables: vec![],
                directives: vec![],
                selections,
            });
            return Ok(());
        }
        if self.sees("fragment") {
            let fragment = self.fragment()?;
            let twice = |other: &Fragment| other.name == fragment.name;
            if document.fragments.iter().any(twice) {
                return self.refuse("a fragment stands twice");
            }
            document.fragments.push(fragment);
            return Ok(());
        }
        let kind = if self.sees("query") {
            Kind::Query
        } else if self.sees("mutation") {
            Kind::Mutation
        } else {
            return self.refuse("query, mutation or fragment was expected");
        };
        self.take()?;
        let name = match &self.token {
            Token::Name(_) => Some(self.name("a name was expected")?),
            _ => None,
        };
        let variables = self.variables()?;
        let directives = self.directives()?;
        let selections = self.selections()?;
        document.operations.push(Operation {
            kind,
            name,
            variables,
            directives,
            selections,
        });
        Ok(())
    }

    fn fragment(&mut self) -> Result<Fragment, Error> {
        self.take()?;
        if self.sees("on") {
            return self.refuse("a fragment may not be called on");
        }
        let name = self.name("a fragment's name was expected")?;
        if !self.sees("on") {
            return self.refuse("on was expected behind the fragment's name");
        }
        self.take()?;
        let on = self.name("a type was expected behind on")?;
        if self.token == Token::Mark('@') {
            return self.refuse("a directive at a fragment is not taken");
        }
        let selections = self.selections()?;
        Ok(Fragment {
            name,
            on,
            selections,
        })
    }

    fn variables(&mut self) -> Result<Vec<Variable>, Error> {
        let mut variables: Vec<Variable> = Vec::new();
        if !self.mark('(')? {
            return Ok(variables);
        }
        while !self.mark(')')? {
            self.expect('$', "a variable was expected")?;
            let name = self.name("a variable's name was expected")?;
            if variables.iter().any(|other| other.name == name) {
                return self.refuse("a variable stands twice");
            }
            self.expect(':', ": was expected behind the variable")?;
            self.nested(Self::type_of)?;
            let default = match self.mark('=')? {
                true => Some(self.nested(Self::value)?),
                false => None,
            };
            if self.token == Token::Mark('@') {
                return self.refuse("a directive at a variable is not taken");
            }
            variables.push(Variable { name, default });
        }
        match variables.is_empty() {
            true => self.refuse("a variable was expected"),
            false => Ok(variables),
        }
    }

    /// `[Type!]!`
    fn type_of(&mut self) -> Result<(), Error> {
        if self.mark('[')? {
            self.nested(Self::type_of)?;
            self.expect(']', "] was expected in the type")?;
        } else {
            self.name("a type was expected")?;
        }
        self.mark('!')?;
        Ok(())
    }

    fn directives(&mut self) -> Result<Vec<Directive>, Error> {
        let mut directives = Vec::new();
        while self.mark('@')? {
            let name = self.name("a directive's name was expected")?;
            let arguments = self.arguments()?;
            directives.push(Directive { name, arguments });
        }
        Ok(directives)
    }

    fn arguments(&mut self) -> Result<Vec<(Name, Value)>, Error> {
        match self.mark('(')? {
            true => self.members(')'),
            false => Ok(vec![]),
        }
    }

    /// `name: value` until the mark; at least one, none twice.
    fn members(&mut self, end: char) -> Result<Vec<(Name, Value)>, Error> {
        let mut seen = std::collections::HashSet::new();
        let mut members: Vec<(Name, Value)> = Vec::new();
        while !self.mark(end)? {
            let name = self.name("a name was expected")?;
            if !seen.insert(name.clone()) {
                return self.refuse("a name stands twice");
            }
            self.expect(':', ": was expected behind the name")?;
            let value = self.nested(Self::value)?;
            members.push((name, value));
        }
        match members.is_empty() && end == ')' {
            true => self.refuse("an argument was expected"),
            false => Ok(members),
        }
    }

    fn selections(&mut self) -> Result<Vec<Selection>, Error> {
        self.expect('{', "{ was expected")?;
        self.nested(|parser| {
            let mut selections = Vec::new();
            while !parser.mark('}')? {
                selections.push(parser.selection()?);
            }
            match selections.is_empty() {
                true => parser.refuse("a field was expected"),
                false => Ok(selections),
            }
        })
    }

    fn selection(&mut self) -> Result<Selection, Error> {
        if self.token == Token::Spread {
            self.take()?;
            return self.spread();
        }
        let place = self.lexer.place(self.at);
        let first = self.name("a field was expected")?;
        let (alias, name) = match self.mark(':')? {
            true => (
                Some(first),
                self.name("a field was expected behind its alias")?,
            ),
            false => (None, first),
        };
        let arguments = self.arguments()?;
        let directives = self.directives()?;
        let selections = match self.token {
            Token::Mark('{') => self.selections()?,
            _ => vec![],
        };
        Ok(Selection::Field(Field {
            place,
            alias,
            name,
            arguments,
            directives,
            selections,
        }))
    }

    fn spread(&mut self) -> Result<Selection, Error> {
        if matches!(&self.token, Token::Name(name) if name.text() != "on") {
            let name = self.name("a fragment was expected")?;
            let directives = self.directives()?;
            return Ok(Selection::Spread { name, directives });
        }
        let on = match self.sees("on") {
            true => {
                self.take()?;
                Some(self.name("a type was expected behind on")?)
            }
            false => None,
        };
        let directives = self.directives()?;
        let selections = self.selections()?;
        Ok(Selection::Inline {
            on,
            directives,
            selections,
        })
    }

    fn value(&mut self) -> Result<Value, Error> {
        if self.mark('[')? {
            return self.nested(|parser| {
                let mut items = Vec::new();
                while !parser.mark(']')? {
                    items.push(parser.value()?);
                }
                Ok(Value::List(items))
            });
        }
        if self.mark('{')? {
            return self.nested(|parser| parser.members('}').map(Value::Object));
        }
        if self.mark('$')? {
            return self.name("a variable was expected").map(Value::Variable);
        }
        match self.take()? {
            Token::Name(name) => Ok(match name.text() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                _ => Value::Enum(name),
            }),
            Token::Text(text) => Ok(Value::Text(Personal::new(text))),
            Token::Number(text) => Ok(Value::Number(Personal::new(text))),
            Token::Mark(_) | Token::Spread | Token::End => self.refuse("a value was expected"),
        }
    }
}
