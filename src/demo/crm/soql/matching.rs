//! When a value meets a condition, and which of two values comes first.

use std::cmp::Ordering;
use std::collections::HashSet;

use jiff::ToSpan;
use serde_json::Value;

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::schema::Kind;
use crate::demo::crm::soql::dates;
use crate::demo::crm::soql::lex::{Piece, Text};
use crate::demo::crm::soql::plan::{Function, Path};
use crate::demo::crm::soql::written::{Literal, Sign};
use crate::demo::crm::{id, moment};

pub enum Test {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Source, Sign, Wanted),
    In(Source, bool, Vec<Wanted>),
    /// In (or, when the flag is set, not in) what a subquery found.
    InSet(Source, bool, HashSet<String>),
}

/// Where a compared value comes from.
#[derive(Clone)]
pub enum Source {
    Path(Path),
    Aggregate(Function, Path),
}

/// A literal, in the form of the values that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    Null,
    Flag(bool),
    Number(f64),
    /// In lower case.
    Text(String),
    Pattern(Vec<Piece>),
    /// From the first text up to but not including the second, which sort as the moments do.
    Span(String, String),
}

impl Source {
    fn kind(&self) -> Kind {
        match self {
            Self::Path(path) => path.kind,
            Self::Aggregate(Function::Minimum | Function::Maximum, path) => path.kind,
            Self::Aggregate(..) => Kind::Double,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Path(path) | Self::Aggregate(_, path) => &path.name,
        }
    }
}

pub fn holds(test: &Test, lookup: &dyn Fn(&Source) -> Value) -> bool {
    match test {
        Test::All(tests) => tests.iter().all(|test| holds(test, lookup)),
        Test::Any(tests) => tests.iter().any(|test| holds(test, lookup)),
        Test::Not(test) => !holds(test, lookup),
        Test::Compare(source, sign, wanted) => compare(&lookup(source), *sign, wanted),
        Test::In(source, negated, list) => {
            let value = lookup(source);
            let found = list.iter().any(|w| compare(&value, Sign::Equal, w));
            found != *negated
        }
        Test::InSet(source, negated, set) => {
            let value = lookup(source);
            let found = folded(&value).is_some_and(|value| set.contains(&value));
            found != *negated
        }
    }
}

/// The order of two values that are not null; text without regard to case.
pub fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            left.to_lowercase().cmp(&right.to_lowercase())
        }
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => {
            let pair = (left.as_f64(), right.as_f64());
            pair.0.partial_cmp(&pair.1).unwrap_or(Ordering::Equal)
        }
        _ => Ordering::Equal,
    }
}

/// A value as the key of a set.
pub fn folded(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.to_lowercase()),
        other => Some(other.to_string()),
    }
}

/// The literal as something to compare the source's values with.
///
/// # Errors
/// When the literal's type does not fit the field's.
pub fn wanted(now: i64, source: &Source, sign: Sign, literal: &Literal) -> Outcome<Wanted> {
    let kind = source.kind();
    let name = source.name();
    if sign == Sign::Like {
        return match literal {
            Literal::Text(text) if kind.is_text() => Ok(Wanted::Pattern(lower(text))),
            _ => Err(Fault::bad(
                "INVALID_QUERY_FILTER_OPERATOR",
                format!("invalid operator on {} field", kind.name()),
            )),
        };
    }
    if *literal == Literal::Null {
        return Ok(Wanted::Null);
    }
    let converted = match kind {
        Kind::Boolean => match literal {
            Literal::Flag(flag) => Some(Wanted::Flag(*flag)),
            _ => None,
        },
        Kind::Int | Kind::Double | Kind::Currency | Kind::Percent => match literal {
            Literal::Number(number) => Some(Wanted::Number(*number)),
            _ => None,
        },
        Kind::Date => day_span(now, literal),
        Kind::Datetime => instant(now, literal),
        Kind::Id | Kind::Reference => match literal {
            Literal::Text(text) if text.plain.is_empty() => Some(Wanted::Null),
            Literal::Text(text) => {
                let id = id::canonical(&text.plain).ok_or_else(|| {
                    let message = format!("invalid ID field: {}", text.plain);
                    Fault::bad("INVALID_QUERY_FILTER_OPERATOR", message)
                })?;
                Some(Wanted::Text(id.to_lowercase()))
            }
            _ => None,
        },
        _ => match literal {
            Literal::Text(text) if text.plain.is_empty() => Some(Wanted::Null),
            Literal::Text(text) => Some(Wanted::Text(text.plain.to_lowercase())),
            _ => None,
        },
    };
    converted.ok_or_else(|| {
        let quotes = if kind.is_text() || kind.is_id() {
            "should be enclosed in quotes"
        } else {
            "should not be enclosed in quotes"
        };
        let shown = match kind {
            kind if kind.is_id() => "ID",
            kind if kind.is_text() => "string",
            Kind::Datetime => "dateTime",
            Kind::Currency | Kind::Percent => "double",
            kind => kind.name(),
        };
        let message = format!(
            "value of filter criterion for field '{name}' must be of type {shown} and {quotes}"
        );
        Fault::bad("INVALID_FIELD", message)
    })
}

