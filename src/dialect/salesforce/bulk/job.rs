//! What a job is, as its maker says it and as it is told to the CRM.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Kind, xml};
use crate::dialect::salesforce::door::is_name;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::wire::csv::{Delimiter, Ending};
use crate::wire::json::{Document, Kind as Json};

/// What becomes of the records.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    Insert,
    Update,
    Upsert,
    Delete,
    HardDelete,
    Query,
    QueryAll,
}

impl Operation {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Insert, "insert"),
        (Self::Update, "update"),
        (Self::Upsert, "upsert"),
        (Self::Delete, "delete"),
        (Self::HardDelete, "hardDelete"),
        (Self::Query, "query"),
        (Self::QueryAll, "queryAll"),
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(known, _)| *known == self)
            .map_or("", |(_, name)| name)
    }

    #[must_use]
    pub fn deletes(self) -> bool {
        matches!(self, Self::Delete | Self::HardDelete)
    }

    #[must_use]
    pub fn asks(self) -> bool {
        matches!(self, Self::Query | Self::QueryAll)
    }
}

/// The form of a job's records.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Content {
    Csv,
    Json,
    Xml,
}

/// A job, as it is remembered between the calls that are about it. It has names of policy's and
/// words of the interface, and nothing of a client's own.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Job {
    pub kind: Kind,
    /// The client that has made it, as it is recorded.
    pub owner: String,
    pub operation: Operation,
    pub object: String,
    pub content: Content,
    delimiter: String,
    ending: Option<String>,
    pub external: Option<String>,
    /// The columns of a query's results, as paths in policy's spelling.
    pub columns: Vec<String>,
}

const DELIMITERS: [(&str, Delimiter); 6] = [
    ("COMMA", Delimiter::Comma),
    ("SEMICOLON", Delimiter::Semicolon),
    ("TAB", Delimiter::Tab),
    ("PIPE", Delimiter::Pipe),
    ("CARET", Delimiter::Caret),
    ("BACKQUOTE", Delimiter::Backquote),
];

impl Job {
    #[must_use]
    pub fn delimiter(&self) -> Delimiter {
        let found = DELIMITERS
            .into_iter()
            .find(|(name, _)| *name == self.delimiter);
        found.map_or(Delimiter::Comma, |(_, delimiter)| delimiter)
    }

    /// How records end; none where the interface leaves it to the table.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ending.as_deref().and_then(ending)
    }
}

/// A line end by its name.
fn ending(name: &str) -> Option<Ending> {
    match name {
        "LF" => Some(Ending::Lf),
        "CRLF" => Some(Ending::CrLf),
        _ => None,
    }
}

/// A job as it is asked for. Names of object and fields are the client's until policy has given its
/// own.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub job: Job,
    /// The SOQL of a query job of 2.0.
    pub query: Option<String>,
    /// An assignment rule's id.
    rule: Option<Id>,
    concurrency: Option<&'static str>,
    /// Whether it was said in JSON, and not in XML: so is it told, and answered.
    pub json: bool,
}

impl NewJob {
    /// Reads a job in JSON.
    ///
    /// # Errors
    /// What the border does not know: members, operations, content types, delimiters.
    pub fn read(kind: Kind, document: &Document<'_>) -> Result<Self, Refusal> {
        let root = document.root();
        if document.kind(root) != Json::Object {
            return Err(malformed("a job must be an object"));
        }
        let mut members = Vec::new();
        for (name, value) in document.members(root) {
            let text = match document.kind(value) {
                Json::Null => continue,
                Json::String => document.text(value).unwrap_or_default().into_owned(),
                // simple-salesforce says its concurrency as a number.
                Json::Number => document.raw(value).to_owned(),
                _ => return Err(malformed("a job's members must be text")),
            };
            members.push((name.into_owned(), text));
        }
        let members: Vec<(&str, &str)> = members
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Self::of(kind, &members, true)
    }

