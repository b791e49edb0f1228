//! The members of what the UI API answers, beside the fields of records.

/// What a member of an object that is no record holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Member {
    /// Descriptions: layouts, objects, list views.
    Described,
    /// What an error tells: records may stand in it, those that something is a duplicate of.
    Loose,
    /// Names of fields, in a list.
    Names,
    /// A value that says nothing of anybody.
    Plain,
    /// A link to a page, with what was looked for in it.
    Link,
    /// Where it is an object or a list, records may stand in it; a value is not shown.
    Other,
}

/// What the member of that name holds.
#[must_use]
pub fn member(key: &str) -> Member {
    match key {
        "objectInfos" | "objectInfo" | "layouts" | "layout" | "layoutUserStates"
        | "layoutUserState" | "info" | "listReference" | "recordTypeInfo"
        | "listUserPreference" | "relatedListInfo" | "actions" | "displayColumns" => {
            Member::Described
        }
        "output" => Member::Loose,
        "fields" | "optionalFields" | "sortBy" => Member::Names,
        "count" | "currentPageToken" | "nextPageToken" | "previousPageToken" | "pageSize"
        | "page" | "eTag" | "weakEtag" | "listInfoETag" | "hasErrors" | "statusCode"
        | "message" | "errorCode" | "enhancedErrorType" | "totalCount" | "theme"
        | "currentPage" => Member::Plain,
        "currentPageUrl" | "nextPageUrl" | "previousPageUrl" => Member::Link,
        _ => Member::Other,
    }
}

/// Whether a member of a record, beside its fields, says nothing of anybody.
#[must_use]
pub fn is_plain_of_record(key: &str) -> bool {
    matches!(
        key,
        "eTag"
            | "weakEtag"
            | "lastModifiedById"
            | "lastModifiedDate"
            | "recordTypeId"
            | "recordTypeInfo"
            | "systemModstamp"
    )
}
