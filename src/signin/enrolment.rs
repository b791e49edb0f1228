//! Enrolment by link, with a password and one-time codes.

use bytes::Bytes;
use http::{Response, StatusCode};
use qrcode::QrCode;
use qrcode::render::svg;

use crate::gate::Enrolment;
use crate::gate::staff::SignInError;
use crate::model::Secret;
use crate::signin::reply::{self, Said};
use crate::signin::steps::{form, malformed};
use crate::signin::view::{Enrol, RecoveryCodes};
use crate::signin::words::Words;
use crate::signin::{Pages, Visit, token};

impl Pages {
    pub(super) fn enrol_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let link = visit.parameter("link").unwrap_or_default();
        self.show_enrol(visit, words, &link, None)
    }

    pub(super) fn enrol(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let field = |name| form.field(name).unwrap_or_default();
        let link = field("link");
        if field("password") != field("again") {
            let said = (StatusCode::UNPROCESSABLE_ENTITY, words.passwords_differ);
            return self.show_enrol(visit, words, link, Some(said));
        }
        let enrolled =
            self.gate
                .enrol_password(link, field("password"), field("code"), &visit.visitor());
        match enrolled {
            Ok(enrolled) => {
                let response = codes_page(words, &enrolled.recovery_codes);
                reply::with_session(response, &enrolled.step)
            }
            Err(error) => {
                let said = Said::of(&error, words, words.code_wrong);
                match error {
                    SignInError::Wrong | SignInError::WeakPassword(_) => {
                        let shown = Some((said.status, said.text));
                        self.show_enrol(visit, words, link, shown)
                    }
                    _ => said.alone(words),
                }
            }
        }
    }

    /// The link is looked at anew, so that a page never shows what no longer holds.
    fn show_enrol(
        &self,
        visit: &Visit,
        words: &'static Words,
        link: &str,
        said: Option<(StatusCode, &'static str)>,
    ) -> Response<Bytes> {
        let visitor = visit.visitor();
        let shown = self
            .gate
            .invitation(link, &visitor)
            .and_then(|invitation| Ok((drawn(&invitation.codes)?, invitation)));
        match shown {
            Ok(((qr, secret), invitation)) => {
                let page = Enrol {
                    words,
                    token: &token::of(visit),
                    error: said.map(|(_, text)| text),
                    link,
                    display: &invitation.person.display,
                    login: &invitation.person.login,
                    qr: &qr,
                    secret: &secret,
                    passkeys: self.gate.has_passkeys(&visitor),
                };
                reply::page(said.map_or(StatusCode::OK, |(status, _)| status), &page)
            }
            Err(error) => Said::of(&error, words, words.link_ended).alone(words),
        }
    }
}

/// Recovery codes, shown this once.
pub(super) fn codes_page(words: &'static Words, codes: &[Secret]) -> Response<Bytes> {
    let codes: Vec<&str> = codes
        .iter()
        .filter_map(|code| std::str::from_utf8(code.expose()).ok())
        .collect();
    reply::page(
        StatusCode::OK,
        &RecoveryCodes {
            words,
            codes: &codes,
        },
    )
}

/// The secret of the codes, as a QR code and in groups of four to type.
pub(super) fn drawn(codes: &Enrolment) -> Result<(String, String), SignInError> {
    let url = codes.url()?;
    let unfit = || crate::gate::Error::Unfit("an address that no QR code can hold");
    let code = QrCode::new(url.expose()).map_err(|_| unfit())?;
    // Dark on light whatever the theme: many apps read no other.
    let drawing = code
        .render::<svg::Color<'_>>()
        .min_dimensions(220, 220)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    let element = drawing.find("<svg").and_then(|at| drawing.get(at..));
    let text = std::str::from_utf8(url.expose()).map_err(|_| unfit())?;
    let secret = text
        .split(['?', '&'])
        .find_map(|part| part.strip_prefix("secret="))
        .ok_or_else(unfit)?;
    let groups: Vec<String> = secret
        .as_bytes()
        .chunks(4)
        .map(|four| String::from_utf8_lossy(four).into_owned())
        .collect();
    Ok((element.ok_or_else(unfit)?.to_owned(), groups.join(" ")))
}
