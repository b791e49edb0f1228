//! Pages on which a person changes their password or takes new one-time codes.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::gate::Form;
use crate::gate::staff::{Seated, SignInError};
use crate::signin::account::TO_SIGN_IN;
use crate::signin::enrolment::{codes_page, drawn};
use crate::signin::guard::step_up_at;
use crate::signin::reply::{self, Said};
use crate::signin::steps::{form, malformed, seated};
use crate::signin::view::{NewCodes, NewPassword};
use crate::signin::words::Words;
use crate::signin::{Pages, Visit, token};

const ACCOUNT: &str = "/.sluis/account";
const PASSWORD: &str = "/.sluis/account/password";
const CODES: &str = "/.sluis/account/codes";

impl Pages {
    pub(super) fn password_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match self.ready(visit, words, PASSWORD) {
            Ok(seated) if seated.person.password => show_password(visit, words, &seated, None),
            Ok(_) => reply::see_other(CODES),
            Err(elsewhere) => *elsewhere,
        }
    }

    pub(super) fn change_password(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let seated = match self.ready(visit, words, PASSWORD) {
            Ok(seated) => seated,
            Err(elsewhere) => return *elsewhere,
        };
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let password = match typed_twice(&form, words) {
            Ok(password) => password,
            Err(said) => return show_password(visit, words, &seated, Some(said)),
        };
        match self.gate.change_password(password, &visit.visitor()) {
            Ok(step) => reply::with_session(reply::see_other(ACCOUNT), &step),
            Err(error) => not_changed(&error, words, PASSWORD, |said| {
                show_password(visit, words, &seated, Some(said))
            }),
        }
    }

    pub(super) fn new_codes_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match self.ready(visit, words, CODES) {
            Ok(seated) => self.show_codes(visit, words, &seated, None),
            Err(elsewhere) => *elsewhere,
        }
    }

    pub(super) fn change_codes(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let seated = match self.ready(visit, words, CODES) {
            Ok(seated) => seated,
            Err(elsewhere) => return *elsewhere,
        };
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let password = match (seated.person.password, typed_twice(&form, words)) {
            (true, _) => None,
            (false, Ok(password)) => Some(password),
            (false, Err(said)) => return self.show_codes(visit, words, &seated, Some(said)),
        };
        let code = form.field("code").unwrap_or_default();
        match self.gate.change_codes(code, password, &visit.visitor()) {
            Ok(changed) if changed.recovery_codes.is_empty() => {
                reply::with_session(reply::see_other(ACCOUNT), &changed.step)
            }
            Ok(changed) => {
                let page = codes_page(words, &changed.recovery_codes);
                reply::with_session(page, &changed.step)
            }
            Err(error) => not_changed(&error, words, CODES, |said| {
                self.show_codes(visit, words, &seated, Some(said))
            }),
        }
    }

    /// Who may change something: a session of both factors, the second of which was shown lately.
    fn ready(
        &self,
        visit: &Visit,
        words: &'static Words,
        page: &str,
    ) -> Result<Seated, Box<Response<Bytes>>> {
        match seated(self, visit, words) {
            Ok(Some(seated)) if seated.full && seated.fresh => Ok(seated),
            Ok(Some(seated)) if seated.full => Err(reply::see_other(&step_up_at(page)).into()),
            Ok(_) => Err(reply::see_other(TO_SIGN_IN).into()),
            Err(said) => Err(said.alone(words).into()),
        }
    }

    fn show_codes(
        &self,
        visit: &Visit,
        words: &'static Words,
        seated: &Seated,
        said: Option<(StatusCode, &'static str)>,
    ) -> Response<Bytes> {
        let offered = self.gate.offered_codes(&visit.visitor());
        match offered.and_then(|codes| drawn(&codes)) {
            Ok((qr, secret)) => {
                let page = NewCodes {
                    words,
                    token: &token::of(visit),
                    error: said.map(|(_, text)| text),
                    login: &seated.person.login,
                    password: seated.person.password,
                    qr: &qr,
                    secret: &secret,
                };
                reply::page(said.map_or(StatusCode::OK, |(status, _)| status), &page)
            }
            Err(error) => Said::of(&error, words, words.malformed).alone(words),
        }
    }
}

fn show_password(
    visit: &Visit,
    words: &'static Words,
    seated: &Seated,
    said: Option<(StatusCode, &'static str)>,
) -> Response<Bytes> {
    let page = NewPassword {
        words,
        token: &token::of(visit),
        error: said.map(|(_, text)| text),
        login: &seated.person.login,
    };
    reply::page(said.map_or(StatusCode::OK, |(status, _)| status), &page)
}

fn typed_twice<'f>(
    form: &'f Form,
    words: &'static Words,
) -> Result<&'f str, (StatusCode, &'static str)> {
    let field = |name| form.field(name).unwrap_or_default();
    if field("password") == field("again") {
        Ok(field("password"))
    } else {
        Err((StatusCode::UNPROCESSABLE_ENTITY, words.passwords_differ))
    }
}

fn not_changed(
    error: &SignInError,
    words: &'static Words,
    page: &str,
    again: impl FnOnce((StatusCode, &'static str)) -> Response<Bytes>,
) -> Response<Bytes> {
    match error {
        SignInError::SessionEnded => reply::see_other(TO_SIGN_IN),
        SignInError::StepUp => reply::see_other(&step_up_at(page)),
        _ => {
            let said = Said::of(error, words, words.code_wrong);
            let response = again((said.status, said.text));
            said.paced(response)
        }
    }
}
