//! Looks for a value in bytes, however it is written there.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::read::GzDecoder;
use memchr::memmem::Finder;

/// How a value can be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    Plain,
    Base64,
    Base64Url,
    Hex,
    /// Each byte as `%xx`. A value of letters and digits is usually not escaped at all, which
    /// `Plain` finds.
    Percent,
    /// Each character as `\u00xx`.
    Json,
    Utf16Le,
    Utf16Be,
}

/// Finds a few values, in any case, in every [`Form`] and inside gzip streams.
pub struct Scanner {
    needles: Vec<(Form, Finder<'static>)>,
}

/// A value that stands where it was looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Found {
    pub form: Form,
    /// Whether it was inside a gzip stream.
    pub zipped: bool,
    /// Where, in bytes; inside a stream, where in what it unpacks to.
    pub at: usize,
}

impl Scanner {
    /// For values of at least eleven letters and digits, so that no other bytes look like them.
    ///
    /// # Errors
    /// When a value is shorter or has other characters.
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Result<Self> {
        let mut needles = Vec::new();
        for value in values {
            let fit = value.len() >= 11 && value.bytes().all(|b| b.is_ascii_alphanumeric());
            ensure!(fit, "the scanner needs eleven letters and digits");
            let mut cases = vec![value.to_lowercase(), value.to_uppercase(), title(value)];
            cases.dedup();
            for (form, bytes) in cases.iter().flat_map(|case| forms(case.as_bytes())) {
                needles.push((form, Finder::new(&bytes).into_owned()));
            }
        }
        Ok(Self { needles })
    }

    /// The first place of each form, with what gzip streams unpack to.
    pub fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = self.bare(bytes, false);
        for at in Finder::new(GZIP).find_iter(bytes) {
            let mut unpacked = Vec::new();
            // A stream that breaks off still says what it said until then.
            let stream = bytes.get(at..).unwrap_or_default();
            let _ = GzDecoder::new(stream)
                .take(MOST_UNPACKED)
                .read_to_end(&mut unpacked);
            found.extend(self.bare(&unpacked, true));
        }
        found
    }

    /// Looks through all files of a folder and of those in it.
    ///
    /// # Errors
    /// When a value is found, with the file and the form; when a file cannot be read.
    pub fn clean_folder(&self, folder: &Path) -> Result<usize> {
        let mut files = 0;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                files += self.clean_folder(&path)?;
            } else if path.is_file() {
                let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
                self.clean(&path.display().to_string(), &bytes)?;
                files += 1;
            }
        }
        Ok(files)
    }

    /// # Errors
    /// When a value is found in the bytes.
    pub fn clean(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let found = self.find(bytes);
        let around = found.first().filter(|first| !first.zipped).map(|first| {
            let from = first.at.saturating_sub(120);
            let to = bytes.len().min(first.at + 120);
            String::from_utf8_lossy(bytes.get(from..to).unwrap_or_default()).into_owned()
        });
        ensure!(
            found.is_empty(),
            "{name} has a value that must not be there: {found:?} in {around:?}"
        );
        Ok(())
    }

    fn bare(&self, bytes: &[u8], zipped: bool) -> Vec<Found> {
        let hits = self.needles.iter().filter_map(|(form, finder)| {
            let at = finder.find(bytes)?;
            Some(Found {
                form: *form,
                zipped,
                at,
            })
        });
        hits.collect()
    }
}

/// RFC 1952, section 2.3.1: the two bytes of its name, and the only method there is.
const GZIP: &[u8] = &[0x1f, 0x8b, 8];
const MOST_UNPACKED: u64 = 64 * 1024 * 1024;

fn title(value: &str) -> String {
    let (first, rest) = value.split_at(1);
    first.to_uppercase() + &rest.to_lowercase()
}

/// The value in each form.
fn forms(value: &[u8]) -> Vec<(Form, Vec<u8>)> {
    let each = |shown: &dyn Fn(u8) -> String| -> Vec<u8> {
        value
            .iter()
            .flat_map(|byte| shown(*byte).into_bytes())
            .collect()
    };
    let mut forms = vec![
        (Form::Plain, value.to_vec()),
        (Form::Hex, HEXLOWER.encode(value).into_bytes()),
        (Form::Hex, HEXUPPER.encode(value).into_bytes()),
        (Form::Percent, each(&|byte| format!("%{byte:02x}"))),
        (Form::Percent, each(&|byte| format!("%{byte:02X}"))),
        (Form::Json, each(&|byte| format!("\\u{byte:04x}"))),
        (Form::Json, each(&|byte| format!("\\u{byte:04X}"))),
        (
            Form::Utf16Le,
            value.iter().flat_map(|byte| [*byte, 0]).collect(),
        ),
        (
            Form::Utf16Be,
            value.iter().flat_map(|byte| [0, *byte]).collect(),
        ),
    ];
    for alignment in 0..3 {
        let inner = |text: String| inner_base64(&text, alignment, value.len());
        let mut shifted = vec![0; alignment];
        shifted.extend_from_slice(value);
        forms.push((Form::Base64, inner(BASE64_NOPAD.encode(&shifted))));
        forms.push((Form::Base64Url, inner(BASE64URL_NOPAD.encode(&shifted))));
    }
    forms
}

/// The characters that say the value alone, whatever stands before and after it.
fn inner_base64(text: &str, alignment: usize, length: usize) -> Vec<u8> {
    let from = (alignment * 8).div_ceil(6);
    let to = (alignment + length) * 8 / 6;
    text.as_bytes().get(from..to).unwrap_or_default().to_vec()
}
