//! The form, read strictly and written anew.
//!
//! Towards protection it reads `{"message": {…}, "context": {…}, "page": "…", "token": "…"}`.

use super::{context, malformed, page, token};
use crate::model::Refusal;
use crate::wire::form;
use crate::wire::json::{Document, Limits, encode_into};

/// What a form may cost: four fields, and a message within the limits of a body.
const LIMITS: form::Limits = form::Limits {
    bytes: 6 << 20,
    pairs: 8,
};

/// The normal form of a body.
///
/// # Errors
/// A form that is not canonical, a field twice, an unknown one or one that has not its form; a
/// message that is not strictly JSON.
pub fn normal(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let fields = form::parse(body, &LIMITS)
        .map_err(|_| malformed("the form is malformed, or a field stands in it twice"))?;
    let mut message = None;
    let mut rest = Vec::new();
    for (name, value) in &fields {
        match name.as_str() {
            "message" => message = Some(value),
            "aura.context" => {
                context::context(value)?;
                rest.extend_from_slice(b",\"context\":");
                rest.extend_from_slice(value.as_bytes());
            }
            "aura.pageURI" => {
                rest.extend_from_slice(b",\"page\":");
                encode_into(&mut rest, &page::page(value)?);
            }
            "aura.token" => {
                rest.extend_from_slice(b",\"token\":");
                encode_into(&mut rest, token::token(value)?);
            }
            _ => {
                return Err(malformed(
                    "the form has a field other than message, aura.context, aura.pageURI and aura.token",
                ));
            }
        }
    }
    let message = message.ok_or_else(|| malformed("the form lacks its message"))?;
    // By itself: what stands behind its end would be read as part of the document around it.
    Document::parse(message.as_bytes(), &Limits::default())
        .map_err(|_| malformed("the message is not strictly JSON"))?;
    let mut out = b"{\"message\":".to_vec();
    out.extend_from_slice(message.as_bytes());
    out.extend_from_slice(&rest);
    out.push(b'}');
    Ok(out)
}

/// The form that leaves, from the normal form after protection.
///
/// # Errors
/// When it is not of that form, which protection never makes.
pub fn outgoing(normal: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = || malformed("the message could not be written again");
    let document = Document::parse(normal, &Limits::default()).map_err(|_| broken())?;
    let root = document.root();
    let json = |key| {
        document
            .get(root, key)
            .map(|node| document.raw(node).to_owned())
    };
    let text = |key| {
        let node = document.get(root, key)?;
        document.text(node).map(|text| text.into_owned())
    };
    let mut fields = vec![("message", json("message").ok_or_else(broken)?)];
    let rest = [
        ("aura.context", json("context")),
        ("aura.pageURI", text("page")),
        ("aura.token", text("token")),
    ];
    let rest = rest.into_iter();
    fields.extend(rest.filter_map(|(name, value)| Some((name, value?))));
    Ok(form::write(&fields).into_bytes())
}
