//! The border without sockets and databases: what stands between reading a request and sending it,
//! as `proxy` does it, and the way in of an answer.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use sluis::detect::Detector;
use sluis::dialect::salesforce::bulk::Job;
use sluis::dialect::salesforce::call::{self, Request};
use sluis::dialect::salesforce::door;
use sluis::dialect::salesforce::soap::{Asked, Envelope, Message, Place};
use sluis::dialect::salesforce::target::Target;
use sluis::model::{Code, Entropy, NoEntropy, Refusal, Secret};
use sluis::policy::Plan;
use sluis::protect::inward::{self, Answer, Shape, StoredValue, Viewer};
use sluis::protect::outward::{
    Alias, By, Failure, Found, Known, Needs, Owner, Protected, Sheet, Standing, Survey,
    protect_batch, survey,
};
use sluis::protect::{Outgoing, Protection, SubjectKey, find};
use sluis::wire::csv::Record;
use sluis::wire::{json, xml};

use crate::canary;
use crate::policy;

const TENANT: &str = "gemeente-voorbeeld";
/// The first row that a request is given. The one before stands in the CRM already.
const FIRST_ROW: u64 = 1_000;
pub const STANDING_ROW: u64 = FIRST_ROW - 1;

/// A policy with what protects by it.
pub struct Border {
    pub plan: Plan,
    pub protection: Protection,
    key: Arc<SubjectKey>,
}

/// Counts, as no two nonces matter here.
pub struct Counting;

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = u8::try_from(at % 251).unwrap_or_default();
        }
        Ok(())
    }
}

/// The border of the API's targets, made once.
pub fn salesforce() -> &'static Border {
    static BORDER: OnceLock<Border> = OnceLock::new();
    BORDER.get_or_init(|| Border::new(policy::salesforce()))
}

impl Border {
    pub fn new(plan: Plan) -> Self {
        let key = Secret::new(vec![7; 32]);
        let detector = Arc::new(Detector::new().expect("the lexicons"));
        let domain = plan.token_domain().to_owned();
        let protection = Protection::new(&key, &key, TENANT, &domain, 31, detector);
        Self {
            protection: protection.expect("keys"),
            key: Arc::new(SubjectKey::new(&key).expect("a key")),
            plan,
        }
    }

    /// Carries a request of the REST API to where it would leave, and looks for the canary there.
    pub fn send(&self, method: &str, target: &str, body: &[u8]) -> Result<Sent, Refusal> {
        let route = door::resolve(method, &Target::parse(target)?)?;
        let normal = match route.has_body() {
            true => Some(call::normal(&route, body.to_vec())?),
            false => None,
        };
        let document = normal.as_deref().map(parse).transpose()?;
        let document = document.as_ref();
        let request = match document {
            Some(document) => Request::read(route, document)?,
            None => Request::bare(route),
        };
        let sent = self.protect(request, document, |survey, known| {
            survey.protect(known, &self.protection, document, &Counting)
        })?;
        if let Some(body) = sent.outgoing.body.as_deref() {
            parse(body).expect("what leaves is strict JSON");
        }
        Ok(sent)
    }

    /// The same for a SOAP message.
    pub fn speak(&self, place: Place, body: &[u8]) -> Result<Sent, Refusal> {
        let document = xml::Document::parse(body, &xml::Limits::default()).map_err(malformed)?;
        let message: Message = match Envelope::read(place, &document)?.asked(None)? {
            Asked::Message(message) => *message,
            Asked::Own(_) => return Err(Refusal::new(Code::EndpointUnknown, "not for the CRM")),
        };
        let records = message.records().map(str::as_bytes);
        let records = records.map(|json| parse(json).expect("records are strict JSON"));
        let request = message.request(records.as_ref())?;
        let sent = self.protect(request, records.as_ref(), |survey, known| {
            let parts = (&message, records.as_ref());
            survey.protect_message(known, &self.protection, parts, &Counting)
        })?;
        let written = sent.outgoing.body.as_deref().unwrap_or_default();
        let written = xml::Document::parse(written, &xml::Limits::default());
        written.expect("what leaves is strict XML");
        Ok(sent)
    }

    /// The same for a table of a bulk job.
    pub fn load(&self, job: &Job, records: &[Record]) -> Result<Vec<u8>, Refusal> {
        let none = || Refusal::new(Code::BodyMalformed, "no header");
        let (header, rows) = records.split_first().ok_or_else(none)?;
        let sheet = Sheet::new(&self.plan, &self.protection, job, header)?;
        let mut out = sheet.header(header).into_inner();
        if sheet.deletes() {
            out.extend(sheet.ids(rows)?.into_inner());
            canary::absent(&out, "a table of ids");
            return Ok(out);
        }
        let batch = sheet.batch(rows)?;
        let document = batch.document()?;
        let by = (self.by(), 60);
        let survey = sheet.survey(&self.plan, &self.protection, by, (rows, &document))?;
        let known = self.known(survey.needs());
        let table = (job, &document, Some((&batch, rows)));
        match protect_batch(survey, &known, &self.protection, table, &Counting) {
            Ok(made) => out.extend(made.cleared.into_inner()),
            Err(Failure::Refused(refusal)) => return Err(refusal),
            Err(failure) => panic!("{failure}"),
        }
        canary::absent(&out, "a table");
        Ok(out)
    }

