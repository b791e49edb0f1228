//! Where a cursor stands in a file that somebody is writing, and which names the file has so far.
//!
//! No parser of TOML reads a file before it is finished, so this one goes by brackets, quotes and line
//! ends, and begins anew where a line cannot belong to what is still open. What it takes for a key may
//! be none: it only decides what is offered, and the file is read strictly afterwards.

use std::collections::{BTreeMap, BTreeSet};

/// A path of keys. An entry of a list has a part of its own, `[]` or its number.
pub(super) type Path = Vec<String>;

pub(super) const ENTRY: &str = "[]";

/// The most parts of a path. A policy has seven; what has more is nobody's work, and each part would
/// be copied with each key below it.
const DEEPEST: usize = 12;

/// What a file has so far.
#[derive(Default)]
pub(super) struct Known {
    /// Every key and every header, by its whole path.
    pub keys: BTreeSet<Path>,
    /// Every text that is finished, with the path that it stands at.
    pub texts: Vec<(Path, String)>,
}

/// What is being written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// The name of a table, `[objects.…`.
    Header,
    /// The name of an array's table, `[[rou…`.
    ListHeader,
    Key,
    Value,
}

/// Where a text ends, if something can be offered there.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub kind: Kind,
    /// Of a value its own path; of a key or header what stands before the word.
    pub path: Path,
    /// Where the word begins, behind its quote.
    pub from: usize,
    pub quote: Option<char>,
}

/// The end of the text was reached, here or where nothing can be offered.
struct End(Option<Place>);

