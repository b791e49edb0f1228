//! Every case of JSONTestSuite, through both faces and beside serde_json.

use serde::de::IgnoredAny;

use crate::wire::json::{Document, Edits, Error, Event, Limits, Reader};

const CASES: &str = include_str!("../../../tests/fixtures/json/json_test_suite.txt");

/// Valid by the RFC, refused on purpose: a number of 82 characters, a duplicate key, an empty key,
/// NUL.
const REFUSED: &[&str] = &[
    "y_number_double_close_to_zero",
    "y_object_duplicated_key",
    "y_object_duplicated_key_and_value",
    "y_object_empty_key",
    "y_object_escaped_null_in_key",
    "y_string_null_escape",
];

/// Left to the implementation, and accepted: numbers of any size, which stay text.
const ACCEPTED: &[&str] = &[
    "i_number_double_huge_neg_exp",
    "i_number_neg_int_huge_exp",
    "i_number_pos_double_huge_exp",
    "i_number_real_neg_overflow",
    "i_number_real_pos_overflow",
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
    "t_number_-9223372036854775808",
    "t_number_-9223372036854775809",
    "t_number_1.0",
    "t_number_1.000000000000000005",
    "t_number_1000000000000000",
    "t_number_10000000000000000999",
    "t_number_1e-999",
    "t_number_1e6",
    "t_number_9223372036854775807",
    "t_number_9223372036854775808",
    // Equal only after Unicode normalization, which JSON does not do.
    "t_object_key_nfc_nfd",
    "t_object_key_nfd_nfc",
];

#[test]
fn every_case_is_accepted_or_refused_as_listed() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for (name, body) in cases() {
        let accepts = ACCEPTED.contains(&name.as_str())
            || name.starts_with("y_") && !REFUSED.contains(&name.as_str());
        if Document::parse(&body, &Limits::default()).is_ok() != accepts {
            wrong.push(format!("{name}: accepted is not {accepts}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 340, "cases");
}

#[test]
fn both_faces_agree_but_for_duplicates_and_limits() {
    for (name, body) in cases() {
        let document = Document::parse(&body, &Limits::default()).map(drop);
        let Ok(text) = std::str::from_utf8(&body) else {
            assert!(matches!(document, Err(Error::NotUtf8 { .. })), "{name}");
            continue;
        };
        match (document, read(text)) {
            (Err(Error::Duplicate { .. }), read) => assert_eq!(read, Ok(()), "{name}"),
            (Err(Error::TooLarge { what, .. }), Ok(())) => {
                assert_eq!(what, "characters in a number", "{name}");
            }
            (document, read) => assert_eq!(document, read, "{name}"),
        }
    }
}

#[test]
fn what_serde_json_refuses_is_refused() {
    for (name, body) in cases() {
        if serde_json::from_slice::<IgnoredAny>(&body).is_err() {
            assert!(
                Document::parse(&body, &Limits::default()).is_err(),
                "{name}"
            );
        }
    }
}

#[test]
fn what_is_written_means_the_same_to_serde_json() {
    for (name, body) in cases() {
        let Ok(document) = Document::parse(&body, &Limits::default()) else {
            continue;
        };
        let written = document.write(&Edits::new());
        let meant = serde_json::from_slice::<serde_json::Value>(&body);
        let Ok(meant) = meant else {
            continue; // A number that does not fit a float.
        };
        let found: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(found, meant, "{name}");
    }
}

fn read(text: &str) -> Result<(), Error> {
    let mut reader = Reader::new(text, Limits::default().depth);
    while reader.next()? != Event::End {}
    Ok(())
}

/// The cases of the file and the two large ones.
fn cases() -> impl Iterator<Item = (String, Vec<u8>)> {
    let large = [
        ("n_structure_100000_opening_arrays", "[".repeat(100_000)),
        ("n_structure_open_array_object", "[{\"\":".repeat(50_000)),
    ];
    let large = large.map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let lines = CASES.lines().filter(|line| !line.starts_with('#'));
    let small = lines.map(|line| {
        let (name, hex) = line.split_once(' ').unwrap();
        let body = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        (name.to_owned(), body)
    });
    small.chain(large)
}
