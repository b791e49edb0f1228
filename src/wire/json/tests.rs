use crate::wire::json::{
    Document, Edits, Error, Event, Kind, Limits, Reader, Scalar, Value, encode_fragment_into,
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
fn a_key_is_passed_only_as_it_stands_and_where_one_may_come() {
    let mut reader = Reader::new(r#"{"a":1,"b":[2,"c"],"d":3, "e":4}"#, 8);
    assert!(!reader.skip_key("a"), "nothing was read");
    reader.next().unwrap();
    assert!(!reader.skip_key("a"), "no comma stands before the first");
    reader.next().unwrap();
    assert!(!reader.skip_key("b"), "a value must come");
    reader.next().unwrap();
    assert!(!reader.skip_key("") && !reader.skip_key("B") && !reader.skip_key("bb"));
    assert!(reader.skip_key("b"));
    assert!(!reader.skip_key("b"), "it is passed");
    assert!(matches!(reader.next(), Ok(Event::BeginArray { .. })));
    assert!(matches!(reader.next(), Ok(Event::Number(_))));
    assert!(!reader.skip_key("c"), "an array has no keys");
    assert!(matches!(reader.next(), Ok(Event::String(text)) if text.raw == "c"));
    assert!(matches!(reader.next(), Ok(Event::EndArray { .. })));
    assert!(reader.skip_key("d"));
    assert!(matches!(reader.next(), Ok(Event::Number(_))));
    assert!(!reader.skip_key("e"), "white space is for the reader");
    assert!(matches!(reader.next(), Ok(Event::Key(key)) if key.raw == "e"));
    assert!(matches!(reader.next(), Ok(Event::Number(_))));
    assert!(matches!(reader.next(), Ok(Event::EndObject { .. })));
    assert_eq!(reader.next(), Ok(Event::End));
}

#[test]
fn a_scalar_is_passed_where_a_value_may_come_and_nothing_else_is() {
    let text = r#"{"a": "x\n\"y","b":[true],"c":-1.5e3,"d":null,"e":false,"f":nul}"#;
    let mut reader = Reader::new(text, 8);
    assert_eq!(reader.scalar(), Ok(None), "an object");
    reader.next().unwrap();
    assert_eq!(reader.scalar(), Ok(None), "a key must come");
    let value = |reader: &mut Reader<'_>| match reader.scalar().unwrap() {
        Some(Scalar::String(span)) => format!("string {}", &text[span]),
        Some(Scalar::Null(span)) => format!("null {}", &text[span]),
        Some(Scalar::Other(span)) => format!("other {}", &text[span]),
        None => "nothing".to_owned(),
    };
    reader.next().unwrap();
    assert_eq!(value(&mut reader), r#"string "x\n\"y""#);
    assert!(reader.skip_key("b"));
    assert_eq!(value(&mut reader), "nothing");
    assert!(matches!(reader.next(), Ok(Event::BeginArray { .. })));
    assert_eq!(value(&mut reader), "nothing", "the array may be empty");
    reader.next().unwrap();
    reader.next().unwrap();
    for (key, expected) in [
        ("c", "other -1.5e3"),
        ("d", "null null"),
        ("e", "other false"),
    ] {
        assert!(reader.skip_key(key));
        assert_eq!(value(&mut reader), expected);
    }
    assert!(reader.skip_key("f"));
    assert!(reader.scalar().is_err());
    for text in ["{\"a\":\"x", "{\"a\":\"\u{1}\"}", "{\"a\":01}", "{\"a\":-}"] {
        let mut reader = Reader::new(text, 8);
        reader.next().unwrap();
        reader.next().unwrap();
        let passed = reader.scalar().and_then(|_| reader.next());
        assert!(passed.is_err(), "{text}");
    }
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

fn parse(body: &[u8]) -> Document<'_> {
    Document::parse(body, &Limits::default()).unwrap()
}

fn written(document: &Document<'_>, edits: &Edits) -> String {
    String::from_utf8(document.write(edits)).unwrap()
}
