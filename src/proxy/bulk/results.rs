//! Rows on their way in: revealed portion by portion while they pass, each recorded before it is
//! given.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::blocked::{self, Blocked};
use super::{
    Batch, Door, Failure, Incoming, Job, Proxy, Refusal, Reply, Scribe, Shape, Tally, Uploaded,
    asking, bulk, credentials, media, outward,
};
use crate::dialect::salesforce::bulk::{Content, Rows};
use crate::dialect::salesforce::id::Id;
use crate::ledger::{Entry, Kind};
use crate::model::Code;
use crate::protect::inward::{Table, Viewer};
use crate::proxy::exchange::Content as Body;
use crate::proxy::record::revealing;
use crate::proxy::standing::Again;
use crate::proxy::{Part, Rules, Shared, Stream};
use crate::upstream::{self, Opened};
use crate::vault::Told;
use crate::wire::csv::{self, Ending};

/// A portion is as many rows, or as many bytes.
const ROWS: usize = 500;
const BYTES: usize = 256 * 1024;
/// How much is read at a time.
const READ: usize = 64 * 1024;
/// How long a client may take nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Columns of the interface's own: of a job's rows, and of a batch's results.
const ROW_COLUMNS: &[&str] = &["sf__Id", "sf__Created", "sf__Error", "sf__Unprocessed"];
const BATCH_COLUMNS: &[&str] = &["Id", "Success", "Created", "Error"];

impl Proxy {
    /// Asks for rows and gives them as they come.
    pub(super) async fn results(
        &self,
        scribe: &Scribe<'_>,
        mut incoming: Incoming<'_>,
        (route, mut job): (&bulk::Route, Job),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let About {
            batch,
            own,
            within,
            blocked,
        } = self.about(route, &mut job).await?;
        let rows = match route.door {
            Door::Rows(_, rows) => Some(rows),
            _ => None,
        };
        let accept = match job.content {
            Content::Csv => "text/csv",
            Content::Json => "application/json",
            Content::Xml => "application/xml",
        };
        let asked =
            self.upstream
                .fetch(outward::head(route), asking(accept), credentials(job.kind));
        let opened = asked.await?;
        if opened.status() != StatusCode::OK || media(opened.headers()) != "text/csv" {
            let of = (route, &job, batch.as_ref());
            return self
                .untabled(scribe, &incoming, (opened, of, blocked), tally)
                .await;
        }
        if opened.is_coded() {
            return Err(upstream::Error::Unexpected("a coding that was not asked for").into());
        }
        let headers = headers(&opened, job.kind);
        self.locator(route, &headers).await?;
        // The same rules to its end: what decides is what the ledger says.
        let rules = self.shared.rules_by(scribe.fields);
        if !std::ptr::eq(&raw const *rules, scribe.rules) {
            return Err(Failure::PolicyChanged);
        }
        let ordered = job.kind == bulk::Kind::Async;
        let mut passing = Passing {
            shared: scribe.owned(),
            rules,
            again: Again::new(incoming.stands.take(), self.shared.clock.now()),
            roles: scribe.roles.to_vec(),
            fresh: scribe.fresh,
            entry: scribe.entry(Kind::Revealed, "ok").into_owned(),
            reader: csv::Reader::new(job.delimiter(), None),
            header: vec![],
            job,
            own,
            rows,
            batch,
            within,
            blocked: blocked::Rows::new(blocked, ordered),
            ending: Ending::Lf,
            opened,
            ended: false,
            seen: 0,
        };
        // The header and the first portion are looked at before the answer begins.
        let header = passing.header().await?;
        let first = passing.next().await?;
        let (sender, parts) = mpsc::channel(1);
        tokio::spawn(passing.pass(header, first, sender));
        Ok(Reply {
            status: StatusCode::OK,
            headers,
            body: Body::Table(Stream {
                length: None,
                parts,
            }),
        })
    }

    /// Gives what is no table: a list of results or records, or an error.
    async fn untabled(
        &self,
        scribe: &Scribe<'_>,
        incoming: &Incoming<'_>,
        (opened, (route, job, batch), blocked): (
            Opened,
            (&bulk::Route, &Job, Option<&Batch>),
            Vec<Blocked>,
        ),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let answer = self.whole(opened, job.kind).await?;
        let tabled = matches!(route.door, Door::Rows(..) | Door::Results { .. });
        if tabled && answer.status.is_success() {
            return Err(upstream::Error::Unexpected("another form than a table").into());
        }
        // Only lists of results and errors have members of the interface's own; rows are records.
        let shape = match (&route.door, answer.status.is_success()) {
            (Door::BatchResult(..), true) | (Door::BatchResults(..), true) => Shape::Data,
            _ => Shape::Metadata,
        };
        let batch = batch.map(|batch| (job, batch));
        let is_xml = media(&answer.headers) != "application/json";
        let reply = self.reply(scribe, incoming, answer, (shape, batch), tally);
        let mut reply = reply.await?;
        if let Body::Whole(body) = &mut reply.body
            && shape == Shape::Data
            && !blocked.is_empty()
        {
            *body = blocked::among_results(body, is_xml, blocked)?;
        }
        Ok(reply)
    }

