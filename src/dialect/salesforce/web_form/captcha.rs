//! What reCAPTCHA adds to a form: nothing of the visitor's own, and so of a form that has no room for
//! it.

use serde::Deserialize;
use serde_json::json;

use super::{Setup, short, unfit};
use crate::dialect::salesforce::id::Id;
use crate::model::Refusal;

/// The longest answer that Google gives has some two thousand characters.
const LONGEST: usize = 8192;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    keyname: String,
    fallback: String,
    #[serde(rename = "orgId")]
    organization: String,
    /// Milliseconds since the epoch, once its script has run.
    ts: String,
}

/// The settings, written anew.
///
/// # Errors
/// Any other member, and a value that has another form.
pub(super) fn settings(text: &str, setup: &Setup) -> Result<String, Refusal> {
    let malformed = || unfit("captcha_settings", "it is not as Salesforce writes it");
    let read: Settings = serde_json::from_str(text).map_err(|_| malformed())?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let fits = !read.keyname.is_empty()
        && read.keyname.len() <= 80
        && read.keyname.chars().all(word)
        && ["true", "false"].contains(&read.fallback.as_str())
        && Id::parse(&read.organization) == Some(setup.organization)
        && read.ts.len() <= 13
        && read.ts.chars().all(|c| c.is_ascii_digit());
    if !fits {
        return Err(malformed());
    }
    Ok(json!({
        "keyname": read.keyname,
        "fallback": read.fallback,
        "orgId": short(&setup.organization),
        "ts": read.ts,
    })
    .to_string())
}

/// Google's answer.
///
/// # Errors
/// What does not have its form.
pub(super) fn answer(text: &str) -> Result<String, Refusal> {
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match (20..=LONGEST).contains(&text.len()) && text.chars().all(sign) {
        true => Ok(text.to_owned()),
        false => Err(unfit(
            "g-recaptcha-response",
            "it does not have the form of an answer of reCAPTCHA",
        )),
    }
}
