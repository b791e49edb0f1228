//! The members of objects of the API's own making: pages, results, errors.
//!
//! An answer's object that is not a record may have these; what else stands in it is masked, since
//! nobody has said what it is.

/// Whether an object of results, errors or pages may have this member.
#[must_use]
pub fn is_envelope_key(key: &str) -> bool {
    matches!(
        key,
        // Pages of records.
        "totalSize" | "done" | "nextRecordsUrl" | "records" | "size" | "searchRecords"
        // Results of writes.
        | "id" | "success" | "errors" | "created"
        // Errors.
        | "message" | "errorCode" | "statusCode" | "fields"
        // Composite answers and their parts.
        | "compositeResponse" | "body" | "httpHeaders" | "httpStatusCode" | "referenceId" | "Location"
        | "hasErrors" | "results" | "result"
        | "graphs" | "graphId" | "graphResponse" | "isSuccessful"
        // OAuth errors of the CRM.
        | "error" | "error_description"
    )
}
