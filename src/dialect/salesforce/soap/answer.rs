//! What stands in a SOAP answer: records, results, and members that say nothing of a person.

use super::{Api, XSI};
use crate::wire::xml::{Document, Name, NodeId};

/// What an element of an answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Element<'a> {
    /// A record; its type where `xsi:type` has it, else in the child `type`.
    Record(Option<&'a str>),
    /// Anything else: a result, a page of records, an error, a field.
    Other,
}

/// The API that an answer speaks by, from the element inside its body.
#[must_use]
pub fn api(namespace: &str) -> Option<Api> {
    [Api::Partner, Api::Enterprise]
        .into_iter()
        .find(|api| api.namespace() == namespace)
}

/// What an element is, by its `xsi:type`.
#[must_use]
pub fn element<'a>(api: Api, document: &Document<'a>, node: NodeId) -> Element<'a> {
    let name = Name {
        namespace: XSI,
        local: "type",
    };
    let Some(std::borrow::Cow::Borrowed(value)) = document.attribute(node, &name) else {
        return Element::Other;
    };
    match document.qualified(node, value) {
        Some(name) if name.namespace == api.objects() => Element::Record(match name.local {
            "sObject" => None,
            local => Some(local),
        }),
        _ => Element::Other,
    }
}

/// Whether an element says that it is nothing.
#[must_use]
pub fn is_nil(document: &Document<'_>, node: NodeId) -> bool {
    let name = Name {
        namespace: XSI,
        local: "nil",
    };
    matches!(
        document.attribute(node, &name).as_deref(),
        Some("true" | "1")
    )
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
        // Times and limits.
        | "timestamp" | "limitInfo" | "current" | "limit" | "type"
    )
}
