//! The overview: what crossed the border and what became of it, and how the house stands.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::{Ask, day, hour};
use crate::console::changes::Finding;
use crate::console::chart::{self, Bar};
use crate::console::house::Health;
use crate::console::traffic::{Fate, HOUR, Hour, Seen};
use crate::console::view::{self, Check, Choice, Frame, Overview, Row, Series, Tile};
use crate::console::words::Words;
use crate::model::Timestamp;
use crate::signin::reply;

/// The spans that can be looked at: name, bars, hours a bar.
const SPANS: [(&str, i64, i64); 3] = [("24h", 24, 1), ("7d", 28, 6), ("30d", 30, 24)];
/// Rows of a table; the rest is in the ledger.
const MOST_ROWS: usize = 100;
/// What a chart shows, from below.
const KINDS: [&str; 5] = ["protected", "clear", "withheld", "refused", "revealed"];
const DAY: i64 = 24 * HOUR;
/// A certificate is renewed before it has fewer days.
const NEAR_DAYS: i64 = 30;

impl Console {
    /// The first page that somebody's roles open.
    pub(super) fn first(&self, ask: &Ask<'_>) -> Response<Bytes> {
        reply::see_other(view::first_page(ask))
    }

    pub(super) fn overview(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let words = ask.words;
        let asked = ask.query("span").unwrap_or_default();
        let chosen = SPANS.iter().find(|(name, ..)| *name == asked);
        let (name, count, hours) = *chosen.unwrap_or(&SPANS[0]);
        let width = hours * HOUR;
        let now = self.clock.now().0;
        let end = now - now.rem_euclid(HOUR) + HOUR;
        let begin = end - count * width;
        let Ok(seen) = self.traffic.since(&self.ledger, Timestamp(begin)) else {
            return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
        };
        let bars: Vec<Bar> = (0..count)
            .map(|place| {
                let at = begin + place * width;
                Bar {
                    label: if hours == 1 { hour(at) } else { day(at) },
                    parts: parts(&seen, at, at + width),
                }
            })
            .collect();
        let series = series(words);
        let kinds: Vec<&'static str> = series.iter().map(|one| one.kind).collect();
        let totals = parts(&seen, begin, end);
        let health = self.house.health();
        let page = Overview {
            frame: Frame::of(ask, self.flags(ask)),
            help: words.help_overview,
            spans: spans(name, words),
            tiles: tiles(&totals, &series, &health, words),
            partial: seen.partial,
            empty: totals.iter().sum::<u64>() == 0,
            chart: chart::bars(words.over_time, &kinds, &bars),
            rows: bars.into_iter().map(row_of_bar).collect(),
            fields: fields(&seen),
            classes: counted(&seen, |hour| &hour.revealed),
            refused: counted(&seen, |hour| &hour.refused),
            checks: checks(&health, now, words),
            findings: health
                .found
                .iter()
                .map(|finding| Finding::of(finding, words))
                .collect(),
            series,
        };
        reply::page(StatusCode::OK, &page)
    }
}

fn row_of_bar(bar: Bar) -> Row {
    Row {
        label: bar.label,
        counts: bar.parts,
    }
}

/// What became of values between two times, in the order of [`KINDS`].
fn parts(seen: &Seen, from: i64, until: i64) -> Vec<u64> {
    let mut found = [0; 5];
    for hour in seen.hours.range(from..until).map(|(_, hour)| hour) {
        for ((_, fate), count) in &hour.fields {
            match fate {
                Fate::Protected => found[0] += count,
                Fate::Clear => found[1] += count,
                Fate::Withheld => found[2] += count,
                // What is refused is counted by request.
                Fate::Blocked => {}
            }
        }
        found[3] += hour.refused.values().sum::<u64>();
        found[4] += hour.revealed.values().sum::<u64>();
    }
    found.to_vec()
}

fn series(words: &'static Words) -> Vec<Series> {
    let labels = [
        words.protected,
        words.clear,
        words.withheld,
        words.refused,
        words.revealed,
    ];
    let both = KINDS.into_iter().zip(labels);
    both.map(|(kind, label)| Series { kind, label }).collect()
}

fn spans(chosen: &str, words: &Words) -> Vec<Choice> {
    let labels = [words.last_day, words.last_week, words.last_month];
    let all = SPANS.iter().zip(labels);
    all.map(|((name, ..), label)| Choice::new(name, label, *name == chosen))
        .collect()
}

fn tiles(totals: &[u64], series: &[Series], health: &Health, words: &'static Words) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = totals
        .iter()
        .zip(series)
        .map(|(number, series)| Tile {
            kind: series.kind,
            number: number.to_string(),
            label: series.label,
        })
        .collect();
    for (number, label) in [
        (health.found.len().to_string(), words.open_findings),
        (health.pending.to_string(), words.in_quarantine),
        (health.subjects.to_string(), words.subjects),
    ] {
        tiles.push(Tile {
            kind: "plainly",
            number,
            label,
        });
    }
    tiles
}

/// Fields with what became of them, those first of which most left in the clear or was refused.
fn fields(seen: &Seen) -> Vec<Row> {
    let mut all: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for hour in seen.hours.values() {
        for ((field, fate), count) in &hour.fields {
            let counts = all.entry(field).or_default();
            match fate {
                Fate::Protected => counts[0] += count,
                Fate::Clear => counts[1] += count,
                Fate::Withheld => counts[2] += count,
                Fate::Blocked => counts[3] += count,
            }
        }
    }
    let mut rows: Vec<Row> = all
        .into_iter()
        .map(|(label, counts)| Row {
            label: label.to_owned(),
            counts: counts.to_vec(),
        })
        .collect();
    rows.sort_by_key(|row| {
        let total: u64 = row.counts.iter().sum();
        (std::cmp::Reverse(total), row.label.clone())
    });
    rows.truncate(MOST_ROWS);
    rows
}

fn counted(seen: &Seen, of: impl Fn(&Hour) -> &BTreeMap<String, u64>) -> Vec<Row> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for hour in seen.hours.values() {
        for (label, count) in of(hour) {
            *all.entry(label).or_default() += count;
        }
    }
    let mut rows: Vec<Row> = all
        .into_iter()
        .map(|(label, count)| Row {
            label: label.to_owned(),
            counts: vec![count],
        })
        .collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.counts.clone()), row.label.clone()));
    rows.truncate(MOST_ROWS);
    rows
}

fn checks(health: &Health, now: i64, words: &'static Words) -> Vec<Check> {
    let word = |good: bool| if good { words.works } else { words.fails };
    let mut checks: Vec<Check> = health
        .checks
        .iter()
        .map(|(name, good)| Check {
            good: *good,
            label: (*name).to_owned(),
            text: word(*good).to_owned(),
        })
        .collect();
    let labels = [words.border_certificate, words.console_certificate];
    for (label, end) in labels.into_iter().zip(health.certificates) {
        let days = (end.0 - now).div_euclid(DAY);
        checks.push(Check {
            good: days > NEAR_DAYS,
            label: label.to_owned(),
            text: format!("{} {} ({days} {})", words.until, day(end.0), words.days),
        });
    }
    checks.push(Check {
        good: health.reloaded,
        label: words.last_reload.to_owned(),
        text: word(health.reloaded).to_owned(),
    });
    checks.push(Check {
        good: true,
        label: words.key.to_owned(),
        text: health.key.clone(),
    });
    let unread = health
        .found
        .iter()
        .any(|found| found.code == "drift-unread");
    checks.push(Check {
        good: !unread,
        label: words.crm.to_owned(),
        text: word(!unread).to_owned(),
    });
    checks
}
