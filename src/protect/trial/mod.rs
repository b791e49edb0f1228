//! A border without a database, for tests: the starter policy with an object that has each rule,
//! and the rows that it made in memory.

pub mod bulk;
pub mod soap;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::detect::Detector;
use crate::dialect::salesforce::bulk::NAMESPACE;
use crate::dialect::salesforce::call::{self, Request};
use crate::dialect::salesforce::door;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Entropy, NoEntropy, Personal, RecordId, Refusal, Secret};
use crate::policy::{FieldTable, Plan, Source, compile};
use crate::protect::inward::{
    Answer, HeldValue, Revealed, Shape, StoredValue, Viewer, read, read_batch, read_soap,
};
use crate::protect::outward::{
    Failure, Found, Known, Needs, NewHeld, NewToken, Owner, Protected, Rows, Standing, Survey,
    Term, survey,
};
use crate::protect::{FormatVersion, Protection, SubjectKey, find};
use crate::wire::json::{Document, Limits};

pub const TENANT: &str = "gemeente-voorbeeld";
pub const CONTACT: &str = "003000000000001AAA";
pub const OTHER: &str = "003000000000002AAA";

/// The plan, compiled once.
pub fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| changed(("", "")))
}

/// As [`plan`], with one piece of its text exchanged for another.
pub fn changed((from, to): (&str, &str)) -> Plan {
    let text = concat!(
        include_str!("../../../policies/salesforce.toml"),
        include_str!("policy.toml")
    );
    let source = Source {
        name: "trial.toml".to_owned(),
        text: text
            .replacen(
                "streams = []",
                "streams = [\"/topic/Contacts\", \"/u/notes\"]",
                1,
            )
            .replacen(from, to, 1),
    };
    let table = FieldTable::salesforce()
        .unwrap()
        .overlaid(FieldTable::parse(include_str!("fields.json")).unwrap());
    compile(&source, &table).unwrap_or_else(|report| panic!("{report}"))
}

/// The lexicons, compiled once.
fn detector() -> &'static Arc<Detector> {
    static DETECTOR: OnceLock<Arc<Detector>> = OnceLock::new();
    DETECTOR.get_or_init(|| Arc::new(Detector::new().unwrap()))
}

/// Counts, so that no two nonces are equal.
struct Counting;

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = u8::try_from(at % 251).unwrap_or_default();
        }
        Ok(())
    }
}

/// A border and what it remembers.
pub struct Trial {
    pub plan: &'static Plan,
    pub protection: Protection,
    key: Arc<SubjectKey>,
    tokens: Vec<(u64, NewToken)>,
    held: Vec<(u64, String, Id, NewHeld)>,
    stable: HashMap<(String, Term), u64>,
    standing: HashMap<u64, Vec<Standing>>,
    next: u64,
}

/// What would have gone to the CRM.
pub struct Sent {
    pub target: String,
    pub body: String,
    pub request: Request,
    pub aliases: Vec<crate::protect::outward::Alias>,
    pub left_out: Option<String>,
    pub rows: usize,
    pub units: Vec<Unit>,
    pub shape: Shape,
}

/// A written record: object, id, call, position and name.
pub type Unit = (String, Option<RecordId>, usize, usize, Option<String>);

impl Trial {
    pub fn start() -> Self {
        let key = Secret::new(vec![7; 32]);
        let plan = plan();
        Self {
            plan,
            protection: Protection::new(
                &key,
                &key,
                TENANT,
                plan.token_domain(),
                31,
                Arc::clone(detector()),
            )
            .unwrap(),
            key: Arc::new(SubjectKey::new(&key).unwrap()),
            tokens: vec![],
            held: vec![],
            stable: HashMap::new(),
            standing: HashMap::new(),
            next: 1,
        }
    }

    fn known(&mut self, needs: &Needs) -> Known {
        let rows = self.next..self.next + needs.rows as u64;
        self.next = rows.end;
        let found = |term: &(String, Term)| Found {
            rows: self
                .tokens
                .iter()
                .filter(|(_, token)| token.class == term.0 && token.term == Some(term.1))
                .map(|(_, token)| token.row)
                .collect(),
            more: false,
        };
        Known {
            subjects: (1..=needs.subjects.len() as u64)
                .map(|subject| Owner {
                    subject,
                    key_version: 1,
                    key: Arc::clone(&self.key),
                })
                .collect(),
            stable: needs
                .stable
                .iter()
                .map(|term| self.stable.get(term).copied())
                .collect(),
            search: needs.search.iter().map(found).collect(),
            standing: needs
                .standing
                .iter()
                .map(|row| self.standing.get(row).cloned().unwrap_or_default())
                .collect(),
            rows,
            people: HashMap::new(),
            unchanged: vec![],
        }
    }

    /// Carries a request to where it would leave. `body` is JSON, where the door takes one.
    pub fn send(&mut self, method: &str, target: &str, body: &str) -> Result<Sent, Refusal> {
        let route = door::resolve(method, &Target::parse(target)?)?;
        let limits = Limits::default();
        let body = call::normal(&route, body.as_bytes().to_vec())?;
        let document = route
            .has_body()
            .then(|| Document::parse(&body, &limits).unwrap());
        let request = match &document {
            Some(document) => Request::read(route, document)?,
            None => Request::bare(route),
        };
        let document = document.as_ref();
        self.protect(request, document, |survey, known, protection| {
            survey.protect(known, protection, document, &Counting)
        })
    }

