//! Literals, and among them the texts in quotes with their escapes.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Literal, Piece, Value};
use crate::dialect::salesforce::soql::cursor::Cursor;
use crate::dialect::salesforce::soql::plain::plain;
use crate::model::Personal;

impl<'t> Cursor<'t> {
    /// Literals in parentheses.
    pub(super) fn literals(&mut self) -> Result<Vec<Literal>, Error> {
        self.refuse_bind()?;
        self.expect_mark(b'(', "a list in parentheses was expected")?;
        let literals = self.list(Self::literal)?;
        self.expect_mark(b')', ") or a comma was expected in the list")?;
        Ok(literals)
    }

    /// One literal of any kind but a pattern.
    pub(in crate::dialect::salesforce) fn literal(&mut self) -> Result<Literal, Error> {
        self.refuse_bind()?;
        self.count_part()?;
        let (value, length) = if self.first() == Some(b'\'') {
            let (pieces, length) = self.quoted(false)?;
            (Value::Text(only_text(pieces)), length)
        } else {
            let run = self.run();
            let Some(value) = plain(run) else {
                return self.refuse("a literal was expected");
            };
            (value, run.len())
        };
        let span = self.step(length);
        Ok(Literal { span, value })
    }

    /// The text on the right of `LIKE`.
    pub(super) fn pattern(&mut self) -> Result<Literal, Error> {
        self.refuse_bind()?;
        self.count_part()?;
        if self.first() != Some(b'\'') {
            return self.refuse("a text in quotes was expected behind LIKE");
        }
        let (pieces, length) = self.quoted(true)?;
        let span = self.step(length);
        let value = Value::Pattern(pieces);
        Ok(Literal { span, value })
    }

    pub(super) fn refuse_bind(&self) -> Result<(), Error> {
        if self.first() == Some(b':') {
            return self.refuse("a bind variable is not part of a query over the API");
        }
        Ok(())
    }

    /// All that belongs together in a literal without quotes. It reaches as far as any such
    /// literal could, so that no half of it is read as something else.
    pub(in crate::dialect::salesforce) fn run(&self) -> &'t str {
        let of_run =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-' | ':');
        let rest = self.rest();
        let length = rest.find(|c| !of_run(c)).unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }

    /// The text in quotes here and its length with them. Wildcards and their escapes exist in a
    /// pattern alone.
    fn quoted(&self, pattern: bool) -> Result<(Vec<Piece>, usize), Error> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = self.rest().get(1..).unwrap_or_default();
        loop {
            let at = self.text.len() - rest.len();
            let fail = |what| Err(Error { at, what });
            let mut chars = rest.chars();
            match chars.next() {
                None => return fail("the text in quotes does not end"),
                Some('\'') => break,
                Some('\\') => {
                    let Some((c, after)) = escape(chars.as_str(), pattern) else {
                        return fail("an escape in the text is not one of SOQL's");
                    };
                    text.push(c);
                    rest = after;
                    continue;
                }
                Some(wildcard @ ('%' | '_')) if pattern => {
                    push_text(&mut pieces, &mut text);
                    pieces.push(match wildcard {
                        '%' => Piece::AnyRun,
                        _ => Piece::AnyOne,
                    });
                }
                Some(c) if c.is_control() && c != '\t' => {
                    return fail("a control character in the text needs an escape");
                }
                Some(c) => text.push(c),
            }
            rest = chars.as_str();
        }
        push_text(&mut pieces, &mut text);
        // One more for the quote at the end, which `rest` still has.
        let length = self.rest().len() - rest.len() + 1;
        Ok((pieces, length))
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &mut String) {
    if !text.is_empty() {
        pieces.push(Piece::Text(Personal::new(std::mem::take(text))));
    }
}

/// The text of what is no pattern: one piece, or none if it is empty.
fn only_text(pieces: Vec<Piece>) -> Personal {
    match pieces.into_iter().next() {
        Some(Piece::Text(text)) => text,
        _ => Personal::new(String::new()),
    }
}

/// The character that an escape stands for, and what follows it. `text` begins behind the
/// backslash. Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".
fn escape(text: &str, pattern: bool) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        'n' | 'N' => '\n',
        'r' | 'R' => '\r',
        't' | 'T' => '\t',
        // The reference calls it the bell, Salesforce's code is Java, where it is the backspace.
        // It is written back as the same escape, so the CRM decides.
        'b' | 'B' => '\u{8}',
        'f' | 'F' => '\u{c}',
        c @ ('"' | '\'' | '\\') => c,
        c @ ('%' | '_') if pattern => c,
        // Whether such a character is a wildcard or its escape, the reference does not say.
        'u' => return unicode(chars.as_str()).filter(|(c, _)| !pattern || !"%_\\".contains(*c)),
        _ => return None,
    };
    Some((c, chars.as_str()))
}

/// Four hex digits behind `\u`, or a pair of surrogates. `text` begins behind the `u`.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (high, rest) = hex(text)?;
    if let Some(c) = char::from_u32(high) {
        return Some((c, rest));
    }
    let (low, rest) = hex(rest.strip_prefix("\\u")?)?;
    let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some((c, rest))
}

