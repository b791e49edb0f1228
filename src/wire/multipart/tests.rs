use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{any, prop_assert, prop_assert_eq};
use proptest::proptest;

use crate::wire::Error;
use crate::wire::multipart::{Event, Item, Limits, Part, Reader, boundary, parse, write};

const FIELD: &str = "Content-Disposition: form-data; name=\"a\"";

/// A body of one part with these headers.
fn one(headers: &str, content: &str) -> Vec<u8> {
    format!("--b\r\n{headers}\r\n\r\n{content}\r\n--b--\r\n").into_bytes()
}

fn read(body: &[u8]) -> Result<Vec<Part>, Error> {
    parse("b", body, &Limits::default())
}

/// Name, file name, type and content of each part.
type Parts = Vec<(String, Option<String>, Option<String>, Vec<u8>)>;

/// The same by the reader of bodies that come in pieces of `step` bytes.
fn streamed(body: &[u8], step: usize) -> Result<Parts, Error> {
    let mut reader = Reader::new("b", Limits::default().parts)?;
    let mut parts: Parts = Vec::new();
    for piece in body.chunks(step) {
        reader.push(piece);
        while let Some(event) = reader.event()? {
            match event {
                Event::Part(head) => {
                    parts.push((head.name, head.filename, head.content_type, Vec::new()));
                }
                Event::Content(bytes) => parts.last_mut().unwrap().3.extend_from_slice(&bytes),
                Event::End => {}
            }
        }
    }
    reader.finish().map(|()| parts)
}

/// Whether a body is refused; both readers must say the same, however it comes.
fn refused(body: &[u8]) -> bool {
    let once = read(body);
    let found = once.as_ref().ok().map(|parts| -> Parts {
        let part = |part: &Part| {
            let content = body[part.content.clone()].to_vec();
            let (name, filename) = (part.name.clone(), part.filename.clone());
            (name, filename, part.content_type.clone(), content)
        };
        parts.iter().map(part).collect()
    });
    for step in [1, 2, 3, 7, 64, body.len().max(1)] {
        assert_eq!(streamed(body, step).ok(), found, "in pieces of {step}");
    }
    once.is_err()
}

#[test]
fn what_a_browser_sends_is_read_in_order_with_duplicates() {
    let body = "--b\r\nContent-Disposition: form-data; name=\"csrfmiddlewaretoken\"\r\n\r\nx\r\n\
        --b\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n+31 20\r\nzwei\r\n\
        --b\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n\r\n\
        --b\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"Zo\u{eb}.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n%PDF\0--b\r\n\
        --b\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n";
    let parts = read(body.as_bytes()).unwrap();
    let found: Vec<_> = parts
        .iter()
        .map(|part| {
            let content = &body[part.content.clone()];
            (part.name.as_str(), part.filename.as_deref(), content)
        })
        .collect();
    let expected = [
        ("csrfmiddlewaretoken", None, "x"),
        ("phone", None, "+31 20\r\nzwei"),
        ("phone", None, ""),
        ("filedata", Some("Zo\u{eb}.pdf"), "%PDF\0--b"),
        ("none", Some(""), ""),
    ];
    assert_eq!(found, expected);
    assert_eq!(parts[3].content_type.as_deref(), Some("application/pdf"));
    assert_eq!(parts[1].text(body.as_bytes()), Ok("+31 20\r\nzwei"));
    assert!(parts[3].text(body.as_bytes()).is_err());
    assert_eq!(read(b"--b--\r\n"), Ok(vec![]));
    assert_eq!(read(b"--b--"), Ok(vec![]));
}

#[test]
fn only_one_boundary_of_the_right_form_is_taken() {
    for (value, expected) in [
        (
            "multipart/form-data; boundary=----WebKitFormBoundaryx",
            "----WebKitFormBoundaryx",
        ),
        ("Multipart/Form-Data;BOUNDARY=\"a:b\"", "a:b"),
    ] {
        assert_eq!(boundary(value).unwrap(), expected);
    }
    let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
    for value in [
        "multipart/form-data",
        "multipart/form-data;",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a; Boundary=a",
        "multipart/form-data; boundary=a; charset=utf-8",
        "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=\"a\"b",
        "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"a\\b\"",
        "multipart/form-data; boundary=a b",
        "multipart/form-data; boundary=a, multipart/form-data; boundary=b",
        "multipart/form-data ; boundary=a",
        "multipart/form-data; boundary*=utf-8''a",
        "multipart/mixed; boundary=a",
        "application/json",
        &long,
    ] {
        assert!(boundary(value).is_err(), "{value}");
    }
    assert!(parse("", b"----", &Limits::default()).is_err());
}