    /// Finds what must be known of results before they are asked for.
    async fn about(&self, route: &bulk::Route, job: &mut Job) -> Result<About, Failure> {
        let mut about = About {
            batch: None,
            own: ROW_COLUMNS,
            within: None,
            blocked: vec![],
        };
        match &route.door {
            Door::Results {
                job: id,
                locator: Some(locator),
                ..
            } => {
                let name = format!("locator/{id}/{locator}");
                if self.shared.vault.noted(name).await?.is_none() {
                    let text = "this job's results do not go on at such a locator";
                    return Err(Refusal::new(Code::ParameterUnknown, text).into());
                }
            }
            Door::BatchResults(id, of) => {
                let mut batch = self.batch(*id, *of).await?;
                about.blocked = std::mem::take(&mut batch.blocked);
                about.batch = Some(batch);
                about.own = BATCH_COLUMNS;
            }
            Door::BatchResult(id, of, _) => job.columns = self.batch(*id, *of).await?.columns,
            Door::Rows(id, rows) => {
                let uploaded = self.uploaded(*id).await?;
                about.within = uploaded.as_ref().and_then(Uploaded::exchanges);
                if let (Rows::Failed, Some(uploaded)) = (rows, uploaded) {
                    about.blocked = uploaded.blocked;
                }
            }
            _ => {}
        }
        Ok(about)
    }

    /// Remembers where the CRM says that results go on: nothing else may be asked for.
    async fn locator(&self, route: &bulk::Route, headers: &HeaderMap) -> Result<(), Failure> {
        let Door::Results { job, .. } = &route.door else {
            return Ok(());
        };
        let locator = headers.get("sforce-locator");
        let locator = locator.and_then(|value| value.to_str().ok());
        if let Some(locator) = locator.filter(|text| *text != "null" && text.len() <= 128) {
            let name = format!("locator/{job}/{locator}");
            self.shared.vault.note(name, String::new()).await?;
        }
        Ok(())
    }
}

/// What is said of a table that passes.
fn headers(opened: &Opened, kind: bulk::Kind) -> HeaderMap {
    let mut headers = opened.headers().clone();
    headers.remove(CONTENT_LENGTH);
    let kind = match kind {
        // salesforce-bulk knows this word, and nothing behind it.
        bulk::Kind::Async => "text/csv",
        // Without a charset, simple-salesforce takes the text for Latin-1.
        bulk::Kind::Ingest | bulk::Kind::Query => "text/csv; charset=UTF-8",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers
}

/// What must be known of results.
struct About {
    /// The batch that they are of.
    batch: Option<Batch>,
    /// The columns of the interface's own.
    own: &'static [&'static str],
    /// The exchanges that the rows were kept under.
    within: Option<(u128, u128)>,
    /// The records that were left out.
    blocked: Vec<Blocked>,
}

/// A table that passes.
struct Passing {
    shared: Arc<Shared>,
    rules: Arc<Rules>,
    roles: Vec<String>,
    fresh: bool,
    /// What is recorded of each portion, but for what it reveals.
    entry: Entry<'static>,
    job: Job,
    own: &'static [&'static str],
    rows: Option<Rows>,
    batch: Option<Batch>,
    within: Option<(u128, u128)>,
    blocked: blocked::Rows,
    /// How its lines end.
    ending: Ending,
    /// Whether whoever reads may go on: a table may take hours.
    again: Again,
    opened: Opened,
    reader: csv::Reader,
    header: Vec<String>,
    ended: bool,
    /// How many rows were given.
    seen: usize,
}

/// A portion as the client gets it.
type Shown = Zeroizing<Vec<u8>>;

