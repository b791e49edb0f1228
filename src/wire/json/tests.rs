use std::collections::HashSet;

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof};
use proptest::proptest;
use serde::de::IgnoredAny;

use crate::wire::json::{
    Document, Edits, Error, Event, Kind, Limits, NodeId, Reader, Value, encode_fragment_into,
    encode_into,
};

#[test]
fn a_body_is_generated_again_from_its_meaning() {
    let body = br#" {"A\u0062" : [1E6, -0, {"x":null}], "s":"\u00e9\/\n\u2028" } "#;
    assert_eq!(
        written(&parse(body), &Edits::new()),
        r#"{"Ab":[1E6,-0,{"x":null}],"s":"é/\n\u2028"}"#
    );
}

#[test]
fn numbers_stay_byte_for_byte() {
    for number in [
        "1E6",
        "-0",
        "1.000000000000000005",
        "-9223372036854775809",
        "1e999",
    ] {
        let body = format!("[{number}]");
        assert_eq!(written(&parse(body.as_bytes()), &Edits::new()), body);
    }
}

#[test]
fn values_are_found_by_key_and_by_place() {
    let document = parse(br#"{"a":[true,"x\ty",{"b":2}],"\u0063":{},"d":false}"#);
    let root = document.root();
    let keys: Vec<_> = document.members(root).map(|(key, _)| key).collect();
    assert_eq!(keys, ["a", "c", "d"]);
    let list = document.get(root, "a").unwrap();
    let kinds: Vec<_> = document
        .elements(list)
        .map(|id| document.kind(id))
        .collect();
    assert_eq!(kinds, [Kind::Bool, Kind::String, Kind::Object]);
    let text = document.elements(list).nth(1).unwrap();
    assert_eq!(document.text(text).unwrap(), "x\ty");
    assert_eq!(document.raw(text), r#""x\ty""#);
    assert_eq!(document.bool(document.get(root, "d").unwrap()), Some(false));
    assert_eq!(document.bool(list), None);
    assert_eq!(document.text(list), None);
    assert_eq!(
        (document.len(root), document.len(list), document.len(text)),
        (3, 3, 0)
    );
    assert_eq!(document.get(list, "a"), None);
    assert_eq!(document.elements(root).next(), None);
    assert!(document.is_empty(document.get(root, "c").unwrap()));
}

#[test]
fn edits_replace_remove_and_append() {
    let document = parse(br#"{"a":"x","b":[1,2,3],"c":{"d":4},"e":{}}"#);
    let root = document.root();
    let at = |key| document.get(root, key).unwrap();
    let mut edits = Edits::new();
    edits.replace(at("a"), Value::Text("say \"hi\"".into()));
    for id in document.elements(at("b")).step_by(2) {
        edits.remove(id);
    }
    edits.replace(
        document.get(at("c"), "d").unwrap(),
        Value::Raw("4.50".into()),
    );
    edits.append(at("c"), "f".into(), Value::Null);
    edits.append(at("e"), "\n".into(), Value::Text(String::new()));
    assert_eq!(
        written(&document, &edits),
        r#"{"a":"say \"hi\"","b":[2],"c":{"d":4.50,"f":null},"e":{"\n":""}}"#
    );
}

#[test]
fn what_is_changed_inside_a_removed_value_is_gone() {
    let document = parse(br#"{"a":{"b":{"c":"secret"}},"d":1,"e":[2]}"#);
    let root = document.root();
    let a = document.get(root, "a").unwrap();
    let b = document.get(a, "b").unwrap();
    let mut edits = Edits::new();
    edits.remove(a);
    edits.replace(document.get(b, "c").unwrap(), Value::Text("new".into()));
    edits.append(b, "x".into(), Value::Null);
    edits.replace(document.get(root, "e").unwrap(), Value::Raw("[]".into()));
    assert_eq!(written(&document, &edits), r#"{"d":1,"e":[]}"#);
    edits.remove(root);
    assert_eq!(written(&document, &edits), "null");
}

#[test]
fn an_appended_member_takes_the_place_of_one_of_the_same_key() {
    let document = parse(br#"{"a":1,"b":2,"\u0061b":3}"#);
    let mut edits = Edits::new();
    edits.append(document.root(), "a".into(), Value::Raw("4".into()));
    edits.append(document.root(), "ab".into(), Value::Raw("5".into()));
    edits.append(document.root(), "a".into(), Value::Raw("6".into()));
    assert_eq!(written(&document, &edits), r#"{"b":2,"ab":5,"a":6}"#);
}

#[test]
fn duplicate_keys_are_refused_at_every_depth_after_unescaping() {
    let many: String = (0..100).map(|n| format!("\"key{n}\":{n},")).collect();
    let refused = [
        (r#"{"LastName":"a","LastName":"b"}"#.to_owned(), 17),
        (r#"{"LastName":1,"L\u0061stName":2}"#.to_owned(), 15),
        (r#"[[{"x":{"a":1,"b":2,"a":3}}]]"#.to_owned(), 21),
        (format!("{{{many}\"key7\":1}}"), 2 + many.len()),
        (format!("{{\"k\\u0065y99\":0,{many}\"z\":1}}"), 0),
    ];
    for (body, at) in refused {
        let error = Document::parse(body.as_bytes(), &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Duplicate { .. }), "{body}");
        if at > 0 {
            assert_eq!(error, Error::Duplicate { at }, "{body}");
        }
    }
    let accepted = [
        r#"{"a":{"a":[{"a":1},{"a":1}]},"A":2,"a ":3}"#.to_owned(),
        format!("{{{many}\"key100\":1}}"),
    ];
    for body in accepted {
        assert!(
            Document::parse(body.as_bytes(), &Limits::default()).is_ok(),
            "{body}"
        );
    }
}

#[test]
fn keys_made_to_collide_are_told_apart() {
    let key = |n: usize| format!("\"collide_{n:08}_collide\":0");
    let mut keys: Vec<String> = (0..100_000).map(key).collect();
    let body = format!("{{{}}}", keys.join(","));
    assert!(Document::parse(body.as_bytes(), &Limits::default()).is_ok());
    keys.push(key(50_000));
    let body = format!("{{{}}}", keys.join(","));
    let at = body.len() - key(0).len();
    let error = Document::parse(body.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error, Error::Duplicate { at });
}

#[test]
fn each_limit_refuses_one_more() {
    let limits = Limits {
        bytes: 40,
        depth: 2,
        key: 3,
        number: 4,
        nodes: 5,
    };
    let pairs = [
        ("[\"12345678901234567890123456789012345678\"]", "bytes"),
        ("[[[]]]", "levels"),
        ("{\"abcd\":1}", "bytes in a key"),
        ("[12345]", "characters in a number"),
        ("[1,2,3,4,5]", "values"),
    ];
    for (body, unit) in pairs {
        let error = Document::parse(body.as_bytes(), &limits).unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { what, .. } if what == unit),
            "{body}"
        );
    }
    for body in [
        "[\"123456789012345678901234567890123456\"]",
        "[[]]",
        "{\"\\u0061bc\":1}",
        "[-1e4]",
        "[1,2,3,4]",
    ] {
        assert!(Document::parse(body.as_bytes(), &limits).is_ok(), "{body}");
    }
}

#[test]
fn other_encodings_and_marks_are_refused() {
    let utf16: Vec<u8> = "{\"a\":1}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let bodies: [&[u8]; 6] = [
        b"\xef\xbb\xbf{}",
        &utf16,
        b"[\"\xe9\"]",
        b"[\"\xc0\xaf\"]",
        b"[\"\xed\xa0\x80\"]",
        b"[]\0",
    ];
    for body in bodies {
        assert!(
            Document::parse(body, &Limits::default()).is_err(),
            "{body:?}"
        );
    }
    assert!(Document::parse("[\"é\"]".as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn surrogates_must_pair() {
    for text in [
        r"\ud800",
        r"\udc00",
        r"\ud800\ud800",
        r"\ud800x",
        r"\ud83d\u0041",
        r"\u0000",
    ] {
        for body in [format!("[\"{text}\"]"), format!("{{\"{text}\":1}}")] {
            assert!(
                Document::parse(body.as_bytes(), &Limits::default()).is_err(),
                "{body}"
            );
            assert!(Reader::new(&body, 9).skip_value().is_err(), "{body}");
        }
    }
    assert_eq!(
        written(&parse(br#"["\uD83D\ude00"]"#), &Edits::new()),
        "[\"😀\"]"
    );
}

#[test]
fn deep_nesting_is_refused_at_once_and_the_limit_itself_is_not() {
    let deep = "[".repeat(100_000);
    let error = Error::TooLarge {
        what: "levels",
        limit: 64,
    };
    assert_eq!(
        Document::parse(deep.as_bytes(), &Limits::default()).unwrap_err(),
        error
    );
    assert_eq!(Reader::new(&deep, 64).skip_value(), Err(error));
    let most = "[".repeat(64) + &"]".repeat(64);
    assert!(Document::parse(most.as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn the_reader_gives_ranges_of_the_source() {
    let text = r#" {"a\n": [ 1.5 , "x" , {} , [ ] , true ] } "#;
    let mut reader = Reader::new(text, 8);
    let mut seen = Vec::new();
    loop {
        match reader.next().unwrap() {
            Event::BeginObject { at } => seen.push(format!("{{{at}")),
            Event::EndObject { at, empty } => seen.push(format!("}}{at} {empty}")),
            Event::BeginArray { at } => seen.push(format!("[{at}")),
            Event::EndArray { at, empty } => seen.push(format!("]{at} {empty}")),
            Event::Key(key) => {
                assert_eq!(&text[key.span.clone()], r#""a\n""#);
                seen.push(format!("key {:?}", key.value()));
            }
            Event::String(string) => seen.push(format!("{:?} {}", string.span, string.raw)),
            Event::Number(span) => seen.push(text[span].to_owned()),
            Event::Bool(span, value) => {
                assert_eq!(text[span].parse(), Ok(value));
                seen.push(value.to_string());
            }
            Event::Null(_) => seen.push("null".into()),
            Event::End => break,
        }
    }
    let expected = [
        "{1",
        "key \"a\\n\"",
        "[9",
        "1.5",
        "17..20 x",
        "{23",
        "}24 true",
        "[28",
        "]30 true",
        "true",
        "]39 false",
        "}41 false",
    ];
    assert_eq!(seen, expected);
    assert_eq!(reader.next(), Ok(Event::End));
}

#[test]
fn a_value_is_skipped_whole_and_checked() {
    let text = r#"{"a":{"x":[1,{"y":"}]"}]},"b":2}"#;
    let mut reader = Reader::new(text, 8);
    reader.next().unwrap();
    reader.next().unwrap();
    let span = reader.skip_value().unwrap();
    assert_eq!(&text[span], r#"{"x":[1,{"y":"}]"}]}"#);
    assert!(matches!(reader.next(), Ok(Event::Key(key)) if key.raw == "b"));
    assert_eq!(reader.skip_value(), Ok(30..31));
    assert!(reader.skip_value().is_err(), "there is no value left");
    assert!(Reader::new("[1,{]}", 8).skip_value().is_err());
}

#[test]
fn an_error_stays_an_error() {
    for text in [
        "[1,,2]",
        "{\"a\":1,}",
        "[1]]",
        "{\"a\" 1}",
        "[\"\\x\"]",
        "",
        "[1 2]",
    ] {
        let mut reader = Reader::new(text, 8);
        let first = loop {
            match reader.next() {
                Ok(event) => assert_ne!(event, Event::End, "{text}"),
                Err(error) => break error,
            }
        };
        for _ in 0..3 {
            assert_eq!(reader.next(), Err(first), "{text}");
        }
    }
}

#[test]
fn line_ends_of_javascript_are_escaped_wherever_they_stand() {
    for end in ["\u{2028}", "\u{2029}"] {
        let body = format!("{{\"k{end}\":[\"plain\",\"{end}\",\"12345678{end}x\"]}}");
        let escape = format!("\\u{:x}", end.chars().next().unwrap() as u32);
        let document = parse(body.as_bytes());
        assert_eq!(
            written(&document, &Edits::new()),
            body.replace(end, &escape)
        );
    }
}

#[test]
fn a_fragment_has_no_quotes() {
    let mut out = b"<".to_vec();
    encode_fragment_into(&mut out, "a\"\u{1f}\u{7f}\u{2029}\u{201c}é");
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "<a\\\"\\u001f\u{7f}\\u2029\u{201c}é"
    );
}

proptest! {
    #[test]
    fn an_encoded_string_reads_back(
        text in prop_oneof![any::<String>(), "[\"\\\\\n\u{1f}\u{7f} !#\\]a-c\u{2028}\u{2030}\u{e2}]{0,40}"],
    ) {
        let mut out = Vec::new();
        encode_into(&mut out, &text);
        prop_assert_eq!(&serde_json::from_slice::<String>(&out).unwrap(), &text);
        let bare = std::str::from_utf8(&out).unwrap().contains(['\u{2028}', '\u{2029}']);
        prop_assert!(!bare, "a line end stands unescaped");
        if !text.contains('\0') {
            let document = parse(&out);
            prop_assert_eq!(document.text(document.root()).unwrap(), text);
        }
    }

    #[test]
    fn a_key_is_refused_exactly_when_it_comes_twice(
        keys in prop::collection::vec(
            (prop_oneof!["[ab]{1,4}", "collide_[a-c]{1,2}_collide"], any::<bool>()),
            0..24,
        ),
    ) {
        let distinct: HashSet<_> = keys.iter().map(|(key, _)| key).collect();
        let members = keys.iter().map(|(key, escape)| {
            let key = if *escape { key.replacen('a', "\\u0061", 1) } else { key.clone() };
            format!("\"{key}\":[]")
        });
        let body = format!("[{{{}}}]", members.collect::<Vec<_>>().join(","));
        let document = Document::parse(body.as_bytes(), &Limits::default());
        prop_assert_eq!(document.is_ok(), distinct.len() == keys.len());
    }

    #[test]
    fn a_generated_body_means_what_it_meant(body in json()) {
        let meant: serde_json::Value = serde_json::from_str(&body).unwrap();
        match Document::parse(body.as_bytes(), &Limits::default()) {
            Ok(document) => {
                let written = document.write(&Edits::new());
                let found: serde_json::Value = serde_json::from_slice(&written).unwrap();
                prop_assert_eq!(found, meant);
                prop_assert_eq!(walked(&document), events(&body).unwrap());
                // What is written is canonical: writing it again changes nothing.
                prop_assert_eq!(&parse(&written).write(&Edits::new()), &written);
            }
            Err(error) => prop_assert!(matches!(error, Error::Duplicate { .. }), "{error}"),
        }
    }

    #[test]
    fn damage_never_panics_and_both_faces_agree(
        body in json(),
        cut in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(b"\"\\{}[],:-+.eE0u \0".as_slice())],
    ) {
        let mut damaged = body.into_bytes();
        damaged.truncate(cut.index(damaged.len() * 2 + 1));
        if !damaged.is_empty() {
            let place = place.index(damaged.len());
            damaged[place] = byte;
        }
        let document = Document::parse(&damaged, &Limits::default());
        if serde_json::from_slice::<IgnoredAny>(&damaged).is_err() {
            prop_assert!(document.is_err());
        }
        if let Ok(text) = std::str::from_utf8(&damaged) {
            match (document, events(text)) {
                (Err(Error::Duplicate { .. } | Error::TooLarge { .. }), _) => (),
                (document, events) => prop_assert_eq!(document.map(|_| ()), events.map(|_| ())),
            }
        }
    }
}

/// JSON texts with white space, escapes and numbers of any look.
fn json() -> impl Strategy<Value = String> {
    let space = prop::sample::select(&["", "", "", " ", "\n\t", "\r\n  "]);
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        number,
        string(0),
    ];
    let spaced = (space.clone(), leaf, space.clone()).prop_map(|(a, b, c)| a.to_owned() + &b + c);
    spaced.prop_recursive(5, 60, 12, move |inner| {
        let member = (string(1), space.clone(), inner.clone())
            .prop_map(|(key, space, value)| format!("{space}{key}{space}:{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..12).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(member, 0..12).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

/// A JSON string of at least so many characters, each plain or escaped in one of its ways.
fn string(least: usize) -> impl Strategy<Value = String> {
    let plain = any::<char>().prop_filter("escaped or refused", |c| {
        *c >= ' ' && *c != '"' && *c != '\\'
    });
    let unicode = any::<char>()
        .prop_filter("NUL is refused", |c| *c != '\0')
        .prop_map(|c| {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            units
                .map(|unit| format!("\\u{unit:04X}"))
                .collect::<String>()
        });
    let short = prop::sample::select(&[r"\n", r"\/", r#"\""#, r"\\", r"\b", r"\f", r"\r", r"\t"]);
    let character = prop_oneof![
        6 => "[a-c]",
        2 => plain.prop_map(String::from),
        1 => unicode,
        1 => short.prop_map(str::to_owned),
    ];
    prop::collection::vec(character, least..24).prop_map(|all| format!("\"{}\"", all.concat()))
}

/// A document's values and keys in the order of the source.
fn walked(document: &Document<'_>) -> Vec<String> {
    fn walk(document: &Document<'_>, id: NodeId, seen: &mut Vec<String>) {
        match document.kind(id) {
            Kind::Object => {
                seen.push("{".into());
                for (key, value) in document.members(id) {
                    seen.push(key.into_owned());
                    walk(document, value, seen);
                }
            }
            Kind::Array => {
                seen.push("[".into());
                document
                    .elements(id)
                    .for_each(|value| walk(document, value, seen));
            }
            Kind::String => seen.push(document.text(id).unwrap().into_owned()),
            _ => seen.push(document.raw(id).to_owned()),
        }
    }
    let mut seen = Vec::new();
    walk(document, document.root(), &mut seen);
    seen
}

/// The same from a reader.
fn events(text: &str) -> Result<Vec<String>, Error> {
    let mut reader = Reader::new(text, Limits::default().depth);
    let mut seen = Vec::new();
    loop {
        match reader.next()? {
            Event::BeginObject { .. } => seen.push("{".into()),
            Event::BeginArray { .. } => seen.push("[".into()),
            Event::EndObject { .. } | Event::EndArray { .. } => (),
            Event::Key(text) | Event::String(text) => seen.push(text.value().into_owned()),
            Event::Number(span) | Event::Bool(span, _) | Event::Null(span) => {
                seen.push(text[span].to_owned());
            }
            Event::End => return Ok(seen),
        }
    }
}

fn parse(body: &[u8]) -> Document<'_> {
    Document::parse(body, &Limits::default()).unwrap()
}

fn written(document: &Document<'_>, edits: &Edits) -> String {
    String::from_utf8(document.write(edits)).unwrap()
}
