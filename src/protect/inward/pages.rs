//! Answers of a CRM that its policy describes: tokens in pages, JSON, tables and text become values,
//! each encoded for the place where it stands.
//!
//! The CRM never escaped these values: it had tokens. So nothing is written that its place does not
//! make harmless; where no encoding does, the token stays.

use std::ops::Range;

use zeroize::Zeroizing;

use super::reveal::{Opener, Revealed, StoredValue};
use super::view::Viewer;
use crate::protect::{Found, Kind};
use crate::wire::json::{Event, Reader, encode_fragment_into, encode_into};
use crate::wire::{Error, csv, html};

/// How an answer is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    Html,
    /// `html`: strings with tags in them are HTML.
    Json {
        html: bool,
    },
    /// `guard`: cells that a spreadsheet would compute get an apostrophe.
    Csv {
        guard: bool,
    },
    Text,
}

/// How deep a JSON answer may be.
const DEEPEST: usize = 256;

/// An answer with the tokens that stand in it.
pub struct Page<'a> {
    text: &'a str,
    found: &'a [Found],
    form: Form,
    /// The rows to ask the vault for, each once.
    pub rows: Vec<u64>,
    /// For each token its position in `rows`.
    at: Vec<usize>,
}

impl<'a> Page<'a> {
    #[must_use]
    pub fn new(text: &'a str, found: &'a [Found], form: Form) -> Self {
        let mut rows: Vec<u64> = found.iter().map(|found| found.row).collect();
        rows.sort_unstable();
        rows.dedup();
        let at = found.iter().map(|found| rows.binary_search(&found.row));
        let at = at.map(|at| at.unwrap_or(usize::MAX)).collect();
        Self {
            text,
            found,
            form,
            rows,
            at,
        }
    }

