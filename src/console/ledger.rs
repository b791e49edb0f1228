//! The ledger: what is sought, page by page, the walk over all of it, and a copy of what was found.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::policy::download;
use crate::console::view::{self, Choice, EntryRow, Filter, Frame, LedgerPage, Said};
use crate::ledger::{Entry, Found, Kind, Sought, Touched};
use crate::model::Timestamp;
use crate::signin::reply;

/// Entries on a page.
const PAGE: usize = 50;
/// Entries of one copy. Who wants more narrows the time.
const MOST_EXPORTED: usize = 10_000;
const DAY: i64 = 86_400_000;

impl Console {
    pub(super) fn ledger(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_ledger(ask, None)
    }

    fn show_ledger(&self, ask: &Ask<'_>, said: Option<Said>) -> Response<Bytes> {
        let words = ask.words;
        let filter = filter(ask);
        let (sought, mistake) = match sought(&filter) {
            Some(sought) => (sought, None),
            None => (Sought::default(), Some(Said::bad(words.filter_wrong))),
        };
        let before = ask.query("before").and_then(|text| text.parse().ok());
        let found = match self.ledger.search(&sought, before, PAGE) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a search failed");
                return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
            }
        };
        let query = query(&filter);
        let older = found
            .before
            .map(|before| format!("/ledger?before={before}{query}"));
        let said = said.or(mistake);
        let kinds = Kind::ALL.into_iter();
        let page = LedgerPage {
            frame: Frame::of(ask, vec![]),
            help: words.help_ledger,
            objects: self
                .house
                .plan()
                .objects()
                .map(|one| one.name.clone())
                .collect(),
            kinds: kinds
                .map(|kind| {
                    Choice::new(kind.name(), words.kind_of(kind), filter.kind == kind.name())
                })
                .collect(),
            entries: found
                .entries
                .iter()
                .map(|(number, entry)| EntryRow {
                    number: *number,
                    time: moment(entry.time.0),
                    kind: words.kind_of(entry.kind),
                    who: entry.client.clone().into_owned(),
                    roles: entry.roles.join(", "),
                    operation: entry.operation.clone().into_owned(),
                    touched: entry.fields.iter().map(in_words).collect(),
                    outcome: entry.outcome.clone().into_owned(),
                })
                .collect(),
            older: older.unwrap_or_default(),
            filter,
            query,
            said,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    pub(super) fn ledger_verify(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let words = ask.words;
        let said = match self.house.verify() {
            Ok(report) if report.ok => Said::good(
                words
                    .chain_holds
                    .replace("{entries}", &report.entries.to_string()),
            ),
            Ok(report) => {
                let at = report.first_broken.unwrap_or_default().to_string();
                Said::bad(words.chain_broken.replace("{entry}", &at))
            }
            Err(why) => Said::bad(why),
        };
        self.show_ledger(ask, Some(said))
    }

    pub(super) fn ledger_export(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let Some(sought) = sought(&filter(ask)) else {
            return view::told(ask, StatusCode::BAD_REQUEST, ask.words.filter_wrong);
        };
        let found = match self.export(&sought) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a copy failed");
                return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, ask.words.failed);
            }
        };
        match ask.query("format").as_deref() {
            Some("jsonl") => download("application/jsonl", "ledger.jsonl", lines(&found).into()),
            Some("csv") => download(
                "text/csv; charset=utf-8",
                "ledger.csv",
                table(&found).into(),
            ),
            _ => view::told(ask, StatusCode::BAD_REQUEST, ask.words.malformed),
        }
    }

    /// All that is sought, newest first, as far as one copy goes.
    fn export(&self, sought: &Sought) -> Result<Vec<(u64, Entry<'static>)>, crate::ledger::Error> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let left = MOST_EXPORTED - all.len();
            let Found {
                entries,
                before: rest,
            } = self.ledger.search(sought, before, left)?;
            all.extend(entries);
            if rest.is_none() || all.len() == MOST_EXPORTED {
                return Ok(all);
            }
            before = rest;
        }
    }
}

fn filter(ask: &Ask<'_>) -> Filter {
    let text = |name| ask.query(name).unwrap_or_default();
    Filter {
        who: text("who"),
        object: text("object"),
        field: text("field"),
        kind: text("kind"),
        from: text("from"),
        until: text("until"),
    }
}

