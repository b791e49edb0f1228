//! Bulk jobs: what is asked of them beside their records.
//!
//! A job is remembered when the CRM has made it, in the vault's own database, so that whatever is
//! asked of it later is read by what it is for. A job that nobody here has made is refused: nobody
//! could say which object its records are of.
//!
//! Read first: [`Proxy::bulk`]; `upload` sends records, `results` brings them back.

mod blocked;
mod feed;
mod results;
mod stream;
mod upload;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::exchange::{Content, Reply};
use super::inwards::show;
use super::outwards::{TRIES, by, load, subjects};
use super::record::{Scribe, Tally, touched};
use super::rows::{self, number};
use super::{Failure, Incoming, Proxy, body};
use crate::dialect::salesforce::bulk::{self, Door, Job, Kind, NewJob, Said};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};
use crate::protect::inward::{self, Shape, Viewer};
use crate::protect::outward::{self, survey};
use crate::protect::{Cleared, Outgoing, find};
use crate::upstream::{self, Answer, Credentials, Opened};
use crate::vault::{self, Bound, Vault};
use crate::wire;

pub use feed::Gone;

use blocked::Blocked;

/// What is remembered of a batch of 1.0.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Batch {
    /// Its portions: the exchange that each was kept under, in hexadecimal, and its records.
    portions: Vec<(String, usize)>,
    /// The columns of a query's results.
    columns: Vec<String>,
    /// The records that were left out.
    #[serde(default)]
    blocked: Vec<Blocked>,
    /// Why the first of them was.
    #[serde(skip)]
    refusal: Option<Refusal>,
}

impl Batch {
    fn exchanges(&self) -> impl Iterator<Item = u128> + '_ {
        let portions = self.portions.iter();
        portions.filter_map(|(exchange, _)| u128::from_str_radix(exchange, 16).ok())
    }

    /// Binds the records that the CRM took, and lets go of those that it refused: by their places,
    /// which results keep. A failure of ours changes nothing for the client.
    async fn settle(&self, vault: &Vault, object: &str, results: &[(usize, Option<Id>)]) {
        let mut start = 0;
        for (exchange, count) in &self.portions {
            let here = start..start + count;
            start += count;
            let Ok(exchange) = u128::from_str_radix(exchange, 16) else {
                continue;
            };
            let (mut bound, mut refused) = (vec![], vec![]);
            for (at, id) in results.iter().filter(|(at, _)| here.contains(at)) {
                let unit = number(at - here.start);
                match id {
                    Some(id) => bound.push(Bound {
                        unit,
                        record: rows::record(object, (*id).into()),
                        said: vault::Said::Done,
                    }),
                    None => refused.push(unit),
                }
            }
            let mut settled = Ok(());
            if !bound.is_empty() {
                settled = vault.bind(exchange, bound).await;
            }
            if !refused.is_empty() && settled.is_ok() {
                settled = vault.refuse(exchange, refused).await;
            }
            if let Err(error) = settled {
                tracing::error!("a batch could not be bound to its records: {error}");
            }
        }
    }
}

/// What is remembered of an upload of 2.0: the exchanges that its portions were kept under, the first
/// and the last.
#[derive(Debug, Deserialize, Serialize)]
struct Uploaded {
    first: String,
    last: String,
    /// The records that were left out.
    #[serde(default)]
    blocked: Vec<Blocked>,
}

impl Uploaded {
    fn of(batch: &Batch) -> Option<Self> {
        let portion = |portion: Option<&(String, usize)>| Some(portion?.0.clone());
        Some(Self {
            first: portion(batch.portions.first())?,
            last: portion(batch.portions.last())?,
            blocked: batch.blocked.clone(),
        })
    }

    fn exchanges(&self) -> Option<(u128, u128)> {
        let number = |text: &str| u128::from_str_radix(text, 16).ok();
        Some((number(&self.first)?, number(&self.last)?))
    }
}

