//! What reCAPTCHA adds to a form: nothing of the visitor's own, and so of a form that has no room for
//! it.

use serde::Deserialize;
use serde_json::json;

use super::{Setup, listed, short, unfit};
use crate::dialect::salesforce::id::Id;
use crate::model::{Refusal, Timestamp};

/// Answers that Google gives have from some four hundred to some two thousand characters. A shorter
/// one is somebody's text.
const SHORTEST: usize = 200;
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

/// How far a form's clock may be from ours, in milliseconds: a page may stand open for a while, but
/// digits that are no time of today could be anyone's number.
const APART: u64 = 24 * 60 * 60 * 1000;

/// The settings, written anew.
///
/// # Errors
/// Any other member, a key that the configuration does not name, and a value that has another form.
pub(super) fn settings(text: &str, setup: &Setup, now: Timestamp) -> Result<String, Refusal> {
    let malformed = || unfit("captcha_settings", "it is not as Salesforce writes it");
    let read: Settings = serde_json::from_str(text).map_err(|_| malformed())?;
    let keyname = listed("captcha_settings", &read.keyname, &setup.captcha_keys)?;
    let today = |ts: &str| {
        let digits = ts.len() == 13 && ts.bytes().all(|byte| byte.is_ascii_digit());
        let at: i64 = ts.parse().ok().filter(|_| digits)?;
        (at.abs_diff(now.0) < APART).then_some(())
    };
    let fits = ["true", "false"].contains(&read.fallback.as_str())
        && Id::parse(&read.organization) == Some(setup.organization)
        && (read.ts.is_empty() || today(&read.ts).is_some());
    if !fits {
        return Err(malformed());
    }
    Ok(json!({
        "keyname": keyname,
        "fallback": read.fallback,
        "orgId": short(&setup.organization),
        "ts": read.ts,
    })
    .to_string())
}

/// Google's answer.
///
/// # Errors
/// What does not have its form, and any where the configuration names no key.
pub(super) fn answer(text: &str, setup: &Setup) -> Result<String, Refusal> {
    if setup.captcha_keys.is_empty() {
        let why = "`[web_forms]` names no `captcha_keys`";
        return Err(unfit("g-recaptcha-response", why));
    }
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match (SHORTEST..=LONGEST).contains(&text.len()) && text.chars().all(sign) {
        true => Ok(text.to_owned()),
        false => Err(unfit(
            "g-recaptcha-response",
            "it does not have the form of an answer of reCAPTCHA",
        )),
    }
}
