//! Drafts: made, edited as text, tried out, handed in, decided about. Each act is one call of
//! `review`, which decides whether it may be; the roles of the routes only say who may ask.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::changes::{self, Tried};
use crate::console::drafts_view::{DraftPage, DraftRow, Drafts, Editor};
use crate::console::policy::download;
use crate::console::told::{said, state};
use crate::console::view::{self, Frame, Said};
use crate::console::words::Words;
use crate::gate::Form;
use crate::gate::staff::ConsoleRole;
use crate::review::{Actor, Bench, Draft, Edited, Error, LONGEST, Listed, Review, State, Text};
use crate::signin::{reply, step_up_at};

impl Console {
    /// What is done to the store of drafts and versions, or a page that says that there is none.
    pub(super) fn reviewed(
        &self,
        ask: &Ask<'_>,
        what: impl FnOnce(&Review) -> Response<Bytes>,
    ) -> Response<Bytes> {
        match self.house.review() {
            Some(review) => what(review),
            None => view::told(ask, StatusCode::NOT_FOUND, ask.words.no_review),
        }
    }

    pub(super) fn drafts(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_drafts(ask, None)
    }

    fn show_drafts(&self, ask: &Ask<'_>, said: Option<Said>) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let all = ask.query("all").is_some();
            let (drafts, broken) = match review.drafts(all) {
                Ok(found) => found,
                Err(error) => return failed(ask, &error),
            };
            let page = Drafts {
                frame: Frame::of(ask, self.flags(ask)),
                help: ask.words.help_drafts,
                drafts: drafts
                    .into_iter()
                    .map(|draft| row(draft, ask.words))
                    .collect(),
                broken,
                all,
                may_edit: ask.may(ConsoleRole::Editor),
                found: self.house.standing().found.is_some(),
                said,
            };
            reply::page(Said::status(page.said.as_ref()), &page)
        })
    }

    pub(super) fn draft_begin(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let title = form.field("title").unwrap_or_default().trim();
        if title.is_empty() {
            return self.show_drafts(ask, Some(Said::bad(ask.words.title_missing)));
        }
        self.reviewed(ask, |review| {
            let found = match form.field("from") {
                Some("file") => self.house.standing().found.clone(),
                _ => None,
            };
            let text = match found.map_or_else(|| in_force(review), Ok) {
                Ok(text) => text,
                Err(error) => return failed(ask, &error),
            };
            match review.begin(title, text, &actor(ask)) {
                Ok(draft) => reply::see_other(&format!("/drafts/{}", draft.id)),
                Err(error) => self.show_drafts(ask, Some(Said::bad(said(&error, ask.words)))),
            }
        })
    }

    pub(super) fn draft(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_draft(ask, None)
    }

    pub(super) fn show_draft(&self, ask: &Ask<'_>, said: Option<Said>) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let draft = match wanted(ask, review) {
                Ok(draft) => draft,
                Err(answer) => return *answer,
            };
            let live = match in_force(review) {
                Ok(live) => live,
                Err(error) => return failed(ask, &error),
            };
            let current = review.is_current(&draft).unwrap_or(false);
            let Some(bench) = self.house.bench() else {
                return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, ask.words.failed);
            };
            let trial = bench.try_out(Some(&live), &draft.text);
            let tried = Tried::of(&trial, ask.words);
            let own = draft
                .authors
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&ask.seated.recorded_as));
            let pending = draft.state.is_pending();
            let page = DraftPage {
                frame: Frame::of(ask, self.flags(ask)),
                help: ask.words.help_draft,
                row: row(listed(&draft), ask.words),
                seen: draft.digest(),
                revision: draft.revision,
                reason: draft.reason.clone(),
                refusal: draft.refusal.clone(),
                version: draft.version,
                current,
                pending,
                own,
                tried,
                diff: changes::lines(&live.policy, &draft.text.policy, ask.words),
                cases_diff: changes::lines(&live.cases, &draft.text.cases, ask.words),
                may_edit: pending && ask.may(ConsoleRole::Editor),
                may_submit: draft.state == State::Open && ask.may(ConsoleRole::Editor),
                may_decide: draft.state == State::Submitted && ask.may(ConsoleRole::Approver),
                may_hurry: matches!(draft.state, State::Open | State::Submitted)
                    && ask.may(ConsoleRole::Approver),
                fresh: ask.seated.fresh,
                step_up: step_up_at(&format!("/drafts/{}", draft.id)),
                said,
            };
            reply::page(Said::status(page.said.as_ref()), &page)
        })
    }

    pub(super) fn draft_text(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.reviewed(ask, |review| match wanted(ask, review) {
            Ok(draft) => self.show_editor(ask, &draft, draft.text.clone(), None),
            Err(answer) => *answer,
        })
    }

    fn show_editor(
        &self,
        ask: &Ask<'_>,
        draft: &Draft,
        text: Text,
        said: Option<Said>,
    ) -> Response<Bytes> {
        let lint = self.house.bench().map(|bench| bench.compile(&text.policy));
        let report = lint.as_ref().map(|lint| match lint {
            Ok(plan) => plan.warnings(),
            Err(report) => report,
        });
        let page = Editor {
            frame: Frame::of(ask, self.flags(ask)),
            help: ask.words.help_editor,
            id: draft.id,
            title: draft.title.clone(),
            revision: draft.revision,
            findings: report.map_or_else(Vec::new, |report| changes::findings(report, ask.words)),
            policy: text.policy,
            cases: text.cases,
            said,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    /// What lint says of a text that nobody has saved.
    pub(super) fn lint(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let policy = typed(&form, "policy");
        let lint = (policy.len() <= LONGEST)
            .then(|| self.house.bench())
            .flatten();
        let Some(lint) = lint.map(|bench| bench.compile(&policy)) else {
            return reply::json(StatusCode::UNPROCESSABLE_ENTITY, &Value::Null);
        };
        let report = match &lint {
            Ok(plan) => plan.warnings(),
            Err(report) => report,
        };
        let found = changes::findings(report, ask.words);
        let found = found.iter().take(100).map(|one| {
            json!({
                "bad": one.bad,
                "severity": one.severity,
                "code": one.code,
                "line": one.line,
                "column": one.column,
                "meaning": one.meaning,
                "lang": one.lang,
                "message": one.message,
                "help": one.help,
            })
        });
        reply::json(StatusCode::OK, &Value::Array(found.collect()))
    }

    pub(super) fn draft_save(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let text = Text {
            policy: typed(&form, "policy"),
            cases: typed(&form, "cases"),
        };
        let revision = form.field("revision").and_then(|text| text.parse().ok());
        let Some(revision) = revision else {
            return view::told(ask, StatusCode::BAD_REQUEST, ask.words.malformed);
        };
        self.reviewed(ask, |review| {
            let Some(id) = number(ask) else {
                return view::told(ask, StatusCode::NOT_FOUND, ask.words.no_draft);
            };
            match review.edit(id, revision, text.clone(), &actor(ask)) {
                Ok(Edited::Saved(draft)) => reply::see_other(&format!("/drafts/{}", draft.id)),
                Ok(Edited::Behind { merged, theirs }) => {
                    let words = match merged.conflicts {
                        0 => ask.words.merged.to_owned(),
                        places => ask
                            .words
                            .merged_conflicts
                            .replace("{places}", &places.to_string()),
                    };
                    self.show_editor(ask, &theirs, merged.text, Some(Said::bad(words)))
                }
                // What was typed stays on the page: nowhere else is it kept.
                Err(error @ Error::TooDifferent) => match review.draft(id) {
                    Ok(theirs) => {
                        let words = said(&error, ask.words);
                        self.show_editor(ask, &theirs, text, Some(Said::bad(words)))
                    }
                    Err(error) => failed(ask, &error),
                },
                Err(error) => self.show_draft(ask, Some(Said::bad(said(&error, ask.words)))),
            }
        })
    }

    pub(super) fn draft_file(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.reviewed(ask, |review| match wanted(ask, review) {
            Ok(draft) => download("application/toml", "policy.toml", draft.text.policy.into()),
            Err(answer) => *answer,
        })
    }

    pub(super) fn draft_merge(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.decide(ask, |review, (id, _), form, by| {
            let seen = form.field("revision").and_then(|text| text.parse().ok());
            let (_, conflicts) = review.catch_up(id, seen.unwrap_or_default(), by)?;
            Ok(match conflicts {
                0 => Said::good(ask.words.caught_up),
                places => Said::bad(
                    ask.words
                        .merged_conflicts
                        .replace("{places}", &places.to_string()),
                ),
            })
        })
    }

    pub(super) fn draft_submit(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.decide(ask, |review, (id, bench), form, by| {
            let reason = form.field("reason").unwrap_or_default();
            let seen = form.field("seen").unwrap_or_default();
            review.submit(id, seen, reason, bench, by)?;
            Ok(Said::good(ask.words.submitted))
        })
    }

    pub(super) fn draft_approve(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.decide(ask, |review, (id, bench), form, by| {
            let seen = form.field("seen").unwrap_or_default();
            let version = review.approve(id, seen, bench, by)?;
            Ok(live(version.number, ask.words))
        })
    }

    pub(super) fn draft_emergency(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.decide(ask, |review, (id, bench), form, by| {
            let reason = form.field("reason").unwrap_or_default();
            let seen = form.field("seen").unwrap_or_default();
            let version = review.emergency(id, seen, reason, bench, by)?;
            Ok(live(version.number, ask.words))
        })
    }

    pub(super) fn draft_refuse(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.decide(ask, |review, (id, _), form, by| {
            let why = form.field("reason").unwrap_or_default();
            let seen = form.field("seen").unwrap_or_default();
            review.refuse(id, seen, why, by)?;
            Ok(Said::good(ask.words.refused_draft))
        })
    }

    pub(super) fn draft_drop(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.decide(ask, |review, (id, _), _, by| {
            review.drop_draft(id, by)?;
            Ok(Said::good(ask.words.dropped))
        })
    }

    /// One act on a draft, and the draft after it.
    fn decide(
        &self,
        ask: &Ask<'_>,
        what: impl FnOnce(&Review, (i64, &Bench), &Form, &Actor) -> Result<Said, Error>,
    ) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        self.reviewed(ask, |review| {
            let Some(id) = number(ask) else {
                return view::told(ask, StatusCode::NOT_FOUND, ask.words.no_draft);
            };
            let Some(bench) = self.house.bench() else {
                return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, ask.words.failed);
            };
            match what(review, (id, &bench), &form, &actor(ask)) {
                Ok(said) => self.show_draft(ask, Some(said)),
                Err(Error::StepUp) => reply::see_other(&step_up_at(&format!("/drafts/{id}"))),
                Err(error) => self.show_draft(ask, Some(Said::bad(said(&error, ask.words)))),
            }
        })
    }
}

