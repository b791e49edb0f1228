//! Forms with files: the reader of whole bodies, the one of bodies as they come, and the border.
//!
//! The first byte says in how large pieces the second reader gets the body.

use sluis::dialect::pages::Submitted;
use sluis::wire::multipart::{Event, Item, Limits, Reader, parse, write};

use super::choice;
use crate::pages;

const BOUNDARY: &str = "grens";

/// A part: its name, the name of its file, its type, its content.
type Part = (String, Option<String>, Option<String>, Vec<u8>);

pub fn run(input: &[u8]) {
    let Some((step, body)) = choice(input) else {
        return;
    };
    let whole = parse(BOUNDARY, body, &Limits::default());
    let whole: Option<Vec<Part>> = whole.ok().map(|parts| {
        let parts = parts.into_iter();
        parts
            .map(|part| {
                let content = body[part.content].to_vec();
                (part.name, part.filename, part.content_type, content)
            })
            .collect()
    });
    let pieces = pieces(body, usize::from(step) + 1);
    assert_eq!(whole, pieces, "both readers read one form");
    if let Some(parts) = whole {
        written_anew(&parts);
    }
    let _refused = pages::visit(&Submitted {
        method: "POST",
        target: "/persons/contact/add",
        content_type: Some("multipart/form-data; boundary=grens"),
        body,
    });
}

/// The form as it is read in pieces.
fn pieces(body: &[u8], step: usize) -> Option<Vec<Part>> {
    let mut reader = Reader::new(BOUNDARY, Limits::default().parts).expect("a boundary");
    let mut parts: Vec<Part> = Vec::new();
    for piece in body.chunks(step) {
        reader.push(piece);
        while let Some(event) = reader.event().ok()? {
            match event {
                Event::Part(head) => {
                    parts.push((head.name, head.filename, head.content_type, vec![]));
                }
                Event::Content(bytes) => parts.last_mut()?.3.extend_from_slice(&bytes),
                Event::End => {}
            }
        }
    }
    reader.finish().ok()?;
    Some(parts)
}

/// Parts that are written read as they were, by the boundary that is ours.
fn written_anew(parts: &[Part]) {
    let items: Vec<Item<'_>> = parts
        .iter()
        .map(|(name, filename, content_type, content)| Item {
            name,
            filename: filename.as_deref(),
            content_type: content_type.as_deref(),
            content,
        })
        .collect();
    let Ok(written) = write(&items) else { return };
    let boundary = written.content_type.rsplit_once('=').expect("a boundary").1;
    let again = parse(boundary, &written.bytes, &Limits::default()).expect("what is written reads");
    assert_eq!(again.len(), parts.len());
    for (again, (name, _, _, content)) in again.iter().zip(parts) {
        assert_eq!(
            (&again.name, &written.bytes[again.content.clone()]),
            (name, &content[..])
        );
    }
}