fn compare(value: &Value, sign: Sign, wanted: &Wanted) -> bool {
    match (value, wanted) {
        (Value::Null, Wanted::Null) => sign == Sign::Equal,
        (Value::Null, _) | (_, Wanted::Null) => sign == Sign::NotEqual,
        (Value::String(text), Wanted::Pattern(pattern)) => {
            let chars: Vec<char> = text.to_lowercase().chars().collect();
            like(&chars, pattern)
        }
        (Value::String(text), Wanted::Text(wanted)) => {
            meets(text.to_lowercase().as_str().cmp(wanted), sign)
        }
        (Value::String(text), Wanted::Span(first, end)) => {
            let place = if text < first {
                Ordering::Less
            } else if text < end {
                Ordering::Equal
            } else {
                Ordering::Greater
            };
            meets(place, sign)
        }
        (Value::Bool(flag), Wanted::Flag(wanted)) => meets(flag.cmp(wanted), sign),
        (Value::Number(number), Wanted::Number(wanted)) => {
            let order = number.as_f64().and_then(|n| n.partial_cmp(wanted));
            order.is_some_and(|order| meets(order, sign))
        }
        _ => false,
    }
}

fn meets(order: Ordering, sign: Sign) -> bool {
    match sign {
        Sign::Equal => order.is_eq(),
        Sign::NotEqual => order.is_ne(),
        Sign::Less => order.is_lt(),
        Sign::LessOrEqual => order.is_le(),
        Sign::Greater => order.is_gt(),
        Sign::GreaterOrEqual => order.is_ge(),
        Sign::Like => false,
    }
}

/// Matches with the one place to go back to that patterns without alternatives need, so the work
/// is at most the text's length times the pattern's.
fn like(text: &[char], pattern: &[Piece]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        let fits = match pattern.get(piece) {
            Some(Piece::AnyMany) => {
                back = Some((piece + 1, at));
                piece += 1;
                continue;
            }
            Some(Piece::AnyOne) => true,
            Some(Piece::One(c)) => text.get(at) == Some(c),
            None => false,
        };
        if fits {
            at += 1;
            piece += 1;
        } else if let Some((after, from)) = back {
            back = Some((after, from + 1));
            at = from + 1;
            piece = after;
        } else {
            return false;
        }
    }
    let rest = pattern.get(piece..).unwrap_or_default();
    rest.iter().all(|piece| *piece == Piece::AnyMany)
}

fn lower(text: &Text) -> Vec<Piece> {
    let pieces = text.pattern.iter().flat_map(|piece| match piece {
        Piece::One(c) => c.to_lowercase().map(Piece::One).collect(),
        other => vec![*other],
    });
    pieces.collect()
}

fn day_span(now: i64, literal: &Literal) -> Option<Wanted> {
    let days = match literal {
        Literal::Date(text) => {
            let first = moment::parse_date(text)?;
            let end = first.checked_add(1.day()).ok()?;
            dates::Days { first, end }
        }
        Literal::Named(name) => dates::days(name, moment::date(now))?,
        _ => return None,
    };
    Some(Wanted::Span(days.first.to_string(), days.end.to_string()))
}

fn instant(now: i64, literal: &Literal) -> Option<Wanted> {
    match literal {
        Literal::Datetime(text) => {
            let at = moment::parse_datetime(text)?;
            let end = moment::datetime(at.checked_add(1)?);
            Some(Wanted::Span(moment::datetime(at), end))
        }
        Literal::Named(name) => {
            let days = dates::days(name, moment::date(now))?;
            let midnight = |day: jiff::civil::Date| format!("{day}T00:00:00.000+0000");
            Some(Wanted::Span(midnight(days.first), midnight(days.end)))
        }
        _ => None,
    }
}
