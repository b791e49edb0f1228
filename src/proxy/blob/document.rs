//! Documents: of which version a file of theirs is, and whose a further version is.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::dialect::salesforce::file;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, RecordId, Refusal};
use crate::policy::Plan;
use crate::protect::outward::{Survey, look};
use crate::proxy::record::Scribe;
use crate::proxy::{Failure, Proxy};
use crate::upstream;

/// To how many documents one request may add versions: the CRM is asked about each.
const MOST: usize = 25;

impl Proxy {
    /// Finds out whose further versions of documents are: the person of the version before.
    pub(in crate::proxy) async fn owned(
        &self,
        scribe: &Scribe<'_>,
        survey: &mut Survey<'_>,
    ) -> Result<(), Failure> {
        let mut asked: BTreeMap<RecordId, RecordId> = BTreeMap::new();
        for of in survey.documents() {
            let Some(document) = of.document.take() else {
                continue;
            };
            let newest = match asked.get(&document) {
                Some(newest) => *newest,
                None if asked.len() == MOST => return Err(too_many().into()),
                None => {
                    let newest = Box::pin(self.newest(scribe, document)).await?;
                    let newest = newest.ok_or_else(nobodys)?.into();
                    asked.insert(document, newest);
                    newest
                }
            };
            of.follow = Some((file::VERSION.to_owned(), newest));
        }
        Ok(())
    }

    /// The newest version of a document, which the CRM is asked for; none where it shows none.
    pub(super) async fn newest(
        &self,
        scribe: &Scribe<'_>,
        document: RecordId,
    ) -> Result<Option<Id>, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Document {
            latest_published_version_id: Option<String>,
        }
        let plan = &scribe.rules.plan;
        let Some(id) = Id::parse(document.as_str()).filter(|id| is(plan, *id, "ContentDocument"))
        else {
            return Ok(None);
        };
        let place = ("ContentDocument", id);
        let asked = look(self.spoken(plan), place, "LatestPublishedVersionId")?;
        let answer = self.upstream.send(asked, HeaderMap::new()).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(upstream::Error::Unexpected("no version of a document").into()),
        }
        let found: Option<Document> = serde_json::from_slice(&answer.body).ok();
        let found = found.and_then(|found| found.latest_published_version_id);
        // Of what object it is decides which rules hold.
        let id = found.and_then(|id| Id::parse(&id));
        Ok(id.filter(|id| is(plan, *id, file::VERSION)))
    }
}

fn is(plan: &Plan, id: Id, object: &str) -> bool {
    // Whose a file is, is told by the policy, whatever the list of who sends it.
    let found = plan.whole().object_of_id(id.as_str());
    found.is_some_and(|found| found.name == object)
}

fn nobodys() -> Refusal {
    Refusal::at(
        Code::ReferenceRefused,
        "ContentVersion.ContentDocumentId",
        "the CRM shows no version of this document, so that nobody knows whose the file is",
    )
}

fn too_many() -> Refusal {
    let text = format!("one request may add versions to {MOST} documents");
    Refusal::at(Code::BodyTooLarge, "ContentVersion.ContentDocumentId", text)
}
