use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq};
use proptest::{proptest, sample};

use crate::wire::Error;
use crate::wire::csv::{Cell, Delimiter, Guard, Limits, encode, locate, parse, replace};

const COMMA: Delimiter = Delimiter::Comma;

fn read(text: &str) -> Result<Vec<Cell>, Error> {
    parse(text, COMMA, &Limits::default())
}

/// The table with its meant values.
fn table(text: &str, cells: &[Cell]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for cell in cells {
        if cell.column == 0 {
            rows.push(vec![]);
        }
        assert_eq!(cell.row, rows.len() - 1);
        let row = rows.last_mut().unwrap();
        assert_eq!(cell.column, row.len());
        row.push(cell.value(text).into_owned());
    }
    rows
}

/// As a lenient reader sees it.
fn other(text: &str, delimiter: Delimiter) -> Vec<Vec<String>> {
    let mut reader = csv_core::ReaderBuilder::new()
        .delimiter(delimiter.byte())
        .build();
    let (mut rows, mut row, mut field) = (vec![], vec![], vec![]);
    let mut input = text.as_bytes();
    let mut chunk = [0; 64];
    loop {
        let (result, read, written) = reader.read_field(input, &mut chunk);
        input = &input[read..];
        field.extend_from_slice(&chunk[..written]);
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8(std::mem::take(&mut field)).unwrap());
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
            csv_core::ReadFieldResult::End => return rows,
            _ => (),
        }
    }
}

/// Puts `value` in the place of each `@@`.
fn put(text: &str, value: &str, guard: Guard) -> Result<String, Error> {
    let cells = read(text)?;
    let places = text.match_indices("@@").map(|(at, two)| at..at + two.len());
    let changes: Vec<(Range<usize>, &str)> = places.map(|range| (range, value)).collect();
    replace(text, &cells, &changes, COMMA, guard)
}

#[test]
fn cells_have_their_places_and_quotes() {
    let text = "\u{feff}a,\"b\"\"c\"\r\n\"d\r\n,e\",\n\"\",f";
    let cells = read(text).unwrap();
    assert_eq!(
        table(text, &cells),
        [["a", "b\"c"], ["d\r\n,e", ""], ["", "f"]]
    );
    let quoted: Vec<_> = cells.iter().map(|cell| cell.quoted).collect();
    assert_eq!(quoted, [false, true, true, false, true, false]);
    assert_eq!(&text[cells[1].range.clone()], "\"b\"\"c\"");
    assert_eq!(read(""), Ok(vec![]));
    assert_eq!(read("\u{feff}").unwrap(), []);
    assert_eq!(read("a,").unwrap().len(), 2);
    assert_eq!(read("a\n").unwrap().len(), 1);
}

