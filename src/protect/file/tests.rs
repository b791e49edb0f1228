use std::sync::Arc;

use data_encoding::HEXLOWER;
use proptest::prelude::{any, prop_assert_eq, proptest};
use serde_json::Value;

use super::{CHUNK, Head, LEAD, Lead, Opener, Sealed, Sealer, opened_length, sealed_length};
use crate::model::{Personal, Secret};
use crate::protect::{Codec, Context, Error, FormatVersion, SubjectKey, Token};

const SUBJECT: [u8; 32] = [7; 32];

fn context() -> Context<'static> {
    Context {
        form: FormatVersion::FileName1,
        tenant: "voorbeeld",
        class: "file_name",
        subject: 17,
        key: 1,
        row: 4711,
    }
}

fn token() -> Token {
    let codec = Codec::new(&Secret::new(vec![3; 32]), "voorbeeld").unwrap();
    codec.mint(4711).unwrap()
}

/// Seals in pieces of `step` bytes.
fn sealed(key: u8, plain: &[u8], step: usize) -> (Sealed, Vec<u8>) {
    let mut sealer = Sealer::new(Secret::new(vec![key; 32])).unwrap();
    let mut chunks = Vec::new();
    for piece in plain.chunks(step) {
        sealer.push(piece, &mut chunks).unwrap();
    }
    let name = Personal::from("Scan Zoë.pdf");
    let file = sealer.finish(name, "application/pdf", &mut chunks).unwrap();
    assert_eq!(file.length(), chunks.len() as u64);
    (file, chunks)
}

fn whole(key: u8, plain: &[u8], step: usize) -> Vec<u8> {
    let subject = SubjectKey::new(&Secret::new(SUBJECT.to_vec())).unwrap();
    let (file, chunks) = sealed(key, plain, step);
    let mut bytes = file.head(token(), (&subject, &context()), [9; 12]).unwrap();
    bytes.extend_from_slice(&chunks);
    bytes
}

/// What a reader makes of a whole file.
fn opened(bytes: &[u8], context: &Context<'_>) -> Result<(Head, Vec<u8>), Error> {
    let subject = SubjectKey::new(&Secret::new(SUBJECT.to_vec())).unwrap();
    let lead = Lead::read(bytes)?;
    let head = bytes.get(LEAD..LEAD + lead.head).ok_or(Error::Unopened)?;
    let head = Head::open(&lead, head, (&subject, context))?;
    let again = Head::open(&lead, &bytes[LEAD..LEAD + lead.head], (&subject, context))?;
    let mut rest = &bytes[LEAD + lead.head..];
    let mut opener = again.opener();
    let mut plain = Vec::new();
    loop {
        let (chunk, more) = rest.split_at(rest.len().min(Opener::SEALED));
        plain.extend(opener.chunk(chunk, more.is_empty())?);
        if more.is_empty() {
            return Ok((head, plain));
        }
        rest = more;
    }
}

/// Bytes of which no two chunks are the same.
fn content(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from((at / CHUNK + at) % 251).unwrap())
        .collect()
}

#[test]
fn a_file_of_any_length_comes_back_with_its_name_and_type() {
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
        let plain = content(length);
        let bytes = whole(1, &plain, 10_000);
        assert_eq!(bytes, whole(1, &plain, 3 * CHUNK), "{length}");
        let (head, back) = opened(&bytes, &context()).unwrap();
        assert_eq!(head.name.expose(), "Scan Zoë.pdf");
        assert_eq!(head.kind, "application/pdf");
        assert!(back == plain, "{length}");
        let chunks = sealed_length(length as u64);
        assert_eq!(opened_length(chunks), Some(length as u64));
        assert!(chunks <= bytes.len() as u64);
    }
    assert_eq!(opened_length(0), None);
    assert_eq!(opened_length(15), None);
    assert_eq!(opened_length(Opener::SEALED as u64 + 16), None);
}

#[test]
fn a_file_that_was_cut_swapped_doubled_or_added_to_does_not_open() {
    let bytes = whole(1, &content(3 * CHUNK + 100), CHUNK);
    let start = LEAD + Lead::read(&bytes).unwrap().head;
    let chunk = |at: usize| start + at * Opener::SEALED..start + (at + 1) * Opener::SEALED;
    let other = whole(2, &content(3 * CHUNK + 100), CHUNK);
    let mut swapped = bytes.clone();
    swapped[chunk(0)].copy_from_slice(&bytes[chunk(1)]);
    swapped[chunk(1)].copy_from_slice(&bytes[chunk(0)]);
    let mut foreign = bytes.clone();
    foreign[chunk(1)].copy_from_slice(&other[chunk(1)]);
    let spliced = [&bytes[..start], &other[start..]].concat();
    for (what, wrong) in [
        ("the last chunk is gone", bytes[..chunk(2).end].to_vec()),
        (
            "a chunk in the middle is gone",
            [&bytes[..chunk(1).start], &bytes[chunk(1).end..]].concat(),
        ),
        ("a byte is gone", bytes[..bytes.len() - 1].to_vec()),
        (
            "a chunk stands twice",
            [&bytes[..chunk(1).end], &bytes[chunk(1).start..]].concat(),
        ),
        ("bytes were added", [&bytes[..], b"x"].concat()),
        (
            "a whole file was added",
            [&bytes[..], &bytes[start..]].concat(),
        ),
        ("nothing but the head", bytes[..start].to_vec()),
        ("two chunks changed places", swapped),
        ("a chunk of another file", foreign),
        ("all chunks of another file", spliced),
    ] {
        assert!(opened(&wrong, &context()).is_err(), "{what}");
    }
    assert!(opened(&bytes, &context()).is_ok());
}

