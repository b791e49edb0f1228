//! Refusals in Salesforce's own error shape: `[{"message","errorCode","fields"}]`.
//!
//! Statuses are 400 and 403: 401, 429 and 5xx make clients sign in elsewhere or try again. Codes
//! are Salesforce's, since its Java clients map them to enumerations.

use serde_json::json;

use crate::model::{Code, Refusal};

/// Status and JSON body of a refusal.
#[must_use]
pub fn answer(refusal: &Refusal) -> (u16, String) {
    let (status, code) = mapped(refusal.code);
    // A refusal about an object names no field.
    let field = refusal
        .field
        .as_deref()
        .and_then(|label| label.rsplit_once('.'));
    let bare = field.map(|(_, field)| field);
    (status, body(&refusal.to_string(), code, bare.as_slice()))
}

/// An error body with a code of Salesforce's.
#[must_use]
pub fn body(message: &str, code: &str, fields: &[&str]) -> String {
    let mut error = json!({ "message": message, "errorCode": code });
    if !fields.is_empty() {
        error["fields"] = json!(fields);
    }
    json!([error]).to_string()
}

fn mapped(code: Code) -> (u16, &'static str) {
    match code {
        Code::EndpointUnknown
        | Code::VersionOutside
        | Code::RoleRefused
        | Code::StepUp
        | Code::FileWithheld
        | Code::WebsocketRefused => (403, "INSUFFICIENT_ACCESS"),
        Code::MethodUnknown => (403, "METHOD_NOT_ALLOWED"),
        Code::ParameterUnknown | Code::TargetNotCanonical => (400, "INVALID_QUERY_FILTER_OPERATOR"),
        Code::BodyMalformed => (400, "JSON_PARSER_ERROR"),
        Code::BodyMediaType => (400, "UNSUPPORTED_MEDIA_TYPE"),
        Code::BodyTooLarge => (400, "REQUEST_LIMIT_EXCEEDED"),
        Code::PolicyUnknownObject => (400, "INVALID_TYPE"),
        Code::PolicyUnknownField => (400, "INVALID_FIELD"),
        Code::PolicyBlocked
        | Code::TokenForeign
        | Code::ReferenceRefused
        | Code::ValueUnfit
        | Code::SpecialCategory
        | Code::IdentifierInText
        | Code::QuarantineState => (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        Code::FieldNotWritable => (400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        Code::ValueTooLong => (400, "STRING_TOO_LONG"),
        Code::QueryMalformed | Code::QueryClause => (400, "MALFORMED_QUERY"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_field_and_rule() {
        let (status, body) = answer(&Refusal::at(
            Code::PolicyBlocked,
            "Contact.Gender__c",
            "the rule says block",
        ));
        assert_eq!(status, 400);
        assert_eq!(
            body,
            r#"[{"message":"the rule says block [sluis policy-blocked]","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["Gender__c"]}]"#
        );
    }
}
