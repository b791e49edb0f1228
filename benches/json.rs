//! JSON over a query answer of 200 records: bytes a second, and nanoseconds a value.
#![expect(
    clippy::unwrap_used,
    reason = "a bench stops at what it did not expect"
)]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sluis::wire::json::{Document, Edits, Event, Limits, Reader, Value, encode_into};

criterion_group!(benches, bytes, values);
criterion_main!(benches);

fn bytes(criterion: &mut Criterion) {
    let body = answer();
    let mut group = criterion.benchmark_group("bytes");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("utf8", |b| {
        b.iter(|| {
            std::str::from_utf8(black_box(body.as_bytes()))
                .unwrap()
                .len()
        });
    });
    group.bench_function("read", |b| b.iter(|| read(black_box(&body))));
    group.bench_function("skip", |b| {
        b.iter(|| Reader::new(black_box(&body), 64).skip_value().unwrap());
    });
    group.bench_function("parse", |b| b.iter(|| parse(black_box(&body))));
    let document = parse(&body);
    group.bench_function("write", |b| {
        b.iter(|| black_box(black_box(&document).write(&Edits::new())));
    });
    let edits = tokens(&document);
    group.bench_function("write_edited", |b| {
        b.iter(|| black_box(black_box(&document).write(&edits)));
    });
    group.finish();
}

fn values(criterion: &mut Criterion) {
    let body = answer();
    let mut group = criterion.benchmark_group("values");
    group.throughput(Throughput::Elements(read(&body)));
    group.bench_function("read", |b| b.iter(|| read(black_box(&body))));
    group.bench_function("parse_and_write", |b| {
        b.iter(|| parse(black_box(&body)).write(&Edits::new()));
    });
    group.finish();
    let mut out = Vec::new();
    criterion.bench_function("encode_40_bytes", |b| {
        b.iter(|| {
            out.clear();
            encode_into(
                &mut out,
                black_box("Prinses Beatrixlaan 14, 1234 AB Voorbeeld"),
            );
        });
    });
}

/// Walks over the whole answer and counts its values.
fn read(body: &str) -> u64 {
    let mut reader = Reader::new(body, 64);
    let mut count = 0;
    loop {
        match reader.next().unwrap() {
            Event::End => return count,
            Event::Key(_) | Event::EndObject { .. } | Event::EndArray { .. } => (),
            _ => count += 1,
        }
    }
}

fn parse(body: &str) -> Document<'_> {
    Document::parse(body.as_bytes(), &Limits::default()).unwrap()
}

/// The eight protected values of each record, replaced.
fn tokens(document: &Document<'_>) -> Edits {
    let mut edits = Edits::new();
    let records = document.get(document.root(), "records").unwrap();
    for record in document.elements(records) {
        for name in PROTECTED {
            let value = document.get(record, name).unwrap();
            edits.replace(value, Value::Text("zq7mfk2pd4xn6arc3w".into()));
        }
    }
    edits
}

const PROTECTED: [&str; 8] = [
    "LastName",
    "FirstName",
    "Email",
    "Phone",
    "MobilePhone",
    "MailingStreet",
    "MailingPostalCode",
    "Birthplace__c",
];

/// As Salesforce answers a query: 55 fields a record, eight of them tokens, no white space.
fn answer() -> String {
    let mut out = String::from("{\"totalSize\":200,\"done\":true,\"records\":[");
    for record in 0..200 {
        let id = format!("003AW00000{record:05}YAA");
        let comma = if record == 0 { "" } else { "," };
        let url = format!("/services/data/v66.0/sobjects/Contact/{id}");
        write!(
            out,
            "{comma}{{\"attributes\":{{\"type\":\"Contact\",\"url\":\"{url}\"}},\"Id\":\"{id}\""
        )
        .unwrap();
        for (place, name) in PROTECTED.iter().enumerate() {
            write!(out, ",\"{name}\":\"zq{:016}\"", record * 8 + place).unwrap();
        }
        for field in 0..46 {
            match field % 6 {
                0 | 1 => write!(out, ",\"Field{field}\":null"),
                2 => write!(out, ",\"IsOpt{field}__c\":false"),
                3 => write!(out, ",\"Score{field}\":{}.0", record * field),
                4 => write!(out, ",\"Stage{field}__c\":\"Prospect\""),
                _ => write!(out, ",\"Date{field}\":\"2026-11-0{}\"", field % 9 + 1),
            }
            .unwrap();
        }
        out.push('}');
    }
    out.push_str("]}");
    out
}
