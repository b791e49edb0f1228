//! The export of a report: a table whose columns have labels alone.
//!
//! What a label names, the CRM's description of the same report says, which is asked for before the
//! export and again when its header is here: a report that somebody changed meanwhile is not given.
//! Both are asked for with one session, so their labels are in one language. Rows are revealed
//! portion by portion while they pass, each recorded before it is given; what stands behind the table
//! (the report's name, who made the export, their organization) is left out line by line.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::mpsc;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::exchange::{Content, Incoming, Reply};
use super::giving::{Pace, Place, hand, withheld};
use super::outwards::{self, Way};
use super::record::{Scribe, Tally, revealing};
use super::standing::Again;
use super::{Failure, Part, Proxy, Rules, Shared, Stream, body, download};
use crate::dialect::salesforce::analytics::{Analytics, What};
use crate::dialect::salesforce::door::{Door, Route};
use crate::dialect::salesforce::id::Id;
use crate::ledger::{Entry, Kind};
use crate::model::{Code, FieldList, Refusal};
use crate::protect::inward::{Labels, Table, Viewer};
use crate::protect::{Cleared, Outgoing};
use crate::upstream::{self, Opened};
use crate::wire;
use crate::wire::csv::{self, Delimiter, Record};

/// A portion is as many rows, or as many bytes.
const ROWS: usize = 500;
const BYTES: usize = 256 * 1024;
/// How much is read at a time, and how long a header may be.
const READ: usize = 64 * 1024;
/// How many lines may stand behind a table, and what stands in the place of each.
const BEHIND: usize = 64;
const LEFT_OUT: &str = "\"(left out)\"";

impl Proxy {
    /// The phases of an export, in order.
    pub(super) async fn export(
        &self,
        (scribe, rules): (&Scribe<'_>, &Arc<Rules>),
        mut incoming: Incoming<'_>,
        report: Id,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        body::none(&incoming)?;
        let place = scribe.shared.readers.enter(scribe.client).await?;
        let labels = self.labels(scribe, report, tally).await?;
        let cleared = self.cleared(scribe, Door::Export(report), tally).await?;
        let opened = self.upstream.export(cleared).await?;
        let mut opened = self.tabular(opened).await?;
        let (start, delimiter) = start(&mut opened).await?;
        let mut reader = csv::Reader::new(delimiter, None);
        reader.push(&start);
        let mut passing = Passing {
            shared: scribe.owned(),
            rules: Arc::clone(rules),
            roles: scribe.roles.to_vec(),
            fresh: scribe.fresh,
            revealed: scribe.entry(Kind::Revealed, "ok").into_owned(),
            refused: scribe
                .entry(Kind::Refused, Code::FileWithheld.name())
                .into_owned(),
            fields: scribe.fields.cloned(),
            again: Again::new(incoming.stands.take(), self.shared.clock.now()),
            pace: Pace::new(),
            labels,
            header: vec![],
            delimiter,
            opened,
            reader,
            ended: false,
            behind: None,
            _place: place,
        };
        // The header and the first portion are looked at before the answer begins.
        let header = passing.header().await?;
        if self.labels(scribe, report, tally).await? != passing.labels {
            let text = "the report was changed while it was exported: ask for it again";
            return Err(withheld(text).into());
        }
        let first = passing.next().await?;
        passing.same_policy()?;
        let mut headers = HeaderMap::new();
        download::say(&mut headers, "report.csv", ("text/csv", b""), false);
        // Without a charset, Python's requests takes the text for Latin-1.
        let kind = HeaderValue::from_static("text/csv; charset=UTF-8");
        headers.insert(CONTENT_TYPE, kind);
        let (sender, parts) = mpsc::channel(1);
        tokio::spawn(passing.pass(header, first, sender));
        Ok(Reply {
            status: StatusCode::OK,
            headers,
            body: Content::File(Stream {
                length: None,
                parts,
            }),
        })
    }

    /// What the CRM says of a report's columns to the session that exports it.
    async fn labels(
        &self,
        scribe: &Scribe<'_>,
        report: Id,
        tally: &mut Tally,
    ) -> Result<Labels, Failure> {
        let describe = Door::Analytics(Analytics {
            what: What::Describe(report),
            details: None,
            choices: vec![],
        });
        let cleared = self.cleared(scribe, describe, tally).await?;
        let answer = self.upstream.send(cleared, HeaderMap::new()).await?;
        if answer.status != StatusCode::OK {
            let text =
                "the CRM does not describe this report, so nobody can say what its columns are";
            return Err(withheld(text).into());
        }
        let text = std::str::from_utf8(&answer.body).map_err(|error| {
            let at = error.valid_up_to();
            Failure::Answer(wire::Error::NotUtf8 { at })
        });
        let labels = text.and_then(|text| Labels::read(text).map_err(Failure::Answer));
        labels.inspect_err(|_| answer.distrust())
    }

    async fn cleared(
        &self,
        scribe: &Scribe<'_>,
        door: Door,
        tally: &mut Tally,
    ) -> Result<Cleared<Outgoing>, Failure> {
        let route = Route {
            version: self.spoken(&scribe.rules.plan),
            door,
        };
        let way = Way {
            route: &Arc::new(route),
            document: None,
            message: None,
            file: None,
            form: None,
            released: false,
        };
        let (protected, _) = outwards::protect(self, scribe, &way, tally).await?;
        Ok(protected.cleared)
    }

    /// Holds an answer to being a table. Where the session has ended, or may not export, the CRM
    /// gives a page or leads to one.
    async fn tabular(&self, opened: Opened) -> Result<Opened, Failure> {
        let status = opened.status();
        if status.is_server_error() {
            return Err(upstream::Error::Unexpected("no table").into());
        }
        if status == StatusCode::OK && is_table(opened.headers()) {
            return match opened.is_coded() {
                true => Err(upstream::Error::Unexpected("a coding that was not asked for").into()),
                false => Ok(opened),
            };
        }
        self.upstream.doubts(&opened).await;
        let text = "the CRM gave a page and no table: its session has ended or may not open pages, or \
                    may not export this report";
        Err(withheld(text).into())
    }
}

/// Whether an answer says that it is a table in UTF-8.
fn is_table(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let table = parts.next().unwrap_or_default();
    let utf8 = |part: &str| part.eq_ignore_ascii_case("charset=utf-8");
    table.eq_ignore_ascii_case("text/csv") && parts.all(utf8)
}

/// Reads on to the end of the header, and says what stands between its cells: which of the two it is
/// hangs on the locale of the CRM's user.
async fn start(opened: &mut Opened) -> Result<(Zeroizing<Vec<u8>>, Delimiter), Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut quoted = false;
    loop {
        let part = opened.take(READ).await?;
        let seen = bytes.len();
        bytes.extend_from_slice(&part);
        let end = part.iter().position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b'\n' && !quoted
        });
        if end.is_none() && !part.is_empty() {
            if bytes.len() > READ {
                let (what, limit) = ("bytes of a header", READ);
                return Err(Failure::Answer(wire::Error::TooLarge { what, limit }));
            }
            continue;
        }
        let line = bytes.get(..end.map_or(bytes.len(), |end| seen + end));
        let line = std::str::from_utf8(line.unwrap_or_default());
        let delimiter = match line.ok().and_then(Delimiter::guess) {
            Some(Delimiter::Semicolon) => Delimiter::Semicolon,
            // With any other, the reader finds that the table is none.
            _ => Delimiter::Comma,
        };
        return Ok((bytes, delimiter));
    }
}

