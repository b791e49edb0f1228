//! No request costs more than a hundred times its size in memory.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::crm::json as whole;
use super::house::{API, House, contact, contacts, read, record};
use super::process::Process;

const SIZE: usize = 6 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn deep_wide_and_zipped_bodies_end_in_a_refusal_within_their_memory() {
    let (house, crm) = House::with_crm().await;
    let border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    let object = |index: usize| {
        format!("{{\"attributes\":{{\"type\":\"Contact\"}},\"LastName\":\"n{index}\"}},")
    };
    let records: String = (0..SIZE / 64).map(object).collect();
    let records = records.trim_end_matches(',');
    let members: String = (0..SIZE / 12)
        .map(|index| format!("\"k{index}\":1,"))
        .collect();
    let escaped = "\\u0041".repeat(SIZE / 6);
    let bodies: Vec<(&str, Vec<u8>, bool)> = vec![
        ("deep arrays", "[".repeat(SIZE).into_bytes(), false),
        (
            "deep objects",
            "{\"a\":".repeat(SIZE / 5).into_bytes(),
            false,
        ),
        (
            "many numbers",
            format!("[{}0]", "1,".repeat(SIZE / 2)).into_bytes(),
            false,
        ),
        (
            "many members",
            format!("{{{members}\"z\":1}}").into_bytes(),
            false,
        ),
        (
            "many records",
            format!("{{\"records\":[{records}]}}").into_bytes(),
            false,
        ),
        (
            "one long value",
            format!("{{\"LastName\":\"{escaped}\"}}").into_bytes(),
            false,
        ),
        ("zipped blanks", zip(&vec![b' '; 512 << 20]), true),
        ("zipped arrays", zip(&vec![b'['; 512 << 20]), true),
        ("twelve MB of gzip", noise(), true),
    ];
    for (name, body, zipped) in bodies {
        let size = u64::try_from(body.len()).unwrap() / 1024;
        for target in [contacts(), format!("{API}/composite/sobjects")] {
            let request = house.post(&target, &Value::Null).body(body.clone());
            let request = if zipped {
                request.header("content-encoding", "gzip")
            } else {
                request
            };
            let (status, text) = read(request).await;
            assert!((400..500).contains(&status), "{name}: {status} {text:.200}");
            assert!(text.len() < 2000, "{name}: {text:.200}");
        }
        let most = border.memory("VmHWM");
        // What the process takes at rest, and the 100 times of the promise, 1 GiB at most.
        let limit = 150 * 1024 + (100 * size).min(1 << 20);
        assert!(most < limit, "{name}: {most} KiB for a body of {size} KiB");
    }
    assert_eq!(read(house.get(&contact())).await.0, 200, "it lives");
}

fn zip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that do not compress, under a gzip head.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(11 << 20)
    .collect();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(&noise).unwrap();
    encoder.finish().unwrap()
}
