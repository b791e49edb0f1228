//! The Bulk API 2.0 and 1.0: jobs, what is sent to them, what they have to tell.
//!
//! Sources: Salesforce Bulk API 2.0 and Bulk API Developer Guide, and requests of real clients. A
//! call that sends or gets records does not say of which object they are: the job does, and so a job
//! is [`Job`] here and kept by whoever made it.
//!
//! Read first: [`Door`], [`resolve`], [`Job`].

mod job;
mod outcome;
mod records;
mod resolve;
mod xml;

pub use job::{Content, Job, NewJob, Operation, Said, state};
pub use outcome::{counted, is_session_end, outcomes, with_errors};
pub use records::{read as records, write as written_records};
pub use resolve::{may_be, resolve};

use super::id::Id;
use crate::model::{Code, Refusal};

/// The namespace of everything that 1.0 says in XML.
pub const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// Which of the two interfaces, and for 2.0 which kind of jobs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `D/jobs/ingest`
    Ingest,
    /// `D/jobs/query`
    Query,
    /// `/services/async/V/job`
    Async,
}

/// The rows of a job of 2.0 by what became of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rows {
    Successful,
    Failed,
    Unprocessed,
}

impl Rows {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Successful => "successfulResults",
            Self::Failed => "failedResults",
            Self::Unprocessed => "unprocessedrecords",
        }
    }
}

/// One resource with one verb.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Door {
    /// `POST D/jobs/ingest`, `POST D/jobs/query`, `POST job`
    Create(Kind),
    /// `GET D/jobs/ingest`, `GET D/jobs/query`
    List(Kind),
    /// `GET …/ID`
    Info(Kind, Id),
    /// `PATCH …/ID`, or `POST job/ID`: a job is closed or aborted.
    State(Kind, Id),
    /// `DELETE …/ID`
    Delete(Kind, Id),
    /// `PUT D/jobs/ingest/ID/batches`, or `POST job/ID/batch`
    Upload(Kind, Id),
    /// `GET D/jobs/ingest/ID/successfulResults` and the others
    Rows(Id, Rows),
    /// `GET D/jobs/query/ID/results`
    Results {
        job: Id,
        most: Option<u32>,
        locator: Option<String>,
    },
    /// `GET job/ID/batch`
    Batches(Id),
    /// `GET job/ID/batch/ID`
    Batch(Id, Id),
    /// `GET job/ID/batch/ID/result`
    BatchResults(Id, Id),
    /// `GET job/ID/batch/ID/result/ID`
    BatchResult(Id, Id, Id),
}

/// A door with the API version it is asked in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    pub version: u16,
    pub door: Door,
}

impl Door {
    /// The interface that it belongs to.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Create(kind)
            | Self::List(kind)
            | Self::Info(kind, _)
            | Self::State(kind, _)
            | Self::Delete(kind, _)
            | Self::Upload(kind, _) => *kind,
            Self::Rows(..) => Kind::Ingest,
            Self::Results { .. } => Kind::Query,
            Self::Batches(_) | Self::Batch(..) | Self::BatchResults(..) | Self::BatchResult(..) => {
                Kind::Async
            }
        }
    }

    /// The job that it is about.
    #[must_use]
    pub fn job(&self) -> Option<Id> {
        match self {
            Self::Create(_) | Self::List(_) => None,
            Self::Info(_, job)
            | Self::State(_, job)
            | Self::Delete(_, job)
            | Self::Upload(_, job)
            | Self::Rows(job, _)
            | Self::Results { job, .. }
            | Self::Batches(job)
            | Self::Batch(job, _)
            | Self::BatchResults(job, _)
            | Self::BatchResult(job, ..) => Some(*job),
        }
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "bulk-create",
            Self::List(_) => "bulk-list",
            Self::Info(..) => "bulk-info",
            Self::State(..) => "bulk-state",
            Self::Delete(..) => "bulk-delete",
            Self::Upload(..) => "bulk-upload",
            Self::Rows(..) | Self::Results { .. } => "bulk-results",
            Self::Batches(_) | Self::Batch(..) => "bulk-batch",
            Self::BatchResults(..) | Self::BatchResult(..) => "bulk-batch-results",
        }
    }
}