/// Reads a text to its end.
pub(super) fn read(text: &str) -> (Known, Option<Place>) {
    let mut reader = Reader {
        text,
        at: 0,
        header: Path::new(),
        open: Vec::new(),
        lists: BTreeMap::new(),
        known: Known::default(),
    };
    loop {
        let before = (reader.at, reader.open.len());
        let step = match reader.open.last() {
            None | Some((Bracket::Table, _)) => reader.entry(),
            Some((Bracket::List, path)) => {
                let path = path.clone();
                reader.value(path)
            }
        };
        if let Err(End(place)) = step {
            return (reader.known, place);
        }
        if before == (reader.at, reader.open.len()) {
            reader.skip(); // Whatever it is, it is nothing that begins a word.
        }
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Bracket {
    Table,
    List,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    header: Path,
    open: Vec<(Bracket, Path)>,
    /// How many tables each array has so far.
    lists: BTreeMap<Path, usize>,
    known: Known,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn take(&mut self, is: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let end = rest.find(|c| !is(c)).unwrap_or(rest.len());
        let taken = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        taken
    }

    /// White space of the line.
    fn blanks(&mut self) {
        self.take(|c| c == ' ' || c == '\t' || c == '\r');
    }

    /// White space, line ends and comments. Nothing is offered within a comment.
    fn gap(&mut self) -> Result<(), End> {
        loop {
            self.blanks();
            match self.peek() {
                Some('\n') => self.line_end(),
                Some('#') => {
                    self.take(|c| c != '\n');
                    if self.peek().is_none() {
                        return Err(End(None));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// What is open ends with its line, unless it goes on: a list may have lines of its own, a table
    /// within a line only behind a comma.
    fn line_end(&mut self) {
        let before = self.text.get(..self.at).unwrap_or_default();
        let goes_on = before.trim_end().ends_with([',', '{', '[']);
        self.skip();
        let line = self.rest().lines().next().unwrap_or_default().trim_start();
        let header = line.starts_with("[[")
            || line
                .strip_prefix('[')
                .is_some_and(|rest| rest.starts_with(is_bare));
        // Entries of the lists here are in quotes.
        let entry = line.starts_with(is_bare);
        let ends = match self.open.last() {
            None => false,
            Some((Bracket::List, _)) => header || entry,
            Some((Bracket::Table, _)) => header || !goes_on,
        };
        if ends {
            self.open.clear();
        }
    }

    /// A header or a key with its value.
    fn entry(&mut self) -> Result<(), End> {
        self.gap()?;
        match self.peek() {
            Some('[') if self.open.is_empty() => return self.header(),
            Some('}') if !self.open.is_empty() => return self.after_value(),
            _ => {}
        }
        let base = self.open.last().map_or(&self.header, |(_, path)| path);
        let path = self.names(base.clone(), Kind::Key)?;
        if self.peek() != Some('=') {
            self.take(|c| !matches!(c, '\n' | ',' | '}'));
            if self.peek() == Some(',') {
                self.skip();
            }
            return Ok(());
        }
        self.skip();
        self.known.keys.insert(path.clone());
        self.value(path)
    }

    fn header(&mut self) -> Result<(), End> {
        self.skip();
        let list = self.peek() == Some('[');
        let kind = if list { Kind::ListHeader } else { Kind::Header };
        if list {
            self.skip();
        }
        let names = self.names(Path::new(), kind)?;
        self.take(|c| c != '\n');
        if self.peek().is_none() {
            return Err(End(None));
        }
        // A table below an array's belongs to the last one of it.
        let mut path = Path::new();
        let last = names.len();
        for (place, name) in names.into_iter().enumerate() {
            path.push(name);
            if list && place + 1 == last {
                *self.lists.entry(path.clone()).or_default() += 1;
            }
            if let Some(number) = self.lists.get(&path) {
                path.push(number.to_string());
            }
        }
        self.known.keys.insert(path.clone());
        self.header = path;
        Ok(())
    }

    /// Names with dots between them, behind `path`.
    fn names(&mut self, mut path: Path, kind: Kind) -> Result<Path, End> {
        loop {
            self.blanks();
            let quote = self.peek().filter(|c| matches!(c, '"' | '\''));
            if quote.is_some() {
                self.skip();
            }
            let from = self.at;
            let name = match quote {
                Some(quote) => self.take(|c| c != quote && c != '\n'),
                None => self.take(is_bare),
            };
            if self.peek().is_none() {
                return Err(End(Some(Place {
                    kind,
                    path,
                    from,
                    quote,
                })));
            }
            if quote.is_some() && self.peek() == quote {
                self.skip();
            }
            if !name.is_empty() {
                path.push(name);
            }
            if path.len() > DEEPEST {
                return Err(End(None));
            }
            self.blanks();
            match self.peek() {
                None => return Err(End(None)),
                Some('.') => self.skip(),
                Some(_) => return Ok(path),
            }
        }
    }

    fn value(&mut self, path: Path) -> Result<(), End> {
        match self.open.last() {
            Some((Bracket::List, _)) => {
                self.gap()?;
                if self.open.is_empty() {
                    return Ok(()); // The list was not finished, and something else begins.
                }
            }
            _ => self.blanks(),
        }
        let place = |from, quote| Place {
            kind: Kind::Value,
            path: path.clone(),
            from,
            quote,
        };
        match self.peek() {
            None => Err(End(Some(place(self.at, None)))),
            Some(quote @ ('"' | '\'')) => {
                let from = self.at + 1;
                match self.string(quote)? {
                    Some(text) => self.known.texts.push((path, text)),
                    None if self.peek().is_none() => {
                        return Err(End(Some(place(from, Some(quote)))));
                    }
                    None => return Ok(()), // It ends with its line.
                }
                self.after_value()
            }
            Some('[' | '{') if self.open.len() == DEEPEST => Err(End(None)),
            Some('[') => {
                self.skip();
                let mut path = path;
                path.push(ENTRY.to_owned());
                self.open.push((Bracket::List, path));
                Ok(())
            }
            Some('{') => {
                self.skip();
                self.open.push((Bracket::Table, path));
                Ok(())
            }
            Some('\n' | '#' | ',' | ']' | '}') => self.after_value(),
            Some(_) => {
                let from = self.at;
                self.take(|c| !c.is_whitespace() && !",]}#".contains(c));
                if self.peek().is_none() {
                    return Err(End(Some(place(from, None))));
                }
                self.after_value()
            }
        }
    }

    /// A text in quotes; none where it has no end on its line. Nothing is offered within several
    /// lines of text.
    fn string(&mut self, quote: char) -> Result<Option<String>, End> {
        let long: String = std::iter::repeat_n(quote, 3).collect();
        if self.rest().starts_with(&long) {
            self.at += 3;
            let end = self.rest().find(&long).ok_or(End(None))?;
            let text = self.rest().get(..end).unwrap_or_default().to_owned();
            self.at += end + 3;
            return Ok(Some(text));
        }
        self.skip();
        let mut text = String::new();
        while let Some(next) = self.peek() {
            match next {
                '\n' => return Ok(None),
                '\\' if quote == '"' => {
                    self.skip();
                    text.extend(self.peek());
                    self.skip();
                }
                next => {
                    self.skip();
                    if next == quote {
                        return Ok(Some(text));
                    }
                    text.push(next);
                }
            }
        }
        Ok(None)
    }

    /// Up to where the next key or value may stand.
    fn after_value(&mut self) -> Result<(), End> {
        loop {
            match self.open.last() {
                Some((Bracket::List, _)) => self.gap()?,
                _ => self.blanks(),
            }
            match (self.peek(), self.open.last()) {
                (None, _) => return Err(End(None)),
                (Some(','), _) => {
                    self.skip();
                    return Ok(());
                }
                (Some(']'), Some((Bracket::List, _))) | (Some('}'), Some((Bracket::Table, _))) => {
                    self.skip();
                    self.open.pop();
                }
                (Some(_), _) => return Ok(()),
            }
        }
    }
}

/// What a name without quotes is made of.
pub(super) fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