fn live(number: u64, words: &Words) -> Said {
    Said::good(words.went_live.replace("{number}", &number.to_string()))
}

/// The text of the version in force: what a draft begins with and is compared to.
pub(super) fn in_force(review: &Review) -> Result<Text, Error> {
    Ok(review.live()?.map(|live| live.text).unwrap_or_default())
}

/// Who asks, as `review` knows them.
pub(super) fn actor(ask: &Ask<'_>) -> Actor {
    Actor {
        name: ask.seated.recorded_as.clone(),
        login: ask.seated.person.login.clone(),
        editor: ask.may(ConsoleRole::Editor),
        approver: ask.may(ConsoleRole::Approver),
        fresh: ask.seated.fresh,
    }
}

fn number(ask: &Ask<'_>) -> Option<i64> {
    ask.parameter().parse().ok()
}

pub(super) fn wanted(ask: &Ask<'_>, review: &Review) -> Result<Draft, Box<Response<Bytes>>> {
    let none = || view::told(ask, StatusCode::NOT_FOUND, ask.words.no_draft);
    let id = number(ask).ok_or_else(|| Box::new(none()))?;
    review.draft(id).map_err(|error| match error {
        Error::NoDraft(_) => none().into(),
        error => failed(ask, &error).into(),
    })
}

/// What was typed, with the line ends of a file: browsers send others.
fn typed(form: &Form, name: &str) -> String {
    let text = form.field(name).unwrap_or_default();
    text.replace("\r\n", "\n")
}

pub(super) fn failed(ask: &Ask<'_>, error: &Error) -> Response<Bytes> {
    view::told(
        ask,
        StatusCode::SERVICE_UNAVAILABLE,
        &said(error, ask.words),
    )
}

fn listed(draft: &Draft) -> Listed {
    Listed {
        id: draft.id,
        base: draft.base,
        title: draft.title.clone(),
        authors: draft.authors.clone(),
        state: draft.state,
        changed: draft.changed,
    }
}

fn row(draft: Listed, words: &Words) -> DraftRow {
    DraftRow {
        id: draft.id,
        title: draft.title,
        state: state(draft.state, words),
        authors: draft.authors.join(", "),
        base: draft.base,
        changed: moment(draft.changed.0),
    }
}
