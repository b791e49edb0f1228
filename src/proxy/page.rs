//! One exchange with a CRM that its policy describes: pages, forms, exports.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL,
    CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION,
    REFERRER_POLICY, VARY, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::cookies::{Jar, Opened};
use super::record::{Scribe, Tally};
use super::settle::Outcome;
use super::{Content, Failure, Proxy, Reply, Upload, body, download, outwards};
use crate::dialect::pages::{
    self, Call, Codec, Creates, Media, Method, Origins, Route, Site, Submitted,
};
use crate::gate::Permit;
use crate::model::{Code, RecordId, Refusal};
use crate::protect::find;
use crate::protect::inward::{Form, Page, Viewer};
use crate::upstream::{self, Carried};
use crate::wire::hosts::{Hosts, Origin};
use crate::wire::json::Document;
use crate::wire::{self, Error};

/// A request of a browser whose framing holds and whose person or client is admitted.
pub struct Visit<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub method: &'r str,
    /// Path and query in canonical form.
    pub target: &'r str,
    /// As they came; the dialect says which may go to the CRM.
    pub headers: &'r HeaderMap,
    pub body: Payload,
    /// The name and port by which the browser knows us.
    pub host: &'r str,
}

impl Default for Payload {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

/// A body as it came.
pub enum Payload {
    Whole(Bytes),
    /// A form whose files were sealed while they came.
    Upload(Box<Upload>),
}

impl Proxy {
    /// Whether the policy in force describes its CRM itself.
    #[must_use]
    pub fn serves_pages(&self) -> bool {
        self.shared.rules.load().plan.site().is_some()
    }

    /// Carries out one exchange of pages.
    ///
    /// # Errors
    /// As [`Proxy::exchange`].
    pub async fn visit(
        &self,
        permit: &Permit,
        mut visit: Visit<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (whole, upload) = match std::mem::take(&mut visit.body) {
            Payload::Whole(body) => (body, None),
            Payload::Upload(upload) => (Bytes::new(), Some(upload)),
        };
        let rules = match &upload {
            Some(upload) => Arc::clone(&upload.rules),
            None => self.shared.rules.load_full(),
        };
        let mut scribe = Scribe {
            shared: &self.shared,
            rules: &rules,
            client: permit.recorded_as(),
            roles: permit.roles(),
            fresh: rules.is_fresh(permit, self.shared.clock.now()),
            exchange: visit.exchange,
            route: "unknown",
        };
        let submitted = Submitted {
            method: visit.method,
            target: visit.target,
            content_type: text(visit.headers, &CONTENT_TYPE),
            body: &whole,
        };
        let site = rules
            .plan
            .site()
            .and_then(|site| site.of(self.host(visit.host)));
        let site = site.ok_or_else(no_site);
        let call = site.and_then(|site| Call::resolve(site, &submitted));
        let outcome = match call {
            Ok(call) => {
                tally.route = kind(&call);
                scribe.route = &call.route.name;
                let asked = (call, &submitted, upload);
                match asked.0.route.step_up && !scribe.fresh {
                    true => Err(not_fresh().into()),
                    false => self.walk((&scribe, permit), &visit, asked, tally).await,
                }
            }
            Err(refusal) => Err(refusal.into()),
        };
        if let Err(Failure::Refused(refusal)) = &outcome {
            // What cannot be recorded is refused all the same; the answer then tells of the ledger.
            scribe.refused(refusal).await?;
        }
        outcome
    }

