//! Generating a body anew.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use memchr::memmem;

use crate::wire::Error;

use super::header;

/// A part to be written.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    pub name: &'a str,
    pub filename: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub content: &'a [u8],
}

/// A body with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// For the `Content-Type` header.
    pub content_type: String,
    pub bytes: Vec<u8>,
    /// Where the content of each part ends in `bytes`.
    pub ends: Vec<usize>,
}

/// Writes parts with a boundary that occurs in none of them.
///
/// # Errors
/// Names and types that [`super::parse`] would refuse, so that whatever is written reads back.
pub fn write(items: &[Item<'_>]) -> Result<Body, Error> {
    let boundary = boundary(items);
    let size = |item: &Item<'_>| item.content.len() + item.name.len() + 256;
    let mut bytes = Vec::with_capacity(items.iter().map(size).sum::<usize>() + 64);
    let mut ends = Vec::with_capacity(items.len());
    for item in items {
        bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        let start = bytes.len();
        bytes.extend_from_slice(head(item).as_bytes());
        check(item, bytes.get(start..).unwrap_or_default())?;
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes.extend_from_slice(item.content);
        ends.push(bytes.len());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Body {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        bytes,
        ends,
    })
}

fn head(item: &Item<'_>) -> String {
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", item.name);
    if let Some(filename) = item.filename {
        head.push_str(&format!("; filename=\"{filename}\""));
    }
    if let Some(content_type) = item.content_type {
        head.push_str(&format!("\r\nContent-Type: {content_type}"));
    }
    head
}

/// What was written must read as what was meant.
fn check(item: &Item<'_>, head: &[u8]) -> Result<(), Error> {
    let found = header::read(head, 0)?;
    let same = found.name == item.name
        && found.filename.as_deref() == item.filename
        && found.content_type.as_deref() == item.content_type
        && found.length.is_none();
    match same {
        true => Ok(()),
        false => Err(super::malformed(0, "a name that would not read back")),
    }
}

/// A boundary of ours: a hash over all contents. Who could put it into a content would have to
/// find a text that holds its own hash; it is looked for all the same.
fn boundary(items: &[Item<'_>]) -> String {
    let mut hash = Context::new(&SHA256);
    for item in items {
        hash.update(item.content);
        hash.update(item.name.as_bytes());
    }
    let mut rounds = (0_u64..).map(|round| {
        let mut hash = hash.clone();
        hash.update(&round.to_le_bytes());
        let digest = hash.finish();
        let random = HEXLOWER.encode(digest.as_ref().get(..16).unwrap_or_default());
        format!("sluis-{random}")
    });
    let occurs = |boundary: &String| {
        let finder = memmem::Finder::new(boundary.as_bytes());
        items.iter().any(|item| finder.find(item.content).is_some())
    };
    rounds
        .find(|boundary| !occurs(boundary))
        .unwrap_or_default()
}
