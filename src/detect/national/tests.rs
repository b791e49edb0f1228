//! What is a national id in a text, and what is another number.

use super::find;

/// Text, what is found (`scheme:text`), or nothing. All numbers are random and nobody's.
const TABLE: &str = include_str!("examples.tsv");

#[test]
fn examples_are_found_as_the_table_says() {
    let mut wrong = Vec::new();
    for line in TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (text, expected) = line.split_once('\t').expect("text and result");
        let found: Vec<String> = find(text, false)
            .iter()
            .map(|hit| format!("{}:{}", hit.scheme, &text[hit.start..hit.end]))
            .collect();
        if found.join(" & ") != expected.trim() {
            wrong.push(format!("{text}: {found:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_field_for_the_number_needs_no_word_but_the_checksum() {
    assert_eq!(find("216 405 877", true).len(), 1);
    assert_eq!(find("216405878", true).len(), 0);
    assert_eq!(find("216405877", false).len(), 0);
}

#[test]
fn the_bytes_of_a_number_are_given_among_others() {
    let text = "é BSN: ２１６405877…";
    let found = find(text, false);
    assert_eq!(&text[found[0].start..found[0].end], "２１６405877");
}