/// None where a day is none, or a kind.
fn sought(filter: &Filter) -> Option<Sought> {
    let text = |text: &String| (!text.is_empty()).then(|| text.clone());
    let kind = match filter.kind.as_str() {
        "" => None,
        name => Some(Kind::ALL.into_iter().find(|kind| kind.name() == name)?),
    };
    let time = |text: &String, days: i64| match text.as_str() {
        "" => Some(None),
        text => {
            let date: jiff::civil::Date = text.parse().ok()?;
            let at = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            let at = at.timestamp().as_millisecond();
            Some(Some(Timestamp(at.checked_add(days * DAY)?)))
        }
    };
    Some(Sought {
        who: text(&filter.who),
        object: text(&filter.object),
        field: text(&filter.field),
        kind,
        from: time(&filter.from, 0)?,
        // The day itself is included.
        until: time(&filter.until, 1)?,
    })
}

/// The filter as parameters behind another one.
fn query(filter: &Filter) -> String {
    let pairs = [
        ("who", &filter.who),
        ("object", &filter.object),
        ("field", &filter.field),
        ("kind", &filter.kind),
        ("from", &filter.from),
        ("until", &filter.until),
    ];
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        text.append_pair(name, value);
    }
    match text.finish() {
        text if text.is_empty() => text,
        text => format!("&{text}"),
    }
}

fn in_words(touched: &Touched<'_>) -> String {
    let what = match (&*touched.field, &*touched.class) {
        ("", class) => class.to_owned(),
        (field, "") => field.to_owned(),
        (field, class) => format!("{field} ({class})"),
    };
    let done = format!("{}\u{a0}×\u{a0}{}", touched.action, touched.count);
    match what.is_empty() {
        true => done,
        false => format!("{what}: {done}"),
    }
}

/// One object a line.
fn lines(found: &[(u64, Entry<'_>)]) -> String {
    let mut text = String::new();
    for (number, entry) in found {
        let fields: Vec<_> = entry
            .fields
            .iter()
            .map(|one| {
                json!({ "field": one.field, "class": one.class, "action": one.action,
                        "count": one.count })
            })
            .collect();
        let line = json!({
            "number": number,
            "time": moment_exact(entry.time),
            "exchange": format!("{:032x}", entry.exchange),
            "kind": entry.kind.name(),
            "who": entry.client,
            "roles": entry.roles,
            "operation": entry.operation,
            "fields": fields,
            "records": entry.records,
            "subjects": entry.subjects,
            "policy": data_encoding::HEXLOWER.encode(&entry.policy),
            "outcome": entry.outcome,
        });
        text.push_str(&line.to_string());
        text.push('\n');
    }
    text
}

/// One line a field that was touched, so that a spreadsheet can sum. The ledger's words have no
/// comma, quote or sign that a spreadsheet would compute by; one that had is quoted all the same.
fn table(found: &[(u64, Entry<'_>)]) -> String {
    let mut text = String::from(
        "number,time,exchange,kind,who,roles,operation,field,class,action,count,records,outcome\r\n",
    );
    let none = [Touched {
        field: "".into(),
        class: "".into(),
        action: "".into(),
        count: 0,
    }];
    for (number, entry) in found {
        let touched = match entry.fields.is_empty() {
            true => none.as_slice(),
            false => entry.fields.as_slice(),
        };
        for one in touched {
            let cells = [
                number.to_string(),
                moment_exact(entry.time),
                format!("{:032x}", entry.exchange),
                entry.kind.name().to_owned(),
                cell(&entry.client),
                cell(&entry.roles.join(" ")),
                cell(&entry.operation),
                cell(&one.field),
                cell(&one.class),
                cell(&one.action),
                one.count.to_string(),
                entry.records.to_string(),
                cell(&entry.outcome),
            ];
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
    text
}

fn cell(text: &str) -> String {
    let computes = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    match text.contains(['"', ',', '\r', '\n']) || computes {
        true => format!(
            "\"{}{}\"",
            if computes { "'" } else { "" },
            text.replace('"', "\"\"")
        ),
        false => text.to_owned(),
    }
}

fn moment_exact(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_none_seeks_nothing() {
        let typed = |from: &str, kind: &str| Filter {
            from: from.to_owned(),
            kind: kind.to_owned(),
            ..Filter::default()
        };
        assert!(sought(&typed("2026-02-30", "")).is_none());
        assert!(sought(&typed("", "everything")).is_none());
        let found = sought(&typed("2026-02-28", "sent")).unwrap();
        assert_eq!(found.kind, Some(Kind::Sent));
        assert_eq!(found.from, Some(Timestamp(1_772_236_800_000)));
    }

    #[test]
    fn a_cell_never_computes_and_never_ends_its_line() {
        for (text, written) in [
            ("sanne", "sanne"),
            ("=1+1", "\"'=1+1\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("-x", "\"'-x\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
