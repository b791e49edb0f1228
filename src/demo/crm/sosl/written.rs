//! A search taken apart. What it returns stays text of SOQL, which that reader knows.

use crate::demo::crm::fault::Outcome;
use crate::demo::crm::sosl::expression::{Expression, malformed, parse as parse_expression};

pub struct Search {
    pub find: Expression,
    /// In upper case.
    pub group: String,
    pub returning: Vec<Returning>,
    pub limit: Option<usize>,
}

pub struct Returning {
    pub object: String,
    /// `Id, Name`, or nothing.
    pub fields: String,
    /// The text behind `WHERE`.
    pub condition: Option<String>,
    /// `ORDER BY … LIMIT … OFFSET …`, or nothing.
    pub tail: String,
}

/// # Errors
/// MALFORMED_SEARCH when it is no search.
pub fn parse(text: &str) -> Outcome<Search> {
    let text = text.trim();
    let rest = keyword(text, "FIND").ok_or_else(|| malformed("expecting FIND"))?;
    let inner = rest.strip_prefix('{');
    let inner = inner.ok_or_else(|| malformed("No search term found"))?;
    let end = closing(inner, '}').ok_or_else(|| malformed("expecting a right brace"))?;
    let find = parse_expression(inner.get(..end).unwrap_or_default())?;
    let mut rest = inner.get(end + 1..).unwrap_or_default().trim_start();
    let mut group = "ALL".to_owned();
    if let Some(after) = keyword(rest, "IN") {
        let (name, after) = word(after);
        group = name.to_uppercase();
        rest = keyword(after, "FIELDS").ok_or_else(|| malformed("expecting FIELDS"))?;
    }
    let mut returning = Vec::new();
    if let Some(mut after) = keyword(rest, "RETURNING") {
        loop {
            let (one, left) = returned(after)?;
            returning.push(one);
            match left.strip_prefix(',') {
                Some(left) => after = left.trim_start(),
                None => {
                    rest = left;
                    break;
                }
            }
        }
    }
    while let Some(after) = keyword(rest, "WITH") {
        rest = with(after)?;
    }
    let mut limit = None;
    if let Some(after) = keyword(rest, "LIMIT") {
        let (number, after) = word(after);
        limit = Some(
            number
                .parse()
                .map_err(|_| malformed("expecting a number"))?,
        );
        rest = after;
    }
    if let Some(after) = keyword(rest, "UPDATE") {
        rest = after.trim_end_matches(|c: char| c.is_ascii_alphabetic() || ", ".contains(c));
    }
    match rest.trim() {
        "" => Ok(Search {
            find,
            group,
            returning,
            limit,
        }),
        _ => Err(malformed("unexpected token at the end of the search")),
    }
}

fn returned(text: &str) -> Outcome<(Returning, &str)> {
    let (object, rest) = word(text);
    if object.is_empty() {
        return Err(malformed("expecting an object"));
    }
    let mut one = Returning {
        object: object.to_owned(),
        fields: String::new(),
        condition: None,
        tail: String::new(),
    };
    let Some(inner) = rest.strip_prefix('(') else {
        return Ok((one, rest));
    };
    let end = closing(inner, ')').ok_or_else(|| malformed("expecting a right parenthesis"))?;
    let (inside, rest) = inner.split_at(end);
    let tail = clause(inside, &["ORDER", "LIMIT", "OFFSET"]).unwrap_or(inside.len());
    let (head, tail) = inside.split_at(tail);
    one.tail = tail.to_owned();
    match clause(head, &["WHERE"]) {
        Some(at) => {
            let (fields, condition) = head.split_at(at);
            one.fields = fields.trim().to_owned();
            one.condition = condition.get("WHERE".len()..).map(str::to_owned);
        }
        None => one.fields = head.trim().to_owned(),
    }
    Ok((one, rest.strip_prefix(')').unwrap_or(rest).trim_start()))
}

fn with(text: &str) -> Outcome<&str> {
    for (name, value) in [("SPELL_CORRECTION", true), ("HIGHLIGHT", false)] {
        if let Some(rest) = keyword(text, name) {
            return Ok(match rest.strip_prefix('=').filter(|_| value) {
                Some(rest) => word(rest.trim_start()).1,
                None => rest,
            });
        }
    }
    Err(malformed("this WITH clause is beyond the stand-in"))
}

/// What follows a keyword, if the text begins with it.
fn keyword<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (found, rest) = word(text);
    found.eq_ignore_ascii_case(name).then_some(rest)
}

/// The word that a text begins with, and what follows.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word, rest.trim_start())
}

/// Where the bracket that is open closes, outside of quotes and of others.
fn closing(text: &str, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    each(text, |at, c| match c {
        c if c == close && depth == 0 => Some(at),
        '(' if close == ')' => {
            depth += 1;
            None
        }
        ')' if close == ')' => {
            depth -= 1;
            None
        }
        _ => None,
    })
}

/// Where the first of the clauses begins, outside of quotes and parentheses.
fn clause(text: &str, names: &[&str]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    each(text, |at, c| {
        let starts = !before.is_ascii_alphanumeric() && before != '_' && before != '.';
        before = c;
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let (found, _) = word(text.get(at..).unwrap_or_default());
        let named = names.iter().any(|name| found.eq_ignore_ascii_case(name));
        (starts && depth == 0 && named).then_some(at)
    })
}

/// The first answer for a character outside of quotes; a backslash takes the next one with it.
fn each<T>(text: &str, mut ask: impl FnMut(usize, char) -> Option<T>) -> Option<T> {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (_, '\\') => {
                chars.next();
            }
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, c) => {
                if let Some(found) = ask(at, c) {
                    return Some(found);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_taken_apart() {
        let search = parse(
            "find {aa OR \"b } c\"} in name fields returning Contact(Id, Name where a = 'x, )' \
             order by Name limit 2), Lead limit 5",
        )
        .expect("a search");
        assert_eq!(search.group, "NAME");
        assert_eq!(search.limit, Some(5));
        let [contact, lead] = search.returning.as_slice() else {
            panic!("two objects");
        };
        assert_eq!(contact.fields, "Id, Name");
        assert_eq!(contact.condition.as_deref(), Some(" a = 'x, )' "));
        assert_eq!(contact.tail, "order by Name limit 2");
        assert_eq!((lead.object.as_str(), lead.fields.as_str()), ("Lead", ""));
        for text in [
            "",
            "FIND",
            "FIND {",
            "FIND {a",
            "FIND {ab} x",
            "FIND {ab} RETURNING",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
