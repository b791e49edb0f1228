//! What an operation asks: a route, and the records that it writes.

use super::envelope::Asked;
use super::headers::Header;
use super::operation::Reader;
use super::{Api, Place, malformed};
use crate::dialect::salesforce::call::{Call, Request};
use crate::dialect::salesforce::door::Route;
use crate::dialect::salesforce::id::Id;
use crate::model::{Refusal, Secret};
use crate::wire::json;
use crate::wire::xml::{Document, NodeId};

/// What the border answers by itself: the CRM's own sign-in never sees a client, and its user is
/// nobody's business.
#[derive(Debug)]
pub enum Operation {
    Login { username: String, password: Secret },
    Logout,
    UserInfo,
}

/// A message for the CRM.
#[derive(Debug)]
pub struct Message {
    pub place: Place,
    pub(super) headers: Vec<Header>,
    pub(super) verb: Ask,
    /// The resources of the REST API that ask the same.
    routes: Vec<Route>,
    /// The records that it writes, as the body of a collection.
    body: Option<String>,
}

/// The operations of the WSDL that reach the CRM.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Ask {
    Create,
    Update,
    Upsert,
    Delete,
    Undelete,
    /// Which records go, for each master in the list of records.
    Merge(Vec<Vec<Id>>),
    Retrieve,
    Query,
    QueryMore,
    Search,
    Convert,
    Describe,
    DescribeMany,
    DescribeAll,
    Timestamp,
}

impl Ask {
    /// As the WSDL names it. `queryAll` is a query with `all`.
    pub fn element(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Upsert => "upsert",
            Self::Delete => "delete",
            Self::Undelete => "undelete",
            Self::Merge(_) => "merge",
            Self::Retrieve => "retrieve",
            Self::Query => "query",
            Self::QueryMore => "queryMore",
            Self::Search => "search",
            Self::Convert => "convertLead",
            Self::Describe => "describeSObject",
            Self::DescribeMany => "describeSObjects",
            Self::DescribeAll => "describeGlobal",
            Self::Timestamp => "getServerTimestamp",
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Create => "soap.create",
            Self::Update => "soap.update",
            Self::Upsert => "soap.upsert",
            Self::Delete => "soap.delete",
            Self::Undelete => "soap.undelete",
            Self::Merge(_) => "soap.merge",
            Self::Retrieve => "soap.retrieve",
            Self::Query => "soap.query",
            Self::QueryMore => "soap.query-more",
            Self::Search => "soap.search",
            Self::Convert => "soap.convert-lead",
            Self::Describe | Self::DescribeMany | Self::DescribeAll => "soap.describe",
            Self::Timestamp => "soap.timestamp",
        }
    }
}

impl Message {
    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.verb.name()
    }

    /// The resource that asks the same; of several the first.
    #[must_use]
    pub fn route(&self) -> Option<&Route> {
        self.routes.first()
    }

    /// The records that it writes, as JSON.
    #[must_use]
    pub fn records(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// The calls that it consists of. `document` is [`Self::records`].
    ///
    /// # Errors
    /// Records without type or id where the operation needs one.
    pub fn request(&self, document: Option<&json::Document<'_>>) -> Result<Request, Refusal> {
        let none = || malformed("the message asks nothing");
        let top = self.route().ok_or_else(none)?.clone();
        let mut request = match document {
            Some(document) => Request::read(top, document)?,
            None => Request::bare(top),
        };
        let more = self.routes.iter().skip(1).cloned().map(Call::of);
        request.calls.extend(more);
        Ok(request)
    }

    pub(super) fn read(
        place: Place,
        document: &Document<'_>,
        node: NodeId,
        headers: Vec<Header>,
    ) -> Result<Asked, Refusal> {
        let reader = Reader::new(place.api, document, node);
        let name = document.name(node).local;
        if let Some(own) = reader.own(name)? {
            return Ok(Asked::Own(own));
        }
        let (verb, doors, body) = reader.operation(name)?;
        let version = place.version;
        let routes = doors.into_iter().map(|door| Route { version, door });
        Ok(Asked::Message(Box::new(Self {
            place,
            headers,
            verb,
            routes: routes.collect(),
            body,
        })))
    }
}

impl Api {
    /// Whether records say their type in an element of their own.
    pub(super) fn types_inside(self) -> bool {
        self == Self::Partner
    }
}
