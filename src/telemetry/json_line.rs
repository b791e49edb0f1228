//! A log line as one JSON object, written straight from the event.
//!
//! tracing-subscriber's own JSON goes through serde for each field, and cost a small exchange a
//! tenth of its time. The form is the same: `timestamp`, `level`, the event's fields, `target`.

use std::cell::RefCell;
use std::fmt::{self, Debug, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    #[expect(
        clippy::disallowed_methods,
        reason = "a line has the machine's time, and nothing is decided by it"
    )]
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        now(SystemTime::now(), |time| writer.write_str(time))?;
        for part in ["\",\"level\":\"", event.metadata().level().as_str(), "\""] {
            writer.write_str(part)?;
        }
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

/// Gives a time as RFC 3339 has it, with microseconds. The second is written out once for all the
/// lines in it.
fn now<T>(time: SystemTime, give: impl FnOnce(&str) -> T) -> T {
    thread_local! {
        static SECOND: RefCell<(u64, String)> = RefCell::default();
    }
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != since.as_secs() || text.is_empty() {
            *second = since.as_secs();
            let whole = i64::try_from(*second).ok();
            let whole = whole.and_then(|second| jiff::Timestamp::from_second(second).ok());
            *text = whole.unwrap_or_default().to_string();
        }
        // `2026-11-23T05:14:09Z`
        text.truncate("YYYY-MM-DDThh:mm:ss".len());
        let start = text.len();
        let micros = 1_000_000 + since.subsec_micros();
        text.push_str(itoa::Buffer::new().format(micros));
        text.replace_range(start..=start, ".");
        text.push('Z');
        give(text)
    })
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

    fn number(&mut self, field: &Field, number: impl itoa::Integer) {
        self.write(field.name(), |writer| {
            writer.write_str(itoa::Buffer::new().format(number))
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
        self.number(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value);
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
        // Most are words of ours.
        if text.bytes().all(is_plain) {
            return self.0.write_str(text);
        }
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

fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'
}

fn must_be_escaped(character: char) -> bool {
    matches!(character, '"' | '\\' | '\u{2028}' | '\u{2029}') || character.is_control()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_time_is_that_of_the_second_and_its_microseconds() {
        for (micros, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_000_007, "1970-01-01T00:00:01.000007Z"),
            (1_999_999, "1970-01-01T00:00:01.999999Z"),
            (1_795_583_649_120_000, "2026-11-25T05:14:09.120000Z"),
            (5, "1970-01-01T00:00:00.000005Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_micros(micros);
            now(time, |text| assert_eq!(text, expected));
        }
    }

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
