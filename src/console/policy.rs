//! The policy in force: a table of its fields, and its text.

use std::collections::BTreeMap;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::Ask;
use crate::console::traffic::WEEK;
use crate::console::verdict::Verdict;
use crate::console::view::{
    self, Choice, FieldRow, Flag, Frame, Policy, PolicyText, Said, Unknown, VerdictView,
};
use crate::console::words::Words;
use crate::gate::staff::ConsoleRole;
use crate::model::Timestamp;
use crate::policy::{FieldPlan, ObjectPlan, Plan, Search, TableField};
use crate::signin::reply;

impl Console {
    /// What everybody is to see on every page.
    pub(super) fn flags(&self, ask: &Ask<'_>) -> Vec<Flag> {
        let standing = self.house.standing();
        if self.house.review().is_some() {
            let found = standing.findings.iter();
            let flags = found.map(|finding| {
                let (at, label) = match finding.code {
                    "review-emergency" => ("/versions", ask.words.versions),
                    _ => ("/drafts", ask.words.drafts),
                };
                Flag {
                    text: ask.words.choose(&finding.text, &finding.dutch).clone(),
                    at: at.to_owned(),
                    label,
                }
            });
            return flags.collect();
        }
        match self.house.text().is_ok() {
            true => vec![],
            false => vec![Flag {
                text: ask.words.file_differs.to_owned(),
                at: "/policy/text".to_owned(),
                label: ask.words.as_text,
            }],
        }
    }

    pub(super) fn policy(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let plan = self.house.plan();
        let asked = ask.query("object");
        let named = asked.as_deref().and_then(|name| plan.object(name));
        let Some(object) = named.or_else(|| plan.objects().next()) else {
            return view::told(ask, StatusCode::NOT_FOUND, ask.words.no_page);
        };
        let described = self.house.fields(&object.name);
        let week_ago = Timestamp(self.clock.now().0 - WEEK);
        let written = self.traffic.written(&self.ledger, week_ago).ok();
        let objects = plan.objects().map(|one| {
            let label = format!("{} ({})", one.name, one.fields.len());
            Choice::new(&one.name, &label, one.name == object.name)
        });
        let page = Policy {
            frame: Frame::of(ask, self.flags(ask)),
            help: ask.words.help_policy,
            hash: HEXLOWER.encode(&plan.version_hash()[..6]),
            objects: objects.collect(),
            may_edit: ask.may(ConsoleRole::Editor),
            unknown: unknown(object, &described),
            fields: personal_first(object)
                .map(|field| FieldRow {
                    demanded: demanded(&described, &field.name),
                    written: times(written.as_ref(), field),
                    ..row(&plan, field, ask.words)
                })
                .collect(),
            object: object.name.clone(),
        };
        reply::page(StatusCode::OK, &page)
    }

    pub(super) fn policy_text(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let (said, text) = match self.house.text() {
            Ok(text) => (None, text),
            Err(why) => (Some(Said::bad(why)), String::new()),
        };
        let page = PolicyText {
            frame: Frame::of(ask, self.flags(ask)),
            said,
            text,
        };
        reply::page(StatusCode::OK, &page)
    }

    pub(super) fn policy_file(&self, ask: &Ask<'_>) -> Response<Bytes> {
        match self.house.text() {
            Ok(text) => download("application/toml", "policy.toml", text.into()),
            Err(why) => view::told(ask, StatusCode::SERVICE_UNAVAILABLE, &why),
        }
    }
}

/// A file for the person, by a name of ours.
pub(super) fn download(kind: &'static str, name: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = reply::with(StatusCode::OK, kind, body);
    let saved = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    if let Ok(saved) = saved {
        response.headers_mut().insert(CONTENT_DISPOSITION, saved);
    }
    response
}

/// Fields with personal data stand before those that pass.
fn personal_first(object: &ObjectPlan) -> impl Iterator<Item = &FieldPlan> {
    let personal = |field: &&FieldPlan| field.class.is_some();
    let (first, rest) = (object.fields.iter(), object.fields.iter());
    first
        .filter(personal)
        .chain(rest.filter(move |field| !personal(field)))
}

/// What the CRM has and the policy does not name: nobody has decided about it, so it is refused.
fn unknown(object: &ObjectPlan, described: &[TableField]) -> Vec<Unknown> {
    let new = described
        .iter()
        .filter(|field| object.field(&field.name).is_none() && !object.is_left_out(&field.name));
    new.map(|field| Unknown {
        name: field.name.clone(),
        kind: kind(field.kind.name(), field.length),
        demanded: field.demanded,
    })
    .collect()
}

/// How often it was written. Without a ledger to read nobody knows, and the rest is true all the same.
fn times(written: Option<&BTreeMap<String, u64>>, field: &FieldPlan) -> String {
    let count = written.map(|written| written.get(&field.label).copied().unwrap_or_default());
    count.map_or_else(|| "–".to_owned(), |count| count.to_string())
}

/// Whether the CRM takes no record without the field.
fn demanded(described: &[TableField], name: &str) -> bool {
    let mut same = described
        .iter()
        .filter(|field| field.name.eq_ignore_ascii_case(name));
    same.any(|field| field.demanded)
}

pub(super) fn kind(name: &str, length: Option<u32>) -> String {
    match length {
        Some(length) => format!("{name} ({length})"),
        None => name.to_owned(),
    }
}

fn row(plan: &Plan, field: &FieldPlan, words: &'static Words) -> FieldRow {
    let class = field.class.map(|id| plan.class(id));
    let roles: Vec<&str> = plan
        .role_names()
        .iter()
        .filter(|name| {
            let set = plan.roles(std::slice::from_ref(*name));
            class.is_some_and(|class| set.may_see(class.roles))
        })
        .map(String::as_str)
        .collect();
    let verdict = Verdict::of(plan, field);
    FieldRow {
        name: field.name.clone(),
        kind: kind(field.kind.name(), field.length),
        demanded: false,
        written: String::new(),
        class: class.map_or_else(|| "–".to_owned(), |class| class.name.clone()),
        category: class.map_or_else(String::new, |class| class.category.clone()),
        special: class.is_some_and(|class| class.special),
        action: field.rule.name().to_owned(),
        search: class.is_some_and(|class| class.search == Search::Exact),
        roles: match (class, roles.is_empty()) {
            (None, _) => words.everybody.to_owned(),
            (Some(_), true) => words.nobody.to_owned(),
            (Some(_), false) => roles.join(", "),
        },
        purpose: field.purpose.clone().unwrap_or_default(),
        basis: field
            .lawful_basis
            .map(|basis| basis.name().to_owned())
            .unwrap_or_default(),
        retention: field.retention.clone().unwrap_or_default(),
        verdict: VerdictView {
            kind: verdict.kind(),
            text: said(verdict, words).to_owned(),
        },
    }
}

fn said(verdict: Verdict, words: &Words) -> &'static str {
    match verdict {
        Verdict::Encrypted => words.case_1,
        Verdict::Pseudonymised => words.case_2,
        Verdict::PseudonymisedEqual => words.case_2_equal,
        Verdict::Clear => words.case_6,
        Verdict::Coarse => words.case_6_coarse,
        Verdict::Nothing => words.case_none,
        Verdict::NotPersonal => words.case_not_personal,
    }
}
