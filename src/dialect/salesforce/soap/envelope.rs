//! The envelope: who asks is in its header, what is asked in its body.

use super::headers::{Header, headers};
use super::message::{Message, Operation};
use super::{Place, SOAP, malformed};
use crate::model::{Code, Refusal, Secret};
use crate::wire::xml::{Document, Name, NodeId};

/// An envelope whose outermost form holds.
#[derive(Debug)]
pub struct Envelope<'d, 'b> {
    place: Place,
    document: &'d Document<'b>,
    header: Option<NodeId>,
    operation: NodeId,
}

/// What a message is about.
#[derive(Debug)]
pub enum Asked {
    /// For the border itself.
    Own(Operation),
    /// For the CRM.
    Message(Box<Message>),
}

impl<'d, 'b> Envelope<'d, 'b> {
    /// Reads the outermost form: one header at most, one body with one element.
    ///
    /// # Errors
    /// Any other form, and SOAP 1.2.
    pub fn read(place: Place, document: &'d Document<'b>) -> Result<Self, Refusal> {
        let root = document.root();
        if document.name(root) != soap("Envelope") {
            return Err(malformed("the message must be an envelope of SOAP 1.1"));
        }
        plain(document, root)?;
        let children: Vec<NodeId> = document.children(root).collect();
        let (header, body) = match children.as_slice() {
            [body] => (None, *body),
            [header, body] if document.name(*header) == soap("Header") => (Some(*header), *body),
            _ => {
                return Err(malformed(
                    "an envelope has at most one header, then one body",
                ));
            }
        };
        if document.name(body) != soap("Body") {
            return Err(malformed("an envelope has a body"));
        }
        plain(document, body)?;
        let mut inside = document.children(body);
        let (Some(operation), None) = (inside.next(), inside.next()) else {
            return Err(malformed("a body has one element"));
        };
        plain(document, operation)?;
        if document.name(operation).namespace != place.api.namespace() {
            return Err(malformed(
                "the operation is not in the namespace of the API that the path names",
            ));
        }
        Ok(Self {
            place,
            document,
            header,
            operation,
        })
    }

    /// Whether an element is the operation: what stands before it tells who asks.
    #[must_use]
    pub fn begins(document: &Document<'_>, node: NodeId) -> bool {
        let parent = document.parent(node);
        parent.is_some_and(|parent| document.name(parent) == soap("Body"))
    }

    /// The session that the header names. What else stands in it is looked at by [`Self::asked`],
    /// when it is known who asks.
    #[must_use]
    pub fn session(&self) -> Option<Secret> {
        let namespace = self.place.api.namespace();
        let own = |local| Name { namespace, local };
        let header = self.document.child(self.header?, &own("SessionHeader"))?;
        let session = self.document.child(header, &own("sessionId"))?;
        Some(Secret::from(self.document.text(session)?.trim()))
    }

    /// Whether it is a sign-in, which has no session yet.
    #[must_use]
    pub fn signs_in(&self) -> bool {
        self.document.name(self.operation).local == "login"
    }

    /// Reads the whole message. `action` is the field `SOAPAction`.
    ///
    /// # Errors
    /// Headers and operations that the border does not know, and whatever does not have the form
    /// of the WSDL.
    pub fn asked(&self, action: Option<&str>) -> Result<Asked, Refusal> {
        self.agrees(action)?;
        let headers = self.headers()?;
        Message::read(self.place, self.document, self.operation, headers)
    }

    fn headers(&self) -> Result<Vec<Header>, Refusal> {
        let Some(header) = self.header else {
            return Ok(vec![]);
        };
        plain(self.document, header)?;
        let of = (self.place.api, self.signs_in());
        headers(of, self.document, header)
    }

    /// The field names the operation, an URL that ends in it, or nothing. The body decides what
    /// is done; a field that says otherwise is a message that two readers read in two ways.
    fn agrees(&self, action: Option<&str>) -> Result<(), Refusal> {
        let action = action.unwrap_or_default().trim();
        let action = action
            .strip_prefix('"')
            .and_then(|action| action.strip_suffix('"'))
            .unwrap_or(action);
        let last = action.rsplit(['/', ':', '#']).next().unwrap_or_default();
        let name = self.document.name(self.operation).local;
        let named = last.strip_suffix("Request").unwrap_or(last);
        if last.is_empty() || named == name {
            return Ok(());
        }
        Err(malformed(
            "SOAPAction names another operation than the body",
        ))
    }
}

/// Elements of the frame have no attributes.
fn plain(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    match document.attributes(node).next() {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            Code::BodyMalformed,
            "an element of the message has an attribute that it does not have in the WSDL",
        )),
    }
}

fn soap(local: &'static str) -> Name<'static> {
    Name {
        namespace: SOAP,
        local,
    }
}