impl Proxy {
    /// The door of a request to the Bulk API; none where it is of another.
    pub(super) fn bulk_route(incoming: &Incoming<'_>) -> Result<Option<bulk::Route>, Refusal> {
        if !bulk::may_be(incoming.target) {
            return Ok(None);
        }
        let target = Target::parse(incoming.target)?;
        bulk::resolve(incoming.method, &target).transpose()
    }

    /// Whether a request's body is to be read as it comes, by [`Self::bulk_upload`].
    #[must_use]
    pub fn is_bulk_upload(method: &str, target: &str) -> bool {
        let route = Self::bulk_door(method, target);
        matches!(route, Some(Door::Upload(..)))
    }

    fn bulk_door(method: &str, target: &str) -> Option<Door> {
        if !bulk::may_be(target) {
            return None;
        }
        let target = Target::parse(target).ok()?;
        Some(bulk::resolve(method, &target)?.ok()?.door)
    }

    /// Carries out a request to the Bulk API whose body is whole.
    pub(super) async fn bulk(
        &self,
        scribe: &Scribe<'_>,
        incoming: Incoming<'_>,
        route: &bulk::Route,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        outward::look_at(&scribe.rules.plan, route)?;
        let kind = route.door.kind();
        match &route.door {
            Door::Create(_) => return self.create(scribe, incoming, route, tally).await,
            Door::State(..) => {
                let job = self.job(scribe, route).await?;
                let decoded = body::uncoded(&incoming)?;
                let cleared = match is_xml(kind, &incoming)? {
                    false => {
                        let document = body::parse(&decoded)?;
                        outward::written_state(route, &Said::Json(&document))?
                    }
                    true => outward::written_state(route, &Said::Xml(text(&decoded)?))?,
                };
                return self
                    .tell(scribe, &incoming, (cleared, job.kind), tally)
                    .await;
            }
            _ => body::none(&incoming)?,
        }
        let list = matches!(route.door, Door::List(_));
        let job = if list {
            None
        } else {
            Some(self.job(scribe, route).await?)
        };
        match (&route.door, job) {
            (
                Door::Rows(..)
                | Door::Results { .. }
                | Door::BatchResults(..)
                | Door::BatchResult(..),
                Some(job),
            ) => self.results(scribe, incoming, (route, job), tally).await,
            _ => {
                let cleared = outward::head(route);
                let answer = self.send_bulk(cleared, kind, "application/json").await?;
                let answer = self.counted(route, answer).await?;
                self.reply(scribe, &incoming, answer, (Shape::Metadata, None), tally)
                    .await
            }
        }
    }

    /// Makes a job, and remembers it once the CRM has.
    async fn create(
        &self,
        scribe: &Scribe<'_>,
        incoming: Incoming<'_>,
        route: &bulk::Route,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let kind = route.door.kind();
        let decoded = body::uncoded(&incoming)?;
        let mut new = match is_xml(kind, &incoming)? {
            false => NewJob::read(kind, &body::parse(&decoded)?)?,
            true => NewJob::read_xml(text(&decoded)?)?,
        };
        let rules = scribe.rules;
        let cleared = match new.query.take() {
            None => outward::job(&rules.plan, &rules.protection, route, &mut new)?,
            Some(query) => {
                let asked = Asked {
                    route,
                    text: &query,
                    operation: new.job.operation,
                    content_type: "",
                };
                let (cleared, object, columns) =
                    self.ask(scribe, &asked, Some(&mut new), tally).await?;
                new.job.object = object;
                new.job.columns = columns;
                cleared
            }
        };
        let answer = self.send_bulk(cleared, kind, "application/json").await?;
        if answer.status.is_success() {
            let id = told_id(&answer).ok_or(Failure::Upstream(upstream::Error::Unexpected(
                "a job without an id",
            )))?;
            scribe.client.clone_into(&mut new.job.owner);
            self.remember(format!("job/{id}"), &new.job).await?;
        }
        self.reply(scribe, &incoming, answer, (Shape::Metadata, None), tally)
            .await
    }

