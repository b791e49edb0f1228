//! The way out: survey, ask, protect, make durable, record.

use super::record::{Scribe, touched};
use super::rows::{self, Written};
use super::{Failure, Proxy, Tally};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::Route;
use crate::protect::outward::{By, Protected, survey};
use crate::vault;
use crate::wire::json::Document;

/// How often an exchange begins again because another one made the same stable token first.
const TRIES: usize = 8;

/// What is sent, and on whose word.
pub(super) struct Way<'w> {
    pub route: &'w Route,
    pub document: Option<&'w Document<'w>>,
    /// A person has read the text and let it go.
    pub released: bool,
}

/// Protects a request. What comes back is durable and recorded, and may be sent.
pub(super) async fn protect(
    proxy: &Proxy,
    scribe: &Scribe<'_>,
    way: &Way<'_>,
    tally: &mut Tally,
) -> Result<(Protected, Vec<Written>), Failure> {
    let (shared, rules) = (scribe.shared, scribe.rules);
    let (route, document) = (way.route, way.document);
    let by = By {
        viewer: rules.plan.roles(scribe.roles),
        released: way.released,
    };
    for _ in 0..TRIES {
        let request = match document {
            Some(document) => Request::read(route.clone(), document)?,
            None => Request::bare(route.clone()),
        };
        let survey = survey(&rules.plan, &rules.protection, by, request, document)?;
        proxy.fits(scribe, &survey).await?;
        let written = rows::written(&survey);
        *tally = Tally {
            route: tally.route,
            ..Tally::default()
        };
        let touched = touched(rules, &survey, tally);
        let known = match survey.asks() {
            true => Some(shared.vault.prepare(rows::ask(survey.needs())).await?),
            false => None,
        };
        let mut told = known.as_ref().map(rows::known).unwrap_or_default();
        if let Some(known) = known.as_ref().filter(|_| !survey.needs().people.is_empty()) {
            told.people = shared.people(rules, survey.needs(), known).await?;
        }
        let mut protected = survey.protect(&told, &rules.protection, document, &*shared.entropy)?;
        let made = std::mem::take(&mut protected.rows);
        let keeps = !made.is_empty();
        if let Some(known) = known.as_ref().filter(|_| keeps) {
            match shared
                .vault
                .commit(rows::rows(
                    (scribe.exchange, scribe.client),
                    &written,
                    known,
                    made,
                ))
                .await
            {
                Err(vault::Error::Conflict) => continue,
                other => other?,
            }
        }
        if route.method() != "GET" || known.is_some() {
            scribe
                .sent(touched, written.len(), subjects(known.as_ref()))
                .await?;
        }
        return Ok((protected, if keeps { written } else { vec![] }));
    }
    Err(Failure::Contended)
}

/// Whose data the request writes, each once.
fn subjects(known: Option<&vault::Known>) -> Vec<u64> {
    let known = known.map_or(&[][..], |known| known.subjects.as_slice());
    let mut subjects: Vec<u64> = known.iter().map(|subject| subject.id).collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
