//! What each page is made of. The templates stand in `templates/` and escape by default. A `token` is
//! what the page's forms are known by, empty before there is a session.

use askama::Template;

use crate::signin::words::Words;

#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct Message {
    pub words: &'static Words,
    pub text: &'static str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignIn<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub next: &'a str,
    /// Whether this host can have passkeys.
    pub passkeys: bool,
    /// Where the identity provider is asked, if there is one.
    pub provider: Option<&'a str>,
}

/// The second step, and stepping up.
#[derive(Template)]
#[template(path = "code.html")]
pub(super) struct Code<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub next: &'a str,
    /// Where a recovery code is taken.
    pub other: &'a str,
    /// Whether a session of both factors is to show its second one again.
    pub step_up: bool,
    pub codes: bool,
    pub passkeys: bool,
    /// Where the identity provider asks for its factors again, if it may step up this session.
    pub provider: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "recovery.html")]
pub(super) struct Recovery<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub next: &'a str,
    /// Where a one-time code is taken.
    pub other: &'a str,
}

#[derive(Template)]
#[template(path = "enrol.html")]
pub(super) struct Enrol<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub link: &'a str,
    pub display: &'a str,
    pub login: &'a str,
    /// An SVG element of ours: the one thing that is not escaped.
    pub qr: &'a str,
    /// For those who cannot scan: the same secret to type.
    pub secret: &'a str,
    pub passkeys: bool,
}

/// Another password.
#[derive(Template)]
#[template(path = "password.html")]
pub(super) struct NewPassword<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub login: &'a str,
}

/// Another secret of one-time codes.
#[derive(Template)]
#[template(path = "codes.html")]
pub(super) struct NewCodes<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub login: &'a str,
    /// Whether there is a password already.
    pub password: bool,
    /// As in [`Enrol`].
    pub qr: &'a str,
    pub secret: &'a str,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
pub(super) struct RecoveryCodes<'a> {
    pub words: &'static Words,
    pub codes: &'a [&'a str],
}

#[derive(Template)]
#[template(path = "account.html")]
pub(super) struct Account<'a> {
    pub words: &'static Words,
    pub token: &'a str,
    pub error: Option<&'static str>,
    pub display: &'a str,
    pub login: &'a str,
    pub roles: &'a [String],
    pub password: bool,
    pub recovery_codes: u32,
    pub keys: &'a [Key],
    /// Whether factors may be changed without showing one again.
    pub fresh: bool,
    /// Whether this host can have passkeys.
    pub passkeys: bool,
}

/// A passkey, as a line of a list.
pub(super) struct Key {
    pub id: i64,
    pub label: String,
    /// `2026-11-22`.
    pub created: String,
    pub used: Option<String>,
}