    /// Writes the answer. `values` answers [`Page::rows`] in order.
    ///
    /// # Errors
    /// When JSON or CSV does not have its form.
    pub fn reveal<'p>(
        &self,
        viewer: (&Viewer<'p>, &'p str),
        values: &[Option<StoredValue<'_>>],
    ) -> Result<Revealed<'p>, Error> {
        let mut opener = Opener::new(viewer);
        let body = match self.form {
            Form::Html => {
                let ranges = self.ranges();
                let contexts = html::document(self.text, &ranges);
                self.places(&mut opener, values, |at, value| {
                    written(contexts.get(at)?, value)
                })
            }
            Form::Text => self.places(&mut opener, values, |_, value| {
                // A value of several lines could say what the text's own lines say.
                html::is_inert(value)
                    .then(|| value.replace(|c: char| c.is_control() && c != '\t', " "))
            }),
            Form::Csv { guard } => self.csv(&mut opener, values, guard)?,
            Form::Json { html } => self.json(&mut opener, values, html)?,
        };
        Ok(opener.done(body))
    }

    fn ranges(&self) -> Vec<Range<usize>> {
        self.found.iter().map(|found| found.range.clone()).collect()
    }

    /// The value of a token that this viewer may see.
    fn value<'v>(
        &self,
        opener: &mut Opener<'_, 'v>,
        values: &[Option<StoredValue<'v>>],
        at: usize,
    ) -> Option<super::reveal::Opened<'v>> {
        let found = self.found.get(at)?;
        let value = values.get(*self.at.get(at)?)?.as_ref()?;
        let body = match &found.kind {
            Kind::Sealed { body } => Some(self.text.as_bytes().get(body.clone())?),
            Kind::Plain | Kind::Address => None,
        };
        opener.open(value, body)
    }

    /// Copies the text and writes each value as `encode` says; none leaves the token.
    fn places<'v>(
        &self,
        opener: &mut Opener<'_, 'v>,
        values: &[Option<StoredValue<'v>>],
        encode: impl Fn(usize, &str) -> Option<String>,
    ) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(self.text.len() + self.text.len() / 8));
        let mut done = 0;
        for (at, found) in self.found.iter().enumerate() {
            let opened = self.value(opener, values, at);
            let written = opened
                .as_ref()
                .and_then(|opened| Some((opened, Zeroizing::new(encode(at, opened.text())?))));
            let Some((opened, written)) = written else {
                opener.masked += 1;
                continue;
            };
            self.copy(&mut out, done..found.range.start);
            out.extend_from_slice(written.as_bytes());
            done = found.range.end;
            opener.count(opened);
        }
        self.copy(&mut out, done..self.text.len());
        out
    }

    fn copy(&self, out: &mut Vec<u8>, range: Range<usize>) {
        out.extend_from_slice(self.text.as_bytes().get(range).unwrap_or_default());
    }

    fn csv<'v>(
        &self,
        opener: &mut Opener<'_, 'v>,
        values: &[Option<StoredValue<'v>>],
        guard: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let delimiter = csv::Delimiter::guess(self.text).unwrap_or(csv::Delimiter::Comma);
        let cells = csv::parse(self.text, delimiter, &csv::Limits::default())?;
        let mut opened = Vec::new();
        for (at, found) in self.found.iter().enumerate() {
            match self.value(opener, values, at) {
                Some(value) => opened.push((found.range.clone(), value)),
                None => opener.masked += 1,
            }
        }
        let places: Vec<(Range<usize>, &str)> = opened
            .iter()
            .map(|(range, value)| (range.clone(), value.text()))
            .collect();
        let guard = match guard {
            true => csv::Guard::Apostrophe,
            false => csv::Guard::Off,
        };
        let text = csv::replace(self.text, &cells, &places, delimiter, guard)?;
        for (_, value) in &opened {
            opener.count(value);
        }
        Ok(Zeroizing::new(text.into_bytes()))
    }

    /// Strings are rewritten one by one; keys keep their tokens.
    fn json<'v>(
        &self,
        opener: &mut Opener<'_, 'v>,
        values: &[Option<StoredValue<'v>>],
        html: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut out = Zeroizing::new(Vec::with_capacity(self.text.len() + self.text.len() / 8));
        let mut reader = Reader::new(self.text, DEEPEST);
        let (mut done, mut next) = (0, 0);
        loop {
            let text = match reader.next()? {
                Event::End => break,
                Event::String(text) => text,
                _ => continue,
            };
            // Tokens that stand before the string stand in a key.
            while self
                .start(next)
                .is_some_and(|start| start < text.span.start)
            {
                opener.masked += 1;
                next += 1;
            }
            let first = next;
            while self.start(next).is_some_and(|start| start < text.span.end) {
                next += 1;
            }
            if first == next {
                continue;
            }
            self.copy(&mut out, done..text.span.start);
            done = text.span.end;
            let plain = text.value();
            if html && html::is_fragment(&plain) {
                let page = self.inside(&plain, first..next);
                let ranges: Vec<Range<usize>> =
                    page.iter().map(|(_, range)| range.clone()).collect();
                let contexts = html::fragment(&plain, &ranges);
                let mut written = Zeroizing::new(String::with_capacity(plain.len()));
                let mut from = 0;
                for ((at, range), context) in page.iter().zip(&contexts) {
                    let Some(opened) = self.value(opener, values, *at) else {
                        opener.masked += 1;
                        continue;
                    };
                    written.push_str(plain.get(from..range.start).unwrap_or_default());
                    from = range.end;
                    match self::written(context, opened.text()).map(Zeroizing::new) {
                        Some(value) => {
                            written.push_str(&value);
                            opener.count(&opened);
                        }
                        None => {
                            opener.masked += 1;
                            written.push_str(plain.get(range.clone()).unwrap_or_default());
                        }
                    }
                }
                written.push_str(plain.get(from..).unwrap_or_default());
                encode_into(&mut out, &written);
                continue;
            }
            let mut from = text.span.start;
            // What a script asks for would tell the CRM, or somebody else.
            let path = html::is_path(&plain);
            for at in first..next {
                let Some(found) = self.found.get(at).filter(|_| !path) else {
                    opener.masked += 1;
                    continue;
                };
                // A script that made markup of the string made it of a token.
                let opened = self.value(opener, values, at);
                let Some(opened) = opened.filter(|opened| html::is_inert(opened.text())) else {
                    opener.masked += 1;
                    continue;
                };
                self.copy(&mut out, from..found.range.start);
                encode_fragment_into(&mut out, opened.text());
                from = found.range.end;
                opener.count(&opened);
            }
            self.copy(&mut out, from..text.span.end);
        }
        self.copy(&mut out, done..self.text.len());
        Ok(out)
    }

    fn start(&self, at: usize) -> Option<usize> {
        self.found.get(at).map(|found| found.range.start)
    }

    /// Where the tokens of a JSON string stand in its unescaped text. A token has no character that
    /// JSON escapes, so each is found in the order in which it was found before; one whose domain
    /// was escaped is found by its first letters.
    fn inside(&self, plain: &str, tokens: Range<usize>) -> Vec<(usize, Range<usize>)> {
        let mut from = 0;
        let mut inside = Vec::new();
        for at in tokens {
            let raw = self.found.get(at).map(|found| found.range.clone());
            let Some(raw) = raw.and_then(|range| self.text.get(range)) else {
                continue;
            };
            let whole = raw.replace("\\u0040", "@");
            let place = plain.get(from..).and_then(|rest| rest.find(&whole));
            if let Some(place) = place {
                let range = from + place..from + place + whole.len();
                from = range.end;
                inside.push((at, range));
            }
        }
        inside
    }
}

/// A value as text of its place in a page; none where the place, a script that reads it, or a
/// framework that looks for expressions in a page's text could make more of it than text.
fn written(context: &html::Context, value: &str) -> Option<String> {
    let read_by_scripts = matches!(
        context,
        html::Context::Data { .. } | html::Context::Literal { .. }
    );
    if value.contains("{{") || read_by_scripts && !html::is_inert(value) {
        return None;
    }
    let mut out = String::new();
    html::encode(context, value, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::written;
    use crate::wire::html::{Context, Quote};

    #[test]
    fn what_a_script_or_a_framework_could_make_more_of_keeps_its_token() {
        let data = Context::Data {
            quote: Quote::Double,
        };
        for (context, value, text) in [
            (&Context::Text, "<b>", Some("&lt;b&gt;")),
            (&Context::Text, "{{constructor}}", None),
            (&data, "Zoë & Co", Some("Zoë &amp; Co")),
            (&data, "<img src=x onerror=alert(1)>", None),
            (&data, " JavaScript:alert(1)", None),
        ] {
            assert_eq!(written(context, value).as_deref(), text, "{value}");
        }
    }
}
