//! Inline scripts: which marks stand in strings.

mod scan;
mod text;

use html5ever::Attribute;

use super::mark::Marks;
use super::{Context, Literal, Unsafe, literal};
use scan::{Piece, Scan};

/// What a `script` element holds (HTML, section 4.12.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Json,
}

impl Kind {
    /// `None` for what no browser runs and is no JSON, such as templates.
    pub fn of(attributes: &[Attribute]) -> Option<Self> {
        let find = |name: &str| {
            let mut all = attributes.iter();
            let found = all.find(|one| &*one.name.local == name)?;
            Some(found.value.trim_matches([' ', '\t', '\n', '\x0c', '\r']))
        };
        let kind = match (find("type"), find("language")) {
            (Some(kind), _) => kind.to_ascii_lowercase(),
            (None, None) => return Some(Self::Code),
            (None, Some(language)) => format!("text/{}", language.to_ascii_lowercase()),
        };
        let essence = kind.split(';').next().unwrap_or_default().trim_end();
        let json = [
            "application/json",
            "text/json",
            "importmap",
            "speculationrules",
        ];
        let code = [
            "",
            "module",
            "text/",
            "text/javascript",
            "application/javascript",
            "application/x-javascript",
            "text/ecmascript",
            "application/ecmascript",
        ];
        if json.contains(&essence) || essence.ends_with("+json") {
            return Some(Self::Json);
        }
        code.contains(&essence).then_some(Self::Code)
    }
}

/// The contexts of the marks in a script element's text.
pub(super) fn contexts(
    marks: &Marks<'_>,
    text: &str,
    kind: Option<Kind>,
    level: usize,
) -> Vec<(usize, Context)> {
    if !marks.is_in(text) {
        return vec![];
    }
    match kind {
        Some(Kind::Code) => code(marks, text, level),
        Some(Kind::Json) => literal::json(marks, text, level),
        None => literal::nowhere(marks, text, Unsafe::Script),
    }
}

/// The contexts of the marks in JavaScript: those outside of strings have none.
pub(super) fn code(marks: &Marks<'_>, text: &str, level: usize) -> Vec<(usize, Context)> {
    let mut found = Vec::new();
    // HTML comments comment out lines of JavaScript (ECMAScript, annex B.1.1), and within them
    // `<script` changes where a script element ends.
    if text.contains("<!--") || text.contains("-->") {
        return literal::nowhere(marks, text, Unsafe::Script);
    }
    for piece in Scan::new(text) {
        match piece {
            Piece::String { kind, raw } if marks.is_in(raw) => {
                let starts = marks.find(raw).into_iter().map(|mark| mark.range.start);
                found.extend(match text::meant(raw, kind, starts) {
                    Some(meant) => literal::inside(marks, kind, &meant, level),
                    None => literal::nowhere(marks, raw, Unsafe::Unfinished),
                });
            }
            Piece::String { .. } => (),
            Piece::Other(text) => found.extend(literal::nowhere(marks, text, Unsafe::Script)),
        }
    }
    found
}

impl Literal {
    /// The string that a quote opens.
    fn opened_by(quote: u8) -> Option<Self> {
        match quote {
            b'"' => Some(Self::Double),
            b'\'' => Some(Self::Single),
            b'`' => Some(Self::Template),
            _ => None,
        }
    }
}
