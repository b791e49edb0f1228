//! What a CRM answered to a visit: of a kind that its route names, settled, and revealed where
//! values may stand.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
};
use http::{HeaderMap, StatusCode};

use super::{Ends, put, text};
use crate::dialect::pages::{self, Creates, Media, Method, Route, Site};
use crate::model::{RecordId, Refusal};
use crate::protect::find;
use crate::protect::inward::{Form, Page, Viewer};
use crate::proxy::giving::withheld;
use crate::proxy::record::{Scribe, Tally};
use crate::proxy::rows::Written;
use crate::proxy::settle::Outcome;
use crate::proxy::{Content, Failure, Reply};
use crate::upstream;
use crate::wire::Error;
use crate::wire::json::{Document, Limits};

/// What the CRM answered: settled, and as its route has it read on the way in.
pub(super) async fn answered(
    scribe: &Scribe<'_>,
    ends: &Ends<'_>,
    (route, record, written): (&Route, Option<RecordId>, &[Written]),
    answer: upstream::Answer,
    tally: &mut Tally,
) -> Result<Reply, Failure> {
    let shared = scribe.shared;
    let understood = ends.leads(&answer).and_then(|leads| {
        let media = media(route, &answer)?;
        Ok((leads, media))
    });
    let (leads, media) = understood.inspect_err(|_| answer.distrust())?;
    if media == Media::File && !route.fixed && !route.plain_files {
        return Err(plain_file(&answer).into());
    }

    // Settle: which record was written, if the CRM says that it was.
    let landed = (record, leads.as_deref());
    let outcome = outcome(ends.site, route, landed, (media, &answer));
    shared.settle_page(scribe.exchange, written, outcome).await;
    let mut headers = ends.to_browser(&answer.headers)?;
    if let Some(leads) = leads {
        put(&mut headers, LOCATION, &leads);
    }
    let Some(form) = form(route, media) else {
        if media == Media::File && !route.fixed {
            scribe.given_plain("", "").await?;
            tally.revealed = 1;
        }
        fixed(&mut headers, route, (media, &answer));
        let body = match is_readable(&answer) {
            true => ends.hosts.body(&answer.body).into_owned(),
            false => answer.body,
        };
        return Ok(Reply {
            status: answer.status,
            headers,
            body: Content::Whole(body),
        });
    };
    inwards(scribe, ends, (answer, headers, media, form), tally).await
}

/// The way in: an answer in which values may stand in the places of tokens.
async fn inwards(
    scribe: &Scribe<'_>,
    ends: &Ends<'_>,
    (answer, mut headers, media, form): (upstream::Answer, HeaderMap, Media, Form),
    tally: &mut Tally,
) -> Result<Reply, Failure> {
    let (shared, rules) = (scribe.shared, scribe.rules);

    // Host names first: a person's address may have the CRM's name in it, and is not to change.
    let named = ends.hosts.body(&answer.body);

    // Inwards: find tokens, load in one batch, reveal or mask, record, and only then answer.
    let text = std::str::from_utf8(&named).map_err(|error| {
        answer.distrust();
        Failure::Answer(Error::NotUtf8 {
            at: error.valid_up_to(),
        })
    })?;
    let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
    let protection = &rules.protection;
    let found = find(&protection.codec, text.as_bytes(), &protection.domain);
    let page = Page::new(text, &found, form);
    let revealed = shared.reveal_page(rules, &viewer, &page).await;
    let mut revealed = revealed.inspect_err(|_| answer.distrust())?;
    tally.masked = revealed.masked;
    tally.revealed = revealed.values();
    if tally.revealed > 0 {
        scribe.revealed(&revealed, 0).await?;
    }
    let others = ends.origins.others.iter().map(|(ours, _)| *ours);
    let policy = pages::content_policy(&ends.site.csp, others);
    put(&mut headers, CONTENT_SECURITY_POLICY, &policy);
    put(&mut headers, CONTENT_TYPE, content_type(media, &answer));
    put(&mut headers, CACHE_CONTROL, "no-store");
    Ok(Reply {
        status: answer.status,
        headers,
        body: Content::Whole(std::mem::take(&mut *revealed.body)),
    })
}
pub(super) fn unexpected(what: &'static str) -> Failure {
    upstream::Error::Unexpected(what).into()
}

/// A file of the CRM's that the border has not sealed: nobody has looked at it.
fn plain_file(answer: &upstream::Answer) -> Refusal {
    let kind = text(&answer.headers, &CONTENT_TYPE).unwrap_or_default();
    withheld(match is_table(kind) {
        true => "this table has values that the border cannot put names into: export it as CSV",
        false => "this file did not come through the border, and policy lets no such file pass",
    })
}

/// Whether what passes as it is may be text with the CRM's names in it: scripts, style sheets.
fn is_readable(answer: &upstream::Answer) -> bool {
    let kind = text(&answer.headers, &CONTENT_TYPE).unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let ends = ["javascript", "json", "+xml", "/xml"];
    kind.starts_with("text/") || ends.iter().any(|end| kind.ends_with(end))
}

