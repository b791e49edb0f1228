//! Outbound messages: what a workflow or a flow of the CRM's sends to an endpoint, with fields of up
//! to a hundred records.
//!
//! Source: SOAP API Developer Guide, "Outbound Messaging", and the WSDL that setup gives for a
//! message. A message is read strictly and edited in place, as an answer of SOAP is; whoever it is
//! for says in its acknowledgement whether it has it, and the CRM sends it again until then.
//!
//! Read first: [`Notifications`], [`acknowledged`].

use super::id::Id;
use super::soap::answer::{Element, Spaces, element, is_nil};
use super::soap::{Api, XSI};
use crate::model::{Code, Refusal};
use crate::wire::xml::{Document, Limits, Name, NodeId};

/// The namespace of the message's own words.
const NAMESPACE: &str = "http://soap.sforce.com/2005/09/outbound";
/// SOAP 1.1.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// How many records a message has at most.
const MOST: usize = 100;

/// What stands in a message, in the order of its text.
#[derive(Debug)]
pub struct Notifications {
    pub parts: Vec<Part>,
}

/// A part that does not go on as it came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// A session with the CRM, for whoever the message is for.
    Session(NodeId),
    /// Where that session could be used.
    Address(NodeId),
    Record(NodeId),
}

impl Notifications {
    /// The namespaces of a message: records are those of the enterprise API.
    #[must_use]
    pub fn spaces() -> Spaces {
        Spaces {
            words: NAMESPACE,
            records: Api::Enterprise.objects(),
        }
    }

    /// Reads a message of this organization's.
    ///
    /// # Errors
    /// Any other form, and a message of another organization's.
    pub fn read(document: &Document<'_>, organization: Id) -> Result<Self, Refusal> {
        let root = document.root();
        let body = only(document, root, (SOAP, "Envelope"), (SOAP, "Body"))?;
        let message = only(document, body, (SOAP, "Body"), (NAMESPACE, "notifications"))?;
        plain(document, message)?;
        let mut parts = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut own = None;
        for node in document.children(message) {
            let name = document.name(node);
            if name.namespace != NAMESPACE {
                return Err(malformed("an element is not of an outbound message"));
            }
            if name.local != "Notification" {
                if seen.contains(&name.local) {
                    return Err(malformed("an element stands twice in the message"));
                }
                seen.push(name.local);
            }
            match name.local {
                "OrganizationId" => own = Some(id(document, node)?),
                "ActionId" => {
                    id(document, node)?;
                }
                "SessionId" => parts.push(Part::Session(leaf(document, node)?)),
                "EnterpriseUrl" | "PartnerUrl" => parts.push(Part::Address(leaf(document, node)?)),
                "Notification" => parts.push(Part::Record(record(document, node)?)),
                _ => return Err(malformed("an element is not of an outbound message")),
            }
        }
        if own != Some(organization) {
            return Err(Refusal::new(
                Code::RoleRefused,
                "the message is not of the organization that this endpoint is for",
            ));
        }
        let records = parts.iter();
        let records = records
            .filter(|part| matches!(part, Part::Record(_)))
            .count();
        match records {
            0 => Err(malformed("the message has no notification")),
            1..=MOST => Ok(Self { parts }),
            _ => Err(Refusal::new(
                Code::BodyTooLarge,
                "the message has too many notifications",
            )),
        }
    }
}

/// The record of a notification, which has that and its own id.
fn record(document: &Document<'_>, node: NodeId) -> Result<NodeId, Refusal> {
    plain(document, node)?;
    let children: Vec<NodeId> = document.children(node).collect();
    let [own, record] = children.as_slice() else {
        return Err(malformed("a notification has its id and a record"));
    };
    let named = |node: NodeId, local| {
        document.name(node)
            == Name {
                namespace: NAMESPACE,
                local,
            }
    };
    if !named(*own, "Id") || !named(*record, "sObject") {
        return Err(malformed("a notification has its id and a record"));
    }
    id(document, *own)?;
    match element(Notifications::spaces(), document, *record) {
        Element::Record(Some(_)) => Ok(*record),
        _ => Err(malformed("a record says by xsi:type what it is")),
    }
}

fn only(
    document: &Document<'_>,
    node: NodeId,
    (namespace, local): (&str, &str),
    inner: (&str, &str),
) -> Result<NodeId, Refusal> {
    if document.name(node) != (Name { namespace, local }) {
        return Err(malformed(
            "the body must be an envelope of SOAP 1.1 with a message",
        ));
    }
    plain(document, node)?;
    let mut children = document.children(node);
    let (Some(child), None) = (children.next(), children.next()) else {
        return Err(malformed("an envelope has a body, and that one message"));
    };
    let (namespace, local) = inner;
    match document.name(child) == (Name { namespace, local }) {
        true => Ok(child),
        false => Err(malformed("an envelope has a body, and that one message")),
    }
}

fn plain(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    match document.attributes(node).next() {
        None => Ok(()),
        Some(_) => Err(malformed("an element has an attribute that it has not")),
    }
}

/// An element with text, or one that says that it is nothing.
fn leaf(document: &Document<'_>, node: NodeId) -> Result<NodeId, Refusal> {
    let nil = Name {
        namespace: XSI,
        local: "nil",
    };
    let known = document.attributes(node).all(|(name, _)| name == nil);
    match known && (is_nil(document, node) || document.text(node).is_some()) {
        true => Ok(node),
        false => Err(malformed("an element of the message has no text")),
    }
}

