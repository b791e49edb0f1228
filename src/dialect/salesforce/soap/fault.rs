//! Refusals as SOAP faults of Salesforce's own shape, members in the order of its WSDL.
//!
//! The status is 500, which SOAP 1.1 demands for every fault. Codes are members of the WSDL's
//! `ExceptionCode`: Java clients map them to an enumeration. The prefix is `sf`, which
//! simple-salesforce looks for letter by letter.

use super::{Api, SOAP, XSI};
use crate::model::{Code, Refusal};
use crate::wire::xml::{Unfit, Writer};

/// The fault of a refusal.
#[must_use]
pub fn fault(api: Api, refusal: &Refusal) -> Vec<u8> {
    let label = refusal.field.as_deref();
    // The shape has no place for the field: the message names it.
    let message = match label.filter(|label| !refusal.text.contains(label)) {
        Some(label) => format!("{label}: {refusal}"),
        None => refusal.to_string(),
    };
    match mapped(refusal) {
        Some(code) => denied(api, code, &message),
        None => client(&message),
    }
}

/// A fault with a code of Salesforce's. `UnexpectedErrorFault` even for sign-in: after a
/// `LoginFault` Data Loader would go on to Salesforce's own address with the same password.
#[must_use]
pub fn denied(api: Api, code: &str, message: &str) -> Vec<u8> {
    let write = |message: &str| -> Result<Vec<u8>, Unfit> {
        let mut writer = begin(Some(api))?;
        writer.text("faultcode", &format!("sf:{code}"))?;
        writer.text("faultstring", &format!("{code}: {message}"))?;
        writer.open("detail", &[])?;
        let kind = "sf:UnexpectedErrorFault";
        writer.open(kind, &[("xsi:type", kind)])?;
        writer.text("sf:exceptionCode", code)?;
        writer.text("sf:exceptionMessage", message)?;
        Ok(writer.finish())
    };
    // Our texts have nothing that XML could not hold.
    write(message).or_else(|_| write("")).unwrap_or_default()
}

/// What is not a message at all: Salesforce's own parser answers so too.
fn client(message: &str) -> Vec<u8> {
    let write = |message: &str| -> Result<Vec<u8>, Unfit> {
        let mut writer = begin(None)?;
        writer.text("faultcode", "soapenv:Client")?;
        writer.text("faultstring", message)?;
        Ok(writer.finish())
    };
    write(message).or_else(|_| write("")).unwrap_or_default()
}

fn begin(api: Option<Api>) -> Result<Writer, Unfit> {
    let mut writer = Writer::new();
    let mut spaces = vec![("xmlns:soapenv", SOAP)];
    if let Some(api) = api {
        spaces.extend([("xmlns:sf", api.faults()), ("xmlns:xsi", XSI)]);
    }
    writer.open("soapenv:Envelope", &spaces)?;
    writer.open("soapenv:Body", &[])?;
    writer.open("soapenv:Fault", &[])?;
    Ok(writer)
}

/// A code of the WSDL; none for what is not a message of the WSDL.
fn mapped(refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal.code {
        Code::EndpointUnknown | Code::MethodUnknown | Code::ParameterUnknown => {
            "FUNCTIONALITY_NOT_ENABLED"
        }
        Code::VersionOutside => "UNSUPPORTED_API_VERSION",
        Code::PolicyUnknownAction
        | Code::RoleRefused
        | Code::StepUp
        | Code::FileWithheld
        | Code::WebsocketRefused => "INSUFFICIENT_ACCESS",
        Code::BodyMalformed if refusal.field.is_some() => "INVALID_FIELD",
        Code::TargetNotCanonical | Code::BodyMalformed | Code::BodyMediaType => return None,
        Code::BodyTooLarge => "EXCEEDED_MAX_SIZE_REQUEST",
        Code::PolicyUnknownObject => "INVALID_TYPE",
        Code::PolicyUnknownField | Code::ProgramFields => "INVALID_FIELD",
        Code::PolicyBlocked
        | Code::Drift
        | Code::TokenForeign
        | Code::ReferenceRefused
        | Code::ValueUnfit
        | Code::ValueTooLong
        | Code::SpecialCategory
        | Code::IdentifierInText
        | Code::QuarantineState => "TXN_SECURITY_NO_ACCESS",
        Code::FieldNotWritable => "INVALID_FIELD_FOR_INSERT_UPDATE",
        Code::QueryMalformed | Code::QueryClause => "MALFORMED_QUERY",
    })
}