#[test]
fn tables_with_two_readings_are_refused() {
    assert!(read("a,\"b\"\r\nc,d\n").is_ok());
    for text in [
        "a,b\"c",
        "a,\"b\"c",
        "a,\"b\" ",
        "a, \"b\"",
        "a,\"b",
        "a,\"",
        "a,b\rc,d",
        "a,b\r",
        "a,b\nc",
        "a,b\nc,d,e",
        "a,b\n\nc,d",
        "a,b\n\n",
        "a\0",
        "\"\0\"",
        "sep=,\na,b",
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_separator_is_guessed_only_where_there_is_one() {
    for (text, found) in [
        ("a,b\n1;2", Some(Delimiter::Comma)),
        ("\"a,x\";b", Some(Delimiter::Semicolon)),
        ("a\tb", Some(Delimiter::Tab)),
        ("a,b;c", None),
        ("a\n1,2", None),
        ("", None),
    ] {
        assert_eq!(Delimiter::guess(text), found, "{text}");
    }
}

#[test]
fn each_limit_refuses_one_more() {
    let limits = Limits { bytes: 3, cells: 2 };
    assert!(parse("a,b", COMMA, &limits).is_ok());
    assert!(parse("a,bc", COMMA, &limits).is_err());
    assert!(parse(",,", COMMA, &limits).is_err());
}

#[test]
fn values_are_put_into_cells_and_all_else_is_copied() {
    let put = |text, value| put(text, value, Guard::Apostrophe).unwrap();
    assert_eq!(
        put("\u{feff}a,\"@@\"\r\n=1,x@@y@@\n", "v"),
        "\u{feff}a,\"v\"\r\n=1,xvyv\n"
    );
    assert_eq!(put("a,@@\n", "b,\"c\"\nd"), "a,\"b,\"\"c\"\"\nd\"\n");
    assert_eq!(put("a,\"x\"\"@@\"", "b\"c"), "a,\"x\"\"b\"\"c\"");
    assert_eq!(put("@@,@@", ""), ",");
    assert_eq!(put("a,b", "c"), "a,b");
}

#[test]
fn what_a_spreadsheet_would_run_gets_an_apostrophe() {
    for (value, expected) in [
        ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
        ("+31 20", "'+31 20"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "\"'\t'=1\""),
        ("\r=1", "\"'\r'=1\""),
        ("＝1", "'＝1"),
        ("a;=1", "\"a;'=1\""),
        ("a\",=1", "\"a\"\",'=1\""),
        ("a=1-2", "a=1-2"),
        ("'=1", "'=1"),
        ("Zoë", "Zoë"),
    ] {
        assert_eq!(put("@@", value, Guard::Apostrophe).unwrap(), expected);
    }
    assert_eq!(put("@@", "=1", Guard::Off).unwrap(), "=1");
    assert_eq!(put("=@@", "1", Guard::Apostrophe).unwrap(), "'=1");
}

#[test]
fn ranges_outside_of_cells_are_refused() {
    let text = "ab,\"c\"\"d\"\n";
    let cells = read(text).unwrap();
    let change = |range: Range<usize>| {
        replace(text, &cells, &[(range, "x")], COMMA, Guard::Off).map_err(|_| ())
    };
    assert_eq!(change(0..2), Ok("x,\"c\"\"d\"\n".to_owned()));
    assert_eq!(change(4..5), Ok("ab,\"x\"\"d\"\n".to_owned()));
    for range in [1..3, 2..3, 3..5, 7..9, 9..10, 5..6, 20..21] {
        assert_eq!(change(range), Err(()));
    }
    let two = [(0..1, "x"), (0..1, "y")];
    assert!(replace(text, &cells, &two, COMMA, Guard::Off).is_err());
    assert!(put("@@", "\0", Guard::Off).is_err());
    let ranges = [(0, 1), (2, 3), (4, 5)].map(|(from, to)| from..to);
    assert_eq!(locate(&cells, &ranges), [Some(0), None, Some(1)]);
}

proptest! {
    #[test]
    fn what_is_written_reads_back_here_and_elsewhere(
        rows in vec(vec("[^\0\u{feff}]{0,9}", 3), 1..5),
        quoted in any::<bool>(),
        delimiter in sample::select(&[COMMA, Delimiter::Semicolon, Delimiter::Tab][..]),
    ) {
        let mut text = String::new();
        for row in &rows {
            for (at, value) in row.iter().enumerate() {
                if at > 0 {
                    text.push(char::from(delimiter.byte()));
                }
                encode(value, quoted, delimiter, Guard::Off, &mut text).unwrap();
            }
            text.push('\n');
        }
        let cells = parse(&text, delimiter, &Limits::default()).unwrap();
        prop_assert_eq!(&table(&text, &cells), &rows);
        prop_assert_eq!(&other(&text, delimiter), &rows);
    }

    #[test]
    fn what_is_read_is_what_others_read(text in "(a|,|\"|\"\"|\r\n|\n|é){0,20}") {
        if let Ok(cells) = read(&text) {
            // A lenient reader skips empty lines.
            let rows: Vec<_> = table(&text, &cells);
            let full: Vec<_> = rows.into_iter().filter(|row| row != &[""]).collect();
            let meant = other(&text, COMMA);
            let meant: Vec<_> = meant.into_iter().filter(|row| row != &[""]).collect();
            prop_assert_eq!(full, meant);
        }
    }

    #[test]
    fn no_value_adds_a_cell_or_a_formula(value in "[^\0]*", text in sample::select(&["a,@@\n", "a,\"@@\"\n", "a,\"x\"\"@@\"", "@@,@@"][..])) {
        let out = put(text, &value, Guard::Apostrophe).unwrap();
        let cells = read(&out).unwrap();
        prop_assert_eq!(cells.len(), 2);
        let found = cells[1].value(&out);
        prop_assert!(!found.starts_with(['=', '+', '-', '@', '\t', '\r']));
        prop_assert!(other(&out, COMMA).len() == 1);
        let plain = put(text, &value, Guard::Off).unwrap();
        let cells = read(&plain).unwrap();
        prop_assert!(cells[1].value(&plain).ends_with(&value));
    }

    #[test]
    fn nothing_panics(text in any::<String>(), from in 0..9_usize, to in 0..9_usize) {
        let _ = Delimiter::guess(&text);
        if let Ok(cells) = read(&text) {
            let _ = replace(&text, &cells, &[(from..to, "x")], COMMA, Guard::Apostrophe);
        }
    }
}
