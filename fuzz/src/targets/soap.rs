//! SOAP messages of both APIs, and answers in XML.
//!
//! The first byte: 0 and 1 for a message of the partner or the enterprise API, 2 for an answer. A
//! message is compared with what a second reader of XML finds in it.

use quick_xml::events::Event;
use sluis::dialect::salesforce::soap::{Api, Place};
use sluis::protect::inward::Shape;
use sluis::wire::xml::{Document, Limits, NodeId};

use super::choice;
use crate::border;

const QUERY: &[u8] = br#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><e:Body><query><queryString>SELECT Id, Name FROM Contact</queryString></query></e:Body></e:Envelope>"#;

pub fn run(input: &[u8]) {
    let Some((form, rest)) = choice(input) else {
        return;
    };
    let border = border::salesforce();
    let api = match form % 3 {
        0 => Api::Partner,
        1 => Api::Enterprise,
        _ => {
            let place = Place {
                api: Api::Partner,
                version: 60,
            };
            let sent = border.speak(place, QUERY).expect("a request");
            if let Ok(text) = std::str::from_utf8(rest)
                && text.starts_with('<')
            {
                border.answer(&sent, Shape::Data, text);
            }
            return;
        }
    };
    compare(rest);
    let _refused = border.speak(Place { api, version: 60 }, rest);
}

/// Two readers find the same elements in what ours accepts.
fn compare(bytes: &[u8]) {
    let Ok(document) = Document::parse(bytes, &Limits::default()) else {
        return;
    };
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut theirs = 0_usize;
    loop {
        match reader.read_event().expect("another reader reads it") {
            Event::Start(_) | Event::Empty(_) => theirs += 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(count(&document, document.root()), theirs);
}

fn count(document: &Document<'_>, node: NodeId) -> usize {
    let children = document.children(node);
    1 + children.map(|child| count(document, child)).sum::<usize>()
}