impl Route {
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.door {
            Door::Create(_) | Door::State(Kind::Async, _) | Door::Upload(Kind::Async, _) => "POST",
            Door::State(..) => "PATCH",
            Door::Delete(..) => "DELETE",
            Door::Upload(..) => "PUT",
            Door::List(_)
            | Door::Info(..)
            | Door::Rows(..)
            | Door::Results { .. }
            | Door::Batches(_)
            | Door::Batch(..)
            | Door::BatchResults(..)
            | Door::BatchResult(..) => "GET",
        }
    }

    /// The target, written from the parsed form: nothing of the client's bytes is copied.
    #[must_use]
    pub fn target(&self) -> String {
        let version = self.version;
        let base = match self.door.kind() {
            Kind::Ingest => format!("/services/data/v{version}.0/jobs/ingest"),
            Kind::Query => format!("/services/data/v{version}.0/jobs/query"),
            Kind::Async => format!("/services/async/{version}.0/job"),
        };
        match &self.door {
            Door::Create(_) | Door::List(_) => base,
            Door::Info(_, job) | Door::State(_, job) | Door::Delete(_, job) => {
                format!("{base}/{job}")
            }
            Door::Upload(Kind::Async, job) | Door::Batches(job) => format!("{base}/{job}/batch"),
            Door::Upload(_, job) => format!("{base}/{job}/batches"),
            Door::Rows(job, rows) => format!("{base}/{job}/{}", rows.name()),
            Door::Results { job, most, locator } => {
                let most = most.map(|most| format!("maxRecords={most}"));
                let locator = locator.as_ref().map(|text| format!("locator={text}"));
                let all: Vec<String> = most.into_iter().chain(locator).collect();
                let query = if all.is_empty() { "" } else { "?" };
                format!("{base}/{job}/results{query}{}", all.join("&"))
            }
            Door::Batch(job, batch) => format!("{base}/{job}/batch/{batch}"),
            Door::BatchResults(job, batch) => format!("{base}/{job}/batch/{batch}/result"),
            Door::BatchResult(job, batch, result) => {
                format!("{base}/{job}/batch/{batch}/result/{result}")
            }
        }
    }
}

/// A refusal in the shape of the Bulk API 1.0: status, media type and body.
///
/// The code is one that its clients know: what a rule refuses is `InvalidBatch`, which nobody tries
/// again or answers by another sign-in.
#[must_use]
pub fn error(refusal: &Refusal, json: bool) -> (u16, &'static str, String) {
    let code = match refusal.code {
        Code::PolicyUnknownObject => "InvalidEntity",
        Code::EndpointUnknown => "InvalidUrl",
        Code::VersionOutside => "InvalidVersion",
        Code::MethodUnknown => "MethodNotAllowed",
        Code::RoleRefused | Code::StepUp => "TransactionSecurityBlock",
        _ => "InvalidBatch",
    };
    let field = refusal.field.as_deref().unwrap_or_default();
    let text = match refusal.text.contains(field) {
        true => refusal.to_string(),
        false => format!("{field}: {refusal}"),
    };
    fault(code, &text, json)
}

/// An error of the Bulk API 1.0 by its code.
#[must_use]
pub fn fault(code: &str, text: &str, json: bool) -> (u16, &'static str, String) {
    let status = match code {
        "MethodNotAllowed" => 405,
        "TransactionSecurityBlock" => 403,
        _ => 400,
    };
    match json {
        true => {
            let body = serde_json::json!({"exceptionCode": code, "exceptionMessage": text});
            (status, "application/json", body.to_string())
        }
        false => (status, "application/xml", xml::error(code, text)),
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "this resource is not among those that the border knows",
    )
}
