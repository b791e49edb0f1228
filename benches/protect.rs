//! What protection costs on the way in and out, for one query answer of 200 records.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot be set up has nothing to measure"
)]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sluis::model::Secret;
use sluis::protect::{Codec, Context, FormatVersion, SubjectKey, find, open, seal};

const RECORDS: u64 = 200;
const VALUES: u64 = 1_600;
const DOMAIN: &str = "t.example.nl";

criterion_group!(benches, finding, tokens, values);
criterion_main!(benches);

fn codec() -> Codec {
    Codec::new(&Secret::new(vec![7; 32]), "voorbeeld").unwrap()
}

/// An answer of 214 KB: 200 records of 8 protected and about 45 other fields.
fn answer(codec: &Codec) -> Vec<u8> {
    let mut text = String::from("{\"totalSize\":200,\"done\":true,\"records\":[");
    for record in 0..RECORDS {
        write!(text, "{{\"Id\":\"003Qy00000{record:05}QIAQ\"").unwrap();
        for field in 0..8 {
            let token = codec.mint(1 + record * 8 + field).unwrap();
            match field {
                0 => write!(text, ",\"Email\":\"{}\"", token.address(DOMAIN)).unwrap(),
                _ => write!(text, ",\"Protected{field}__c\":\"{}\"", token.text()).unwrap(),
            }
        }
        for field in 0..23 {
            write!(text, ",\"Field{field}__c\":\"quiet text, {record}\"").unwrap();
        }
        text.push_str("},");
    }
    text.push_str("{}]}");
    text.into_bytes()
}

fn finding(bench: &mut Criterion) {
    let codec = codec();
    let text = answer(&codec);
    assert_eq!(find(&codec, &text, DOMAIN).len(), 1_600);
    let prose = "Het antwoord van de klant is met de volgende post verstuurd. ".repeat(3_500);
    let mut group = bench.benchmark_group("find");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("answer with 1,600 tokens", |b| {
        b.iter(|| find(&codec, black_box(&text), DOMAIN));
    });
    group.throughput(Throughput::Bytes(prose.len() as u64));
    group.bench_function("prose without tokens", |b| {
        b.iter(|| find(&codec, black_box(prose.as_bytes()), DOMAIN));
    });
    group.finish();
}

fn tokens(bench: &mut Criterion) {
    let codec = codec();
    let all = codec.mint_many(1..VALUES + 1).unwrap();
    let mut group = bench.benchmark_group("tokens");
    group.throughput(Throughput::Elements(VALUES));
    group.bench_function("mint", |b| {
        b.iter(|| codec.mint_many(black_box(1..VALUES + 1)));
    });
    group.bench_function("check", |b| {
        b.iter(|| codec.check_many(black_box(&all)));
    });
    group.finish();
}

fn values(bench: &mut Criterion) {
    let keys: Vec<SubjectKey> = (0..RECORDS)
        .map(|subject| SubjectKey::new(&Secret::new(vec![subject.to_le_bytes()[0]; 32])).unwrap())
        .collect();
    let rows: Vec<(Context<'_>, &SubjectKey)> = (1..=VALUES)
        .zip(keys.iter().cycle())
        .map(|(row, key)| {
            let context = Context {
                form: FormatVersion::Vault1,
                tenant: "voorbeeld",
                class: "email",
                subject: row % RECORDS,
                key: 1,
                row,
            };
            (context, key)
        })
        .collect();
    let plain = b"a.van.den.berg-jansen@mail.example.nl";
    let sealed: Vec<Vec<u8>> = rows
        .iter()
        .map(|(context, key)| seal(key, context, [9; 12], plain).unwrap())
        .collect();
    let mut group = bench.benchmark_group("values");
    group.throughput(Throughput::Elements(VALUES));
    group.bench_function("open", |b| {
        b.iter(|| {
            for ((context, key), sealed) in rows.iter().zip(&sealed) {
                black_box(open(key, context, [9; 12], black_box(sealed)).unwrap());
            }
        });
    });
    group.bench_function("seal", |b| {
        b.iter(|| {
            for (context, key) in &rows {
                black_box(seal(key, context, [9; 12], black_box(plain)).unwrap());
            }
        });
    });
    group.finish();
}
