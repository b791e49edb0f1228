//! Exports of reports: their clients show the session as a page does, in the cookie `sid`.

use http::HeaderValue;
use http::header::{AUTHORIZATION, COOKIE};

use crate::dialect::salesforce::analytics;
use crate::gate::Denied;
use crate::server::exchange::Accepted;
use crate::signin;

/// Where exports are, with the beginning of the key of reports.
pub(super) const REPORTS: &str = "/00O";

/// The cookie that Salesforce's pages have their session in.
const SESSION: &str = "sid";

/// Whether a request is for an export, whose cookie counts.
pub(super) fn is_export(request: &Accepted) -> bool {
    let target = super::border::target(request);
    analytics::is_export(request.method.as_str(), &target)
}

/// Takes the session of an export from its cookie, as if `Authorization` had said it: from here on
/// the same gate admits it, and asks for it again while the export lasts. No other request has its
/// session there, and nothing but an export is read with it.
///
/// # Errors
/// Two such cookies, or one that says another session than `Authorization` does: one of them is
/// somebody else's.
pub(super) fn session(request: &mut Accepted) -> Result<(), Denied> {
    if !is_export(request) {
        return Ok(());
    }
    // Another application of the same domain may have set a cookie of that name: it does not shut out
    // whoever is signed in here.
    let said = request.headers.contains_key(AUTHORIZATION);
    if !said && signin::session(&request.headers).is_some() {
        return Ok(());
    }
    let mut found = None;
    for cookies in request.headers.get_all(COOKIE) {
        let cookies = cookies.to_str().map_err(|_| Denied::Unknown)?;
        for pair in cookies.split(';') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name.trim() == SESSION && found.replace(value.trim()).is_some() {
                return Err(Denied::Unknown);
            }
        }
    }
    let Some(session) = found else {
        return Ok(());
    };
    let said = format!("Bearer {session}");
    let same = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        let scheme = value.get(..7).unwrap_or_default();
        scheme.eq_ignore_ascii_case("bearer ") && value.get(7..) == Some(session)
    };
    if !request.headers.get_all(AUTHORIZATION).iter().all(same) {
        return Err(Denied::Unknown);
    }
    let mut value = HeaderValue::try_from(said).map_err(|_| Denied::Unknown)?;
    value.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, value);
    Ok(())
}
