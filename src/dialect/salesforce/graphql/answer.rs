//! The members of answers that are words of the schema.

/// Whether it is one of the schema's words around and within records, which no alias may be.
#[must_use]
pub fn is_word(key: &str) -> bool {
    is_structure(key) || matches!(key, "Id" | "value" | "displayValue" | "label" | "errors")
}

/// Whether records may stand behind it.
#[must_use]
pub fn is_structure(key: &str) -> bool {
    matches!(
        key,
        "data"
            | "uiapi"
            | "query"
            | "edges"
            | "node"
            | "cursor"
            | "pageInfo"
            | "hasNextPage"
            | "hasPreviousPage"
            | "startCursor"
            | "endCursor"
            | "totalCount"
            | "pageResultCount"
            | "Record"
            | "__typename"
    )
}
