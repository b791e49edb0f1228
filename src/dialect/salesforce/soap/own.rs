//! Answers that the border gives by itself, in the order of the WSDL.

use super::{Place, SOAP, XSI};
use crate::wire::xml::{Unfit, Writer};

/// Whom a session stands for.
pub struct LoggedIn<'l> {
    /// `https://host`, ours.
    pub origin: &'l str,
    pub organization: &'l str,
    pub user: &'l str,
    pub username: &'l str,
    /// How long a session holds.
    pub seconds: u64,
}

/// The answer to `login`: the session is ours, and the client goes on at our host.
///
/// # Errors
/// When a text cannot stand in XML.
pub fn login_result(place: Place, who: &LoggedIn<'_>, session: &str) -> Result<Vec<u8>, Unfit> {
    let mut writer = begin(place, "loginResponse")?;
    writer.open("result", &[])?;
    let at = |target: String| format!("{}{target}/{}", who.origin, who.organization);
    // The Metadata API is closed; the WSDL demands an address.
    writer.text("metadataServerUrl", &at(place.target()))?;
    writer.text("passwordExpired", "false")?;
    writer.text("sandbox", "false")?;
    writer.text("serverUrl", &at(place.target()))?;
    writer.text("sessionId", session)?;
    writer.text("userId", who.user)?;
    user_info(&mut writer, "userInfo", who)?;
    Ok(writer.finish())
}

/// The answer to `getUserInfo`.
///
/// # Errors
/// As [`login_result`].
pub fn user_info_result(place: Place, who: &LoggedIn<'_>) -> Result<Vec<u8>, Unfit> {
    let mut writer = begin(place, "getUserInfoResponse")?;
    user_info(&mut writer, "result", who)?;
    Ok(writer.finish())
}

/// The answer to `logout`.
///
/// # Errors
/// As [`login_result`].
pub fn logout_result(place: Place) -> Result<Vec<u8>, Unfit> {
    Ok(begin(place, "logoutResponse")?.finish())
}

fn begin(place: Place, response: &str) -> Result<Writer, Unfit> {
    let mut writer = Writer::new();
    writer.open(
        "soapenv:Envelope",
        &[
            ("xmlns:soapenv", SOAP),
            ("xmlns", place.api.namespace()),
            ("xmlns:xsi", XSI),
        ],
    )?;
    writer.open("soapenv:Body", &[])?;
    writer.open(response, &[])?;
    Ok(writer)
}

/// `GetUserInfoResult`, made of what the border knows. The CRM's user is not asked for: it is the
/// border's own.
fn user_info(writer: &mut Writer, element: &str, who: &LoggedIn<'_>) -> Result<(), Unfit> {
    let seconds = who.seconds.to_string();
    let text = Some;
    let members = [
        ("accessibilityMode", text("false")),
        ("chatterExternal", text("false")),
        ("currencySymbol", None),
        ("orgAttachmentFileSizeLimit", text("0")),
        ("orgDefaultCurrencyIsoCode", None),
        ("orgDefaultCurrencyLocale", None),
        ("orgDisallowHtmlAttachments", text("true")),
        ("orgHasPersonAccounts", text("false")),
        ("organizationId", text(who.organization)),
        ("organizationMultiCurrency", text("false")),
        ("organizationName", text("sluis")),
        ("profileId", text("")),
        ("roleId", None),
        ("sessionSecondsValid", text(&seconds)),
        ("userDefaultCurrencyIsoCode", None),
        ("userEmail", text("")),
        ("userFullName", text(who.username)),
        ("userId", text(who.user)),
        ("userLanguage", text("en_US")),
        ("userLocale", text("en_US")),
        ("userName", text(who.username)),
        ("userTimeZone", text("GMT")),
        ("userType", text("Standard")),
        ("userUiSkin", text("Theme3")),
    ];
    writer.open(element, &[])?;
    for (name, value) in members {
        match value {
            Some(value) => writer.text(name, value)?,
            None => writer.empty(name, &[("xsi:nil", "true")])?,
        }
    }
    writer.close();
    Ok(())
}
