//! Refusals in Salesforce's own error shape: `[{"message","errorCode","fields"}]`.
//!
//! Statuses are 400 and 403: 401, 429 and 5xx make clients sign in elsewhere or try again. Codes
//! are Salesforce's, since its Java clients map them to enumerations.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};
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

/// The error of one record among the results of a bulk job.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RowError {
    /// The interface's code for it.
    pub code: String,
    /// Field and rule, never a value.
    pub message: String,
    /// The field's name, where it is one field's.
    pub field: Option<String>,
}

impl RowError {
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        let field = refusal.field.as_deref();
        let bare = field.and_then(|label| Some(label.rsplit_once('.')?.1));
        Self {
            code: mapped(refusal.code).1.to_owned(),
            message: refusal.to_string(),
            field: bare.map(str::to_owned),
        }
    }
}

/// As it stands in a cell of a table: `CODE:message:fields --`.
impl Display for RowError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let field = self.field.as_deref().unwrap_or_default();
        write!(f, "{}:{}:{field} --", self.code, self.message)
    }
}

/// As [`answer`], in the shape of the API that the target belongs to.
#[must_use]
pub fn answer_at(target: &str, refusal: &Refusal) -> (u16, String) {
    let mut segments = target.split(['/', '?']).skip(1);
    match (segments.next(), segments.nth(2)) {
        (Some("services"), Some("ui-api")) => of_ui(refusal),
        (Some("services"), Some("graphql")) => of_graphql(refusal),
        _ => answer(refusal),
    }
}

/// The shape of the UI API: Lightning shows what stands under a field's name at that field.
pub(super) fn of_ui(refusal: &Refusal) -> (u16, String) {
    let (status, code) = mapped(refusal.code);
    let message = refusal.to_string();
    let field = refusal.field.as_deref();
    let field = field.and_then(|label| Some(label.rsplit_once('.')?.1));
    let error = json!({
        "constituentField": null,
        "duplicateRecordError": null,
        "errorCode": code,
        "field": field,
        "fieldLabel": field,
        "message": message,
    });
    let (errors, fields) = match field {
        Some(field) => (json!([]), json!({ field: [error] })),
        None => (json!([error]), json!({})),
    };
    let body = json!({
        "message": message,
        "statusCode": status,
        "errorCode": code,
        "enhancedErrorType": "RecordError",
        "output": { "errors": errors, "fieldErrors": fields },
    });
    (status, body.to_string())
}

/// The shape of GraphQL: what is wrong with a document is answered with status 200.
fn of_graphql(refusal: &Refusal) -> (u16, String) {
    let (status, kind) = match refusal.code {
        Code::QueryMalformed => (200, "InvalidSyntax"),
        Code::QueryClause
        | Code::PolicyUnknownObject
        | Code::PolicyUnknownField
        | Code::ProgramFields => (200, "ValidationError"),
        Code::PolicyBlocked
        | Code::Drift
        | Code::TokenForeign
        | Code::ReferenceRefused
        | Code::ValueUnfit
        | Code::ValueTooLong
        | Code::FieldNotWritable
        | Code::SpecialCategory
        | Code::IdentifierInText
        | Code::QuarantineState => (200, "DataFetchingException"),
        // The request was not read as far as its document.
        Code::EndpointUnknown
        | Code::VersionOutside
        | Code::PolicyUnknownAction
        | Code::RoleRefused
        | Code::MethodUnknown
        | Code::ParameterUnknown
        | Code::TargetNotCanonical
        | Code::BodyMalformed
        | Code::BodyMediaType
        | Code::BodyTooLarge
        | Code::StepUp
        | Code::FileWithheld
        | Code::WebsocketRefused => (mapped(refusal.code).0, "OperationNotSupported"),
    };
    let mut error = json!({
        "message": refusal.to_string(),
        "locations": [],
        "extensions": { "ErrorType": kind },
        "paths": [],
    });
    if let Some((line, column)) = refusal.place {
        error["locations"] = json!([{ "line": line, "column": column }]);
    }
    (
        status,
        json!({ "data": null, "errors": [error] }).to_string(),
    )
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
        | Code::PolicyUnknownAction
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
        Code::PolicyUnknownField | Code::ProgramFields => (400, "INVALID_FIELD"),
        Code::PolicyBlocked
        | Code::Drift
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
    fn a_refusal_of_the_ui_api_stands_at_its_field() {
        let refusal = Refusal::at(Code::PolicyBlocked, "Contact.Gender__c", "no");
        let target = "/services/data/v60.0/ui-api/records?x=1";
        let (status, body) = answer_at(target, &refusal);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["statusCode"]), (400, &json!(400)));
        let at = &body["output"]["fieldErrors"]["Gender__c"][0];
        assert_eq!(at["errorCode"], "FIELD_CUSTOM_VALIDATION_EXCEPTION");
        assert_eq!(at["message"], "no [sluis policy-blocked]");
        let (_, body) = answer_at(target, &Refusal::new(Code::EndpointUnknown, "no"));
        assert!(body.contains("\"output\":{\"errors\":[{"), "{body}");
        for target in ["/services/data/v60.0/sobjects/ui-api", "/ui-api"] {
            assert_eq!(answer_at(target, &refusal), answer(&refusal));
        }
    }

    #[test]
    fn a_refusal_of_graphql_has_its_place_and_the_status_of_an_answer() {
        let target = "/services/data/v60.0/graphql";
        let refusal = Refusal::new(Code::QueryClause, "no").in_text(2, 7);
        let (status, body) = answer_at(target, &refusal);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 200);
        let error = json!({
            "message": "no [sluis query-clause]",
            "locations": [{ "line": 2, "column": 7 }],
            "extensions": { "ErrorType": "ValidationError" },
            "paths": [],
        });
        assert_eq!(body, json!({ "data": null, "errors": [error] }));
        let (status, body) = answer_at(target, &Refusal::new(Code::BodyMalformed, "no"));
        assert_eq!(status, 400);
        assert!(body.contains("\"locations\":[]"), "{body}");
    }

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
