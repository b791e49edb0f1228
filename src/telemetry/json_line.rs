//! A log line as one JSON object, written straight from the event.
//!
//! tracing-subscriber's own JSON goes through serde for each field, and cost a small exchange a
//! tenth of its time. The form is the same: `timestamp`, `level`, the event's fields, `target`.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\"", event.metadata().level())?;
        let mut fields = Fields {
            writer,
            outcome: Ok(()),
        };
        event.record(&mut fields);
        fields.text("target", event.metadata().target());
        fields.outcome?;
        fields.writer.write_str("}\n")
    }
}

struct Fields<'w> {
    writer: Writer<'w>,
    outcome: fmt::Result,
}

impl Fields<'_> {
    fn text(&mut self, name: &str, text: &str) {
        self.write(name, |writer| {
            writer.write_char('"')?;
            Escaped(writer).write_str(text)?;
            writer.write_char('"')
        });
    }

    /// Field names are written in the source and need no escapes.
    fn write(&mut self, name: &str, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let writer = &mut self.writer;
        self.outcome = std::mem::replace(&mut self.outcome, Ok(())).and_then(|()| {
            for part in [",\"", name, "\":"] {
                writer.write_str(part)?;
            }
            value(writer)
        });
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field.name(), |writer| write!(writer, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field.name(), |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field.name(), |writer| write!(writer, "{value}"));
    }

    /// Everything else as text: what a formatter writes need not be JSON.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field.name(), |writer| {
            writer.write_char('"')?;
            write!(Escaped(writer), "{value:?}")?;
            writer.write_char('"')
        });
    }
}

/// Escapes what may not stand in a JSON string (RFC 8259, section 7), DEL and the C1 controls,
/// which drive terminals, and what ends a line in JavaScript.
struct Escaped<'w, 'b>(&'w mut Writer<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(must_be_escaped) {
            let (plain, special) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut characters = special.chars();
            match characters.next() {
                Some(quoted @ ('"' | '\\')) => write!(self.0, "\\{quoted}")?,
                Some('\n') => self.0.write_str("\\n")?,
                Some(other) => write!(self.0, "\\u{:04x}", u32::from(other))?,
                None => {}
            }
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

fn must_be_escaped(character: char) -> bool {
    matches!(character, '"' | '\\' | '\u{2028}' | '\u{2029}') || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_reads_back() {
        for text in [
            "plain",
            "",
            "a\"b\\c",
            "\u{0}\u{1f}\n\t\u{7f}\u{9b}",
            "\u{2028}é😀\u{2029}",
        ] {
            let mut line = String::from("\"");
            Escaped(&mut Writer::new(&mut line))
                .write_str(text)
                .unwrap();
            line.push('"');
            assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
            let back: String = serde_json::from_str(&line).unwrap();
            assert_eq!(back, text);
        }
    }
}