    /// Rewrites a query as any other, and records it. Its object and columns come back with it.
    async fn ask(
        &self,
        scribe: &Scribe<'_>,
        asked: &Asked<'_>,
        new: Option<&mut NewJob>,
        tally: &mut Tally,
    ) -> Result<(Cleared<Outgoing>, String, Vec<String>), Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        let by = by(scribe);
        let request = outward::question(asked.route.version, asked.text, asked.operation);
        let survey = survey(&rules.plan, &rules.protection, by, request, None)?;
        let (object, columns) = survey.columns()?;
        let touched = touched(rules, (survey.written(), survey.noticed()), tally);
        let (known, told) = load(scribe, survey.asks().then(|| survey.needs())).await?;
        let place = (asked.route, new, asked.content_type);
        let cleared = survey.protect_question(&told, &rules.protection, place, &*shared.entropy)?;
        if known.is_some() {
            scribe.sent(touched, 0, subjects(known.as_ref())).await?;
        }
        Ok((cleared, object, columns))
    }

    /// Sends what has no records, and gives the answer.
    async fn tell(
        &self,
        scribe: &Scribe<'_>,
        incoming: &Incoming<'_>,
        (cleared, kind): (Cleared<Outgoing>, Kind),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let answer = self.send_bulk(cleared, kind, "application/json").await?;
        self.reply(scribe, incoming, answer, (Shape::Metadata, None), tally)
            .await
    }

    async fn send_bulk(
        &self,
        cleared: Cleared<Outgoing>,
        kind: Kind,
        accept: &'static str,
    ) -> Result<Answer, Failure> {
        let opened = self
            .upstream
            .fetch(cleared, asking(accept), credentials(kind));
        self.whole(opened.await?, kind).await
    }

    /// An answer that is read whole. 1.0 says with 400 that our session has ended.
    async fn whole(&self, opened: Opened, kind: Kind) -> Result<Answer, Failure> {
        let answer = opened.whole().await?;
        if kind == Kind::Async
            && answer.status == StatusCode::BAD_REQUEST
            && std::str::from_utf8(&answer.body).is_ok_and(bulk::is_session_end)
        {
            return Err(self.upstream.ended(&answer).into());
        }
        Ok(answer)
    }

    /// An answer that is read whole, and revealed where it has records. What else comes in XML keeps
    /// its tokens.
    /// `batch`: where its records were kept, for results that tell which of them the CRM took.
    async fn reply(
        &self,
        scribe: &Scribe<'_>,
        incoming: &Incoming<'_>,
        answer: Answer,
        (shape, batch): (Shape, Option<(&Job, &Batch)>),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        let unexpected = |what| Failure::Upstream(upstream::Error::Unexpected(what));
        let broken = |error: std::str::Utf8Error| {
            let at = error.valid_up_to();
            Failure::Answer(wire::Error::NotUtf8 { at })
        };
        let reply = |status, headers, body| Reply {
            status,
            headers,
            body: Content::Whole(body),
        };
        let Answer {
            status,
            headers,
            body,
            ..
        } = &answer;
        let (status, headers) = (*status, headers.clone());
        if body.is_empty() {
            return Ok(reply(status, headers, vec![]));
        }
        if status.is_redirection() {
            return Err(unexpected("a redirect"));
        }
        let text = std::str::from_utf8(body).map_err(broken)?;
        let media = media(&headers);
        let xml = match media.as_str() {
            "application/json" => false,
            "application/xml" | "text/xml" if shape == Shape::Data => true,
            "application/xml" | "text/xml" => {
                // What jobs and batches are, and errors.
                let body = text.as_bytes().to_vec();
                let body = shared.crm_name.replace(body.into(), incoming.host);
                return Ok(reply(status, headers, body));
            }
            _ => return Err(unexpected("another media type")),
        };
        let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
        let (codec, domain) = (&rules.protection.codec, &rules.protection.domain);
        let found = find(codec, text.as_bytes(), domain);
        let request = Request::bare(door::Route {
            version: 0,
            door: door::Door::Versions,
        });
        let answered = inward::Answer {
            text,
            shape,
            viewer,
            request: &request,
            aliases: &[],
            found: &found,
        };
        let read = match xml {
            true => inward::read_batch(&answered),
            false => inward::read(&answered),
        };
        let reading = read.map_err(Failure::Answer)?;
        if let Some((job, batch)) = batch {
            let outcomes = bulk::outcomes(text, xml);
            batch.settle(&shared.vault, &job.object, &outcomes).await;
        }
        let body = show(scribe, &viewer, (text, &reading), incoming.host, tally).await?;
        Ok(reply(status, headers, body))
    }

    /// The job that a request is about.
    async fn job(&self, scribe: &Scribe<'_>, route: &bulk::Route) -> Result<Job, Failure> {
        let unknown = || {
            Refusal::new(
                Code::EndpointUnknown,
                "this client has made no such job through the border",
            )
        };
        let id = route.door.job().ok_or_else(unknown)?;
        let noted = self.shared.vault.noted(format!("job/{id}")).await?;
        let job: Option<Job> = noted.and_then(|text| serde_json::from_str(&text).ok());
        let same = |job: &Job| job.kind == route.door.kind() && job.owner == scribe.client;
        Ok(job.filter(same).ok_or_else(unknown)?)
    }

    async fn remember(&self, name: String, what: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(what);
        let text = text.map_err(|_| Failure::Protection(outward::Failure::Incomplete))?;
        Ok(self.shared.vault.note(name, text).await?)
    }

    async fn batch(&self, job: Id, batch: Id) -> Result<Batch, Failure> {
        let noted = self
            .shared
            .vault
            .noted(format!("batch/{job}/{batch}"))
            .await?;
        let known = noted.and_then(|text| serde_json::from_str(&text).ok());
        let text =
            "this batch was not made through the border, so nobody can say what its records are";
        Ok(known.ok_or_else(|| Refusal::new(Code::EndpointUnknown, text))?)
    }
}