#[test]
fn bodies_with_two_readings_are_refused() {
    assert!(!refused(&one(FIELD, "x")));
    let part = format!("--b\r\n{FIELD}\r\n\r\nx\r\n");
    for body in [
        String::new(),
        "--b".to_owned(),
        "--b\r\n".to_owned(),
        part.clone(),
        format!("\r\n{part}--b--\r\n"),
        format!("preamble\r\n{part}--b--\r\n"),
        format!("{part}--b--\r\nepilogue"),
        format!("{part}--b--\r\n\r\n"),
        format!("{part}--b--x"),
        format!("{part}--b-"),
        format!("{part}--b\r\n"),
        format!("{part}--bc--\r\n"),
        format!("--b \r\n{FIELD}\r\n\r\nx\r\n--b--\r\n"),
        format!("--b\n{FIELD}\n\nx\n--b--\n"),
        format!("--b\r\n{FIELD}\r\n\r\nx\n--b--\r\n"),
        format!("--b\r\n{FIELD}\r\n\r\nx\r--b--\r\n"),
        format!("--b\r\n{FIELD}\r\n\r\nx\n--b\r\n{FIELD}\r\n\r\ny\r\n--b--\r\n"),
        format!("--b\r\n{FIELD}\r\n\r\nx\r\n--bc\r\n{FIELD}\r\n\r\ny\r\n--b--\r\n"),
        format!("--b\r\n{FIELD}\r\n\r\nx\r\n--b \r\n{FIELD}\r\n\r\ny\r\n--b--\r\n"),
        format!("--b\r\n{FIELD}\r\n\r\n--b--\r\n"),
        format!("--b\r\n{FIELD}\r\n--b--\r\n"),
        "--b\r\n\r\nx\r\n--b--\r\n".to_owned(),
    ] {
        assert!(refused(body.as_bytes()), "{body:?}");
    }
}

#[test]
fn headers_with_two_readings_are_refused() {
    let file = "Content-Disposition: form-data; name=\"a\"; filename=\"x.pdf\"";
    for headers in [
        FIELD.to_owned(),
        "content-disposition:form-data;name=a".to_owned(),
        format!("{file}\r\nContent-Type: text/plain; charset=UTF-8"),
        format!("{FIELD}\r\nContent-Length: 1"),
        "Content-Disposition: form-data; name=\"a\"; filename*=UTF-8''na%C3%AFf.txt".to_owned(),
        "Content-Disposition: form-data; name=\"a\"; filename=\"100% zeker.pdf\"".to_owned(),
    ] {
        assert!(!refused(&one(&headers, "x")), "{headers}");
    }
    let long = format!("{file}\r\nContent-Type: text/{}", "x".repeat(5000));
    for headers in [
        format!("{FIELD}\r\n{FIELD}"),
        format!("{FIELD}\r\nContent-Transfer-Encoding: base64"),
        format!("{FIELD}\r\nX-Other: 1"),
        format!("{FIELD}\r\nContent-Type: text/plain\r\nContent-Type: text/html"),
        format!("{FIELD}\r\nContent-Type: multipart/mixed; boundary=c"),
        format!("{FIELD}\r\nContent-Type: message/rfc822"),
        format!("{FIELD}\r\nContent-Type: text/plain; charset=latin1"),
        format!("{FIELD}\r\nContent-Type: text"),
        format!("{FIELD}\r\nContent-Length: 2"),
        format!("{FIELD}\r\nContent-Length: 1\r\nContent-Length: 1"),
        format!("{FIELD}\r\n ; filename=\"x\""),
        format!("{FIELD}\n{FIELD}"),
        format!("{FIELD}\rX: 1"),
        format!("{FIELD}\0"),
        format!("{FIELD}; name=\"b\""),
        format!("{FIELD}; NAME=\"a\""),
        format!("{FIELD}; name*=UTF-8''b"),
        format!("{FIELD}; size=3"),
        format!("{FIELD};"),
        format!("{FIELD} x"),
        format!("{file}; filename=\"y.pdf\""),
        format!("{file}; filename*=UTF-8''y.pdf"),
        format!("{FIELD}; filename*=iso-8859-1''%E9"),
        format!("{FIELD}; filename*=UTF-8''%E9"),
        format!("{FIELD}; filename*=UTF-8''%0d%0aX"),
        format!("{FIELD}; filename*=UTF-8''a%2Fb"),
        format!("{FIELD}; filename=\"../x\""),
        format!("{FIELD}; filename=\"C:\\x\""),
        format!("{FIELD}; filename=\"a\\\"b\""),
        format!("{FIELD}; filename=\"a%22b\""),
        format!("{FIELD}; filename=\"=?utf-8?Q?x?=\""),
        format!("{FIELD}; filename=\"x"),
        format!("{FIELD}; filename='x y'"),
        "Content-Disposition: form-data; name=\"\"".to_owned(),
        "Content-Disposition: form-data; name=\"a%0d\"".to_owned(),
        "Content-Disposition: form-data".to_owned(),
        "Content-Disposition: form-data; filename=\"x\"".to_owned(),
        "Content-Disposition: attachment; name=\"a\"".to_owned(),
        "Content-Disposition : form-data; name=\"a\"".to_owned(),
        "Content-Type: text/plain".to_owned(),
        "Content-Disposition".to_owned(),
        long,
    ] {
        assert!(refused(&one(&headers, "x")), "{headers}");
    }
    let latin = one(&format!("{FIELD}; filename=\"?\""), "x");
    let latin: Vec<u8> = latin
        .iter()
        .map(|byte| if *byte == b'?' { 0xe9 } else { *byte })
        .collect();
    assert!(matches!(read(&latin), Err(Error::NotUtf8 { .. })));
}

