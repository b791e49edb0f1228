//! A log line as one JSON object, written straight from the event.
//!
//! tracing-subscriber's own JSON goes through serde for each field, and cost a small exchange a
//! tenth of its time. The form is the same: `timestamp`, `level`, the event's fields, `target`.

use std::cell::RefCell;
use std::fmt::{self, Debug};
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
        // Written as a whole: each piece that the writer is given takes two calls. Taken, not
        // borrowed: what a field's value logs as it is written is a line of its own.
        let mut line = LINE.take();
        line.clear();
        line.push_str("{\"timestamp\":\"");
        now(SystemTime::now(), |time| line.push_str(time));
        for part in ["\",\"level\":\"", event.metadata().level().as_str(), "\""] {
            line.push_str(part);
        }
        let mut fields = Fields(&mut line);
        event.record(&mut fields);
        fields.text("target", event.metadata().target());
        line.push_str("}\n");
        let written = writer.write_str(&line);
        LINE.set(line);
        written
    }
}

thread_local! {
    /// Room for a line, used again for the next.
    static LINE: RefCell<String> = RefCell::default();
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

struct Fields<'l>(&'l mut String);

impl Fields<'_> {
    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.0.push('"');
        escape(self.0, text);
        self.0.push('"');
    }

    fn number(&mut self, field: &Field, number: impl itoa::Integer) {
        self.name(field.name());
        self.0.push_str(itoa::Buffer::new().format(number));
    }

    /// Field names are written in the source and need no escapes.
    fn name(&mut self, name: &str) {
        for part in [",\"", name, "\":"] {
            self.0.push_str(part);
        }
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
        self.name(field.name());
        self.0.push_str(if value { "true" } else { "false" });
    }

    /// Everything else as text: what a formatter writes need not be JSON.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let name = field.name();
        self.text(name, &format!("{value:?}"));
    }
}

/// Escapes what may not stand in a JSON string (RFC 8259, section 7), DEL and the C1 controls,
/// which drive terminals, and what ends a line in JavaScript.
fn escape(line: &mut String, text: &str) {
    // Most are words of ours.
    if text.bytes().all(is_plain) {
        return line.push_str(text);
    }
    for character in text.chars() {
        match character {
            '"' | '\\' => line.extend(['\\', character]),
            '\n' => line.push_str("\\n"),
            other if must_be_escaped(other) => {
                line.push_str(&format!("\\u{:04x}", u32::from(other)));
            }
            plain => line.push(plain),
        }
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'
}

fn must_be_escaped(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}') || character.is_control()
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
            escape(&mut line, text);
            line.push('"');
            assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
            let back: String = serde_json::from_str(&line).unwrap();
            assert_eq!(back, text);
        }
    }
}
