//! What holds for any JSON text, with serde_json as the oracle.

use std::collections::{HashMap, HashSet};

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof};
use proptest::proptest;
use serde::de::IgnoredAny;

use crate::wire::json::{
    Document, Edits, Error, Event, Kind, Limits, NodeId, Reader, Value, encode_into,
};

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
    fn any_edits_do_what_they_say(
        body in json(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..3), 0..8),
    ) {
        let Ok(document) = Document::parse(body.as_bytes(), &Limits::default()) else {
            return Ok(());
        };
        let (mut edits, mut changed, mut appended) = (Edits::new(), HashMap::new(), HashSet::new());
        for (pick, action) in picks {
            let id = NodeId(u32::try_from(pick.index(document.nodes.len())).unwrap());
            match action {
                0 => {
                    edits.replace(id, Value::Text("new \"".into()));
                    changed.insert(id, true);
                }
                1 if id != document.root() => {
                    edits.remove(id);
                    changed.insert(id, false);
                }
                _ if document.kind(id) == Kind::Object => {
                    edits.append(id, "a".into(), Value::Raw("[1]".into()));
                    appended.insert(id);
                }
                _ => (),
            }
        }
        let written: serde_json::Value = serde_json::from_slice(&document.write(&edits)).unwrap();
        let meant = edited(&document, document.root(), &changed, &appended);
        prop_assert_eq!(Some(written), meant);
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

/// A value with its edits, made the slow way: `changed` tells replaced from removed.
fn edited(
    document: &Document<'_>,
    id: NodeId,
    changed: &HashMap<NodeId, bool>,
    appended: &HashSet<NodeId>,
) -> Option<serde_json::Value> {
    if let Some(replaced) = changed.get(&id) {
        return replaced.then(|| "new \"".into());
    }
    let child = |id| edited(document, id, changed, appended);
    Some(match document.kind(id) {
        Kind::Array => document.elements(id).filter_map(child).collect(),
        Kind::Object => {
            let members = document.members(id);
            let mut members: serde_json::Map<_, _> = members
                .filter_map(|(key, value)| Some((key.into_owned(), child(value)?)))
                .collect();
            if appended.contains(&id) {
                members.shift_remove("a");
                members.insert("a".into(), serde_json::json!([1]));
            }
            members.into()
        }
        _ => serde_json::from_str(document.raw(id)).unwrap(),
    })
}

/// As [`walked`], from a reader.
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
