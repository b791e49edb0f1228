//! Records on their way out, as they come: read, protected and made durable in portions, each of
//! which leaves before the next one is read.
//!
//! What is refused in a later portion cannot take back the earlier ones. So the body that the CRM is
//! reading breaks off, which it takes for no upload, and the job is aborted.

use bytes::Bytes;

use super::feed::{Broken, Feed, Gone};
use super::stream::Stream;
use super::{
    Asked, Batch, Door, Failure, Incoming, Job, Kind, Proxy, Refusal, Reply, Scribe, Shape, TRIES,
    Tally, asking, body, bulk, by, credentials, load, outward, rows, subjects, text, told_id,
    touched,
};
use crate::dialect::salesforce::bulk::{Content, Said};
use crate::gate::Permit;
use crate::model::Code;
use crate::protect::Cleared;
use crate::protect::outward::{Sheet, batch_request, broken, protect_batch};
use crate::proxy::outwards::keep;
use crate::wire::csv;
use crate::wire::json::{Document, Limits};

/// A portion is as many records as a collection of the REST API has, or as many bytes; of ids that
/// are deleted nothing is kept here, and their bytes alone count.
const RECORDS: usize = 200;
const BYTES: usize = 128 * 1024;
/// The most bytes of a query, and of a batch in JSON, which is read whole (the CRM takes 10 MB).
const QUERY: usize = 400_000;
const WHOLE: usize = 10_000_000;
impl Proxy {
    /// Carries out an upload. `next` gives its body. `None`: the body broke off.
    ///
    /// # Errors
    /// As [`Proxy::exchange`]. What was protected of the records before the one that is refused may
    /// have reached the CRM, in a request that broke off.
    pub async fn bulk_upload(
        &self,
        permit: &Permit,
        incoming: Incoming<'_>,
        next: impl AsyncFnMut() -> Result<Option<Bytes>, Gone>,
        tally: &mut Tally,
    ) -> Result<Option<Reply>, Failure> {
        let rules = self.shared.rules.load_full();
        let mut scribe = Scribe::new(&self.shared, &rules, permit, incoming.exchange);
        let route = Self::bulk_route(&incoming);
        let outcome = match route {
            Ok(Some(route)) => {
                tally.route = route.door.name();
                scribe.route = tally.route;
                self.upload_to(&scribe, &incoming, &route, next, tally)
                    .await
            }
            Ok(None) => Err(Failure::Protection(outward::Failure::Incomplete)),
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    async fn upload_to(
        &self,
        scribe: &Scribe<'_>,
        incoming: &Incoming<'_>,
        route: &bulk::Route,
        next: impl AsyncFnMut() -> Result<Option<Bytes>, Gone>,
        tally: &mut Tally,
    ) -> Result<Option<Reply>, Failure> {
        outward::look_at(&scribe.rules.plan, route)?;
        let job = self.job(route).await?;
        let kind = media_of(&job, incoming)?;
        let mut feed = Feed::new(incoming, next)?;
        let mut batch = Batch::default();
        let opened = if job.operation.asks() {
            let Some(body) = feed.whole(QUERY).await? else {
                return Ok(None);
            };
            let asked = Asked {
                route,
                text: text(&body)?.trim(),
                operation: job.operation,
                content_type: kind,
            };
            let (cleared, object, columns) = self.ask(scribe, &asked, None, tally).await?;
            if object != job.object {
                let text = "the query asks another object than its job";
                return Err(Refusal::new(Code::QueryClause, text).into());
            }
            batch.columns = columns;
            let headers = asking("application/json");
            self.upstream
                .fetch(cleared, headers, credentials(job.kind))
                .await?
        } else if job.content == Content::Json {
            let Some(body) = feed.whole(WHOLE).await? else {
                return Ok(None);
            };
            let cleared = self
                .json(scribe, (route, &job), &body, (&mut batch, &mut *tally))
                .await?;
            let mut stream = Stream::new(self, (route, kind, job.kind));
            stream.put(cleared).await?;
            stream.end().await?
        } else {
            let mut stream = Stream::new(self, (route, kind, job.kind));
            let sent = self.table(
                scribe,
                (route, &job),
                &mut feed,
                &mut stream,
                (&mut batch, &mut *tally),
            );
            match sent.await {
                Ok(true) => stream.end().await?,
                Ok(false) => {
                    drop(stream);
                    self.abort(route).await;
                    return Ok(None);
                }
                Err(failure) => match stream.early() {
                    // The CRM has refused it itself, and read no further.
                    Some(answer) => answer?,
                    None => {
                        drop(stream);
                        self.abort(route).await;
                        return Err(failure);
                    }
                },
            }
        };
        let answer = opened.whole().await?;
        if let Door::Upload(Kind::Async, id) = route.door
            && answer.status.is_success()
            && let Some(told) = told_id(&answer)
        {
            self.remember(format!("batch/{id}/{told}"), &batch).await?;
        }
        let shape = (Shape::Metadata, None);
        self.reply(scribe, incoming, answer, shape, tally)
            .await
            .map(Some)
    }

    /// Sends a table portion by portion. `false`: its body broke off.
    async fn table(
        &self,
        scribe: &Scribe<'_>,
        (route, job): (&bulk::Route, &Job),
        feed: &mut Feed<impl AsyncFnMut() -> Result<Option<Bytes>, Gone>>,
        stream: &mut Stream<'_>,
        (batch, tally): (&mut Batch, &mut Tally),
    ) -> Result<bool, Failure> {
        let rules = scribe.rules;
        let mut reader = csv::Reader::new(job.delimiter(), job.ending());
        let mut sheet: Option<(Sheet<'_>, Option<Cleared<Vec<u8>>>)> = None;
        let mut waiting: Vec<csv::Record> = Vec::new();
        let mut bytes = 0;
        loop {
            let part = match feed.next().await {
                Ok(part) => part,
                Err(Broken::Gone) => return Ok(false),
                Err(Broken::Refused(refusal)) => return Err(refusal.into()),
            };
            let ended = part.is_none();
            if let Some(part) = part {
                reader.push(&part);
            }
            loop {
                let read = match reader.record() {
                    Ok(None) if ended => reader.finish(),
                    read => read,
                };
                let columns = sheet.as_ref().map(|(sheet, _)| sheet);
                let Some(record) = read.map_err(|fault| broken(&fault, columns))? else {
                    break;
                };
                if sheet.is_none() {
                    let read = Sheet::new(&rules.plan, &rules.protection, job, &record)?;
                    let header = read.header(&record);
                    sheet = Some((read, Some(header)));
                    continue;
                }
                bytes += record.text.len();
                waiting.push(record);
                if let Some((sheet, header)) = &mut sheet
                    && (waiting.len() >= RECORDS && !sheet.deletes() || bytes >= BYTES)
                {
                    let here = (route.version, &mut *batch, &mut *tally);
                    let piece = self.portion(scribe, sheet, &waiting, here).await?;
                    if let Some(header) = header.take() {
                        stream.put(header).await?;
                    }
                    stream.put(piece).await?;
                    waiting.clear();
                    bytes = 0;
                }
            }
            if ended {
                break;
            }
        }
        let (sheet, header) =
            sheet.ok_or_else(|| Refusal::new(Code::BodyMalformed, "the table has no header"))?;
        let piece = match waiting.is_empty() {
            true => None,
            false => {
                let here = (route.version, batch, tally);
                Some(self.portion(scribe, &sheet, &waiting, here).await?)
            }
        };
        for piece in header.into_iter().chain(piece) {
            stream.put(piece).await?;
        }
        Ok(true)
    }

    /// Protects a portion of a table. What comes back is durable and recorded, and may be sent.
    async fn portion(
        &self,
        scribe: &Scribe<'_>,
        sheet: &Sheet<'_>,
        records: &[csv::Record],
        (version, batch, tally): (u16, &mut Batch, &mut Tally),
    ) -> Result<Cleared<Vec<u8>>, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        if sheet.deletes() {
            let ids = sheet.ids(records)?;
            scribe.sent(vec![], records.len(), vec![]).await?;
            batch.portions.push((String::new(), records.len()));
            return Ok(ids);
        }
        let by = by(scribe);
        let rows = sheet.batch(records)?;
        let document = rows.document()?;
        let part = own(scribe, batch);
        for _ in 0..TRIES {
            let of = (records, &document);
            let survey = sheet.survey(&rules.plan, &rules.protection, (by, version), of)?;
            self.fits(scribe, &survey).await?;
            let written = rows::written(survey.units());
            let mut counted = Tally::default();
            let parts = (survey.written(), survey.noticed());
            let touched = touched(rules, parts, &mut counted);
            let (known, told) = load(scribe, survey.asks().then(|| survey.needs())).await?;
            let table = (sheet.job(), &document, Some((&rows, records)));
            let made = protect_batch(survey, &told, &rules.protection, table, &*shared.entropy);
            let made = made.map_err(|failure| of_records(failure, records))?;
            if !keep(&part, &written, known.as_ref(), made.rows).await? {
                continue;
            }
            scribe
                .sent(touched, written.len(), subjects(known.as_ref()))
                .await?;
            tally.protected += counted.protected;
            tally.withheld += counted.withheld;
            batch
                .portions
                .push((format!("{:x}", part.exchange), records.len()));
            return Ok(made.cleared);
        }
        Err(Failure::Contended)
    }

    /// As [`Self::portion`] for a batch in JSON, which is one.
    async fn json(
        &self,
        scribe: &Scribe<'_>,
        (route, job): (&bulk::Route, &Job),
        body: &[u8],
        (batch, tally): (&mut Batch, &mut Tally),
    ) -> Result<Cleared<Vec<u8>>, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        let parsed = Document::parse(body, &Limits::default());
        let document =
            parsed.map_err(|error| Refusal::new(Code::BodyMalformed, error.to_string()))?;
        let by = by(scribe);
        if job.operation.deletes() {
            let (cleared, count) = outward::ids(&document)?;
            scribe.sent(vec![], count, vec![]).await?;
            return Ok(cleared);
        }
        let part = own(scribe, batch);
        for _ in 0..TRIES {
            let request = batch_request(job, route.version, &document)?;
            let survey =
                outward::survey(&rules.plan, &rules.protection, by, request, Some(&document))?;
            self.fits(scribe, &survey).await?;
            let written = rows::written(survey.units());
            let parts = (survey.written(), survey.noticed());
            let mut counted = Tally::default();
            let touched = touched(rules, parts, &mut counted);
            let (known, told) = load(scribe, survey.asks().then(|| survey.needs())).await?;
            let table = (job, &document, None);
            let made = protect_batch(survey, &told, &rules.protection, table, &*shared.entropy)?;
            if !keep(&part, &written, known.as_ref(), made.rows).await? {
                continue;
            }
            scribe
                .sent(touched, written.len(), subjects(known.as_ref()))
                .await?;
            tally.protected += counted.protected;
            tally.withheld += counted.withheld;
            batch
                .portions
                .push((format!("{:x}", part.exchange), written.len()));
            return Ok(made.cleared);
        }
        Err(Failure::Contended)
    }

    /// Aborts a job of 2.0 whose records did not all come. A batch of 1.0 that broke off is none, and
    /// the others of its job stay.
    async fn abort(&self, route: &bulk::Route) {
        let Door::Upload(Kind::Ingest, id) = route.door else {
            return;
        };
        let route = bulk::Route {
            version: route.version,
            door: Door::State(Kind::Ingest, id),
        };
        let limits = Limits::default();
        let Ok(said) = Document::parse(b"{\"state\":\"Aborted\"}", &limits) else {
            return;
        };
        let Ok(cleared) = outward::written_state(&route, &Said::Json(&said)) else {
            return;
        };
        match self
            .send_bulk(cleared, Kind::Ingest, "application/json")
            .await
        {
            Ok(answer) if answer.status.is_success() => {}
            Ok(answer) => tracing::warn!(status = %answer.status, "the CRM did not abort a job"),
            Err(error) => tracing::warn!("a job could not be aborted: {error}"),
        }
    }
}

/// Each portion is kept under a name of its own, so that its records are counted from 0.
fn own<'s>(scribe: &Scribe<'s>, batch: &Batch) -> Scribe<'s> {
    Scribe {
        exchange: scribe.exchange.wrapping_add(batch.portions.len() as u128),
        ..*scribe
    }
}

