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
use crate::upstream;
use crate::wire::csv;
use crate::wire::json::{Document, Limits};

/// A portion is as many records, or as many bytes; of ids that are deleted nothing is kept here, and
/// their bytes alone count. What is made durable of a portion is four writes that reach the disk.
const RECORDS: usize = 400;
const BYTES: usize = 256 * 1024;
/// The most bytes of a query, and of a batch in JSON, which is read whole (the CRM takes 10 MB).
const QUERY: usize = 400_000;
const WHOLE: usize = 10_000_000;
/// The most that the CRM takes of a batch of 1.0; and what is a table of 2.0 by anybody's measure.
const BATCH: (usize, usize) = (10_000, 10_000_000);
const TABLE: (usize, usize) = (100_000_000, 2 << 30);
impl Proxy {
    /// Carries out an upload. `next` gives its body, and is told how many bytes of it are kept in
    /// memory meanwhile. `None`: the body broke off.
    ///
    /// # Errors
    /// As [`Proxy::exchange`]. What was protected of the records before the one that is refused may
    /// have reached the CRM, in a request that broke off.
    pub async fn bulk_upload(
        &self,
        permit: &Permit,
        incoming: Incoming<'_>,
        next: impl AsyncFnMut(usize) -> Result<Option<Bytes>, Gone>,
        tally: &mut Tally,
    ) -> Result<Option<Reply>, Failure> {
        let rules = self.shared.rules_for(permit);
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
        next: impl AsyncFnMut(usize) -> Result<Option<Bytes>, Gone>,
        tally: &mut Tally,
    ) -> Result<Option<Reply>, Failure> {
        outward::look_at(&scribe.rules.plan, route)?;
        let job = self.job(scribe, route).await?;
        let kind = media_of(&job, incoming)?;
        let mut feed = Feed::new(incoming, next)?;
        let mut batch = Batch::default();
        // What was noted of an earlier upload, which one that the CRM refuses does not replace.
        let mut before = None;
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
        } else {
            let mut stream = Stream::new(self, (route, kind, job.kind));
            let sent = self.records(
                scribe,
                (route, &job),
                &mut feed,
                &mut stream,
                (&mut batch, &mut *tally),
            );
            match sent.await {
                Ok(true) => {
                    // Whatever becomes of the answer, it is known which records were left out.
                    match self.note(route, &batch).await {
                        Ok(noted) => before = noted,
                        Err(failure) => {
                            self.give_up(stream, route, &batch).await;
                            return Err(failure);
                        }
                    }
                    stream.end().await?
                }
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
        let answer = match self.whole(opened, job.kind).await {
            Ok(answer) => answer,
            Err(failure) => {
                // With a session that has ended nothing was taken.
                if matches!(failure, Failure::Upstream(upstream::Error::Session)) {
                    self.let_go(&batch).await;
                }
                return Err(failure);
            }
        };
        self.settle_upload(route, &batch, &answer).await;
        if let Some((name, text)) = before.filter(|_| answer.status.is_client_error()) {
            self.shared.vault.note(name, text).await?;
        }
        let shape = (Shape::Metadata, None);
        self.reply(scribe, incoming, answer, shape, tally)
            .await
            .map(Some)
    }

    /// Sends an upload's records, as a table or as a list. `false`: the body broke off.
    async fn records(
        &self,
        scribe: &Scribe<'_>,
        (route, job): (&bulk::Route, &Job),
        feed: &mut Feed<impl AsyncFnMut(usize) -> Result<Option<Bytes>, Gone>>,
        stream: &mut Stream<'_>,
        counted: (&mut Batch, &mut Tally),
    ) -> Result<bool, Failure> {
        if job.content == Content::Csv {
            return self
                .table(scribe, (route, job), feed, stream, counted)
                .await;
        }
        let Some(mut body) = feed.whole(WHOLE).await? else {
            return Ok(false);
        };
        if job.content == Content::Xml {
            body = bulk::records(&body)?;
        }
        let cleared = self.list(scribe, (route, job), &body, counted).await?;
        stream.put(cleared).await?;
        Ok(true)
    }

    /// Sends a table portion by portion. `false`: its body broke off.
    async fn table(
        &self,
        scribe: &Scribe<'_>,
        (route, job): (&bulk::Route, &Job),
        feed: &mut Feed<impl AsyncFnMut(usize) -> Result<Option<Bytes>, Gone>>,
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
            let part = match feed.next(reader.held() + bytes).await {
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
                    let here = (&mut *batch, &mut *tally);
                    let pieces = self.rows(scribe, (route, sheet), &waiting, here).await?;
                    put(stream, header, pieces).await?;
                    waiting.clear();
                    bytes = 0;
                }
            }
            if ended {
                break;
            }
        }
        let (sheet, mut header) =
            sheet.ok_or_else(|| Refusal::new(Code::BodyMalformed, "the table has no header"))?;
        if !waiting.is_empty() {
            let here = (&mut *batch, tally);
            let pieces = self.rows(scribe, (route, &sheet), &waiting, here).await?;
            put(stream, &mut header, pieces).await?;
        }
        match (header, batch.refusal.take()) {
            // Nothing is left to be sent.
            (Some(_), Some(refusal)) => Err(refusal.into()),
            (header, _) => {
                put(stream, &mut None, header.into_iter().collect()).await?;
                Ok(true)
            }
        }
    }

    /// Protects the next records of a table.
    async fn rows(
        &self,
        scribe: &Scribe<'_>,
        (route, sheet): (&bulk::Route, &Sheet<'_>),
        records: &[csv::Record],
        counted: (&mut Batch, &mut Tally),
    ) -> Result<Vec<Cleared<Vec<u8>>>, Failure> {
        // The header is number 0.
        let place = |record: &csv::Record| record.number.saturating_sub(1);
        let portion = async |records: &[csv::Record], batch: &mut Batch, tally: &mut Tally| {
            let here = (route.version, batch, tally);
            self.portion(scribe, sheet, records, here).await
        };
        self.pieces(scribe, records, place, counted, portion).await
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
        let numbered: Vec<(u64, &str)> = (1..).zip(records).collect();
        let place = |(number, _): &(u64, &str)| number - 1;
        let portion = async |records: &[(u64, &str)], batch: &mut Batch, tally: &mut Tally| {
            let here = (route.version, batch, tally);
            self.listed(scribe, job, records, here).await
        };
        let mut pieces = Vec::new();
        for records in numbered.chunks(RECORDS) {
            let here = (&mut *batch, &mut *tally);
            pieces.extend(self.pieces(scribe, records, place, here, portion).await?);
        }
        match batch.refusal.take() {
            // Nothing is left to be sent.
            Some(refusal) if pieces.is_empty() => Err(refusal.into()),
            _ => Ok(outward::list(job, pieces)?),
        }
    }

    /// Protects records of a list, each with its number.
    async fn listed(
        &self,
        scribe: &Scribe<'_>,
        job: &Job,
        records: &[(u64, &str)],
        (version, batch, tally): (u16, &mut Batch, &mut Tally),
    ) -> Result<Cleared<Vec<u8>>, Failure> {
        let number = |record: Option<&(u64, &str)>| record.map_or(0, |(number, _)| *number);
        let range = (number(records.first()), number(records.last()));
        let records: Vec<&str> = records.iter().map(|(_, record)| *record).collect();
        let portion = Zeroizing::new(format!("[{}]", records.join(",")));
        let parsed = Document::parse(portion.as_bytes(), &outward::LIST);
        let document = parsed.map_err(|error| body::refused(&error))?;
        let rules = scribe.rules;
        let survey = || {
            let request = batch_request(job, version, &document);
            let surveyed = request.and_then(|request| {
                let by = by(scribe);
                outward::survey(&rules.plan, &rules.protection, by, request, Some(&document))
            });
            surveyed.map_err(|refusal| among(refusal, range))
        };
        let table = (range, (job, &document, None));
        self.kept(scribe, survey, table, (batch, tally)).await
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
            let mut survey = survey()?;
            self.fits(scribe, &survey).await?;
            self.owned(scribe, &mut survey).await?;
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
        // A batch of 1.0 has its name from the CRM.
        let Door::Upload(Kind::Async, id) = route.door else {
            return;
        };
        let Some(told) = told_id(answer).filter(|_| answer.status.is_success()) else {
            return;
        };
        if let Err(failure) = self.remember(format!("batch/{id}/{told}"), batch).await {
            tracing::error!("an upload will not be known again: {failure}");
        }
    }

    /// Keeps where an upload of 2.0 was kept, and which of its records were left out. Gives the
    /// note's name and what it said before.
    async fn note(
        &self,
        route: &bulk::Route,
        batch: &Batch,
    ) -> Result<Option<(String, String)>, Failure> {
        let (Door::Upload(Kind::Ingest, id), Some(uploaded)) = (&route.door, Uploaded::of(batch))
        else {
            return Ok(None);
        };
        let name = format!("upload/{id}");
        let before = self.shared.vault.noted(name.clone()).await?;
        self.remember(name.clone(), &uploaded).await?;
        Ok(Some((name, before.unwrap_or_default())))
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

/// Sends pieces, with the header before the first of all.
async fn put(
    stream: &mut Stream<'_>,
    header: &mut Option<Cleared<Vec<u8>>>,
    pieces: Vec<Cleared<Vec<u8>>>,
) -> Result<(), Failure> {
    if pieces.is_empty() {
        return Ok(());
    }
    for piece in header.take().into_iter().chain(pieces) {
        stream.put(piece).await?;
    }
    Ok(())
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
    let text = match first == last {
        true => format!("record {first}: {}", refusal.text),
        false => format!("records {first} to {last}: {}", refusal.text),
    };
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