    fn protect<'p>(
        &'p self,
        request: Request,
        document: Option<&json::Document<'_>>,
        protect: impl FnOnce(Survey<'p>, &Known) -> Result<Protected, Failure>,
    ) -> Result<Sent, Refusal> {
        let survey = survey(&self.plan, &self.protection, self.by(), request, document)?;
        let known = self.known(survey.needs());
        let made = match protect(survey, &known) {
            Ok(made) => made,
            Err(Failure::Refused(refusal)) => {
                canary::absent(refusal.to_string().as_bytes(), "an error");
                return Err(refusal);
            }
            Err(failure) => panic!("{failure}"),
        };
        let outgoing = made.cleared.into_inner();
        check(&outgoing);
        Ok(Sent {
            outgoing,
            request: made.request,
            aliases: made.aliases,
        })
    }

    /// Shows an answer of the CRM's to somebody who may see everything, in a request that was sent.
    pub fn answer(&self, sent: &Sent, shape: Shape, text: &str) {
        let roles = ["support".to_owned(), "sales".to_owned()];
        let viewer = Viewer::new(&self.plan, &roles, false);
        let found = find(
            &self.protection.codec,
            text.as_bytes(),
            &self.protection.domain,
        );
        let answer = Answer {
            text,
            shape,
            viewer,
            request: &sent.request,
            aliases: &sent.aliases,
            found: &found,
        };
        let reading = match text.starts_with('<') {
            true => inward::read_soap(&answer).map(|(reading, _)| reading),
            false => inward::read(&answer),
        };
        let Ok(reading) = reading else { return };
        let values: Vec<Option<StoredValue<'_>>> = reading.rows.iter().map(|_| None).collect();
        let shown = reading.reveal(text, (&viewer, TENANT), &values, &[]);
        match text.starts_with('<') {
            true => {
                let limits = xml::Limits {
                    bytes: usize::MAX,
                    ..xml::Limits::default()
                };
                xml::Document::parse(&shown.body, &limits).expect("an answer stays XML");
            }
            false => {
                let text = std::str::from_utf8(&shown.body).expect("an answer stays UTF-8");
                let mut reader = json::Reader::new(text, 64);
                while !matches!(
                    reader.next().expect("an answer stays JSON"),
                    json::Event::End
                ) {}
            }
        }
    }

    pub fn by(&self) -> By {
        let roles = ["support".to_owned()];
        By {
            viewer: self.plan.roles(&roles),
            fresh: false,
            released: false,
        }
    }

    /// What a vault would say that has one value of everything.
    pub fn known(&self, needs: &Needs) -> Known {
        let owner = |subject| Owner {
            subject,
            key_version: 1,
            key: Arc::clone(&self.key),
        };
        let standing = Standing {
            object: "Contact".to_owned(),
            field: "LastName".to_owned(),
            record: None,
        };
        let rows = FIRST_ROW + 100;
        Known {
            subjects: (1..).map(owner).take(needs.subjects.len()).collect(),
            stable: needs
                .stable
                .iter()
                .map(|(_, term)| term.first().map(|byte| byte & 1 == 0)?.then_some(FIRST_ROW))
                .collect(),
            search: needs
                .search
                .iter()
                .map(|(_, term)| Found {
                    rows: vec![FIRST_ROW; usize::from(term.first().unwrap_or(&0) & 3)],
                    more: false,
                })
                .collect(),
            standing: needs
                .standing
                .iter()
                .map(|row| match *row {
                    STANDING_ROW => vec![standing.clone()],
                    _ => vec![],
                })
                .collect(),
            rows: rows..rows + needs.rows as u64,
            people: HashMap::new(),
            unchanged: vec![],
        }
    }
}

/// What would have gone to the CRM, and what its answer is read by.
pub struct Sent {
    pub outgoing: Outgoing,
    request: Request,
    aliases: Vec<Alias>,
}

/// Nothing of a request may hold the canary.
pub fn check(outgoing: &Outgoing) {
    canary::absent(outgoing.target.as_bytes(), "the target");
    canary::absent(outgoing.body.as_deref().unwrap_or_default(), "the body");
    let kind = outgoing.content_type.as_deref().unwrap_or_default();
    canary::absent(kind.as_bytes(), "the media type");
}

pub fn parse(text: &[u8]) -> Result<json::Document<'_>, Refusal> {
    json::Document::parse(text, &json::Limits::default()).map_err(malformed)
}

fn malformed(error: sluis::wire::Error) -> Refusal {
    Refusal::new(Code::BodyMalformed, error.to_string())
}