    /// Reads a job in the XML of 1.0.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_xml(text: &str) -> Result<Self, Refusal> {
        let members = xml::flat(text, "jobInfo")?;
        let members: Vec<(&str, &str)> = members
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Self::of(Kind::Async, &members, false)
    }

    fn of(kind: Kind, members: &[(&str, &str)], json: bool) -> Result<Self, Refusal> {
        if members
            .iter()
            .any(|(name, _)| !allowed(kind).contains(name))
        {
            return Err(malformed(
                "a job has a member that the border does not know",
            ));
        }
        let member = |name: &str| {
            let mut members = members.iter();
            let found = members.find(|(known, _)| *known == name);
            found.map(|(_, text)| *text).filter(|text| !text.is_empty())
        };
        let operation = member("operation").and_then(|text| {
            let mut all = Operation::ALL.into_iter();
            all.find(|(_, name)| name.eq_ignore_ascii_case(text))
        });
        let (operation, _) = operation.ok_or_else(|| malformed("a job's operation is unknown"))?;
        if kind == Kind::Ingest && operation.asks() || kind == Kind::Query && !operation.asks() {
            return Err(malformed("jobs of this kind do not have that operation"));
        }
        let name = |text: &str| match is_name(text) {
            true => Ok(text.to_owned()),
            false => Err(malformed("a name in a job does not have the form of one")),
        };
        let object = match (kind, member("object")) {
            (Kind::Query, _) => String::new(), // Its query says it.
            (_, Some(object)) => name(object)?,
            (_, None) => return Err(malformed("a job must name its object")),
        };
        let external = member("externalIdFieldName").map(name).transpose()?;
        if external.is_some() != (operation == Operation::Upsert) {
            return Err(malformed(
                "an upsert, and nothing else, names its external id",
            ));
        }
        let delimiter = member("columnDelimiter").unwrap_or("COMMA");
        if !DELIMITERS.iter().any(|(known, _)| *known == delimiter) {
            return Err(malformed("a job's delimiter is unknown"));
        }
        let ending = match (kind, member("lineEnding")) {
            (Kind::Async, _) => None,
            (_, None) => Some("LF"),
            (_, Some(name @ ("LF" | "CRLF"))) => Some(name),
            (_, Some(_)) => return Err(malformed("a job's line ending is unknown")),
        };
        let rule = member("assignmentRuleId").map(|text| {
            let id = Id::parse(text).filter(|id| id.as_str().starts_with("01Q"));
            id.ok_or_else(|| malformed("an assignment rule has an id that begins with 01Q"))
        });
        let concurrency = member("concurrencyMode").map(|text| match text {
            "Parallel" | "0" => Ok("Parallel"),
            "Serial" | "1" => Ok("Serial"),
            _ => Err(malformed("a job's concurrency mode is unknown")),
        });
        Ok(Self {
            job: Job {
                kind,
                owner: String::new(),
                operation,
                object,
                content: content(kind, member("contentType"))?,
                delimiter: delimiter.to_owned(),
                ending: ending.map(str::to_owned),
                external,
                columns: vec![],
            },
            query: match kind {
                Kind::Query => Some(
                    member("query")
                        .ok_or_else(|| malformed("a query job must have its query"))?
                        .to_owned(),
                ),
                Kind::Ingest | Kind::Async => None,
            },
            rule: rule.transpose()?,
            concurrency: concurrency.transpose()?,
            json,
        })
    }

    /// The body for the CRM with its media type, written from the parsed form.
    #[must_use]
    pub fn write(&self) -> (Vec<u8>, &'static str) {
        let job = &self.job;
        let mut members: Vec<(&str, String)> = vec![("operation", job.operation.name().to_owned())];
        let mut add =
            |name, value: Option<String>| members.extend(value.map(|value| (name, value)));
        add(
            "object",
            Some(job.object.clone()).filter(|_| self.query.is_none()),
        );
        add("query", self.query.clone());
        add("externalIdFieldName", job.external.clone());
        add("assignmentRuleId", self.rule.map(|id| id.to_string()));
        add("concurrencyMode", self.concurrency.map(str::to_owned));
        let content = match job.content {
            Content::Csv => "CSV",
            Content::Json => "JSON",
            Content::Xml => "XML",
        };
        add("contentType", Some(content.to_owned()));
        if job.kind != Kind::Async {
            add("columnDelimiter", Some(job.delimiter.clone()));
            add("lineEnding", job.ending.clone());
        }
        body(&members, self.json)
    }
}

