//! What a draft would have done to the exchanges of the last day: names and counts.

use askama::Template;
use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::drafts::wanted;
use crate::console::house::NotTried;
use crate::console::view::{self, Frame, Said};
use crate::console::words::Words;
use crate::replay::{Count, Effect, Replay, What};
use crate::signin::reply;

#[derive(Template)]
#[template(path = "console/what-if.html")]
struct Page<'a> {
    frame: Frame,
    help: &'a str,
    said: Option<Said>,
    id: i64,
    title: String,
    /// None where nothing could be tried.
    tried: Option<Tried>,
}

struct Tried {
    /// How many exchanges, since when, and how many would be otherwise.
    summary: String,
    notes: Vec<String>,
    empty: bool,
    groups: Vec<Group>,
}

/// Effects of one kind.
struct Group {
    id: &'static str,
    heading: &'static str,
    /// Whether more gets out, or something stops working.
    bad: bool,
    rows: Vec<Row>,
}

struct Row {
    about: String,
    rule: String,
    client: String,
    exchanges: usize,
    /// None where it is about requests and not about values.
    values: Option<usize>,
}

impl Console {
    pub(super) fn what_if(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let draft = match wanted(ask, review) {
                Ok(draft) => draft,
                Err(answer) => return *answer,
            };
            let Some(bench) = self.house.bench() else {
                return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, ask.words.failed);
            };
            let words = ask.words;
            let tried = match bench.compile(&draft.text.policy) {
                Err(_) => Err(words.what_if_errors),
                Ok(plan) => match self.house.try_on_kept(plan) {
                    Ok(replay) => Ok(tried(&replay, words)),
                    Err(NotTried::Off) => Err(words.what_if_off),
                    Err(NotTried::Busy) => Err(words.what_if_busy),
                    Err(NotTried::Words) => Err(words.what_if_words),
                    Err(NotTried::Failed) => Err(words.failed),
                },
            };
            let (tried, said) = match tried {
                Ok(tried) => (Some(tried), None),
                Err(why) => (None, Some(Said::bad(why))),
            };
            let page = Page {
                frame: Frame::of(ask, self.flags(ask)),
                help: words.help_what_if,
                said,
                id: draft.id,
                title: draft.title,
                tried,
            };
            reply::page(StatusCode::OK, &page)
        })
    }
}

fn tried(replay: &Replay, words: &Words) -> Tried {
    let since = replay.since.map_or_else(String::new, moment);
    let summary = match replay.changed {
        0 => words.what_if_same,
        _ => words.what_if_changed,
    };
    let summary = summary
        .replace("{all}", &replay.exchanges.to_string())
        .replace("{changed}", &replay.changed.to_string())
        .replace("{since}", &since);
    let counted = |text: &str, count: &dyn ToString| text.replace("{count}", &count.to_string());
    let mut notes = Vec::new();
    if replay.left_out > 0 {
        notes.push(counted(words.what_if_left_out, &replay.left_out));
    }
    if replay.unread > 0 {
        notes.push(counted(words.what_if_unread, &replay.unread));
    }
    Tried {
        summary,
        notes,
        empty: replay.exchanges == 0,
        groups: groups(replay, words),
    }
}

/// Effects come in the order of their kinds.
fn groups(replay: &Replay, words: &Words) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (effect, count) in replay.effects() {
        let (id, heading, bad) = kind(effect.what, words);
        if groups.last().is_none_or(|group| group.id != id) {
            groups.push(Group {
                id,
                heading,
                bad,
                rows: Vec::new(),
            });
        }
        if let Some(group) = groups.last_mut() {
            group.rows.push(row(effect, count, words));
        }
    }
    groups
}

fn row(effect: &Effect, count: Count, words: &Words) -> Row {
    Row {
        about: match effect.about.is_empty() {
            true => words.whole_request.to_owned(),
            false => effect.about.clone(),
        },
        rule: effect.rule.to_string(),
        client: match effect.client.is_empty() {
            true => words.people_all.to_owned(),
            false => effect.client.clone(),
        },
        exchanges: count.exchanges,
        values: (count.values > 0).then_some(count.values),
    }
}

fn kind(what: What, words: &Words) -> (&'static str, &'static str, bool) {
    match what {
        What::Exposed => ("exposed", words.would_expose, true),
        What::Shown => ("shown", words.would_show, true),
        What::Passes => ("passes", words.would_pass, true),
        What::SearchBreaks => ("searches", words.would_break, true),
        What::Refused => ("refused", words.would_refuse, true),
        What::Hidden => ("hidden", words.would_hide, false),
        What::Protected => ("protected", words.would_protect, false),
    }
}
