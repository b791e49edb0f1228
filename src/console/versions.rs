//! Versions: what was in force, who wrote and who approved it, and the way back to one.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::changes::{self, Tried};
use crate::console::drafts::{actor, failed};
use crate::console::drafts_view::{VersionPage, VersionRow, Versions};
use crate::console::policy::download;
use crate::console::told::said;
use crate::console::view::{self, Frame, Said};
use crate::console::words::Words;
use crate::gate::staff::ConsoleRole;
use crate::review::{Error, Review, Version};
use crate::signin::reply;

/// Versions on a page.
const PAGE: usize = 50;

impl Console {
    pub(super) fn versions(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let before = ask.query("before").and_then(|text| text.parse().ok());
            let versions = match review.versions(before, PAGE) {
                Ok(versions) => versions,
                Err(error) => return failed(ask, &error),
            };
            let last = versions.last().map(|version| version.number);
            let page = Versions {
                frame: Frame::of(ask, self.flags(ask)),
                help: ask.words.help_versions,
                versions: versions
                    .iter()
                    .map(|version| row(version, ask.words))
                    .collect(),
                older: last.filter(|last| *last > 1),
                said: None,
            };
            reply::page(StatusCode::OK, &page)
        })
    }

    pub(super) fn version(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_version(ask, None)
    }

    fn show_version(&self, ask: &Ask<'_>, said: Option<Said>) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let version = match wanted(ask, review) {
                Ok(version) => version,
                Err(answer) => return *answer,
            };
            let before = version.number.checked_sub(1).filter(|number| *number > 0);
            let before = before.and_then(|number| review.version(number).ok());
            let bench = self.house.bench();
            let trial = before
                .as_ref()
                .zip(bench)
                .map(|(before, bench)| bench.try_out(Some(&before.text), &version.text));
            let newest = review.newest().ok().flatten().map(|head| head.seq);
            let live = newest == Some(version.number);
            let name = &ask.seated.recorded_as;
            let mut hands = version.authors.iter().chain([&version.approver]);
            let own = hands.any(|one| one.eq_ignore_ascii_case(name));
            let approver = ask.may(ConsoleRole::Approver);
            let page = VersionPage {
                frame: Frame::of(ask, self.flags(ask)),
                row: row(&version, ask.words),
                live,
                flagged: version.is_flagged(),
                tried: trial.map(|trial| Tried::of(&trial, ask.words)),
                diff: before.map_or_else(Vec::new, |before| {
                    changes::lines(&before.text.policy, &version.text.policy, ask.words)
                }),
                may_roll_back: approver && !live,
                may_look: approver && version.is_flagged() && !own,
                said,
            };
            reply::page(Said::status(page.said.as_ref()), &page)
        })
    }

    pub(super) fn version_file(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.reviewed(ask, |review| match wanted(ask, review) {
            Ok(version) => download(
                "application/toml",
                "policy.toml",
                version.text.policy.into(),
            ),
            Err(answer) => *answer,
        })
    }

    pub(super) fn roll_back(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        self.reviewed(ask, |review| {
            let version = match wanted(ask, review) {
                Ok(version) => version,
                Err(answer) => return *answer,
            };
            let reason = form.field("reason").unwrap_or_default();
            let Some(bench) = self.house.bench() else {
                return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, ask.words.failed);
            };
            match review.roll_back(version.number, reason, &bench, &actor(ask)) {
                Ok(draft) => reply::see_other(&format!("/drafts/{}", draft.id)),
                Err(error) => self.show_version(ask, Some(Said::bad(said(&error, ask.words)))),
            }
        })
    }

    pub(super) fn looked_at(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let version = match wanted(ask, review) {
                Ok(version) => version,
                Err(answer) => return *answer,
            };
            let said = match review.look_at(version.number, &actor(ask)) {
                Ok(_) => Said::good(ask.words.done),
                Err(error) => Said::bad(said(&error, ask.words)),
            };
            self.show_version(ask, Some(said))
        })
    }
}

fn wanted(ask: &Ask<'_>, review: &Review) -> Result<Version, Box<Response<Bytes>>> {
    let none = || view::told(ask, StatusCode::NOT_FOUND, ask.words.no_version);
    let number = ask.parameter().parse();
    let number = number.map_err(|_| Box::new(none()))?;
    review.version(number).map_err(|error| match error {
        Error::NoVersion(_) => none().into(),
        error => failed(ask, &error).into(),
    })
}

fn row(version: &Version, words: &Words) -> VersionRow {
    let adopted = version.approver.is_empty();
    let or_nobody = |text: String| match text.is_empty() {
        true => "–".to_owned(),
        false => text,
    };
    let reviewed = version.reviewed.as_ref();
    VersionRow {
        number: version.number,
        time: moment(version.time.0),
        title: match adopted {
            true => words.first_file.to_owned(),
            false => version.title.clone(),
        },
        authors: or_nobody(version.authors.join(", ")),
        approver: or_nobody(version.approver.clone()),
        reason: version.reason.clone(),
        weaker: version.weaker,
        emergency: version.emergency,
        reviewed: reviewed.map_or_else(String::new, |signed| signed.by.clone()),
        hash: HEXLOWER.encode(&version.text.hash()[..6]),
    }
}