/// The members that a job of a kind may have.
fn allowed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Ingest => &[
            "operation",
            "object",
            "externalIdFieldName",
            "contentType",
            "columnDelimiter",
            "lineEnding",
            "assignmentRuleId",
        ],
        Kind::Query => &[
            "operation",
            "query",
            "contentType",
            "columnDelimiter",
            "lineEnding",
        ],
        Kind::Async => &[
            "operation",
            "object",
            "externalIdFieldName",
            "contentType",
            "concurrencyMode",
            "assignmentRuleId",
        ],
    }
}

/// The body that closes or aborts a job, and its media type.
///
/// # Errors
/// A body that says anything else.
pub fn state(
    kind: Kind,
    job: Option<Id>,
    body: &Said<'_>,
) -> Result<(Vec<u8>, &'static str), Refusal> {
    let (members, json) = match body {
        Said::Json(document) => {
            let root = document.root();
            if document.kind(root) != Json::Object {
                return Err(malformed("a job's state must stand in an object"));
            }
            let member = |(name, value): (Cow<'_, str>, _)| {
                (
                    name.into_owned(),
                    document.text(value).unwrap_or_default().into_owned(),
                )
            };
            (document.members(root).map(member).collect(), true)
        }
        Said::Xml(text) => (xml::flat(text, "jobInfo")?, false),
    };
    // Salesforce's own library for Java says the job's id beside its state.
    let known = |(name, text): &&(String, String)| match name.as_str() {
        "state" => true,
        "id" => job.is_some() && Id::parse(text) == job,
        _ => false,
    };
    if members.iter().filter(known).count() != members.len() {
        return Err(malformed(
            "a job can be closed or aborted, and nothing else",
        ));
    }
    let mut texts = members.iter().filter(|(name, _)| name == "state");
    let text = texts.next().map_or("", |(_, text)| text.as_str());
    let known: &[&str] = match kind {
        Kind::Ingest => &["UploadComplete", "Aborted"],
        Kind::Query => &["Aborted"],
        Kind::Async => &["Closed", "Aborted"],
    };
    let state = known.iter().find(|known| **known == text);
    let state =
        state.ok_or_else(|| malformed("a job can be closed or aborted, and nothing else"))?;
    Ok(self::body(&[("state", (*state).to_owned())], json))
}

/// A body that says what a job is or becomes.
pub enum Said<'d> {
    Json(&'d Document<'d>),
    Xml(&'d str),
}

fn body(members: &[(&str, String)], json: bool) -> (Vec<u8>, &'static str) {
    if !json {
        let text = xml::write("jobInfo", members);
        return (text.into_bytes(), "application/xml; charset=UTF-8");
    }
    let map: serde_json::Map<String, serde_json::Value> = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
        .collect();
    let text = serde_json::Value::Object(map).to_string();
    (text.into_bytes(), "application/json; charset=UTF-8")
}

