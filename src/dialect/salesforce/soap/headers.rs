//! The SOAP headers that the border knows, each with what may stand in it.
//!
//! Source: SOAP API Developer Guide, "SOAP Headers"; partner.wsdl.

use super::sobject::is_nil;
use super::{Api, SOAP, malformed};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::wire::xml::{Document, Name, NodeId};

/// A header as it leaves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    pub name: &'static str,
    /// In words of ours: what is written was built from what was read.
    pub members: Vec<(&'static str, String)>,
}

/// What a member of a header may be.
#[derive(Clone, Copy)]
enum Form {
    Flag,
    /// 01Q is the key prefix of assignment rules.
    Rule,
    /// 200 to 2000.
    Batch,
    /// `nl_NL`
    Language,
    /// Text that says who the client is; it is not sent.
    Dropped,
}

type Members = &'static [(&'static str, Form)];

/// Headers that travel; `AllowFieldTruncationHeader` and `SessionHeader` have words of ours.
const KNOWN: &[(&str, Members)] = &[
    ("AllOrNoneHeader", &[("allOrNone", Form::Flag)]),
    (
        "AllowFieldTruncationHeader",
        &[("allowFieldTruncation", Form::Flag)],
    ),
    (
        "AssignmentRuleHeader",
        &[
            ("assignmentRuleId", Form::Rule),
            ("useDefaultRule", Form::Flag),
        ],
    ),
    ("CallOptions", &[("client", Form::Dropped)]),
    (
        "DisableFeedTrackingHeader",
        &[("disableFeedTracking", Form::Flag)],
    ),
    (
        "DuplicateRuleHeader",
        &[
            ("allowSave", Form::Flag),
            ("includeRecordDetails", Form::Flag),
            ("runAsCurrentUser", Form::Flag),
        ],
    ),
    (
        "EmailHeader",
        &[
            ("triggerAutoResponseEmail", Form::Flag),
            ("triggerOtherEmail", Form::Flag),
            ("triggerUserEmail", Form::Flag),
        ],
    ),
    (
        "LocaleOptions",
        &[("language", Form::Language), ("localizeErrors", Form::Flag)],
    ),
    ("MruHeader", &[("updateMru", Form::Flag)]),
    ("QueryOptions", &[("batchSize", Form::Batch)]),
    ("SessionHeader", &[("sessionId", Form::Dropped)]),
    (
        "StreamingEnabledHeader",
        &[("streamingEnabled", Form::Flag)],
    ),
];

/// Headers of the WSDL that are refused by name: they change what names mean, or say things that
/// nobody here looks at.
const REFUSED: &[&str] = &[
    "AccountTerritoryAssignmentHeader",
    "DebuggingHeader",
    "LoginScopeHeader",
    "OwnerChangeOptions",
    "PackageVersionHeader",
    "UserTerritoryDeleteHeader",
];

/// Reads the header of an envelope. Of one that signs in nothing leaves, and the options of the call
/// are nobody's business: simple-salesforce names its namespace there.
pub(super) fn headers(
    (api, signs_in): (Api, bool),
    document: &Document<'_>,
    header: NodeId,
) -> Result<Vec<Header>, Refusal> {
    let mut found: Vec<Header> = Vec::new();
    for node in document.children(header) {
        let name = document.name(node);
        if name.namespace != api.namespace() {
            return Err(unknown());
        }
        if let Some(name) = REFUSED.iter().find(|refused| **refused == name.local) {
            let text = format!("the header {name} is not taken");
            return Err(Refusal::new(Code::ParameterUnknown, text));
        }
        let (name, members) = KNOWN
            .iter()
            .find(|(known, _)| *known == name.local)
            .ok_or_else(unknown)?;
        if found.iter().any(|header| header.name == *name) {
            return Err(malformed(format!("the header {name} stands twice")));
        }
        if signs_in && *name == "CallOptions" {
            continue;
        }
        understood(document, node)?;
        found.push(Header {
            name,
            members: read(api, document, node, (name, members))?,
        });
    }
    Ok(found)
}

fn read(
    api: Api,
    document: &Document<'_>,
    header: NodeId,
    (name, known): (&'static str, Members),
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let wrong = || {
        let text = format!("the header {name} has a member that is unknown, double or malformed");
        Refusal::new(Code::ParameterUnknown, text)
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut members = Vec::new();
    for node in document.children(header) {
        let found = document.name(node);
        let known = known.iter().find(|(known, _)| *known == found.local);
        let (member, form) = known.ok_or_else(wrong)?;
        if found.namespace != api.namespace() || seen.contains(member) {
            return Err(wrong());
        }
        seen.push(member);
        if is_nil(document, node)? {
            continue;
        }
        let text = document.text(node).ok_or_else(wrong)?;
        if let Some(text) = form.read(text.trim()).ok_or_else(wrong)? {
            members.push((*member, text));
        }
    }
    Ok(members)
}

impl Form {
    /// The text as it leaves; `Some(None)` where it does not leave.
    fn read(self, text: &str) -> Option<Option<String>> {
        let written = match self {
            Self::Dropped => return Some(None),
            Self::Flag => match text {
                "true" | "1" => "true".to_owned(),
                "false" | "0" => "false".to_owned(),
                _ => return None,
            },
            Self::Rule if text.is_empty() => return Some(None),
            Self::Rule => Id::parse(text)
                .filter(|_| text.starts_with("01Q"))?
                .to_string(),
            Self::Batch => {
                let size: u16 = text.parse().ok()?;
                (200..=2_000).contains(&size).then(|| size.to_string())?
            }
            Self::Language => {
                let (language, country) = text.split_once('_').unwrap_or((text, "XX"));
                let two = |part: &str, fits: fn(&u8) -> bool| {
                    part.len() == 2 && part.as_bytes().iter().all(fits)
                };
                let fits =
                    two(language, u8::is_ascii_lowercase) && two(country, u8::is_ascii_uppercase);
                fits.then(|| text.to_owned())?
            }
        };
        Some(Some(written))
    }
}

/// `soap:mustUnderstand` is all that a header may have as an attribute.
fn understood(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    let known = Name {
        namespace: SOAP,
        local: "mustUnderstand",
    };
    let fits = document
        .attributes(node)
        .all(|(name, value)| name == known && matches!(value.as_ref(), "0" | "1"));
    match fits {
        true => Ok(()),
        false => Err(unknown()),
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a SOAP header is not among those that the border knows",
    )
}
