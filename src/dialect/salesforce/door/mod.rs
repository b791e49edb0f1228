//! The doors of the REST API and of Aura: which resource a method and a path mean.
//!
//! Source: Salesforce REST API Developer Guide, "Reference", and requests of real clients.
//!
//! Read first: [`Door`], then [`resolve`] (from a target) and [`Route::target`] (back to one).

mod closed;
mod form;
mod resolve;
mod write;

use super::analytics::Analytics;
use super::aura;
use super::chatter::Chatter;
use super::convert::Conversion;
use super::file::Download;
use super::id::Id;
use super::ui::Ui;

pub use closed::closed;
pub use form::{is_name, reference};
pub(super) use form::{locator, name};
pub use resolve::resolve;

/// One resource with one verb. Names are the client's spelling until policy has given its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Door {
    /// `GET /services/data`
    Versions,
    /// `GET D`
    Resources,
    /// `GET D/sobjects`
    Objects,
    /// `GET D/sobjects/T`
    Object { object: String },
    /// `GET D/sobjects/T/describe`
    Describe { object: String },
    /// `POST D/sobjects/T`
    Create { object: String },
    /// `GET|PATCH|DELETE D/sobjects/T/ID` and `D/sobjects/T/FIELD/VALUE`
    Record {
        verb: Verb,
        object: String,
        key: Key,
        fields: Option<Vec<String>>,
    },
    /// A file, from the API or from a servlet
    Download(Download),
    /// `GET D/query?q=` and `D/queryAll?q=`
    Query { text: String, all: bool },
    /// `GET D/query/LOCATOR`
    More { locator: String, all: bool },
    /// `GET D/search?q=`; a parameterized search leaves as one too
    Search { text: String },
    /// `POST D/parameterizedSearch`
    ParameterizedSearch,
    /// `GET D/search/layout?q=`
    SearchLayout { objects: Vec<String> },
    /// `GET D/search/scopeOrder`
    SearchScope,
    /// `D/ui-api/…`
    Ui(Ui),
    /// `POST D/graphql`
    GraphQl,
    /// `POST /cometd/NN.0`: events, by long polls
    Events,
    /// `D/chatter/…`, `D/connect/…`
    Chatter(Chatter),
    /// `D/analytics/…`
    Analytics(Analytics),
    /// `GET /00O…?export=1&xf=csv`: a report as a table
    Export(Id),
    /// `POST /aura`
    Aura(aura::Message),
    /// An action of Aura's that is known by its descriptor alone
    Controller { descriptor: String },
    /// `GET D/recent`
    Recent { limit: Option<u32> },
    /// `GET D/limits`
    Limits,
    /// `GET D/limits/recordCount?sObjects=`
    RecordCount { objects: Vec<String> },
    /// `POST D/composite`
    Composite,
    /// `POST D/composite/batch`
    Batch,
    /// `POST D/composite/graph`
    Graph,
    /// `POST D/composite/tree/T`
    Tree { object: String },
    /// `POST|PATCH D/composite/sobjects`
    Collection { verb: Verb },
    /// `PATCH D/composite/sobjects/T/FIELD`
    CollectionUpsert { object: String, field: String },
    /// `DELETE D/composite/sobjects?ids=`
    CollectionDelete {
        ids: Vec<Id>,
        all_or_none: Option<bool>,
    },
    /// `POST D/composite/sobjects/T` with ids and fields in the body; `GET` with both in the URL
    CollectionRead {
        object: String,
        ids: Vec<Id>,
        fields: Vec<String>,
        in_body: bool,
    },
    /// `convertLead` of the SOAP API; no resource of REST does the same
    Convert(Vec<Conversion>),
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Read,
    Create,
    Update,
    Delete,
}

/// Which record is meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Key {
    /// The record is made by this call.
    New,
    Id(Id),
    External {
        field: String,
        value: String,
    },
    /// `@{name.id}`: the record that an earlier sub-request of the same call makes or finds.
    Reference {
        name: String,
        path: String,
    },
}

/// A door with the API version it is asked in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// The major number: 60 for `v60.0`.
    pub version: u16,
    pub door: Door,
}

