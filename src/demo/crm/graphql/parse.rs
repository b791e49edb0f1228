//! A document as far as the stand-in knows it.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// A field that is asked for.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key of the answer.
    pub key: String,
    pub name: String,
    pub arguments: Map<String, Value>,
    pub fields: Vec<Selected>,
}

#[derive(Clone, Debug)]
pub enum Selected {
    Field(Field),
    Spread(String),
    /// Fields of one type alone, or of any.
    Inline(Option<String>, Vec<Self>),
}

/// What a request asks: the fields of its operation, and fragments by name.
pub struct Asked {
    pub mutation: bool,
    pub fields: Vec<Selected>,
    pub fragments: HashMap<String, Vec<Selected>>,
}

/// Why a document is none, with its place in characters.
pub struct Unread(pub usize);

type Read<T> = Result<T, Unread>;

/// # Errors
/// When the text is no document.
pub fn parse(text: &str, variables: &Map<String, Value>) -> Read<Asked> {
    let mut parser = Parser {
        text: text.chars().collect(),
        at: 0,
        depth: 0,
        variables,
    };
    let mut asked = Asked {
        mutation: false,
        fields: Vec::new(),
        fragments: HashMap::new(),
    };
    parser.space();
    while parser.at < parser.text.len() {
        match parser.word().as_str() {
            "fragment" => {
                let name = parser.word();
                parser.word();
                parser.word();
                let fields = parser.fields()?;
                asked.fragments.insert(name, fields);
            }
            word => {
                asked.mutation = word == "mutation";
                while !parser.sees('{') {
                    parser.skip_one()?;
                }
                asked.fields = parser.fields()?;
            }
        }
    }
    Ok(asked)
}

struct Parser<'v> {
    text: Vec<char>,
    at: usize,
    depth: usize,
    variables: &'v Map<String, Value>,
}

/// How deep a document may nest.
const DEEPEST: usize = 64;

impl Parser<'_> {
    fn space(&mut self) {
        while let Some(c) = self.text.get(self.at) {
            match c {
                ' ' | ',' | '\n' | '\r' | '\t' => self.at += 1,
                '#' => {
                    while self.text.get(self.at).is_some_and(|c| *c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn sees(&self, mark: char) -> bool {
        self.text.get(self.at) == Some(&mark)
    }

    fn mark(&mut self, mark: char) -> bool {
        let sees = self.sees(mark);
        if sees {
            self.at += 1;
            self.space();
        }
        sees
    }

    fn expect(&mut self, mark: char) -> Read<()> {
        match self.mark(mark) {
            true => Ok(()),
            false => Err(Unread(self.at)),
        }
    }

    /// Steps over whatever stands between an operation's word and its fields.
    fn skip_one(&mut self) -> Read<()> {
        if self.at >= self.text.len() {
            return Err(Unread(self.at));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while let Some(c) = self.text.get(self.at)
            && (c.is_ascii_alphanumeric() || *c == '_')
        {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        let word = word.iter().collect();
        self.space();
        word
    }

    fn fields(&mut self) -> Read<Vec<Selected>> {
        self.expect('{')?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unread(self.at));
        }
        let mut fields = Vec::new();
        while !self.mark('}') {
            fields.push(self.selected()?);
        }
        self.depth -= 1;
        Ok(fields)
    }

    fn selected(&mut self) -> Read<Selected> {
        if self.mark('.') {
            while self.mark('.') {}
            if self.sees('{') {
                return Ok(Selected::Inline(None, self.fields()?));
            }
            let word = self.word();
            if word != "on" {
                return Ok(Selected::Spread(word));
            }
            let on = self.word();
            return Ok(Selected::Inline(Some(on), self.fields()?));
        }
        let mut name = self.word();
        let mut key = name.clone();
        if self.mark(':') {
            name = self.word();
        } else {
            key.clone_from(&name);
        }
        if name.is_empty() {
            return Err(Unread(self.at));
        }
        let mut arguments = Map::new();
        if self.mark('(') {
            while !self.mark(')') {
                let argument = self.word();
                self.expect(':')?;
                arguments.insert(argument, self.value()?);
            }
        }
        let fields = match self.sees('{') {
            true => self.fields()?,
            false => Vec::new(),
        };
        Ok(Selected::Field(Field {
            key,
            name,
            arguments,
            fields,
        }))
    }

    fn value(&mut self) -> Read<Value> {
        if self.mark('[') {
            let mut items = Vec::new();
            while !self.mark(']') {
                items.push(self.value()?);
            }
            return Ok(Value::Array(items));
        }
        if self.mark('{') {
            let mut members = Map::new();
            while !self.mark('}') {
                let name = self.word();
                self.expect(':')?;
                members.insert(name, self.value()?);
            }
            return Ok(Value::Object(members));
        }
        if self.mark('$') {
            let name = self.word();
            return Ok(self.variables.get(&name).cloned().unwrap_or_default());
        }
        if self.sees('"') {
            return self.text();
        }
        let start = self.at;
        while let Some(c) = self.text.get(self.at)
            && (c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.'))
        {
            self.at += 1;
        }
        let run: String = self
            .text
            .get(start..self.at)
            .unwrap_or_default()
            .iter()
            .collect();
        self.space();
        match run.as_str() {
            "" => Err(Unread(start)),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            run => Ok(serde_json::from_str(run).unwrap_or_else(|_| Value::from(run))),
        }
    }

    /// A text in quotes; its escapes are those of JSON.
    fn text(&mut self) -> Read<Value> {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.text.get(self.at)
            && *c != '"'
        {
            self.at += if *c == '\\' { 2 } else { 1 };
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at).ok_or(Unread(start))?;
        let quoted: String = quoted.iter().collect();
        self.space();
        serde_json::from_str(&quoted).map_err(|_| Unread(start))
    }
}