/// A refusal that only the vault could tell is of some record of its portion.
fn of_records(failure: outward::Failure, records: &[csv::Record]) -> Failure {
    match failure {
        outward::Failure::Refused(refusal) => {
            let number = |record: Option<&csv::Record>| record.map_or(0, |record| record.number);
            let (first, last) = (number(records.first()), number(records.last()));
            let text = format!("records {first} to {last}: {}", refusal.text);
            Failure::Refused(Refusal { text, ..refusal })
        }
        failure => failure.into(),
    }
}

/// The media type of a batch, as it goes on.
fn media_of(job: &Job, incoming: &Incoming<'_>) -> Result<&'static str, Refusal> {
    let is = |wanted: &'static str| {
        let kind = incoming.content_type.unwrap_or_default();
        body::is(kind, wanted)
    };
    match job.content {
        Content::Csv if is("text/csv") => Ok("text/csv; charset=UTF-8"),
        Content::Json if is("application/json") => Ok("application/json; charset=UTF-8"),
        Content::Csv => Err(Refusal::new(
            Code::BodyMediaType,
            "the job's records must come as text/csv in UTF-8",
        )),
        Content::Json => Err(Refusal::new(
            Code::BodyMediaType,
            "the job's records must come as application/json in UTF-8",
        )),
    }
}