/// Whether a media type is that of XLSX, XLS or ODS.
fn is_table(kind: &str) -> bool {
    kind.contains("spreadsheet") || kind.contains("ms-excel")
}

/// What the answer is. Its route must name it, but for errors and redirects, which any page may have.
fn media(route: &Route, answer: &upstream::Answer) -> Result<Media, Failure> {
    if answer.body.is_empty() {
        return Ok(Media::Empty);
    }
    let kind = text(&answer.headers, &CONTENT_TYPE).unwrap_or_default();
    let media = Media::of(kind);
    let error = !answer.status.is_success();
    let readable = media != Media::File;
    match route.fixed {
        true if readable && !error => Err(unexpected("a page among the static files")),
        false if !(route.answers.contains(&media) || error && readable) => Err(match media {
            Media::File if is_table(kind) => plain_file(answer).into(),
            _ => unexpected("an answer of a kind that policy does not name"),
        }),
        _ => Ok(media),
    }
}

/// How an answer is read; none where it passes as it is.
fn form(route: &Route, media: Media) -> Option<Form> {
    match media {
        Media::Html => Some(Form::Html),
        Media::Json => Some(Form::Json {
            html: route.html_in_json,
        }),
        Media::Text => Some(Form::Text),
        Media::Csv => Some(Form::Csv {
            guard: route.csv_guard,
        }),
        Media::File | Media::Empty => None,
    }
}

/// Header fields of what passes as it is. Outside of static paths it is saved, never shown: a page
/// that is called a picture would run as ours.
fn fixed(headers: &mut HeaderMap, route: &Route, (media, answer): (Media, &upstream::Answer)) {
    match (route.fixed, media) {
        (true, _) => {
            put(headers, CACHE_CONTROL, "private, max-age=3600");
            put(
                headers,
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'",
            );
            let kind = text(&answer.headers, &CONTENT_TYPE);
            put(
                headers,
                CONTENT_TYPE,
                kind.unwrap_or("application/octet-stream"),
            );
        }
        (false, Media::File) => {
            put(headers, CACHE_CONTROL, "no-store");
            put(headers, CONTENT_DISPOSITION, "attachment");
            put(headers, CONTENT_TYPE, "application/octet-stream");
            put(
                headers,
                CONTENT_SECURITY_POLICY,
                "sandbox; default-src 'none'",
            );
        }
        (false, _) => {
            put(headers, CACHE_CONTROL, "no-store");
            // An answer without a body has a kind too, and a CRM's own scripts look at it.
            if let Some(kind) = text(&answer.headers, &CONTENT_TYPE) {
                put(headers, CONTENT_TYPE, content_type(Media::of(kind), answer));
            }
        }
    }
}

fn content_type(media: Media, answer: &upstream::Answer) -> &'static str {
    let given = text(&answer.headers, &CONTENT_TYPE).unwrap_or_default();
    match media {
        Media::Html => "text/html; charset=utf-8",
        Media::Json => "application/json; charset=utf-8",
        Media::Csv => "text/csv; charset=utf-8",
        Media::Text if given.contains("vcard") => "text/vcard; charset=utf-8",
        Media::Text if given.contains("calendar") => "text/calendar; charset=utf-8",
        Media::Text => "text/plain; charset=utf-8",
        Media::File | Media::Empty => "application/octet-stream",
    }
}

/// What the answer says of the record that was written.
///
/// A page with status 200 is mostly the form again, with what is wrong with it, and a redirect to
/// the sign-in means that nothing was done; neither lets go of what stood there before.
fn outcome(
    site: &Site,
    route: &Route,
    (record, leads): (Option<RecordId>, Option<&str>),
    (media, answer): (Media, &upstream::Answer),
) -> Outcome {
    let status = answer.status;
    if status.is_client_error() {
        return Outcome::Refused;
    }
    let path = leads.map(|leads| leads.split('?').next().unwrap_or_default());
    let signs_in = path.is_some_and(|path| {
        let found = site.resolve(Method::Get, path);
        found.is_none_or(|(route, _)| route.login)
    });
    let saved = match status {
        status if status.is_redirection() => status != StatusCode::NOT_MODIFIED && !signs_in,
        status if status.is_success() => matches!(media, Media::Empty | Media::Json),
        _ => false,
    };
    if !saved {
        return Outcome::Open;
    }
    let told = || match route.creates.as_ref()? {
        Creates::Location(pattern) => {
            let variables = pattern.matches(path?)?;
            let (_, id) = variables.into_iter().find(|(name, _)| *name == "id")?;
            site.ids.record(id)
        }
        Creates::Json(names) => {
            let limits = Limits::default();
            let document = Document::parse(&answer.body, &limits).ok()?;
            let mut node = document.root();
            for name in names {
                node = document.get(node, name)?;
            }
            let text = document.text(node);
            site.ids
                .record(text.as_deref().unwrap_or_else(|| document.raw(node)))
        }
    };
    match record {
        Some(record) => Outcome::Saved(record),
        None => told().map_or(Outcome::Open, Outcome::Made),
    }
}