#[test]
fn each_changed_byte_of_head_and_chunks_is_noticed() {
    let bytes = whole(1, &content(40), 40);
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        // The token is looked up, and the row that it leads to is part of what opens the head.
        let in_token = (9..LEAD - 14).contains(&at);
        assert!(in_token || opened(&wrong, &context()).is_err(), "byte {at}");
    }
}

#[test]
fn a_head_opens_by_its_own_row_alone() {
    let bytes = whole(1, b"x", 1);
    assert!(opened(&bytes, &context()).is_ok());
    let others = [
        Context {
            row: 4712,
            ..context()
        },
        Context {
            subject: 18,
            ..context()
        },
        Context {
            key: 2,
            ..context()
        },
        Context {
            class: "other",
            ..context()
        },
        Context {
            tenant: "ander",
            ..context()
        },
    ];
    for other in others {
        assert!(opened(&bytes, &other).is_err(), "{other:?}");
    }
}

#[test]
fn chunks_that_were_kept_elsewhere_prove_themselves() {
    let plain = content(CHUNK + 1);
    let (file, chunks) = sealed(1, &plain, CHUNK);
    let file = Arc::new(file);
    let (first, last) = chunks.split_at(Opener::SEALED);
    let mut check = Arc::clone(&file).check();
    assert_eq!(check.chunk(first, false), Ok(()));
    assert_eq!(check.chunk(last, true), Ok(()));
    let mut check = Arc::clone(&file).check();
    assert!(check.chunk(last, true).is_err());
    assert!(file.check().chunk(&plain[..100], false).is_err());
}

#[test]
fn nothing_of_a_file_shows_in_what_is_sealed() {
    let bytes = whole(1, &b"kanariezuidwest".repeat(1000), 77);
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    for text in ["kanariezuidwest", "Scan", ".pdf", "application"] {
        assert!(!has(text), "{text}");
    }
    assert!(has("SLUIS"));
}

/// The vectors of `docs/spec/file.md`, which a second implementation has computed.
#[test]
fn files_are_those_of_the_vectors() {
    let text = include_str!("../../../tests/vectors/file.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let hex = |value: &Value| HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap();
    let number = |value: &Value| value.as_u64().unwrap();
    let key = |name: &str| Secret::new(hex(&vectors["keys"][name]));
    let cases = vectors["files"].as_array().unwrap();
    assert!(cases.len() > 2);
    for case in cases {
        let word = |name: &str| case[name].as_str().unwrap();
        let context = Context {
            form: FormatVersion::FileName1,
            tenant: word("tenant"),
            class: word("class"),
            subject: number(&case["subject"]),
            key: number(&case["key"]),
            row: number(&case["row"]),
        };
        let plain = hex(&case["unit"]).repeat(usize::try_from(number(&case["times"])).unwrap());
        let mut sealer = Sealer::new(key("file")).unwrap();
        let mut chunks = Vec::new();
        sealer.push(&plain, &mut chunks).unwrap();
        let file = sealer.finish(Personal::from(word("name")), word("type"), &mut chunks);
        let codec = Codec::new(&key("token"), context.tenant).unwrap();
        let subject = SubjectKey::new(&key("subject")).unwrap();
        let nonce = hex(&case["nonce"]).try_into().unwrap();
        let token = codec.mint(context.row).unwrap();
        let head = file.unwrap().head(token, (&subject, &context), nonce);
        assert_eq!(HEXLOWER.encode(&head.unwrap()), word("head"));
        let digest = crate::protect::primitives::hash(&chunks);
        assert_eq!(HEXLOWER.encode(digest.as_ref()), word("chunks"));
        assert_eq!(chunks.len() as u64, number(&case["length"]));
    }
}

proptest! {
    #[test]
    fn pieces_make_no_difference(length in 0..200_000_usize, step in 1..100_000_usize, key in any::<u8>()) {
        let plain = content(length);
        let (_, once) = sealed(key, &plain, 400_000);
        let (_, pieces) = sealed(key, &plain, step);
        prop_assert_eq!(once, pieces);
    }
}