fn id(document: &Document<'_>, node: NodeId) -> Result<Id, Refusal> {
    plain(document, node)?;
    let id = document.text(node).and_then(|text| Id::parse(text.trim()));
    id.ok_or_else(|| malformed("an id in the message is malformed"))
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

/// What an acknowledgement may cost to read.
const ACK: Limits = Limits {
    bytes: 64 * 1024,
    depth: 8,
    nodes: 50,
    attributes: 16,
    namespaces: 32,
};

/// Whether an answer says that the message is had: `Ack` is true, and nothing stands beside it.
#[must_use]
pub fn acknowledged(answer: &[u8]) -> bool {
    let Ok(document) = Document::parse(answer, &ACK) else {
        return false;
    };
    let child = |node: NodeId, local: &str| {
        let mut children = document.children(node);
        let found = children.find(|child| document.name(*child).local == local);
        found.filter(|_| document.name(node).local != local)
    };
    let root = document.root();
    let ack = child(root, "Body")
        .and_then(|body| child(body, "notificationsResponse"))
        .filter(|response| document.children(*response).count() == 1)
        .and_then(|response| child(response, "Ack"));
    let text = ack.and_then(|ack| document.text(ack));
    matches!(text.as_deref().map(str::trim), Some("true" | "1"))
}

/// What the CRM is answered.
#[must_use]
pub fn acknowledgement(had: bool) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"{SOAP}\">\
         <soapenv:Body><notificationsResponse xmlns=\"{NAMESPACE}\"><Ack>{had}</Ack>\
         </notificationsResponse></soapenv:Body></soapenv:Envelope>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANIZATION: &str = "00D000000000001EAA";

    fn message(inside: &str) -> String {
        format!(
            "<soapenv:Envelope xmlns:soapenv=\"{SOAP}\" xmlns:xsi=\"{XSI}\"><soapenv:Body>\
             <notifications xmlns=\"{NAMESPACE}\">{inside}</notifications></soapenv:Body>\
             </soapenv:Envelope>"
        )
    }

    const FRAME: &str = "<OrganizationId>00D000000000001EAA</OrganizationId>\
        <ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil=\"true\"/>\
        <EnterpriseUrl>https://crm/services/Soap/c/60.0</EnterpriseUrl>\
        <PartnerUrl>https://crm/services/Soap/u/60.0</PartnerUrl>";
    const NOTIFICATION: &str = "<Notification><Id>04l000000000001AAA</Id>\
        <sObject xsi:type=\"sf:Contact\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\
        <sf:Id>003000000000001AAA</sf:Id></sObject></Notification>";

    fn read(text: &str) -> Result<Vec<Part>, Code> {
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let organization = Id::parse(ORGANIZATION).unwrap();
        let read = Notifications::read(&document, organization);
        read.map(|read| read.parts).map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_message_is_its_frame_and_its_records() {
        let parts = read(&message(&format!("{FRAME}{NOTIFICATION}{NOTIFICATION}"))).unwrap();
        assert!(matches!(
            parts.as_slice(),
            [
                Part::Session(_),
                Part::Address(_),
                Part::Address(_),
                Part::Record(_),
                Part::Record(_)
            ]
        ));
    }

    #[test]
    fn any_other_form_is_refused() {
        let whole = format!("{FRAME}{NOTIFICATION}");
        for (from, to) in [
            (NOTIFICATION, ""),
            ("<Id>04l000000000001AAA</Id>", ""),
            ("<Id>04l000000000001AAA</Id>", "<Id>Jansen</Id>"),
            ("<ActionId>", "<ActionId x=\"Jansen\">"),
            ("<ActionId>04k000000000001AAA</ActionId>", "<Jansen/>"),
            (" xsi:type=\"sf:Contact\"", ""),
            ("xsi:type=\"sf:Contact\"", "xsi:type=\"Contact\""),
            ("</Notification>", "<x/></Notification>"),
            (
                "<SessionId xsi:nil=\"true\"/>",
                "<SessionId><x/></SessionId>",
            ),
            (
                "<PartnerUrl>",
                "<EnterpriseUrl>x</EnterpriseUrl><PartnerUrl>",
            ),
        ] {
            let other = whole.replacen(from, to, 1);
            assert_ne!(other, whole, "{from}");
            assert_eq!(read(&message(&other)), Err(Code::BodyMalformed), "{to}");
        }
        let many = format!("{FRAME}{}", NOTIFICATION.repeat(MOST + 1));
        assert_eq!(read(&message(&many)), Err(Code::BodyTooLarge));
        let foreign = whole.replace(ORGANIZATION, "00D000000000002EAA");
        assert_eq!(read(&message(&foreign)), Err(Code::RoleRefused));
        let twice = message(&whole).replace("</soapenv:Body>", "<x/></soapenv:Body>");
        assert_eq!(read(&twice), Err(Code::BodyMalformed));
    }

    #[test]
    fn only_a_true_acknowledgement_is_one() {
        assert!(acknowledged(acknowledgement(true).as_bytes()));
        for answer in [
            acknowledgement(false),
            acknowledgement(true).replace("true", "yes"),
            acknowledgement(true).replace("</Ack>", "</Ack><Ack>false</Ack>"),
            acknowledgement(true).replace("Ack>", "ack>"),
            "true".to_owned(),
            "<Ack>true</Ack>".to_owned(),
            String::new(),
        ] {
            assert!(!acknowledged(answer.as_bytes()), "{answer}");
        }
    }
}
