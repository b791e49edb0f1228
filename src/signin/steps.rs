//! Signing in step by step, stepping up, signing out.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::gate::Form;
use crate::gate::staff::{Seated, SignInError, Step};
use crate::signin::reply::{self, Said};
use crate::signin::view::{Code, Recovery, SignIn};
use crate::signin::words::Words;
use crate::signin::{Pages, Visit, guard, token};

/// A form of ours; none where it is malformed or typed as something else.
#[must_use]
pub fn form(visit: &Visit) -> Option<Form> {
    let kind = visit
        .headers
        .get(http::header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    // The server has held the body to what the page takes.
    Form::up_to(visit.body.len(), &visit.body).ok()
}

pub(super) fn malformed(words: &'static Words) -> Response<Bytes> {
    reply::message(words, StatusCode::BAD_REQUEST, words.malformed)
}

/// Where the visitor is, or what to say when the database fails.
pub(super) fn seated(
    pages: &Pages,
    visit: &Visit,
    words: &'static Words,
) -> Result<Option<Seated>, Said> {
    let seated = pages.gate.seated(&visit.visitor());
    seated.map_err(|error| Said::of(&SignInError::Ours(error), words, words.ours))
}

impl Pages {
    pub(super) fn sign_in_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let next = visit.parameter("next");
        let next = guard::next(next.as_deref());
        match seated(self, visit, words) {
            Ok(Some(seated)) if seated.full => reply::see_other(next),
            Ok(_) => self.show_sign_in(visit, words, next, None),
            Err(said) => said.alone(words),
        }
    }

    fn show_sign_in(
        &self,
        visit: &Visit,
        words: &'static Words,
        next: &str,
        said: Option<&Said>,
    ) -> Response<Bytes> {
        let start = guard::provider_at(next);
        let page = SignIn {
            words,
            token: &token::of(visit),
            error: said.map(|said| said.text),
            next,
            passkeys: self.gate.has_passkeys(&visit.visitor()),
            provider: self.provider.is_some().then_some(start.as_str()),
        };
        let response = reply::page(said.map_or(StatusCode::OK, |said| said.status), &page);
        match said {
            Some(said) => said.paced(response),
            None => response,
        }
    }

    pub(super) fn password(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let next = guard::next(form.field("next"));
        let (login, password) = (form.field("login"), form.field("password"));
        let shown = self.gate.show_password(
            login.unwrap_or_default(),
            password.unwrap_or_default(),
            &visit.visitor(),
        );
        match shown {
            Ok(step) => {
                let to = with_next("/.sluis/sign-in/code", next);
                reply::with_session(reply::see_other(&to), &step)
            }
            Err(error) => {
                let said = Said::of(&error, words, words.password_wrong);
                self.show_sign_in(visit, words, next, Some(&said))
            }
        }
    }

    pub(super) fn code_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let next = visit.parameter("next");
        let next = guard::next(next.as_deref());
        match seated(self, visit, words) {
            Ok(Some(seated)) if seated.full => reply::see_other(next),
            Ok(Some(seated)) => self.show_code_page(visit, words, next, &seated, None),
            Ok(None) => reply::see_other(&with_next("/.sluis/sign-in", next)),
            Err(said) => said.alone(words),
        }
    }

    pub(super) fn step_up_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let next = visit.parameter("next");
        let next = guard::next(next.as_deref());
        match seated(self, visit, words) {
            Ok(Some(seated)) if seated.full => {
                self.show_code_page(visit, words, next, &seated, None)
            }
            Ok(_) => reply::see_other(&with_next("/.sluis/sign-in", next)),
            Err(said) => said.alone(words),
        }
    }

    fn show_code_page(
        &self,
        visit: &Visit,
        words: &'static Words,
        next: &str,
        seated: &Seated,
        said: Option<&Said>,
    ) -> Response<Bytes> {
        let provider = self.provider.as_ref().filter(|known| known.proves_both());
        let anew = guard::anew_at_provider(next);
        let page = Code {
            words,
            token: &token::of(visit),
            error: said.map(|said| said.text),
            next,
            other: &with_next("/.sluis/sign-in/recovery", next),
            step_up: seated.full,
            codes: seated.person.password,
            passkeys: seated.person.passkeys > 0 && self.gate.has_passkeys(&visit.visitor()),
            provider: provider
                .filter(|_| seated.full && seated.vouched)
                .map(|_| anew.as_str()),
        };
        let response = reply::page(said.map_or(StatusCode::OK, |said| said.status), &page);
        match said {
            Some(said) => said.paced(response),
            None => response,
        }
    }

    pub(super) fn code(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        self.second(visit, words, words.code_wrong, |code| {
            self.gate.show_code(code, &visit.visitor())
        })
    }

    pub(super) fn step_up(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        self.code(visit, words)
    }

    /// A second factor that is typed: the next page, or the same one with an error.
    fn second(
        &self,
        visit: &Visit,
        words: &'static Words,
        wrong: &'static str,
        show: impl FnOnce(&str) -> Result<Step, SignInError>,
    ) -> Response<Bytes> {
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let next = guard::next(form.field("next"));
        // Read before: a session that is elevated has another name.
        let before = match seated(self, visit, words) {
            Ok(Some(seated)) => seated,
            Ok(None) => return reply::see_other(&with_next("/.sluis/sign-in", next)),
            Err(said) => return said.alone(words),
        };
        match show(form.field("code").unwrap_or_default()) {
            Ok(step) => reply::with_session(reply::see_other(next), &step),
            Err(SignInError::SessionEnded) => reply::see_other(&with_next("/.sluis/sign-in", next)),
            Err(error) => {
                let said = Said::of(&error, words, wrong);
                self.show_code_page(visit, words, next, &before, Some(&said))
            }
        }
    }

    pub(super) fn recovery_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let next = visit.parameter("next");
        let next = guard::next(next.as_deref());
        match seated(self, visit, words) {
            Ok(Some(_)) => {
                let page = Recovery {
                    words,
                    token: &token::of(visit),
                    error: None,
                    next,
                    other: &with_next("/.sluis/sign-in/code", next),
                };
                reply::page(StatusCode::OK, &page)
            }
            Ok(None) => reply::see_other(&with_next("/.sluis/sign-in", next)),
            Err(said) => said.alone(words),
        }
    }

    pub(super) fn recovery(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let next = guard::next(form.field("next"));
        let code = form.field("code").unwrap_or_default();
        match self.gate.show_recovery_code(code, &visit.visitor()) {
            Ok(step) => reply::with_session(reply::see_other(next), &step),
            Err(SignInError::SessionEnded) => reply::see_other(&with_next("/.sluis/sign-in", next)),
            Err(error) => {
                let said = Said::of(&error, words, words.recovery_wrong);
                let page = Recovery {
                    words,
                    token: &token::of(visit),
                    error: Some(said.text),
                    next,
                    other: &with_next("/.sluis/sign-in/code", next),
                };
                said.paced(reply::page(said.status, &page))
            }
        }
    }

    pub(super) fn sign_out(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        let ended = match visit.visitor().cookie {
            Some(cookie) => self.gate.sign_out(cookie),
            None => Ok(()),
        };
        match ended {
            Ok(()) => reply::cleared(reply::message(words, StatusCode::OK, words.signed_out)),
            Err(error) => Said::of(&SignInError::Ours(error), words, words.ours).alone(words),
        }
    }
}

fn with_next(path: &str, next: &str) -> String {
    if next == "/" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    format!("{path}?{query}")
}