/// What the border reads. Archives, Avro and Parquet hold what it does not look into.
fn content(kind: Kind, name: Option<&str>) -> Result<Content, Refusal> {
    match (kind, name) {
        (_, Some("CSV")) | (Kind::Ingest | Kind::Query, None) => Ok(Content::Csv),
        (Kind::Async, Some("JSON")) => Ok(Content::Json),
        (Kind::Async, None | Some("XML")) => Ok(Content::Xml),
        _ => Err(Refusal::new(
            Code::BodyMediaType,
            "jobs with this content type are not taken: the border does not look into archives, Avro or Parquet",
        )),
    }
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::Limits;

    const JOB: &str = "750000000000001AAA";

    fn read(kind: Kind, text: &str) -> Result<(Job, String), Code> {
        let limits = Limits::default();
        let document = Document::parse(text.as_bytes(), &limits).unwrap();
        let new = NewJob::read(kind, &document).map_err(|refusal| refusal.code)?;
        let body = String::from_utf8(new.write().0).unwrap();
        Ok((new.job, body))
    }

    #[test]
    fn a_job_is_written_anew_from_what_the_border_knows() {
        let (job, body) = read(
            Kind::Ingest,
            "{\"object\":\"Contact\",\"operation\":\"upsert\",\"externalIdFieldName\":\"Ext_Id__c\",\
             \"lineEnding\":\"CRLF\",\"columnDelimiter\":\"SEMICOLON\"}",
        )
        .unwrap();
        assert_eq!(job.delimiter(), Delimiter::Semicolon);
        assert_eq!(job.ending(), Some(Ending::CrLf));
        assert!(
            body.contains("\"externalIdFieldName\":\"Ext_Id__c\""),
            "{body}"
        );
        let kept = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&kept).unwrap(), job);
        let (job, body) = read(
            Kind::Async,
            "{\"operation\":\"insert\",\"object\":\"Contact\",\"concurrencyMode\":0,\"contentType\":\"JSON\"}",
        )
        .unwrap();
        assert_eq!((job.content, job.ending()), (Content::Json, None));
        assert!(body.contains("\"concurrencyMode\":\"Parallel\""), "{body}");
    }

    #[test]
    fn what_the_border_does_not_know_of_a_job_is_refused() {
        let job = |more: &str| {
            let text = format!("{{\"object\":\"Contact\",\"operation\":\"insert\"{more}}}");
            read(Kind::Ingest, &text).map(|_| ())
        };
        assert_eq!(job(""), Ok(()));
        for more in [
            ",\"note\":\"Jansen\"",
            ",\"columnDelimiter\":\"Jansen\"",
            ",\"lineEnding\":\"CR\"",
            ",\"assignmentRuleId\":\"Jansen\"",
            ",\"externalIdFieldName\":\"Ext_Id__c\"",
        ] {
            assert_eq!(job(more), Err(Code::BodyMalformed), "{more}");
        }
        for kind in ["ZIP_CSV", "avro/binary", "PARQUET"] {
            let more = format!(",\"contentType\":\"{kind}\"");
            assert_eq!(job(&more), Err(Code::BodyMediaType), "{kind}");
        }
        for (kind, text) in [
            (
                Kind::Ingest,
                "{\"object\":\"Contact\",\"operation\":\"query\"}",
            ),
            (
                Kind::Ingest,
                "{\"object\":\"Jan Jansen\",\"operation\":\"insert\"}",
            ),
            (Kind::Query, "{\"operation\":\"insert\",\"query\":\"x\"}"),
            (Kind::Query, "{\"operation\":\"query\"}"),
            (Kind::Ingest, "[]"),
        ] {
            assert_eq!(
                read(kind, text).map(|_| ()),
                Err(Code::BodyMalformed),
                "{text}"
            );
        }
    }

    #[test]
    fn a_job_can_be_closed_or_aborted_and_nothing_else() {
        let said = |kind, text: &str| {
            let limits = Limits::default();
            let document = Document::parse(text.as_bytes(), &limits).unwrap();
            state(kind, Id::parse(JOB), &Said::Json(&document)).is_ok()
        };
        assert!(said(Kind::Ingest, "{\"state\":\"UploadComplete\"}"));
        assert!(said(Kind::Async, "{\"state\":\"Closed\"}"));
        let named = |id: &str| format!("{{\"id\":\"{id}\",\"state\":\"Closed\"}}");
        assert!(said(Kind::Async, &named(JOB)));
        assert!(!said(Kind::Async, &named("750000000000002AAA")));
        assert!(!said(Kind::Async, &named("Jansen")));
        assert!(!said(Kind::Query, "{\"state\":\"UploadComplete\"}"));
        assert!(!said(Kind::Ingest, "{\"state\":\"Jansen\"}"));
        assert!(!said(
            Kind::Ingest,
            "{\"state\":\"Aborted\",\"note\":\"Jansen\"}"
        ));
    }
}