/// A portion as the client gets it.
type Shown = Zeroizing<Vec<u8>>;

/// An export that passes.
struct Passing {
    shared: Arc<Shared>,
    rules: Arc<Rules>,
    roles: Vec<String>,
    fresh: bool,
    /// What is recorded of each portion, but for what it reveals, and where it breaks off.
    revealed: Entry<'static>,
    refused: Entry<'static>,
    /// Whether whoever reads may go on.
    fields: Option<Arc<FieldList>>,
    again: Again,
    pace: Pace,
    labels: Labels,
    header: Vec<String>,
    delimiter: Delimiter,
    opened: Opened,
    reader: csv::Reader,
    ended: bool,
    /// How many lines were read behind the table, once it has ended.
    behind: Option<usize>,
    _place: Place,
}

impl Passing {
    async fn header(&mut self) -> Result<Shown, Failure> {
        let header = self.record().await?;
        // A header without quotes could be read by either separator, and a page has none.
        let header = header.filter(|header| header.cells.iter().all(|cell| cell.quoted));
        let what = "a header without quotes";
        let header = header.ok_or(Failure::Answer(wire::Error::Malformed { at: 0, what }))?;
        let labels = (0..header.cells.len()).filter_map(|at| header.value(at));
        self.header = labels.map(std::borrow::Cow::into_owned).collect();
        let viewer = Viewer::new(&self.rules.plan, &self.roles, self.fresh);
        let table = Table::labelled(&viewer, &self.labels, &self.header);
        self.show(&table, &viewer, &[header]).await
    }