#[test]
fn another_character_set_is_not_taken() {
    let field = "Content-Disposition: form-data; name=\"_charset_\"";
    assert!(!refused(&one(field, "UTF-8")));
    assert!(refused(&one(field, "iso-8859-1")));
}

#[test]
fn each_limit_refuses_one_more() {
    let body = one(FIELD, "x");
    let bytes = body.len();
    assert!(parse("b", &body, &Limits { bytes, parts: 1 }).is_ok());
    assert!(parse("b", &body, &Limits { bytes, parts: 0 }).is_err());
    let less = bytes - 1;
    assert!(
        parse(
            "b",
            &body,
            &Limits {
                bytes: less,
                parts: 1
            }
        )
        .is_err()
    );
}

#[test]
fn what_would_not_read_back_is_not_written() {
    let item = Item {
        name: "a",
        filename: Some("x.pdf"),
        content_type: Some("application/pdf"),
        content: b"x",
    };
    assert!(write(&[item]).is_ok());
    for wrong in [
        Item { name: "", ..item },
        Item {
            name: "a\"; filename=\"b",
            ..item
        },
        Item {
            name: "a\r\nX: 1",
            ..item
        },
        Item {
            filename: Some("a/b"),
            ..item
        },
        Item {
            filename: Some("a\"b"),
            ..item
        },
        Item {
            content_type: Some("text/plain\r\nX: 1"),
            ..item
        },
        Item {
            content_type: Some("multipart/mixed"),
            ..item
        },
    ] {
        assert!(write(&[wrong]).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_body_inside_a_body_stays_content() {
    let field = |content| Item {
        name: "a",
        filename: None,
        content_type: None,
        content,
    };
    let inner = write(&[field(b"x")]).unwrap();
    let outer = write(&[field(&inner.bytes)]).unwrap();
    assert_ne!(inner.content_type, outer.content_type);
    let found = boundary(&outer.content_type).unwrap();
    let parts = parse(&found, &outer.bytes, &Limits::default()).unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(outer.bytes[parts[0].content.clone()], inner.bytes);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        items in vec(
            ("[a-zé_\\[\\]]{1,9}", option::of("[a-zé .'-]{0,9}"), any::<Vec<u8>>()),
            0..6,
        ),
    ) {
        let written: Vec<_> = items
            .iter()
            .map(|(name, filename, content)| Item {
                name,
                filename: filename.as_deref(),
                content_type: filename.as_ref().map(|_| "text/plain"),
                content,
            })
            .collect();
        let body = write(&written).unwrap();
        let found = boundary(&body.content_type).unwrap();
        let parts = parse(&found, &body.bytes, &Limits::default()).unwrap();
        prop_assert_eq!(parts.len(), items.len());
        for (part, (name, filename, content)) in parts.iter().zip(&items) {
            prop_assert_eq!(&part.name, name);
            prop_assert_eq!(&part.filename, filename);
            prop_assert_eq!(&body.bytes[part.content.clone()], &content[..]);
        }
        let ends: Vec<usize> = parts.iter().map(|part| part.content.end).collect();
        prop_assert_eq!(ends, body.ends);
    }

    #[test]
    fn both_readers_read_the_same(
        body in "(--b|--b--|\r\n|\n|\r|-|x|--|Content-Disposition: form-data; name=a|\r\n\r\n|\r\n--b\r\n|Content-Length: 1)*",
    ) {
        // It asserts by itself.
        refused(body.as_bytes());
        refused(format!("--b\r\n{FIELD}\r\n\r\n{body}\r\n--b--\r\n").as_bytes());
    }

    #[test]
    fn what_is_read_is_all_that_is_there(body in "(--b|\r\n|\n|\r|-|x|Content-Disposition: form-data; name=a)*") {
        let body = format!("--b\r\n{FIELD}\r\n\r\n{body}\r\n--b--\r\n");
        refused(body.as_bytes());
        if let Ok(parts) = read(body.as_bytes()) {
            // Splitting at full delimiters, as the simplest reader does, finds the same parts.
            let simple = body.split("\r\n--b\r\n").count();
            prop_assert_eq!(parts.len(), simple);
            // So does one that takes bare line feeds.
            let lenient = body.lines().filter(|line| line.starts_with("--b")).count();
            prop_assert_eq!(parts.len() + 1, lenient);
        }
    }

    #[test]
    fn nothing_panics(body in any::<Vec<u8>>(), text in "(--b|\r\n|[:;=\"*%]|name|Content-|.)*") {
        let _ = (refused(&body), refused(text.as_bytes()), boundary(&text));
        prop_assert!(read(&one(&text, &text)).is_err() || text.contains("name"));
    }
}
