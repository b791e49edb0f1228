//! Special categories in free text: a note of 500 characters, and texts of growing length, ordinary
//! and hostile, to see that time grows with length alone.
#![expect(
    clippy::unwrap_used,
    reason = "a bench stops at what it did not expect"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sluis::detect::Detector;

criterion_group!(benches, note, length, compile);
criterion_main!(benches);

const NOTE: &str = "Beste Karin, dank voor het prettige gesprek van gisteren. De levering van de twee \
    printers kan wat ons betreft naar volgende week, want mijn collega ligt nog in het ziekenhuis na \
    haar operatie en de dialyseafdeling van het UMC wil eerst de offerte zien. Ik ben zelf donderdag \
    vrij wegens het suikerfeest. Order 539701014 blijft staan; het adres is Kerkstraat 12. Kun je de \
    factuur naar de administratie sturen en meneer De Vries bellen over het contract? Met vriendelijke \
    groet, Joost van der Velde";

fn note(criterion: &mut Criterion) {
    let detector = Detector::new().unwrap();
    let mut group = criterion.benchmark_group("detect");
    group.throughput(Throughput::Bytes(NOTE.len() as u64));
    group.bench_function("note_of_500", |b| {
        b.iter(|| detector.special(black_box(NOTE), None));
    });
    group.finish();
}

/// Pieces that make long texts: the last ones are what a quadratic detector would choke on.
const PIECES: [(&str, &str); 6] = [
    ("notes", NOTE),
    ("one_word", "kanker"),
    ("one_word_apart", "is ziek en "),
    ("letters_apart", "k "),
    ("open_tags", "<b"),
    ("digits", "216405877 "),
];

fn length(criterion: &mut Criterion) {
    let detector = Detector::new().unwrap();
    let mut group = criterion.benchmark_group("detect_length");
    group.sample_size(10);
    for (name, piece) in PIECES {
        for size in [1 << 16, 1 << 20] {
            let text = piece.repeat(size / piece.len());
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new(name, size), &text, |b, text| {
                b.iter(|| detector.special(black_box(text), None));
            });
        }
    }
    group.finish();
}

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("detect_compile");
    group.sample_size(10);
    group.bench_function("lexicons", |b| b.iter(|| Detector::new().unwrap()));
    group.finish();
}