    /// The next portion, revealed and recorded; none at the end.
    async fn next(&mut self) -> Result<Option<Shown>, Failure> {
        self.may_go_on()?;
        let mut records = Vec::new();
        let mut behind = String::new();
        let mut bytes = 0;
        while records.len() < ROWS && bytes < BYTES {
            let Some(record) = self.record().await? else {
                break;
            };
            bytes += record.text.len();
            match &mut self.behind {
                None => records.push(record),
                Some(lines) => {
                    *lines += 1;
                    if *lines > BEHIND {
                        let (what, limit) = ("lines behind a table", BEHIND);
                        return Err(Failure::Answer(wire::Error::TooLarge { what, limit }));
                    }
                    behind.push_str(&left_out(&record));
                }
            }
        }
        if records.is_empty() && behind.is_empty() {
            return Ok(None);
        }
        let viewer = Viewer::new(&self.rules.plan, &self.roles, self.fresh);
        let table = Table::exported(&viewer, &self.labels, &self.header);
        let mut shown = self.show(&table, &viewer, &records).await?;
        shown.extend_from_slice(behind.as_bytes());
        Ok(Some(shown))
    }

    /// The next record, whatever it takes to have it. An empty line ends the table.
    async fn record(&mut self) -> Result<Option<Record>, Failure> {
        let broken = |fault: csv::Fault| Failure::Answer(fault.error);
        loop {
            if self.behind.is_none() && self.reader.is_at_blank() {
                self.behind = Some(0);
                self.reader.loosen();
            }
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

    async fn show(
        &self,
        table: &Table<'_>,
        viewer: &Viewer<'_>,
        records: &[Record],
    ) -> Result<Shown, Failure> {
        let (rules, shared) = (&self.rules, &self.shared);
        let protection = &rules.protection;
        let read = table.read((&protection.codec, &protection.domain), records);
        let revealed = shared.reveal_table(rules, viewer, self.delimiter, &read);
        let revealed = revealed.await?;
        if !revealed.classes.is_empty() {
            let mut entry = revealing(self.revealed.clone(), &revealed, read.records());
            entry.time = shared.clock.now();
            shared.ledger.append(&entry).await?;
        }
        Ok(revealed.body)
    }

    /// Passes everything on. Whatever ends it before the last portion, the ledger is told why, and
    /// the reader nothing but that.
    async fn pass(mut self, header: Shown, first: Option<Shown>, sender: mpsc::Sender<Part>) {
        let Err(failure) = self.all((header, first), &sender).await else {
            return;
        };
        tracing::error!("an export broke off: {failure}");
        self.refused.time = self.shared.clock.now();
        if let Failure::Refused(Refusal { code, .. }) = &failure {
            self.refused.outcome = code.name().into();
        }
        if let Err(error) = self.shared.ledger.append(&self.refused).await {
            tracing::error!("and could not be recorded: {error}");
        }
    }

    async fn all(
        &mut self,
        (header, first): (Shown, Option<Shown>),
        sender: &mpsc::Sender<Part>,
    ) -> Result<(), Failure> {
        let mut portion = Some(header);
        let mut following = Some(first);
        while let Some(mut shown) = portion {
            let bytes: Bytes = std::mem::take(&mut *shown).into();
            let length = bytes.len();
            if !self.send(Part::Bytes(bytes), sender).await? {
                return Ok(());
            }
            self.pace.took(length);
            let asked = Instant::now();
            portion = match following.take() {
                Some(first) => first,
                None => self.next().await?,
            };
            self.pace.waited(asked);
        }
        // Whether it was taken in time is the reader's own matter.
        self.send(Part::End, sender).await.map(drop)
    }

    /// Whether whoever reads may have the rest: by the gate, and by the policy that it began with.
    fn may_go_on(&mut self) -> Result<(), Failure> {
        match self.again.ask(self.shared.clock.now())? {
            true => self.same_policy(),
            false => Ok(()),
        }
    }

    /// The same rules to its end: what decides is what the ledger says.
    fn same_policy(&self) -> Result<(), Failure> {
        let now = self.shared.rules_by(self.fields.as_ref());
        match Arc::ptr_eq(&now, &self.rules) {
            true => Ok(()),
            false => Err(Failure::PolicyChanged),
        }
    }

    async fn send(&mut self, part: Part, sender: &mpsc::Sender<Part>) -> Result<bool, Failure> {
        let until = self.pace.deadline();
        hand(part, sender, until, || self.may_go_on()).await
    }
}

/// A line behind the table, of which nothing but its place is shown: clients leave out as many lines
/// as they know that there are.
fn left_out(line: &Record) -> String {
    let text = line.text.trim_end_matches(['\r', '\n']);
    let end = line.text.get(text.len()..).unwrap_or_default();
    match text.is_empty() {
        true => end.to_owned(),
        false => format!("{LEFT_OUT}{end}"),
    }
}
