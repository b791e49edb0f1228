//! Salesforce's SOAP API: the partner and the enterprise door, which say the same in two ways.
//!
//! A message asks what some resource of the REST API asks too: the records of a `create` are those
//! of a collection, a `retrieve` names ids and fields. So [`Message`] has a route and, where it
//! writes, its records as the JSON that a collection would have; what becomes of each value is
//! decided and done in one place for both. Towards the CRM the message is generated anew
//! ([`Message::write`]): prefixes, comments, attributes and white space of a client's do not leave.
//!
//! Source: SOAP API Developer Guide; partner.wsdl; requests of zeep, jsforce and simple-salesforce.
//!
//! Read first: [`Place`], [`Envelope`], [`Message`], [`fault()`].

pub mod answer;
mod convert;
mod envelope;
mod fault;
mod headers;
mod message;
mod operation;
mod own;
mod sobject;
#[cfg(test)]
mod tests;
mod write;

use super::id::Id;
use crate::dialect::salesforce::version;
use crate::model::{Code, Refusal};

pub use envelope::{Asked, Envelope};
pub use fault::{denied, fault};
pub use message::{Message, Operation};
pub use own::{LoggedIn, login_result, logout_result, user_info_result};
pub(super) use sobject::is_nil;
pub use write::Written;

/// The folder of all doors that speak SOAP.
pub const FOLDER: &str = "/services/Soap/";

pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// SOAP 1.1; Salesforce does not speak 1.2.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Which of the two WSDLs the client speaks by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Api {
    /// Records have their type in an element, and fields of any name.
    Partner,
    /// Records have their type in `xsi:type`.
    Enterprise,
}

/// A door and the version that it is asked in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    pub api: Api,
    /// The major number: 60 for `60.0`.
    pub version: u16,
}

impl Api {
    /// The namespace of operations, their parameters and results.
    #[must_use]
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Partner => "urn:partner.soap.sforce.com",
            Self::Enterprise => "urn:enterprise.soap.sforce.com",
        }
    }

    /// The namespace of records and fields.
    #[must_use]
    pub fn objects(self) -> &'static str {
        match self {
            Self::Partner => "urn:sobject.partner.soap.sforce.com",
            Self::Enterprise => "urn:sobject.enterprise.soap.sforce.com",
        }
    }

    fn faults(self) -> &'static str {
        match self {
            Self::Partner => "urn:fault.partner.soap.sforce.com",
            Self::Enterprise => "urn:fault.enterprise.soap.sforce.com",
        }
    }

    fn letter(self) -> &'static str {
        match self {
            Self::Partner => "u",
            Self::Enterprise => "c",
        }
    }

    /// Whether a name inside a record belongs there. jsforce writes records in a namespace without
    /// `urn:` and fields in that of operations; Salesforce looks at local names there, and so do we.
    fn is_of_record(self, namespace: &str) -> bool {
        let bare = |full: &str| {
            full.strip_prefix("urn:")
                .is_some_and(|bare| bare == namespace)
        };
        namespace.is_empty()
            || namespace == self.namespace()
            || namespace == self.objects()
            || bare(self.objects())
    }
}

impl Place {
    /// The door of a path: `/services/Soap/u/60.0`, or with the organization's id behind it.
    ///
    /// # Errors
    /// Every other path below [`FOLDER`]: Metadata, Apex, Tooling and custom web services too.
    pub fn of(path: &str) -> Result<Self, Refusal> {
        let unknown = || {
            Refusal::new(
                Code::EndpointUnknown,
                "this SOAP service is not among those that the border knows",
            )
        };
        let rest = path.strip_prefix(FOLDER).ok_or_else(unknown)?;
        let parts: Vec<&str> = rest.split('/').collect();
        let (letter, version) = match parts.as_slice() {
            [letter, version] => (*letter, *version),
            [letter, version, org] if Id::parse(org).is_some() && org.starts_with("00D") => {
                (*letter, *version)
            }
            _ => return Err(unknown()),
        };
        let api = match letter {
            "u" => Api::Partner,
            "c" => Api::Enterprise,
            _ => return Err(unknown()),
        };
        Ok(Self {
            api,
            version: read_version(version)?,
        })
    }

    /// The path at the CRM.
    #[must_use]
    pub fn target(self) -> String {
        format!("{FOLDER}{}/{}.0", self.api.letter(), self.version)
    }
}

/// `60.0` as 60.
fn read_version(text: &str) -> Result<u16, Refusal> {
    version::number(text)
        .ok_or_else(|| Refusal::new(Code::VersionOutside, "the API version must read NN.0"))
}

fn malformed(text: impl Into<String>) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}