    /// Surveys a request and keeps what protecting it makes.
    fn protect(
        &mut self,
        request: Request,
        document: Option<&Document<'_>>,
        protect: impl FnOnce(Survey<'static>, &Known, &Protection) -> Result<Protected, Failure>,
    ) -> Result<Sent, Refusal> {
        let viewer = self.viewer(&["support"]).roles;
        let survey = survey(self.plan, &self.protection, viewer, request, document)?;
        let known = self.known(survey.needs());
        let units: Vec<Unit> = survey
            .units()
            .map(|unit| {
                (
                    unit.object.to_owned(),
                    unit.record,
                    unit.call,
                    unit.position,
                    unit.name.map(str::to_owned),
                )
            })
            .collect();
        let made = match protect(survey, &known, &self.protection) {
            Ok(made) => made,
            Err(Failure::Refused(refusal)) => return Err(refusal),
            Err(failure) => panic!("{failure}"),
        };
        Ok(self.keep(made, &known, units))
    }

    fn remember(&mut self, made: Rows, known: &Known, units: &[Unit]) {
        for token in made.tokens {
            let (object, record, ..) = units[token.unit].clone();
            self.standing.entry(token.row).or_default().push(Standing {
                object,
                field: token.field.clone(),
                record,
            });
            if let Some(term) = token.term.filter(|_| token.stable) {
                self.stable.insert((token.class.clone(), term), token.row);
            }
            self.tokens
                .push((known.subjects[token.unit].subject, token));
        }
        for held in made.held {
            let (object, record, ..) = units[held.unit].clone();
            let subject = known.subjects[held.unit].subject;
            let record = record.and_then(|id| Id::parse(id.as_str()));
            let record = record.unwrap_or_else(|| Id::parse(CONTACT).unwrap());
            self.held.push((subject, object, record, held));
        }
    }

    fn keep(&mut self, made: Protected, known: &Known, units: Vec<Unit>) -> Sent {
        let rows = made.rows.tokens.len() + made.rows.held.len();
        self.remember(made.rows, known, &units);
        let outgoing = made.cleared.into_inner();
        Sent {
            target: outgoing.target,
            body: String::from_utf8(outgoing.body.unwrap_or_default()).unwrap(),
            request: made.request,
            aliases: made.aliases,
            left_out: made.left_out,
            rows,
            units,
            shape: Shape::Data,
        }
    }

    /// Sends `{field: value}` as an update of the first contact or trial.
    pub fn write(&mut self, object: &str, body: &str) -> Result<Sent, Refusal> {
        let id = if object == "Trial__c" {
            "a00000000000001AAA"
        } else {
            CONTACT
        };
        let target = format!("/services/data/v60.0/sobjects/{object}/{id}");
        self.send("PATCH", &target, body)
    }

    pub fn viewer(&self, roles: &[&str]) -> Viewer<'static> {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        Viewer::new(self.plan, &roles, false)
    }

    /// What somebody with these roles is answered.
    pub fn answer(&self, sent: &Sent, text: &str, roles: &[&str]) -> (String, Revealed<'static>) {
        self.answer_as(sent.shape, sent, text, roles)
    }

    /// The same for an answer of another shape than records and results.
    pub fn answer_as(
        &self,
        shape: Shape,
        sent: &Sent,
        text: &str,
        roles: &[&str],
    ) -> (String, Revealed<'static>) {
        let viewer = self.viewer(roles);
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
            true if text.contains(NAMESPACE) => read_batch(&answer).unwrap(),
            true => read_soap(&answer).unwrap().0,
            false => read(&answer).unwrap(),
        };
        let revealed = self.with_values(&reading.rows, |values, held| {
            reading.reveal(text, (&viewer, TENANT), values, held)
        });
        let body = String::from_utf8(revealed.body.to_vec()).unwrap();
        (body, revealed)
    }

    /// Hands over what the rows stand for, and all held values.
    fn with_values<R>(
        &self,
        rows: &[u64],
        then: impl FnOnce(&[Option<StoredValue<'_>>], &[HeldValue<'_>]) -> R,
    ) -> R {
        let places: Vec<OnceLock<Personal>> = std::iter::repeat_with(OnceLock::new)
            .take(rows.len() + self.held.len())
            .collect();
        let mut opened = places.iter();
        let values: Vec<Option<StoredValue<'_>>> = rows
            .iter()
            .map(|row| self.tokens.iter().find(|(_, token)| token.row == *row))
            .map(|found| {
                found
                    .zip(opened.next())
                    .map(|((subject, token), opened)| StoredValue {
                        row: token.row,
                        subject: *subject,
                        key_version: 1,
                        class: &token.class,
                        form: token.form,
                        nonce: token.nonce,
                        ciphertext: &token.ciphertext,
                        key: &self.key,
                        opened,
                    })
            })
            .collect();
        let held: Vec<HeldValue<'_>> = self
            .held
            .iter()
            .zip(opened)
            .map(|((subject, object, record, held), opened)| HeldValue {
                object,
                record: *record,
                field: &held.field,
                value: StoredValue {
                    row: held.row,
                    subject: *subject,
                    key_version: 1,
                    class: &held.class,
                    form: FormatVersion::Vault1,
                    nonce: held.nonce,
                    ciphertext: &held.ciphertext,
                    key: &self.key,
                    opened,
                },
            })
            .collect();
        then(&values, &held)
    }
}
