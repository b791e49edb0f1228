//! XML as a tree, by local names: the stand-in is as lenient as the real one.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::demo::crm::fault::{Fault, Outcome};

#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    /// By local names, values resolved.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Self>,
    pub text: String,
}

impl Element {
    pub fn parse(body: &[u8]) -> Outcome<Self> {
        let text = std::str::from_utf8(body).map_err(|_| broken())?;
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().map_err(|_| broken())? {
                Event::Start(start) => open.push(Self::begin(&start)?),
                Event::Empty(start) => {
                    let element = Self::begin(&start)?;
                    open.last_mut().ok_or_else(broken)?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(broken)?;
                    open.last_mut().ok_or_else(broken)?.children.push(element);
                }
                Event::Text(piece) => {
                    let top = open.last_mut().ok_or_else(broken)?;
                    top.text.push_str(&piece.xml10_content());
                }
                Event::CData(piece) => {
                    let top = open.last_mut().ok_or_else(broken)?;
                    top.text.push_str(&piece.xml10_content());
                }
                Event::GeneralRef(reference) => {
                    let top = open.last_mut().ok_or_else(broken)?;
                    match reference.resolve_char_ref().map_err(|_| broken())? {
                        Some(character) => top.text.push(character),
                        None => {
                            let name = reference.xml10_content();
                            let text = quick_xml::escape::resolve_xml_entity(&name);
                            top.text.push_str(text.ok_or_else(broken)?);
                        }
                    }
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        match (open.pop(), open.len()) {
            (Some(mut outside), 0) => outside.children.pop().ok_or_else(broken),
            _ => Err(broken()),
        }
    }

    fn begin(start: &BytesStart<'_>) -> Outcome<Self> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| broken())?;
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| broken())?;
            attributes.push((local(attribute.key.0), value.into_owned()));
        }
        Ok(Self {
            name: local(start.name().0),
            attributes,
            ..Self::default()
        })
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn is_nil(&self) -> bool {
        self.attribute("nil") == Some("true")
    }
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

fn broken() -> Fault {
    Fault::bad(
        "UNKNOWN_EXCEPTION",
        "The content of elements must be well formed",
    )
}
