//! What is read and written, held against quick-xml's own reading.

use proptest::prelude::*;
use quick_xml::events::Event;

use super::{Document, Limits, NodeId, Writer, encode_into};

/// The text of all elements without children, in order, as quick-xml resolves it.
fn texts(source: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(source);
    let mut open: Vec<(String, bool)> = vec![];
    let mut found = vec![];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(_) => {
                if let Some(parent) = open.last_mut() {
                    parent.1 = true;
                }
                open.push((String::new(), false));
            }
            Event::Empty(_) => {
                if let Some(parent) = open.last_mut() {
                    parent.1 = true;
                }
                found.push(String::new());
            }
            Event::End(_) => {
                let (text, holds) = open.pop().unwrap();
                if !holds {
                    found.push(text);
                }
            }
            Event::Text(text) => {
                if let Some(top) = open.last_mut() {
                    top.0.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => {
                if let Some(top) = open.last_mut() {
                    top.0.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().unwrap() {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_xml_entity(&reference.xml10_content())
                        .unwrap()
                        .to_owned(),
                };
                if let Some(top) = open.last_mut() {
                    top.0.push_str(&resolved);
                }
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// As [`texts`], as we read them.
fn ours(document: &Document<'_>, id: NodeId, found: &mut Vec<String>) {
    if let Some(text) = document.text(id) {
        found.push(text.into_owned());
    }
    for child in document.children(id) {
        ours(document, child, found);
    }
}

/// Pieces of XML that are valid or nearly so.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<a>".to_owned()),
        Just("</a>".to_owned()),
        Just("<s:b xmlns:s='u' x='&lt;'>".to_owned()),
        Just("</s:b>".to_owned()),
        Just("<c/>".to_owned()),
        Just("&amp;".to_owned()),
        Just("&#65;".to_owned()),
        Just("<![CDATA[<x>&amp;]]>".to_owned()),
        Just(" \r\n".to_owned()),
        "[ -~é]{0,6}",
    ]
}

/// A tree of elements with any text in its leaves.
fn tree() -> impl Strategy<Value = Tree> {
    let leaf = "[ -~\t\n\ré€𝄞]{0,12}".prop_map(Tree::Leaf);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop::collection::vec(inner, 1..4).prop_map(Tree::Branch)
    })
}

#[derive(Clone, Debug)]
enum Tree {
    Leaf(String),
    Branch(Vec<Self>),
}

impl Tree {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Leaf(text) => writer.text("l", text).unwrap(),
            Self::Branch(inner) => {
                writer.open("b", &[]).unwrap();
                inner.iter().for_each(|tree| tree.write(writer));
                writer.close();
            }
        }
    }

    fn leaves(&self, found: &mut Vec<String>) {
        match self {
            Self::Leaf(text) => found.push(text.clone()),
            Self::Branch(inner) => inner.iter().for_each(|tree| tree.leaves(found)),
        }
    }
}

proptest! {
    #[test]
    fn what_is_accepted_reads_as_quick_xml_reads_it(pieces in prop::collection::vec(piece(), 0..12)) {
        let text = format!("<r>{}</r>", pieces.concat());
        if let Ok(document) = Document::parse(text.as_bytes(), &Limits::default()) {
            let mut found = vec![];
            ours(&document, document.root(), &mut found);
            // The innermost text of an element with children is white space, and no text here.
            prop_assert_eq!(found, texts(&text));
        }
    }

    #[test]
    fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::parse(&bytes, &Limits::default());
    }

    #[test]
    fn what_is_written_is_read_again(tree in tree()) {
        let mut writer = Writer::new();
        tree.write(&mut writer);
        let bytes = writer.finish();
        let document = Document::parse(&bytes, &Limits::default()).unwrap();
        let (mut found, mut leaves) = (vec![], vec![]);
        ours(&document, document.root(), &mut found);
        tree.leaves(&mut leaves);
        prop_assert_eq!(found, leaves);
    }

    #[test]
    fn a_text_in_the_place_of_another_changes_that_one_alone(
        texts in prop::collection::vec("[ -~é]{0,8}", 1..6),
        at in any::<prop::sample::Index>(),
        value in "[ -~\té€]{0,8}",
    ) {
        let mut writer = Writer::new();
        writer.open("r", &[]).unwrap();
        texts.iter().for_each(|text| writer.text("l", text).unwrap());
        let source = String::from_utf8(writer.finish()).unwrap();
        let document = Document::parse(source.as_bytes(), &Limits::default()).unwrap();
        let at = at.index(texts.len());
        let range = document.content(document.children(document.root()).nth(at).unwrap());
        let mut edited = source.as_bytes()[..range.start].to_vec();
        encode_into(&mut edited, &value).unwrap();
        edited.extend_from_slice(&source.as_bytes()[range.end..]);
        let document = Document::parse(&edited, &Limits::default()).unwrap();
        let mut found = vec![];
        ours(&document, document.root(), &mut found);
        let mut expected = texts;
        expected[at] = value;
        prop_assert_eq!(found, expected);
    }
}
