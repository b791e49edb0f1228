//! Where log lines go and in which form, and what a panic may say.

use std::io::{self, IsTerminal};
use std::panic;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterFn, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Registry, fmt};

use crate::telemetry::json_line::JsonLine;
use crate::telemetry::lines::Lines;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the log filter is malformed")]
    Filter(#[from] ParseError),
    #[error("the log is already set up")]
    Already(#[from] TryInitError),
}

/// How a line looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// For a person at a terminal.
    Text,
}

impl Format {
    /// Text where standard error is a terminal.
    #[must_use]
    pub fn of_stderr() -> Self {
        if io::stderr().is_terminal() {
            Self::Text
        } else {
            Self::Json
        }
    }
}

/// Sends log lines to standard error and sets the panic hook. `filter` is that of `SLUIS_LOG`:
/// a level, or directives such as `info,sluis::access=off`.
///
/// # Errors
/// When the filter is malformed, or a log was set up before.
pub fn init(filter: &str, format: Format) -> Result<(), Error> {
    subscriber(filter, format, Lines)?.try_init()?;
    install_panic_hook();
    Ok(())
}

/// The subscriber behind [`init`], writing to `writer`.
///
/// # Errors
/// When the filter is malformed.
pub fn subscriber<W>(
    filter: &str,
    format: Format,
    writer: W,
) -> Result<impl Subscriber + Send + Sync, Error>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter)?;
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        Format::Json => Box::new(fmt::layer().event_format(JsonLine).with_writer(writer)),
        Format::Text => Box::new(fmt::layer().compact().with_writer(writer)),
    };
    let lines = lines
        .with_filter(FilterFn::new(ours_or_serious))
        .with_filter(filter);
    Ok(tracing_subscriber::registry().with(lines))
}

/// Libraries print header fields and frames below `WARN`; no filter of an operator may turn that on.
fn ours_or_serious(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let ours = target == "sluis" || target.starts_with("sluis::");
    ours || *metadata.level() <= Level::WARN
}

/// Makes a panic log its location only: its payload may hold what was being parsed.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        let location = info.location();
        tracing::error!(
            file = location.map_or("unknown", panic::Location::file),
            line = location.map_or(0, panic::Location::line),
            "a panic; its message is withheld"
        );
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::telemetry::{Access, Account, Metrics, Outcome, access};

    /// Collects what is written.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(filter: &str, format: Format, act: impl FnOnce()) -> String {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = subscriber(filter, format, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, act);
        page.text()
    }

    fn one_exchange(client: &str) {
        let account = Account {
            client: Some(client.to_owned()),
            route: "salesforce.query",
            revealed: 3,
            ..Account::default()
        };
        let line = Access {
            exchange: "0192",
            method: "GET",
            status: 200,
            outcome: Outcome::Answered,
            elapsed: Duration::from_micros(1500),
            account: &account,
        };
        access(&line, &Metrics::new());
    }

    #[test]
    fn an_access_line_is_one_json_object() {
        let text = written("info", Format::Json, || one_exchange("reporting"));
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["exchange.id"], "0192");
        assert_eq!(line["client"], "reporting");
        assert_eq!(line["route"], "salesforce.query");
        assert_eq!(line["revealed"], 3);
        assert_eq!(line["micros"], 1500);
    }

    #[test]
    fn a_name_cannot_forge_a_line_or_drive_a_terminal() {
        for format in [Format::Json, Format::Text] {
            let text = written("info", format, || {
                one_exchange("a\n{\"status\":500}\u{1b}[2J\u{9b}2J");
            });
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.contains("status"), "{text}");
            let forged = text.contains("\u{1b}[2J") || text.contains('\u{9b}');
            assert!(!forged, "{text:?}");
        }
    }

    #[test]
    fn no_filter_lets_a_library_speak_below_warning() {
        let text = written("trace", Format::Json, || {
            tracing::debug!(target: "h2::frame", "authorization: Bearer abc");
            tracing::warn!(target: "h2::frame", "a warning");
            tracing::debug!(target: "sluis::server", "ours");
        });
        assert!(!text.contains("Bearer"), "{text}");
        assert!(
            text.contains("a warning") && text.contains("ours"),
            "{text}"
        );
    }

    #[test]
    fn a_malformed_filter_is_an_error() {
        assert!(subscriber("sluis=loud", Format::Json, io::sink).is_err());
        assert!(subscriber("sluis=debug", Format::Json, io::sink).is_ok());
    }
}