/// A query of a bulk job.
struct Asked<'a> {
    route: &'a bulk::Route,
    text: &'a str,
    operation: bulk::Operation,
    /// Of the batch that it is sent as.
    content_type: &'a str,
}

fn credentials(kind: Kind) -> Credentials {
    match kind {
        Kind::Ingest | Kind::Query => Credentials::Authorization,
        Kind::Async => Credentials::Session,
    }
}

fn asking(accept: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers
}

/// The media type of an answer, without its parameters.
fn media(headers: &HeaderMap) -> String {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// Whether a body is XML, which 1.0 has beside JSON.
fn is_xml(kind: Kind, incoming: &Incoming<'_>) -> Result<bool, Refusal> {
    let is = |media| {
        let kind = incoming.content_type;
        kind.is_some_and(|kind| body::is(kind, media))
    };
    if is("application/json") {
        return Ok(false);
    }
    match kind == Kind::Async && (is("application/xml") || is("text/xml")) {
        true => Ok(true),
        false => Err(Refusal::new(
            Code::BodyMediaType,
            "the body must be application/json in UTF-8, or with the Bulk API 1.0 application/xml",
        )),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes)
        .map_err(|_| Refusal::new(Code::BodyMalformed, "the body is not UTF-8"))
}

/// The id that an answer tells, in JSON or XML.
fn told_id(answer: &Answer) -> Option<Id> {
    let text = std::str::from_utf8(&answer.body).ok()?;
    if media(&answer.headers) == "application/json" {
        let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
        return Id::parse(parsed.get("id")?.as_str()?);
    }
    let (_, rest) = text.split_once("<id>")?;
    Id::parse(rest.split_once("</id>")?.0.trim())
}
