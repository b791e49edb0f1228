//! Records on their way out, as they come: read, protected and made durable in portions, each of
//! which leaves before the next one is read.
//!
//! What is refused in a later portion cannot take back the earlier ones. So the body that the CRM is
//! reading breaks off, which it takes for no upload, and the job is aborted.

use bytes::Bytes;
use zeroize::Zeroizing;

use super::feed::{Broken, Feed, Gone};
use super::stream::Stream;
use super::{
    Answer, Asked, Batch, Door, Failure, Incoming, Job, Kind, Proxy, Refusal, Reply, Scribe, Shape,
    TRIES, Tally, Uploaded, asking, body, bulk, by, credentials, load, outward, rows, subjects,
    text, told_id, touched,
};
use crate::dialect::salesforce::bulk::{Content, Said};
use crate::gate::Permit;
use crate::model::Code;
use crate::protect::Cleared;
use crate::protect::outward::{Sheet, Survey, batch_request, broken, protect_batch};
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
/// The most that the CRM takes of a batch of 1.0; and what is a table of 2.0 by anybody's measure.
const BATCH: (usize, usize) = (10_000, 10_000_000);
const TABLE: (usize, usize) = (100_000_000, 2 << 30);
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
        let job = self.job(scribe, route).await?;
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
        } else if job.content != Content::Csv {
            let Some(mut body) = feed.whole(WHOLE).await? else {
                return Ok(None);
            };
            if job.content == Content::Xml {
                body = bulk::records(&body)?;
            }
            let cleared = self.list(scribe, (route, &job), &body, (&mut batch, &mut *tally));
            let cleared = match cleared.await {
                Ok(cleared) => cleared,
                Err(failure) => {
                    self.let_go(&batch).await;
                    return Err(failure);
                }
            };
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
                    self.give_up(stream, route, &batch).await;
                    return Ok(None);
                }
                Err(failure) => match stream.early() {
                    // The CRM has refused it itself, and read no further.
                    Some(Ok(answer)) if !answer.status().is_success() => answer,
                    _ => {
                        self.give_up(stream, route, &batch).await;
                        return Err(failure);
                    }
                },
            }
        };
        let answer = self.whole(opened, job.kind).await?;
        self.settle_upload(route, &batch, &answer).await;
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
        let mut all = (0, 0);
        let most = match job.kind {
            Kind::Async => BATCH,
            Kind::Ingest | Kind::Query => TABLE,
        };
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
                all = (all.0 + 1, all.1 + record.text.len());
                if all.0 > most.0 || all.1 > most.1 {
                    let (records, bytes) = most;
                    let text = format!("a table has at most {records} records and {bytes} bytes");
                    return Err(Refusal::new(Code::BodyTooLarge, text).into());
                }
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
        let rules = scribe.rules;
        if sheet.deletes() {
            let ids = sheet.ids(records)?;
            scribe.sent(vec![], records.len(), vec![]).await?;
            batch.portions.push((String::new(), records.len()));
            return Ok(ids);
        }
        let rows = sheet.batch(records)?;
        let document = rows.document()?;
        let survey = || {
            let of = (records, &document);
            sheet.survey(&rules.plan, &rules.protection, (by(scribe), version), of)
        };
        let number = |record: Option<&csv::Record>| record.map_or(0, |record| record.number);
        let range = (number(records.first()), number(records.last()));
        let table = (sheet.job(), &document, Some((&rows, records)));
        self.kept(scribe, survey, (range, table), (batch, tally))
            .await
    }

    /// As [`Self::table`] for a list of records, which is here whole: in portions too, and sent at once.
    async fn list(
        &self,
        scribe: &Scribe<'_>,
        (route, job): (&bulk::Route, &Job),
        body: &[u8],
        (batch, tally): (&mut Batch, &mut Tally),
    ) -> Result<Cleared<Vec<u8>>, Failure> {
        let parsed = Document::parse(body, &outward::LIST);
        let document = parsed.map_err(|error| body::refused(&error))?;
        let records = outward::records(&document)?;
        if records.len() > BATCH.0 {
            let text = format!("a batch has at most {} records", BATCH.0);
            return Err(Refusal::new(Code::BodyTooLarge, text).into());
        }
        if job.operation.deletes() {
            let (cleared, count) = outward::ids(job, &document)?;
            scribe.sent(vec![], count, vec![]).await?;
            return Ok(cleared);
        }
        let mut pieces = Vec::new();
        let mut first = 1;
        for records in records.chunks(RECORDS) {
            let last = first + records.len() as u64 - 1;
            let portion = Zeroizing::new(format!("[{}]", records.join(",")));
            let parsed = Document::parse(portion.as_bytes(), &outward::LIST);
            let document = parsed.map_err(|error| body::refused(&error))?;
            let rules = scribe.rules;
            let survey = || {
                let request = batch_request(job, route.version, &document);
                let document = Some(&document);
                let surveyed = request.and_then(|request| {
                    let by = by(scribe);
                    outward::survey(&rules.plan, &rules.protection, by, request, document)
                });
                surveyed.map_err(|refusal| among(refusal, (first, last)))
            };
            let table = ((first, last), (job, &document, None));
            let piece = self.kept(scribe, survey, table, (&mut *batch, &mut *tally));
            pieces.push(piece.await?);
            first = last + 1;
        }
        Ok(outward::list(job, pieces)?)
    }

    /// Protects a portion, whose records have these numbers, and keeps what must be durable.
    async fn kept<'p>(
        &self,
        scribe: &Scribe<'_>,
        survey: impl Fn() -> Result<Survey<'p>, Refusal>,
        (range, table): ((u64, u64), outward::Listed<'_>),
        (batch, tally): (&mut Batch, &mut Tally),
    ) -> Result<Cleared<Vec<u8>>, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);
        let part = own(scribe, batch);
        for _ in 0..TRIES {
            let survey = survey()?;
            self.fits(scribe, &survey).await?;
            let written = rows::written(survey.units());
            let mut counted = Tally::default();
            let parts = (survey.written(), survey.noticed());
            let touched = touched(rules, parts, &mut counted);
            let (known, told) = load(scribe, survey.asks().then(|| survey.needs())).await?;
            let made = protect_batch(survey, &told, &rules.protection, table, &*shared.entropy);
            // What only the vault could tell is of some record of the portion.
            let made = made.map_err(|failure| match failure {
                outward::Failure::Refused(refusal) => Failure::Refused(among(refusal, range)),
                failure => failure.into(),
            })?;
            if !keep(&part, &written, known.as_ref(), made.rows).await? {
                continue;
            }
            // From here on it must be let go where it is not sent.
            let exchange = format!("{:x}", part.exchange);
            batch.portions.push((exchange, written.len()));
            scribe
                .sent(touched, written.len(), subjects(known.as_ref()))
                .await?;
            tally.protected += counted.protected;
            tally.withheld += counted.withheld;
            return Ok(made.cleared);
        }
        Err(Failure::Contended)
    }

    /// Ends an upload whose body did not come whole: the CRM takes none of it.
    async fn give_up(&self, stream: Stream<'_>, route: &bulk::Route, batch: &Batch) {
        drop(stream);
        self.abort(route).await;
        self.let_go(batch).await;
    }

    /// What the CRM's answer to an upload means for what was kept of it. It has decided by now, so a
    /// failure of ours changes nothing for the client.
    async fn settle_upload(&self, route: &bulk::Route, batch: &Batch, answer: &Answer) {
        if answer.status.is_client_error() {
            return self.let_go(batch).await;
        }
        let name = match route.door {
            Door::Upload(Kind::Async, id) => {
                told_id(answer).map(|told| format!("batch/{id}/{told}"))
            }
            Door::Upload(_, id) => Some(format!("upload/{id}")),
            _ => None,
        };
        let Some(name) = name.filter(|_| answer.status.is_success()) else {
            return;
        };
        let kept = match route.door {
            Door::Upload(Kind::Async, _) => self.remember(name, batch).await,
            _ => self.remember(name, &Uploaded::of(batch)).await,
        };
        if let Err(failure) = kept {
            tracing::error!("an upload will not be known again: {failure}");
        }
    }

    /// Removes what was kept of records that the CRM has not taken.
    async fn let_go(&self, batch: &Batch) {
        for exchange in batch.exchanges() {
            if let Err(error) = self.shared.vault.forget_pending(exchange).await {
                tracing::error!("what was not sent could not be removed: {error}");
            }
        }
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
        late: true,
        ..*scribe
    }
}

/// A refusal of one among the records with these numbers.
fn among(refusal: Refusal, (first, last): (u64, u64)) -> Refusal {
    let text = format!("records {first} to {last}: {}", refusal.text);
    Refusal { text, ..refusal }
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
        Content::Xml if is("application/xml") || is("text/xml") => {
            Ok("application/xml; charset=UTF-8")
        }
        Content::Csv => Err(Refusal::new(
            Code::BodyMediaType,
            "the job's records must come as text/csv in UTF-8",
        )),
        Content::Json => Err(Refusal::new(
            Code::BodyMediaType,
            "the job's records must come as application/json in UTF-8",
        )),
        Content::Xml => Err(Refusal::new(
            Code::BodyMediaType,
            "the job's records must come as application/xml in UTF-8",
        )),
    }
}