impl Passing {
    /// Reads the header, which passes as it is: each of its names was one of a query or a table that
    /// was looked at on the way out.
    async fn header(&mut self) -> Result<Shown, Failure> {
        let Some(header) = self.record().await? else {
            return Ok(Shown::default());
        };
        if header.text.ends_with("\r\n") {
            self.ending = Ending::CrLf;
        }
        let names = (0..header.cells.len()).map(|at| header.value(at).unwrap_or_default());
        // A column that the query did not ask for is nobody's.
        let asked = |name: &str| {
            let mut columns = self.job.columns.iter();
            self.job.columns.is_empty() || columns.any(|column| column.eq_ignore_ascii_case(name))
        };
        let name = |name: std::borrow::Cow<'_, str>| match asked(&name) {
            true => name.into_owned(),
            false => String::new(),
        };
        self.header = names.map(name).collect();
        if self.rules.plan.object(&self.job.object).is_none() {
            let text = "policy has no rules for the object of this job any more";
            return Err(Refusal::new(Code::PolicyUnknownObject, text).into());
        }
        Ok(header.text.as_bytes().to_vec().into())
    }

    /// The next record, whatever it takes to have it.
    async fn record(&mut self) -> Result<Option<csv::Record>, Failure> {
        let broken = |fault: csv::Fault| Failure::Answer(fault.error);
        loop {
            if let Some(record) = self.reader.record().map_err(broken)? {
                return Ok(Some(record));
            }
            if self.ended {
                return self.reader.finish().map_err(broken);
            }
            let part = self.opened.take(READ).await?;
            self.ended = part.is_empty();
            self.reader.push(&part);
        }
    }

    /// The next portion, revealed and recorded; none at the end.
    async fn next(&mut self) -> Result<Option<Shown>, Failure> {
        self.again.ask(self.shared.clock.now())?;
        if let Some(row) = self.left_out(false) {
            return Ok(Some(row));
        }
        let most = self.blocked.before(ROWS);
        let mut records = Vec::new();
        let mut bytes = 0;
        while records.len() < most && bytes < BYTES {
            let Some(record) = self.record().await? else {
                break;
            };
            bytes += record.text.len();
            records.push(record);
        }
        if records.is_empty() {
            return Ok(self.left_out(true));
        }
        let first = self.seen;
        self.seen += records.len();
        self.blocked.passed(records.len());
        let (rules, shared) = (&self.rules, &self.shared);
        let viewer = Viewer::new(&rules.plan, &self.roles, self.fresh);
        let table = Table::new(&viewer, (&self.job.object, &self.header), self.own);
        let table = table.ok_or(Failure::Protection(outward::Failure::Incomplete))?;
        let protection = &rules.protection;
        let read = table.read((&protection.codec, &protection.domain), &records);
        let revealed = shared
            .reveal_table(rules, &viewer, self.job.delimiter(), &read)
            .await?;
        if !revealed.classes.is_empty() {
            let entry = revealing(self.entry.clone(), &revealed, read.records());
            shared.ledger.append(&entry).await?;
        }
        let object: Arc<str> = self.job.object.as_str().into();
        let told = read.tokens().map(|(id, rows)| Told {
            object: Arc::clone(&object),
            record: id.map(|id| id.as_str().into()),
            rows,
        });
        self.settle(told.collect()).await;
        self.bind(first, &records).await;
        Ok(Some(revealed.body))
    }

    /// The row of a record that was left out, where it is its turn.
    fn left_out(&mut self, at_end: bool) -> Option<Shown> {
        if !self.blocked.is_due(at_end) {
            return None;
        }
        let form = (self.job.delimiter(), self.ending);
        let mut text = String::new();
        if self.header.is_empty() {
            // The CRM has no rows, and no header then.
            let usual = self.own.iter().take(2);
            self.header = usual.map(|&name| name.to_owned()).collect();
            text = blocked::header(&self.header, form);
        }
        let columns = (self.header.as_slice(), self.own);
        text.push_str(&self.blocked.next(columns, form)?);
        Some(text.into_bytes().into())
    }

    /// Settles what a job's rows tell. A failure of ours changes nothing for the client.
    async fn settle(&self, told: Vec<Told>) {
        let accepted = match self.rows {
            Some(Rows::Successful) => true,
            Some(Rows::Failed) => false,
            Some(Rows::Unprocessed) | None => return,
        };
        let Some(within) = self.within else { return };
        let settled = self.shared.vault.settle_late(within, told, accepted);
        if let Err(error) = settled.await {
            tracing::error!("a job's rows could not be bound to their records: {error}");
        }
    }

    /// Settles what a batch's results tell, by their order.
    async fn bind(&self, first: usize, records: &[csv::Record]) {
        let Some(batch) = &self.batch else { return };
        let column = |name: &str| self.header.iter().position(|known| known == name);
        let (Some(id), Some(success)) = (column("Id"), column("Success")) else {
            return;
        };
        let results = records.iter().zip(first..).filter_map(|(record, at)| {
            match record.value(success).as_deref() {
                Some("true") => Some((at, Some(Id::parse(&record.value(id)?)?))),
                Some("false") => Some((at, None)),
                _ => None,
            }
        });
        let results: Vec<(usize, Option<Id>)> = results.collect();
        batch
            .settle(&self.shared.vault, &self.job.object, &results)
            .await;
    }

    /// Passes everything on. Whatever ends it before the last portion, the reader is told nothing but
    /// that.
    async fn pass(mut self, header: Shown, first: Option<Shown>, sender: mpsc::Sender<Part>) {
        let mut portion = Some(header);
        let mut following = Some(first);
        while let Some(mut shown) = portion {
            let bytes = std::mem::take(&mut *shown).into();
            let taken = sender.send_timeout(Part::Bytes(bytes), PATIENCE).await;
            if taken.is_err() {
                return; // The reader has gone, or takes nothing.
            }
            portion = match following.take() {
                Some(first) => first,
                None => match self.next().await {
                    Ok(next) => next,
                    Err(failure) => {
                        tracing::error!("a table broke off: {failure}");
                        return;
                    }
                },
            };
        }
        // Whether it was taken in time is the reader's own matter.
        let _ = sender.send_timeout(Part::End, PATIENCE).await;
    }
}
