//! What stands in strings: of scripts, and of JSON in scripts and attributes.

use std::ops::Range;

use crate::wire::json::{Event, Reader};

use super::mark::{Mark, Marks};
use super::{Context, Inside, Literal, Unsafe, contexts, is_fragment, tree, url};

/// The contexts of the marks in a string whose meant text is given. A mark that is not found in it
/// was part of an escape.
pub(super) fn inside(
    marks: &Marks<'_>,
    kind: Literal,
    text: &str,
    level: usize,
) -> Vec<(usize, Context)> {
    let context = |inside: Result<Inside, Unsafe>| match inside {
        Ok(inside) => Context::Literal { kind, inside },
        Err(why) => Context::Nowhere(why),
    };
    if is_json(text) {
        if level >= super::DEEPEST {
            return nowhere(marks, text, Unsafe::Ambiguous);
        }
        let found = json(marks, text, level + 1).into_iter();
        return found
            .map(|(index, found)| (index, context(nest(found))))
            .collect();
    }
    let found = marks.find(text);
    let insides: Vec<Result<Inside, Unsafe>> = if is_fragment(text) {
        markup(text, &found, level)
    } else if url::looks_like(text) {
        let parts = url::parts(text, &found).into_iter();
        parts.map(|part| part.map(Inside::Url)).collect()
    } else {
        vec![Ok(Inside::Plain); found.len()]
    };
    let indexes = found.iter().map(|mark| mark.index);
    indexes.zip(insides.into_iter().map(context)).collect()
}

fn markup(text: &str, found: &[Mark], level: usize) -> Vec<Result<Inside, Unsafe>> {
    let ranges: Vec<Range<usize>> = found.iter().map(|mark| mark.range.clone()).collect();
    let contexts = contexts(text, &ranges, tree::Kind::Fragment, level + 1).into_iter();
    contexts.map(nest).collect()
}

fn nest(context: Context) -> Result<Inside, Unsafe> {
    match context {
        Context::Nowhere(why) => Err(why),
        context => Ok(Inside::Nested(Box::new(context))),
    }
}

/// The contexts of the marks in a JSON text. In a script it may stand in an HTML comment, as some
/// servers write it for browsers that know no scripts.
pub(super) fn json(marks: &Marks<'_>, text: &str, level: usize) -> Vec<(usize, Context)> {
    let text = text.trim();
    let comment = text.strip_prefix("<!--");
    let bare = comment.and_then(|text| text.strip_suffix("-->"));
    let source = bare.unwrap_or(text);
    let mut found = Vec::new();
    let mut reader = Reader::new(source, DEEPEST);
    loop {
        match reader.next() {
            Ok(Event::String(string)) if marks.is_in(string.raw) => {
                found.extend(inside(marks, Literal::Json, &string.value(), level));
            }
            Ok(Event::End) => return found,
            Ok(_) => (),
            // It is not the JSON that it should be: then no string of it is known to be one.
            Err(_) => return nowhere(marks, source, Unsafe::Script),
        }
    }
}

/// No context for any mark of a text.
pub(super) fn nowhere(marks: &Marks<'_>, text: &str, why: Unsafe) -> Vec<(usize, Context)> {
    let found = marks.find(text).into_iter();
    found
        .map(|mark| (mark.index, Context::Nowhere(why)))
        .collect()
}

/// Whether a text may be an object or an array of JSON.
pub(super) fn begins_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Whether a text is an object or an array of JSON.
pub(super) fn is_json(text: &str) -> bool {
    if !begins_json(text) {
        return false;
    }
    let mut reader = Reader::new(text.trim(), DEEPEST);
    loop {
        match reader.next() {
            Ok(Event::End) => return true,
            Ok(_) => (),
            Err(_) => return false,
        }
    }
}

/// How deep JSON may nest.
const DEEPEST: usize = 64;
