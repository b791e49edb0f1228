//! What the model of `sluis::detect` sees of texts, for `src/detect/model/train.py`.
//!
//! Reads JSON lines with `id` and `text`. Takes two numbers: how many per cent of the lexicons'
//! patterns to leave out, and a seed that says which. Writes a line a sentence and category: id,
//! first and one past the last code point, category, log-odds of the rules, features.

use std::io::{self, BufRead, Write};

use sluis::detect::Detector;

/// The features' hashes are cut to as many bits as `POWER` in `train.py`.
const MASK: u64 = (1 << 19) - 1;

fn main() -> anyhow::Result<()> {
    let mut numbers = std::env::args().skip(1);
    let mut number = || numbers.next().unwrap_or_default().parse::<u64>();
    let (per_cent, seed) = (number()?, number()?);
    let detector = Detector::new()?;
    let keep = |pattern: &str| chance(pattern, seed) >= per_cent;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let (Some(id), Some(text)) = (record["id"].as_str(), record["text"].as_str()) else {
            anyhow::bail!("a line has no id or no text");
        };
        let point = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
        for example in detector.examples(text, &keep) {
            let (start, end) = (point(example.place.start), point(example.place.end));
            let odds = example
                .odds
                .map_or_else(|| "-".to_owned(), |odds| format!("{odds:.2}"));
            write!(
                out,
                "{id}\t{start}\t{end}\t{}\t{odds}",
                example.category.index()
            )?;
            for feature in example.features {
                write!(out, "\t{}", feature & MASK)?;
            }
            writeln!(out)?;
        }
    }
    Ok(out.flush()?)
}

/// A number from 0 to 99 that depends on the pattern and the seed alone (FNV-1a).
fn chance(pattern: &str, seed: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = pattern.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 20) % 100
}
