//! Tables of bulk jobs, carried out by a border without a database.

use super::{Counting, TENANT, Trial};
use crate::dialect::salesforce::bulk::{Job, Kind, NewJob};
use crate::model::{Code, Refusal};
use crate::policy::RoleSet;
use crate::protect::inward::Table;
use crate::protect::outward::{Failure, Sheet, broken, protect_batch};
use crate::wire::csv::{Reader, Record};
use crate::wire::json::{Document, Limits};

/// A job for an object, with what is said beside that.
pub fn job(object: &str, operation: &str, more: &str) -> Job {
    let text = format!("{{\"object\":\"{object}\",\"operation\":\"{operation}\"{more}}}");
    let limits = Limits::default();
    let document = Document::parse(text.as_bytes(), &limits).unwrap();
    NewJob::read(Kind::Ingest, &document).unwrap().job
}

fn records(job: &Job, text: &str) -> Result<Vec<Record>, Refusal> {
    let mut reader = Reader::new(job.delimiter(), job.ending());
    let mut records = Vec::new();
    reader.push(text.as_bytes());
    loop {
        let next = match reader.record() {
            Ok(None) => reader.finish(),
            next => next,
        };
        match next.map_err(|fault| broken(&fault, None))? {
            Some(record) => records.push(record),
            None => return Ok(records),
        }
    }
}

impl Trial {
    /// A table as it leaves.
    pub fn load(&mut self, job: &Job, text: &str) -> Result<String, Refusal> {
        let records = records(job, text)?;
        let none = || Refusal::new(Code::BodyMalformed, "no header");
        let (header, rows) = records.split_first().ok_or_else(none)?;
        let sheet = Sheet::new(self.plan, &self.protection, job, header)?;
        let mut out = sheet.header(header).into_inner();
        if sheet.deletes() {
            out.extend(sheet.ids(rows)?.into_inner());
            return Ok(String::from_utf8(out).unwrap());
        }
        let batch = sheet.batch(rows)?;
        let document = batch.document()?;
        let by = (RoleSet::none().into(), 60);
        let survey = sheet.survey(self.plan, &self.protection, by, (rows, &document))?;
        let known = self.known(survey.needs());
        let units: Vec<super::Unit> = survey
            .units()
            .map(|unit| {
                (
                    unit.object.to_owned(),
                    unit.record,
                    unit.call,
                    unit.position,
                    None,
                )
            })
            .collect();
        let table = (job, &document, Some((&batch, rows)));
        let made = protect_batch(survey, &known, &self.protection, table, &Counting);
        let made = match made {
            Ok(made) => made,
            Err(Failure::Refused(refusal)) => return Err(refusal),
            Err(failure) => panic!("{failure}"),
        };
        self.remember(made.rows, &known, &units);
        out.extend(made.cleared.into_inner());
        Ok(String::from_utf8(out).unwrap())
    }

    /// A table as somebody with these roles is shown it.
    pub fn rows(&self, job: &Job, text: &str, roles: &[&str]) -> String {
        let records = records(job, text).unwrap();
        let (header, rows) = records.split_first().unwrap();
        let names = (0..header.cells.len()).filter_map(|at| header.value(at));
        let names: Vec<String> = names.map(|name| name.into_owned()).collect();
        let viewer = self.viewer(roles);
        let table = Table::new(&viewer, (&job.object, &names), &["sf__Id", "sf__Error"]).unwrap();
        let find = (&self.protection.codec, self.protection.domain.as_str());
        let read = table.read(find, rows);
        let revealed = self.with_values(&read.rows, |values, held| {
            read.reveal((&viewer, TENANT), job.delimiter(), values, held)
        });
        let body = String::from_utf8(revealed.body.to_vec()).unwrap();
        format!("{}{body}", header.text.as_str())
    }
}
