//! The exchange.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::record::{Scribe, Tally, touched};
use super::rows::{self, Written};
use super::{Failure, Proxy, Rules};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{self, Door, Route};
use crate::dialect::salesforce::target::Target;
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::protect::find;
use crate::protect::inward::{
    self, Answer, HeldValue, Reading, Revealed, Shape, StoredValue, Viewer,
};
use crate::protect::outward::{Protected, survey};
use crate::vault;
use crate::wire::coding::{self, Coding};
use crate::wire::json::{Document, Limits};

/// A request whose framing holds and whose client is admitted.
pub struct Incoming<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub method: &'r str,
    /// Path and query in canonical form.
    pub target: &'r str,
    /// Header fields that may go to the CRM.
    pub headers: HeaderMap,
    pub content_type: Option<&'r str>,
    pub content_encoding: Option<&'r str>,
    pub body: Bytes,
    /// The name and port by which the client knows us.
    pub host: &'r str,
}

/// The answer for the client.
pub struct Reply {
    pub status: StatusCode,
    /// The CRM's header fields; the server says which may pass.
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A body may be this much larger than its coded form.
const RATIO: usize = 100;

/// How often an exchange begins again because another one made the same stable token first.
const TRIES: usize = 8;

impl Proxy {
    /// Carries out one exchange.
    ///
    /// # Errors
    /// The refusal, or what failed. In neither case did an unprotected byte go to the CRM; after a
    /// failure upstream a protected request may have gone.
    pub async fn exchange(
        &self,
        permit: &Permit,
        incoming: Incoming<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let rules = self.shared.rules.load_full();
        let route = match route(&incoming) {
            Ok(route) => route,
            Err(refusal) => {
                return Err(self
                    .refuse(&rules, permit, &incoming, "unknown", refusal)
                    .await);
            }
        };
        tally.route = route.name();
        match self
            .carry(&rules, permit, &incoming, route.clone(), tally)
            .await
        {
            Err(Failure::Refused(refusal)) => Err(self
                .refuse(&rules, permit, &incoming, route.name(), refusal)
                .await),
            other => other,
        }
    }

