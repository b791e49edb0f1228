//! Compiles the lexicons of `src/detect/lexicon` into one table, which the program carries: a start
//! then reads numbers instead of 80,000 patterns. A lexicon that cannot be read ends the build with
//! file, line and pattern.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use detect::category::{Language, Special};
use detect::lexicon::{Source, table};

/// The same code that tests compile small lexicons with.
#[expect(
    dead_code,
    unused_imports,
    reason = "the program uses what this does not"
)]
#[path = "src/detect"]
mod detect {
    pub mod category;
    mod fold;
    mod hash;
    mod language;
    pub mod lexicon;
    mod text;
}

const FOLDER: &str = "src/detect/lexicon";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Cargo shows it; there is nobody else to tell.
            let _ = writeln!(io::stderr(), "{FOLDER}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    writeln!(io::stdout(), "cargo::rerun-if-changed={FOLDER}")
        .map_err(|error| error.to_string())?;
    let files = files()?;
    let sources: Vec<Source<'_>> = files
        .iter()
        .map(|(language, name, text)| Source {
            language: *language,
            name,
            text,
        })
        .collect();
    let table = table(&sources).map_err(|error| error.to_string())?;
    let folder = env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    let to = Path::new(&folder).join("lexicons.bin");
    fs::write(&to, table).map_err(|error| format!("{}: {error}", to.display()))
}

/// For each language `cues.toml` and a file for each category that words can tell; national ids
/// have checksums instead of words.
fn files() -> Result<Vec<(Language, &'static str, String)>, String> {
    let categories = Special::ALL
        .into_iter()
        .filter(|category| *category != Special::NationalId);
    let names: Vec<&str> = ["cues"]
        .into_iter()
        .chain(categories.map(Special::name))
        .collect();
    let mut files = Vec::new();
    for language in Language::ALL {
        for name in &names {
            let path = format!("{FOLDER}/{}/{name}.toml", language.code());
            let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            files.push((language, *name, text));
        }
    }
    Ok(files)
}