fn hex(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((u32::from_str_radix(digits, 16).ok()?, text.get(4..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::soql::ast::{Compare, Condition, Operator, Right};
    use crate::dialect::salesforce::soql::{canonical, parse, parse_literal};

    /// What the text in quotes says, or why it is refused.
    fn text(quoted: &str) -> Result<String, &'static str> {
        match parse_literal(quoted).map_err(|error| error.what)?.value {
            Value::Text(text) => Ok(text.expose().to_owned()),
            other => panic!("{}", other.kind()),
        }
    }

    fn pattern(quoted: &str) -> Result<Vec<Piece>, &'static str> {
        let query = parse(&format!("SELECT Id FROM Lead WHERE Name LIKE {quoted}"));
        let Some(Condition::Compare(Compare {
            operator: Operator::Like,
            right: Right::Literal(literal),
            ..
        })) = query.map_err(|error| error.what)?.condition
        else {
            panic!("not a LIKE");
        };
        match literal.value {
            Value::Pattern(pieces) => Ok(pieces),
            other => panic!("{}", other.kind()),
        }
    }

    #[test]
    fn texts_in_quotes_are_unescaped() {
        let table = [
            (r"''", ""),
            (r"'Jansen'", "Jansen"),
            (r"'d\'Arc'", "d'Arc"),
            (r"'\''", "'"),
            (r"'\\'", "\\"),
            (r"'\\\''", "\\'"),
            (r"'back\\slash'", "back\\slash"),
            (
                r"'\n\r\t\b\f\N\R\T\B\F'",
                "\n\r\t\u{8}\u{c}\n\r\t\u{8}\u{c}",
            ),
            (r#"'"\"'"#, "\"\""),
            (r"'caf\u00e9 \u00E9'", "café é"),
            (r"'\u0027 OR Name != \u0027'", "' OR Name != '"),
            (r"'\ud83d\ude00'", "😀"),
            (r"'\u0000'", "\0"),
            ("'a\tb'", "a\tb"),
            (r"'100% _x_'", "100% _x_"),
            ("'‘curly’'", "‘curly’"),
            (
                "'-- no /* comment */ // here'",
                "-- no /* comment */ // here",
            ),
            ("'SELECT Id FROM Contact'", "SELECT Id FROM Contact"),
            ("' :bind '", " :bind "),
        ];
        for (quoted, says) in table {
            assert_eq!(text(quoted), Ok(says.to_owned()), "{quoted}");
        }
    }

    #[test]
    fn a_text_that_soql_does_not_read_is_refused() {
        let table = [
            ("'", "the text in quotes does not end"),
            (r"'\'", "the text in quotes does not end"),
            (r"'\\\'", "the text in quotes does not end"),
            ("'Jansen", "the text in quotes does not end"),
            ("'a''b'", "the end of the query was expected"),
            ("'a' 'b'", "the end of the query was expected"),
            (r"'\x41'", "an escape in the text is not one of SOQL's"),
            (r"'\0'", "an escape in the text is not one of SOQL's"),
            (r"'\%'", "an escape in the text is not one of SOQL's"),
            (r"'\_'", "an escape in the text is not one of SOQL's"),
            (r"'\u12'", "an escape in the text is not one of SOQL's"),
            (r"'\u+123'", "an escape in the text is not one of SOQL's"),
            (r"'\U0041'", "an escape in the text is not one of SOQL's"),
            (r"'\ud83d'", "an escape in the text is not one of SOQL's"),
            (
                r"'\ude00\ud83d'",
                "an escape in the text is not one of SOQL's",
            ),
            (
                r"'\ud83d\u0041'",
                "an escape in the text is not one of SOQL's",
            ),
            ("'a\nb'", "a control character in the text needs an escape"),
            ("'a\rb'", "a control character in the text needs an escape"),
            ("'a\0b'", "a control character in the text needs an escape"),
            (
                "'a\u{85}b'",
                "a control character in the text needs an escape",
            ),
            ("‘Jansen’", "a literal was expected"),
            ("\"Jansen\"", "a literal was expected"),
            ("＇Jansen＇", "a literal was expected"),
            (
                ":name",
                "a bind variable is not part of a query over the API",
            ),
        ];
        for (quoted, what) in table {
            assert_eq!(text(quoted), Err(what), "{quoted:?}");
        }
    }

    #[test]
    fn a_pattern_tells_wildcards_from_escaped_ones() {
        let table = [
            (r"''", vec![]),
            (r"'%'", vec![Piece::AnyRun]),
            (r"'jan%'", vec![Piece::Text("jan".into()), Piece::AnyRun]),
            (r"'_\_'", vec![Piece::AnyOne, Piece::Text("_".into())]),
            (r"'100\%'", vec![Piece::Text("100%".into())]),
            (
                r"'%foo\'\%bar\_%'",
                vec![
                    Piece::AnyRun,
                    Piece::Text("foo'%bar_".into()),
                    Piece::AnyRun,
                ],
            ),
            (r"'\\%'", vec![Piece::Text("\\".into()), Piece::AnyRun]),
        ];
        for (quoted, pieces) in table {
            assert_eq!(pattern(quoted), Ok(pieces), "{quoted}");
        }
    }

    #[test]
    fn a_pattern_whose_wildcards_are_in_doubt_is_refused() {
        assert_eq!(pattern(r"'\u0041'"), Ok(vec![Piece::Text("A".into())]));
        for quoted in [r"'\u0025'", r"'\u005f'", r"'\u005C%'"] {
            let what = "an escape in the text is not one of SOQL's";
            assert_eq!(pattern(quoted), Err(what), "{quoted}");
        }
    }

    #[test]
    fn like_takes_a_text_alone() {
        for right in ["5", "null", "('a', 'b')", "TODAY", "(SELECT Id FROM Lead)"] {
            let what = "a text in quotes was expected behind LIKE";
            assert_eq!(pattern(right), Err(what), "{right}");
        }
    }

    #[test]
    fn a_text_written_as_a_literal_reads_back() {
        for given in [
            "",
            "Jansen",
            "d'Arc",
            "\\",
            "\\'",
            "\n\t\0\u{7f}\u{85}",
            "%_",
            "é😀",
        ] {
            assert_eq!(text(&canonical::literal(given)), Ok(given.to_owned()));
        }
    }
}