impl Route {
    /// The method that this door is asked with.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.door {
            Door::Ui(ui) => ui.method(),
            Door::Analytics(analytics) => analytics.method(),
            Door::Chatter(chatter) => chatter.method(),
            Door::Create { .. }
            | Door::Composite
            | Door::Batch
            | Door::Graph
            | Door::ParameterizedSearch
            | Door::GraphQl
            | Door::Events
            | Door::Aura(_)
            | Door::Controller { .. }
            | Door::Convert(_)
            | Door::Tree { .. } => "POST",
            Door::Record { verb, .. } | Door::Collection { verb } => match verb {
                Verb::Read => "GET",
                Verb::Create => "POST",
                Verb::Update => "PATCH",
                Verb::Delete => "DELETE",
            },
            Door::CollectionUpsert { .. } => "PATCH",
            Door::CollectionDelete { .. } => "DELETE",
            Door::CollectionRead { in_body, .. } => {
                if *in_body {
                    "POST"
                } else {
                    "GET"
                }
            }
            Door::Versions
            | Door::Resources
            | Door::Objects
            | Door::Object { .. }
            | Door::Describe { .. }
            | Door::Download(_)
            | Door::Export(_)
            | Door::Query { .. }
            | Door::More { .. }
            | Door::Search { .. }
            | Door::SearchLayout { .. }
            | Door::SearchScope
            | Door::Recent { .. }
            | Door::Limits
            | Door::RecordCount { .. } => "GET",
        }
    }

    /// Whether the door takes a body: JSON, or the form of Aura.
    #[must_use]
    pub fn has_body(&self) -> bool {
        matches!(self.method(), "POST" | "PATCH")
    }

    /// Whether the body that it takes may be left out, which is then read as an empty object.
    #[must_use]
    pub fn may_lack_body(&self) -> bool {
        match &self.door {
            Door::Analytics(analytics) => analytics.may_lack_body(),
            Door::Chatter(chatter) => chatter.may_lack_body(),
            _ => false,
        }
    }

    /// A short name for logs and metrics; never part of a target.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.door {
            Door::Versions => "versions",
            Door::Resources => "resources",
            Door::Objects => "sobjects",
            Door::Object { .. } => "sobject",
            Door::Describe { .. } => "describe",
            Door::Create { .. } => "create",
            Door::Record {
                verb: Verb::Read, ..
            } => "read",
            Door::Record {
                verb: Verb::Delete, ..
            } => "delete",
            Door::Record { .. } => "update",
            Door::Download(_) => "download",
            Door::Export(_) => "report-export",
            Door::Query { .. } => "query",
            Door::More { .. } => "query-more",
            Door::Search { .. } | Door::ParameterizedSearch => "search",
            Door::SearchLayout { .. } | Door::SearchScope => "search-layout",
            Door::Ui(ui) => ui.name(),
            Door::Analytics(analytics) => analytics.name(),
            Door::Chatter(chatter) => chatter.name(),
            Door::GraphQl => "graphql",
            Door::Events => "events",
            Door::Aura(_) | Door::Controller { .. } => "aura",
            Door::Recent { .. } => "recent",
            Door::Limits | Door::RecordCount { .. } => "limits",
            Door::Composite => "composite",
            Door::Batch => "composite-batch",
            Door::Graph => "composite-graph",
            Door::Tree { .. } => "composite-tree",
            Door::Collection { .. }
            | Door::CollectionUpsert { .. }
            | Door::CollectionDelete { .. }
            | Door::CollectionRead { .. }
            // A message of SOAP has a name of its own; to REST it is the records that it writes.
            | Door::Convert(_) => "composite-sobjects",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::target::Target;
    use crate::model::{Code, Refusal};

    fn door(method: &str, target: &str) -> Result<Route, Refusal> {
        resolve(method, &Target::parse(target)?)
    }

    #[test]
    fn a_known_door_is_written_again_as_it_was_asked() {
        for (method, target) in [
            ("GET", "/services/data"),
            ("GET", "/services/data/v60.0"),
            ("GET", "/services/data/v60.0/sobjects/Contact/describe"),
            ("POST", "/services/data/v60.0/sobjects/Contact"),
            (
                "GET",
                "/services/data/v60.0/sobjects/Contact/003000000000001AAA?fields=Id%2CName",
            ),
            (
                "PATCH",
                "/services/data/v60.0/sobjects/Contact/Ext_Id__c/a%2Fb",
            ),
            (
                "GET",
                "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact",
            ),
            ("GET", "/services/data/v60.0/query/01g000000000001AAA-2000"),
            (
                "DELETE",
                "/services/data/v60.0/composite/sobjects?ids=003000000000001AAA&allOrNone=true",
            ),
        ] {
            let route = door(method, target).unwrap_or_else(|e| panic!("{target}: {e}"));
            assert_eq!((route.method(), route.target().as_str()), (method, target));
        }
    }

    #[test]
    fn what_is_no_door_is_refused() {
        for (method, target, code) in [
            ("GET", "/", Code::TargetNotCanonical),
            ("GET", "/services/apexrest/x", Code::EndpointUnknown),
            ("GET", "/services/data/v60/sobjects", Code::VersionOutside),
            (
                "GET",
                "/services/data/v60.0/tooling/query?q=x",
                Code::EndpointUnknown,
            ),
            (
                "PUT",
                "/services/data/v60.0/sobjects/Contact",
                Code::MethodUnknown,
            ),
            (
                "POST",
                "/services/data/v60.0/sobjects/Contact?_HttpMethod=PATCH",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "/services/data/v60.0/query?q=a&q=b",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "/services/data/v60.0/query?q=a&explain=b",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "/services/data//v60.0/sobjects",
                Code::TargetNotCanonical,
            ),
            (
                "GET",
                "/services/data/v60.0/sobjects/../sobjects",
                Code::TargetNotCanonical,
            ),
            (
                "GET",
                "/services/data/v60.0/sobjects%2FContact/x",
                Code::TargetNotCanonical,
            ),
        ] {
            assert_eq!(
                door(method, target).map_err(|e| e.code),
                Err(code),
                "{method} {target}"
            );
        }
    }
}
