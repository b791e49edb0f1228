//! Tables: exports, and those of bulk jobs.
//!
//! The first byte says which separator an export has, what the job does and in how large pieces its
//! table comes.

use sluis::dialect::salesforce::bulk::{Job, Kind, NewJob};
use sluis::wire::csv::{Delimiter, Guard, Limits, Reader, Record, encode, parse};
use sluis::wire::json;

use super::choice;
use crate::border;

const JOBS: [&str; 4] = [
    r#"{"object":"Contact","operation":"insert"}"#,
    r#"{"object":"Contact","operation":"update","columnDelimiter":"SEMICOLON"}"#,
    r#"{"object":"Trial__c","operation":"upsert","externalIdFieldName":"Stable__c","lineEnding":"CRLF"}"#,
    r#"{"object":"Contact","operation":"delete"}"#,
];

pub fn run(input: &[u8]) {
    let Some((form, rest)) = choice(input) else {
        return;
    };
    load(form, rest);
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let delimiter = match form % 3 {
        0 => Delimiter::Comma,
        1 => Delimiter::Semicolon,
        _ => Delimiter::Tab,
    };
    let _guessed = Delimiter::guess(text);
    let Ok(cells) = parse(text, delimiter, &Limits::default()) else {
        return;
    };
    let mut written = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            let separator = match cell.column {
                0 => '\n',
                _ => char::from(delimiter.byte()),
            };
            written.push(separator);
        }
        let value = cell.value(text);
        encode(&value, true, delimiter, Guard::Off, &mut written).expect("no NUL was read");
    }
    let again = parse(&written, delimiter, &Limits::default()).expect("what is written reads");
    let values = |cells: &[sluis::wire::csv::Cell], text: &str| -> Vec<(usize, usize, String)> {
        let cells = cells.iter();
        cells
            .map(|cell| (cell.row, cell.column, cell.value(text).into_owned()))
            .collect()
    };
    assert_eq!(values(&again, &written), values(&cells, text));
}

/// What a bulk job says of itself, as it was made by its client.
pub fn job(text: &str) -> Job {
    let limits = json::Limits::default();
    let document = json::Document::parse(text.as_bytes(), &limits).expect("a job");
    NewJob::read(Kind::Ingest, &document).expect("a job").job
}

/// Records do not depend on how they come, and what leaves is a table again.
fn load(form: u8, bytes: &[u8]) {
    let job = job(JOBS[usize::from(form / 4) % JOBS.len()]);
    let whole = records(&job, bytes, usize::MAX);
    let pieces = records(&job, bytes, usize::from(form) + 1);
    let texts = |records: &Option<Vec<Record>>| {
        let records = records.as_ref()?.iter();
        Some(
            records
                .map(|record| record.text.to_string())
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        texts(&whole),
        texts(&pieces),
        "records depend on how they come"
    );
    let Some(whole) = whole else { return };
    if let Ok(table) = border::salesforce().load(&job, &whole) {
        let again = records(&job, &table, usize::MAX).expect("what leaves is a table");
        assert_eq!(again.len(), whole.len());
    }
}

fn records(job: &Job, bytes: &[u8], step: usize) -> Option<Vec<Record>> {
    let mut reader = Reader::new(job.delimiter(), job.ending());
    let mut records = Vec::new();
    for piece in bytes.chunks(step.max(1)) {
        reader.push(piece);
        while let Some(record) = reader.record().ok()? {
            records.push(record);
        }
    }
    records.extend(reader.finish().ok()?);
    Some(records)
}