    /// The phases, in order.
    async fn carry(
        &self,
        rules: &Rules,
        permit: &Permit,
        incoming: &Incoming<'_>,
        route: Route,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let shared = &*self.shared;
        let scribe = Scribe {
            shared,
            rules,
            permit,
            exchange: incoming.exchange,
            route: tally.route,
        };
        let shape = shape(&route.door);

        // Read: the body is parsed strictly, by the codec that the route names.
        let body = body(incoming, &route)?;
        let document = body
            .as_deref()
            .map(|body| Document::parse(body, &Limits::default()));
        let document = document.transpose().map_err(|error| malformed(&error))?;

        // Plan, load, protect, make durable: again from the load where another exchange was first.
        let (protected, written) = self
            .protect(rules, incoming, route, document.as_ref(), &scribe, tally)
            .await?;

        // Forward.
        let sent = self
            .upstream
            .send(protected.cleared, incoming.headers.clone())
            .await;
        let answer = sent?;

        // Inwards: find tokens, load, reveal or mask, record.
        let viewer = Viewer::new(&rules.plan, permit.roles());
        let text = std::str::from_utf8(&answer.body).map_err(|error| {
            Failure::Answer(crate::wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;
        if text.is_empty() {
            shared
                .settle(
                    incoming.exchange,
                    &protected.request,
                    &written,
                    answer.status,
                    None,
                )
                .await?;
            return Ok(Reply {
                status: answer.status,
                headers: answer.headers,
                body: vec![],
            });
        }
        let found = find(
            &rules.protection.codec,
            text.as_bytes(),
            &rules.protection.domain,
        );
        let reading = inward::read(&Answer {
            text,
            shape,
            viewer,
            request: &protected.request,
            aliases: &protected.aliases,
            found: &found,
        })
        .map_err(Failure::Answer)?;
        shared
            .settle(
                incoming.exchange,
                &protected.request,
                &written,
                answer.status,
                Some(&reading),
            )
            .await?;
        let revealed = self.reveal(rules, &viewer, text, &reading).await?;
        tally.masked = revealed.masked;
        tally.revealed = revealed.classes.values().sum();
        if tally.revealed > 0 {
            scribe.revealed(&revealed, reading.records).await?;
        }
        let body = rename_host(&revealed.body, &shared.crm_authority, incoming.host);
        Ok(Reply {
            status: answer.status,
            headers: answer.headers,
            body,
        })
    }

    async fn protect(
        &self,
        rules: &Rules,
        incoming: &Incoming<'_>,
        route: Route,
        document: Option<&Document<'_>>,
        scribe: &Scribe<'_>,
        tally: &mut Tally,
    ) -> Result<(Protected, Vec<Written>), Failure> {
        let shared = &*self.shared;
        for _ in 0..TRIES {
            let request = match document {
                Some(document) => Request::read(route.clone(), document)?,
                None => Request::bare(route.clone()),
            };
            let survey = survey(&rules.plan, &rules.protection, request, document)?;
            let written = rows::written(&survey);
            *tally = Tally {
                route: tally.route,
                ..Tally::default()
            };
            let touched = touched(rules, &survey, tally);
            let writes = route.method() != "GET";
            let known = match survey.asks() {
                true => Some(shared.vault.prepare(rows::ask(survey.needs())).await?),
                false => None,
            };
            let told = known.as_ref().map(rows::known).unwrap_or_default();
            let mut protected =
                survey.protect(&told, &rules.protection, document, &*shared.entropy)?;
            let made = std::mem::take(&mut protected.rows);
            let keeps = !made.is_empty();
            if let Some(known) = known.as_ref().filter(|_| keeps) {
                match shared
                    .vault
                    .commit(rows::rows(incoming.exchange, &written, known, made))
                    .await
                {
                    Err(vault::Error::Conflict) => continue,
                    other => other?,
                }
            }
            if writes || known.is_some() {
                scribe
                    .sent(touched, written.len(), subjects(known.as_ref()))
                    .await?;
            }
            let written = if keeps { written } else { vec![] };
            return Ok((protected, written));
        }
        Err(Failure::Contended)
    }

    async fn reveal(
        &self,
        rules: &Rules,
        viewer: &Viewer<'_>,
        text: &str,
        reading: &Reading<'_>,
    ) -> Result<Revealed, Failure> {
        let vault = &self.shared.vault;
        let rows = if reading.rows.is_empty() {
            vec![]
        } else {
            vault.load(&reading.rows).await?
        };
        let records: Vec<vault::Record> = reading
            .held
            .iter()
            .map(|(object, id)| rows::record(object, *id))
            .collect();
        let held = if records.is_empty() {
            vec![]
        } else {
            vault.held(&records).await?
        };
        let values: Vec<Option<StoredValue<'_>>> = rows
            .iter()
            .map(|row| {
                row.as_ref().map(|row| StoredValue {
                    row: row.row,
                    subject: row.subject,
                    key_version: row.key_version,
                    class: &row.class,
                    nonce: row.nonce,
                    ciphertext: &row.ciphertext,
                    key: &row.key,
                })
            })
            .collect();
        let mut kept: Vec<HeldValue<'_>> = Vec::new();
        for ((object, record), held) in reading.held.iter().zip(&held) {
            kept.extend(held.iter().map(|held| HeldValue {
                object,
                record: *record,
                field: &held.field,
                value: StoredValue {
                    row: held.row,
                    subject: held.subject,
                    key_version: held.key_version,
                    class: &held.class,
                    nonce: held.nonce,
                    ciphertext: &held.ciphertext,
                    key: &held.key,
                },
            }));
        }
        Ok(reading.reveal(text, (viewer, &rules.protection.tenant), &values, &kept))
    }

    /// Records a refusal and gives it back. A refusal that cannot be recorded is still a refusal.
    async fn refuse(
        &self,
        rules: &Rules,
        permit: &Permit,
        incoming: &Incoming<'_>,
        route: &'static str,
        refusal: Refusal,
    ) -> Failure {
        let scribe = Scribe {
            shared: &self.shared,
            rules,
            permit,
            exchange: incoming.exchange,
            route,
        };
        match scribe.refused(&refusal).await {
            Ok(()) => Failure::Refused(refusal),
            Err(failure) => failure,
        }
    }
}

/// Whose data the request writes, each once.
fn subjects(known: Option<&vault::Known>) -> Vec<u64> {
    let known = known.map_or(&[][..], |known| known.subjects.as_slice());
    let mut subjects: Vec<u64> = known.iter().map(|subject| subject.id).collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

fn route(incoming: &Incoming<'_>) -> Result<Route, Refusal> {
    door::resolve(incoming.method, &Target::parse(incoming.target)?)
}

/// The decoded body of a route that takes one; JSON in UTF-8, and nothing else.
fn body(incoming: &Incoming<'_>, route: &Route) -> Result<Option<Vec<u8>>, Refusal> {
    if !route.has_body() {
        return match incoming.body.is_empty() {
            true => Ok(None),
            false => Err(Refusal::new(
                Code::BodyMalformed,
                "this resource takes no body",
            )),
        };
    }
    if !incoming.content_type.is_some_and(is_json) {
        return Err(Refusal::new(
            Code::BodyMediaType,
            "the body must be application/json in UTF-8",
        ));
    }
    let coding = Coding::parse(incoming.content_encoding.unwrap_or("identity")).map_err(|_| {
        Refusal::new(
            Code::BodyMediaType,
            "the content coding must be gzip, deflate or identity, once",
        )
    })?;
    let decoded = coding::decode(coding, &incoming.body, Limits::default().bytes, RATIO).map_err(
        |error| {
            let code = match error {
                coding::Error::TooLarge { .. } => Code::BodyTooLarge,
                _ => Code::BodyMalformed,
            };
            Refusal::new(code, "the body does not decode within its limits")
        },
    )?;
    Ok(Some(decoded))
}

/// `application/json`, alone or with `charset=utf-8`.
fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let kind = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let charset = match parts.next() {
        None => true,
        Some(charset) => {
            charset.eq_ignore_ascii_case("charset=utf-8")
                || charset.eq_ignore_ascii_case("charset=\"utf-8\"")
        }
    };
    kind && charset && parts.next().is_none()
}

fn malformed(error: &crate::wire::Error) -> Refusal {
    let code = match error {
        crate::wire::Error::TooLarge { .. } => Code::BodyTooLarge,
        _ => Code::BodyMalformed,
    };
    Refusal::new(code, error.to_string())
}

/// Which objects of the answer are the API's own.
fn shape(door: &Door) -> Shape {
    match door {
        Door::Versions
        | Door::Resources
        | Door::Objects
        | Door::Object { .. }
        | Door::Describe { .. }
        | Door::Limits
        | Door::RecordCount { .. } => Shape::Metadata,
        Door::Create { .. }
        | Door::Record { .. }
        | Door::Query { .. }
        | Door::More { .. }
        | Door::Recent { .. }
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionDelete { .. }
        | Door::CollectionRead { .. } => Shape::Data,
    }
}

/// Puts our name in the places of the CRM's, so that no link leads past the border.
fn rename_host(body: &[u8], theirs: &str, ours: &str) -> Vec<u8> {
    let finder = memchr::memmem::Finder::new(theirs.as_bytes());
    let mut out = Vec::new();
    let mut at = 0;
    for found in finder.find_iter(body) {
        out.extend_from_slice(body.get(at..found).unwrap_or_default());
        out.extend_from_slice(ours.as_bytes());
        at = found + theirs.len();
    }
    out.extend_from_slice(body.get(at..).unwrap_or_default());
    out
}