    /// The phases, in order.
    async fn walk(
        &self,
        (scribe, permit): (&Scribe<'_>, &Permit),
        visit: &Visit<'_>,
        (call, submitted, upload): (Call<'_>, &Submitted<'_>, Option<Box<Upload>>),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let shared = scribe.shared;
        let (site, route, method) = (call.site, call.route, call.method);

        if route.socket {
            let text = "only a WebSocket is opened here";
            return Err(Refusal::new(Code::MethodUnknown, text).into());
        }
        let target = self.upstream.at(visit.host);
        let origins = origins(&self.upstream, visit.host);

        // Read: the body is parsed strictly, by the codec that the route names.
        let jar = Jar::new(
            (shared, site),
            permit,
            &scribe.rules.protection.tenant,
            (&origins, self.upstream.cookie_domain()),
        );
        let opened = jar.open(visit.headers);
        if !opened.foreign.is_empty() {
            scribe.foreign_cookies(&opened.foreign).await?;
        }
        let headers = to_crm(site, &origins, method, (visit.headers, &opened.text))?;
        let received = match upload {
            Some(upload) => Some(upload.finish().await?),
            None => None,
        };
        let codec = call.codec(submitted)?;
        let json = match codec {
            Some(Codec::Json) => Some(body::parse(submitted.body)?),
            _ => None,
        };
        let call = match &received {
            Some(received) => call.read_parts(&received.parts)?,
            None => call.read(codec, submitted, json.as_ref())?,
        };
        let record = call.record;

        // Plan, load, protect, make durable, record.
        let values = call.values();
        let document = match json {
            Some(json) => json,
            None => body::parse(&values)?,
        };
        let files = received
            .as_ref()
            .map_or(&[][..], |received| &received.files);
        let (cleared, written) =
            outwards::protect_page(scribe, &call, (&document, files), tally).await?;

        // Forward.
        let (spool, _share) = received
            .map(|received| (received.spool, received.share))
            .unzip();
        let plain = !route.fixed && route.answers.contains(&Media::File);
        let carried = Carried { spool, plain };
        let mut answer = self
            .upstream
            .visit(target, cleared, headers, carried)
            .await?;
        if plain && download::is_sealed(&mut answer).await? {
            let headers = to_browser(answer.headers(), (&jar, &opened))?;
            let shown = text(visit.headers, &FETCH_DEST) == Some("image");
            return download::open(scribe, &call, (answer, headers), shown, tally).await;
        }
        let answer = answer.whole().await?;
        let status = answer.status;
        let hosts = hosts(&origins).map_err(Failure::Answer)?;
        let leads = leads((&origins, &hosts), &answer)?;
        let media = media(route, &answer)?;
        if media == Media::File && !route.fixed && !route.plain_files {
            return Err(plain_file(&answer).into());
        }

        // Settle: which record was written, if the CRM says that it was.
        let outcome = outcome(site, route, (record, leads.as_deref()), (media, &answer));
        shared.settle_page(visit.exchange, &written, outcome).await;
        let mut headers = to_browser(&answer.headers, (&jar, &opened))?;
        readers(&mut headers, (&origins, &hosts), &answer.headers);
        if let Some(leads) = leads {
            put(&mut headers, LOCATION, &leads);
        }
        let Some(form) = form(route, media) else {
            fixed(&mut headers, route, (media, &answer));
            let body = match is_readable(&answer) {
                true => hosts.body(&answer.body).into_owned(),
                false => answer.body,
            };
            return Ok(Reply {
                status,
                headers,
                body: Content::Whole(body),
            });
        };

        let answered = (answer, headers, media, form);
        self.inwards(scribe, (site, &origins, &hosts), answered, tally)
            .await
    }

    /// The way in: an answer in which values may stand in the places of tokens.
    async fn inwards(
        &self,
        scribe: &Scribe<'_>,
        (site, origins, hosts): (&Site, &Origins<'_>, &Hosts),
        (answer, mut headers, media, form): (upstream::Answer, HeaderMap, Media, Form),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);

        // Host names first: a person's address may have the CRM's name in it, and is not to change.
        let named = hosts.body(&answer.body);

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
        let mut revealed = shared.reveal_page(rules, &viewer, &page).await?;
        tally.masked = revealed.masked;
        tally.revealed = revealed.classes.values().sum();
        if tally.revealed > 0 {
            scribe.revealed(&revealed, 0).await?;
        }
        let others = origins.others.iter().map(|(ours, _)| *ours);
        let policy = pages::content_policy(&site.csp, others);
        put(&mut headers, CONTENT_SECURITY_POLICY, &policy);
        put(&mut headers, CONTENT_TYPE, content_type(media, &answer));
        put(&mut headers, CACHE_CONTROL, "no-store");
        Ok(Reply {
            status: answer.status,
            headers,
            body: Content::Whole(std::mem::take(&mut *revealed.body)),
        })
    }
}

/// What a browser will do with what it asks for.
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// A file of the CRM's that the border has not sealed: nobody has looked at it.
fn plain_file(answer: &upstream::Answer) -> Refusal {
    let kind = text(&answer.headers, &CONTENT_TYPE).unwrap_or_default();
    download::withheld(match is_table(kind) {
        true => "this table has values that the border cannot put names into: export it as CSV",
        false => "this file did not come through the border, and policy lets no such file pass",
    })
}

impl Proxy {
    /// The host of the CRM's that one of ours is for, as policies name it; none for the first.
    pub(super) fn host(&self, ours: &str) -> Option<&str> {
        let target = self.upstream.at(ours);
        (!self.upstream.is_first(target)).then(|| target.authority())
    }
}

/// Our names and the CRM's, as somebody sees them who asked for this one.
pub(super) fn origins<'h>(upstream: &'h upstream::Client, ours: &'h str) -> Origins<'h> {
    let target = upstream.at(ours);
    let others = upstream.besides(target);
    Origins {
        ours,
        theirs: target.origin(),
        others: others.map(|other| (other.ours(), other.origin())).collect(),
    }
}

/// The CRM's names and ours, where they differ.
fn hosts(origins: &Origins<'_>) -> Result<Hosts, Error> {
    let here = [(origins.ours, origins.theirs)];
    let mut pairs = Vec::new();
    for (ours, theirs) in here.iter().chain(&origins.others) {
        let (theirs, ours) = (
            Origin::parse(theirs)?,
            Origin::parse(&format!("https://{ours}"))?,
        );
        if theirs != ours {
            pairs.push((theirs, ours));
        }
    }
    Hosts::new(pairs)
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

/// What metrics and the access line call it; the ledger has the route's own name.
fn kind(call: &Call<'_>) -> &'static str {
    match (call.route.fixed, call.route.login, call.method) {
        (true, ..) => "pages.static",
        (_, true, _) => "pages.login",
        (_, _, Method::Get) => "pages.read",
        (_, _, Method::Post | Method::Put | Method::Patch | Method::Delete) => "pages.write",
    }
}

pub(super) fn no_site() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "the policy in force describes no pages",
    )
}

pub(super) fn not_fresh() -> Refusal {
    Refusal::new(
        Code::StepUp,
        "this takes a second factor that was shown just now",
    )
}

pub(super) fn to_crm(
    site: &Site,
    origins: &Origins<'_>,
    method: Method,
    (headers, cookies): (&HeaderMap, &str),
) -> Result<HeaderMap, Refusal> {
    let fields = headers.iter();
    let fields = fields.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let sent = pages::headers::to_crm(site, origins, method != Method::Get, fields)?;
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        let field = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = field {
            headers.insert(name, value);
        }
    }
    if let (false, Ok(mut value)) = (cookies.is_empty(), HeaderValue::try_from(cookies)) {
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
    Ok(headers)
}

/// The CRM's header fields that a browser gets, with its cookies sealed.
fn to_browser(
    crm: &HeaderMap,
    (jar, opened): (&Jar<'_>, &Opened<'_>),
) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    if let Some(language) = crm.get(CONTENT_LANGUAGE) {
        headers.insert(CONTENT_LANGUAGE, language.clone());
    }
    // The CRM's check of a form's origin wants to see ours, which then is said as the CRM's.
    put(&mut headers, REFERRER_POLICY, "same-origin");
    put(&mut headers, X_FRAME_OPTIONS, "SAMEORIGIN");
    jar.seal(crm, &opened.foreign, &mut headers)?;
    Ok(headers)
}

/// Who else may read the answer: pages of our other hosts, if the CRM lets its own.
fn readers(headers: &mut HeaderMap, (origins, hosts): (&Origins<'_>, &Hosts), crm: &HeaderMap) {
    let allowed = text(crm, &ACCESS_CONTROL_ALLOW_ORIGIN);
    let allowed = allowed.and_then(|value| hosts.allow_origin(value));
    let known = |origin: &String| {
        let mut others = origins.others.iter();
        others.any(|(ours, _)| origin.strip_prefix("https://") == Some(*ours))
    };
    let Some(origin) = allowed.filter(known) else {
        return;
    };
    put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, &origin);
    put(headers, VARY, "Origin");
    if text(crm, &ACCESS_CONTROL_ALLOW_CREDENTIALS) == Some("true") {
        put(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
}

/// Where a redirect leads, as a path of ours or an address of our other hosts.
fn leads(
    (origins, hosts): (&Origins<'_>, &Hosts),
    answer: &upstream::Answer,
) -> Result<Option<String>, Failure> {
    if !answer.status.is_redirection() {
        return Ok(None);
    }
    let location = text(&answer.headers, &LOCATION);
    let path = location.and_then(|value| pages::headers::location(origins, value));
    match path {
        Some(path) => Ok(Some(hosts.location(&path))),
        None => Err(unexpected("a redirect that leads past the border")),
    }
}

fn unexpected(what: &'static str) -> Failure {
    upstream::Error::Unexpected(what).into()
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
            let limits = wire::json::Limits::default();
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
    record.or_else(told).map_or(Outcome::Open, Outcome::Saved)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
