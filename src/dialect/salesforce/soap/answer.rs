//! What stands in a SOAP answer, or in one of the Bulk API 1.0 in XML: records, results, and members that say nothing of a person.

use super::convert::TOLD;
use super::{Api, XSI};
use crate::dialect::salesforce::bulk;
use crate::dialect::salesforce::convert::Part;
use crate::wire::xml::{Document, Name, NodeId};

/// What an element of an answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Element<'a> {
    /// A record; its type where `xsi:type` has it, else in the child `type`.
    Record(Option<&'a str>),
    /// Anything else: a result, a page of records, an error, a field.
    Other,
}

/// The namespaces of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Spaces {
    /// Of the interface's own words.
    pub words: &'static str,
    /// Of records' types.
    pub records: &'static str,
}

impl Spaces {
    /// The Bulk API 1.0 has one for everything.
    pub const BULK: Self = Self {
        words: bulk::NAMESPACE,
        records: bulk::NAMESPACE,
    };

    /// Those of the API that a SOAP answer speaks by, from the element inside its body.
    #[must_use]
    pub fn of(namespace: &str) -> Self {
        let mut all = [Api::Partner, Api::Enterprise].into_iter();
        let api = all.find(|api| api.namespace() == namespace);
        let api = api.unwrap_or(Api::Partner);
        Self {
            words: api.namespace(),
            records: api.objects(),
        }
    }
}

/// What an element is, by its `xsi:type`.
#[must_use]
pub fn element<'a>(spaces: Spaces, document: &Document<'a>, node: NodeId) -> Element<'a> {
    let name = Name {
        namespace: XSI,
        local: "type",
    };
    let Some(std::borrow::Cow::Borrowed(value)) = document.attribute(node, &name) else {
        return Element::Other;
    };
    match document.qualified(node, value) {
        Some(name) if name.namespace == spaces.records => Element::Record(match name.local {
            "sObject" => None,
            local => Some(local),
        }),
        _ => Element::Other,
    }
}

/// Whether an element says that it is nothing, and has nothing: of one that says so and has content
/// some readers would take the content.
#[must_use]
pub fn is_nil(document: &Document<'_>, node: NodeId) -> bool {
    let name = Name {
        namespace: XSI,
        local: "nil",
    };
    let says = document.attribute(node, &name);
    let empty = document.text(node).is_some_and(|text| text.is_empty());
    empty && matches!(says.as_deref(), Some("true" | "1"))
}

/// An element that says that it is nothing, in place of one that had a value. Where its prefixes
/// are declared by the element itself, which goes, there is none: every field may be left out.
#[must_use]
pub fn nil(document: &Document<'_>, node: NodeId) -> String {
    match document.prefix(node, XSI) {
        Some(prefix) if !document.declares(node) => {
            format!("<{} {prefix}:nil=\"true\"/>", document.tag(node))
        }
        _ => String::new(),
    }
}

/// Whether a member of results, pages and errors is known, and no record's.
#[must_use]
pub fn is_member(local: &str) -> bool {
    matches!(
        local,
        // Pages of records.
        "done" | "queryLocator" | "records" | "size" | "result"
        // Results of writes.
        | "id" | "success" | "created" | "errors" | "mergedRecordIds" | "updatedRelatedIds"
        // Errors.
        | "fields" | "message" | "statusCode" | "extendedErrorDetails" | "extendedErrorCode"
        | "duplicateResult" | "allowSave" | "duplicateRule" | "duplicateRuleEntityType"
        | "errorMessage" | "matchResults" | "entityType" | "matchEngine" | "matchRecords"
        | "additionalInformation" | "fieldDiffs" | "matchConfidence" | "record" | "rule"
        // What was found.
        | "queryId" | "searchRecords" | "searchRecordMetadata" | "searchPromoted"
        | "spellCorrected" | "searchResultsMetadata"
        // Converted leads.
        | "accountId" | "contactId" | "leadId" | "opportunityId" | "relatedPersonAccountId"
        // Times and limits.
        | "timestamp" | "limitInfo" | "current" | "limit" | "type"
    )
}

/// The record that a member of a conversion's result tells the id of.
#[must_use]
pub fn converted(local: &str) -> Option<Part> {
    let found = TOLD.iter().find(|(name, _)| *name == local);
    found.map(|(_, part)| *part)
}
