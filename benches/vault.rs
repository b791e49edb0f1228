//! What the vault costs: a warm row, a page of cold rows, a page of new rows.
#![expect(clippy::unwrap_used, reason = "a bench that fails should stop")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use sluis::keys::{self, Kek, KeyProvider, Ring, SystemClock, SystemEntropy};
use sluis::model::Secret;
use sluis::protect::FormatVersion;
use sluis::vault::{
    Ask, Bound, NewToken, Record, Rows, Said, Subject, SubjectOf, Term, Unit, Vault,
};
use tokio::runtime::{Builder, Runtime};

/// A query answer of 200 records with 8 protected fields each.
const RECORDS: u32 = 200;
const FIELDS: u32 = 8;
const PAGE: usize = (RECORDS * FIELDS) as usize;
/// 100,800 rows in the vault.
const PAGES: u32 = 63;

struct Fixed;

impl KeyProvider for Fixed {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(Secret::new(vec![1; 32]))
    }
}

fn open(folder: &Path) -> Vault {
    let entropy = Arc::new(SystemEntropy::default());
    let ring = Arc::new(Ring::open(&Fixed, entropy.clone()).unwrap());
    Vault::open(folder, ring, "bench", Arc::new(SystemClock), entropy).unwrap()
}

fn identity(page: u32, record: u32) -> Term {
    let mut mac = [0; 16];
    // Spread like a MAC: the index is of random keys.
    let spread =
        u128::from(page * RECORDS + record).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    mac.copy_from_slice(&spread.to_be_bytes());
    Term {
        class: "email".into(),
        mac,
    }
}

/// One exchange that creates a page of records; returns its first row.
async fn write(vault: &Vault, page: u32, bind: bool) -> u64 {
    let ask = Ask {
        subjects: (0..RECORDS)
            .map(|record| SubjectOf {
                identities: vec![identity(page, record)],
                ..SubjectOf::default()
            })
            .collect(),
        rows: PAGE,
        ..Ask::default()
    };
    let known = vault.prepare(ask).await.unwrap();
    let first = known.rows.start;
    let fields: Vec<Arc<str>> = (0..FIELDS).map(|n| format!("Field{n}").into()).collect();
    let class: Arc<str> = "text".into();
    let object: Arc<str> = "Contact".into();
    let mut row = known.rows;
    let mut tokens = Vec::with_capacity(PAGE);
    for unit in 0..RECORDS {
        for field in &fields {
            tokens.push(NewToken {
                row: row.next().unwrap(),
                unit,
                class: Arc::clone(&class),
                field: Arc::clone(field),
                stable: None,
                search: Vec::new(),
                form: FormatVersion::Vault1,
                nonce: [7; 12],
                ciphertext: vec![0xa5; 40].into(),
            });
        }
    }
    let unit = |(index, subject): (u32, &Arc<Subject>)| Unit {
        index,
        subject: subject.id,
        object: Arc::clone(&object),
        record: None,
    };
    let rows = Rows {
        exchange: page.into(),
        units: (0..RECORDS).zip(&known.subjects).map(unit).collect(),
        subjects: known.subjects,
        tokens,
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    if bind {
        vault.bind(page.into(), bound(page)).await.unwrap();
    }
    first
}

fn bound(page: u32) -> Vec<Bound> {
    (0..RECORDS)
        .map(|unit| Bound {
            unit,
            record: Record {
                object: "Contact".into(),
                id: format!("003{:015}", page * RECORDS + unit).into(),
            },
            said: Said::Done,
        })
        .collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn benches(criterion: &mut Criterion) {
    let runtime = runtime();
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let first: Vec<u64> = (0..PAGES)
        .map(|page| runtime.block_on(write(&vault, page, true)))
        .collect();
    let page_of = |n: usize| -> Vec<u64> {
        let start = first[n % first.len()];
        (start..start + PAGE as u64).collect()
    };

    let warm = page_of(0);
    runtime.block_on(vault.load(&warm)).unwrap();
    criterion.bench_function("a warm row", |bencher| {
        let mut at = warm.iter().cycle();
        bencher.iter(|| black_box(vault.cached(*at.next().unwrap())).is_some());
    });

    let mut group = criterion.benchmark_group("1,600 rows");
    group.sample_size(10);
    let mut page = 0;
    group.bench_function("load, cold cache, 100,000 rows in the vault", |bencher| {
        bencher.iter_batched(
            || {
                page += 17;
                (open(dir.path()), page_of(page))
            },
            |(vault, rows)| {
                let found = runtime.block_on(vault.load(&rows)).unwrap();
                assert!(found.iter().all(Option::is_some));
                vault
            },
            BatchSize::PerIteration,
        );
    });
    let mut page = PAGES;
    group.bench_function("prepare and commit, 200 new subjects", |bencher| {
        bencher.iter(|| {
            page += 1;
            runtime.block_on(write(&vault, page, false))
        });
    });
    let mut page = 2 * PAGES + 10_000;
    group.bench_function("bind", |bencher| {
        bencher.iter_batched(
            || {
                page += 1;
                runtime.block_on(write(&vault, page, false));
                page
            },
            |page| {
                runtime
                    .block_on(vault.bind(page.into(), bound(page)))
                    .unwrap();
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
