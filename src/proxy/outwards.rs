//! The way out: survey, ask, protect, make durable, record.

use std::sync::Arc;

use super::blob::Received;
use super::convert::one_person;
use super::record::{Scribe, touched};
use super::rows::{self, Written};
use super::{Failure, Proxy, Tally};
use crate::dialect::pages::{Call, Method};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::Route;
use crate::dialect::salesforce::soap::Message;
use crate::dialect::salesforce::web_form::Form;
use crate::protect::outward::{self, By, Known, Needs, Protected, Rows, survey, survey_page};
use crate::protect::{Cleared, Outgoing, file};
use crate::vault;
use crate::wire::json::Document;

/// How often an exchange begins again because another one made the same stable token first.
pub(super) const TRIES: usize = 8;

/// What is sent, and on whose word.
pub(super) struct Way<'w> {
    pub route: &'w Arc<Route>,
    pub document: Option<&'w Document<'w>>,
    /// The SOAP message whose route and records these are.
    pub message: Option<&'w Message>,
    /// The file that came in a form beside the record.
    pub file: Option<&'w Received>,
    /// The visitor's form whose record it is.
    pub form: Option<&'w Form>,
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
        released: way.released,
        ..by(scribe)
    };
    for _ in 0..TRIES {
        let request = match (way.message, document) {
            (Some(message), document) => message.request(document)?,
            (None, Some(document)) => Request::read(Arc::clone(route), document)?,
            (None, None) => Request::bare(Arc::clone(route)),
        };
        let mut survey = survey(&rules.plan, &rules.protection, by, request, document)?;
        if let Some(file) = way.file {
            survey.attach(&rules.protection, &file.field, &file.name)?;
        }
        proxy.fits(scribe, &survey).await?;
        proxy.owned(scribe, &mut survey).await?;
        proxy.carried(scribe, &mut survey).await?;
        let written = rows::written(survey.units());
        *tally = Tally {
            route: tally.route,
            refusal: tally.refusal,
            ..Tally::default()
        };
        let touched = touched(rules, (survey.written(), survey.noticed()), tally);
        let (known, told) = load(scribe, survey.asks().then(|| survey.needs())).await?;
        if let Some(known) = &known {
            one_person(known, survey.request().conversions())?;
        }
        let entropy = &*shared.entropy;
        let mut protected = match (way.message, way.file, document) {
            (Some(message), ..) => {
                let parts = (message, document);
                survey.protect_message(&told, &rules.protection, parts, entropy)?
            }
            (None, Some(file), Some(document)) => {
                let parts = (document, &file.sealed);
                survey.protect_form(&told, &rules.protection, parts, entropy)?
            }
            (None, None, Some(document)) if let Some(form) = way.form => {
                let parts = (form, document);
                survey.protect_web_form(&told, &rules.protection, parts, entropy)?
            }
            _ => survey.protect(&told, &rules.protection, document, entropy)?,
        };
        let made = std::mem::take(&mut protected.rows);
        let keeps = !made.is_empty();
        if !keep(scribe, &written, known.as_ref(), made).await? {
            continue;
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

/// As [`protect`] for a request to a CRM that its policy describes. `document` holds the values of
/// its fields, `files` are those of its parts.
pub(super) async fn protect_page(
    scribe: &Scribe<'_>,
    call: &Call<'_>,
    (document, files): (&Document<'_>, &[Arc<file::Sealed>]),
    tally: &mut Tally,
) -> Result<(Cleared<Outgoing>, Vec<Written>), Failure> {
    let (shared, rules) = (scribe.shared, scribe.rules);
    let by = by(scribe);
    for _ in 0..TRIES {
        let call = call.clone();
        let writes = call.method != Method::Get;
        let survey = survey_page(&rules.plan, &rules.protection, by, call, Some(document))?;
        let written = rows::written(survey.units());
        *tally = Tally {
            route: tally.route,
            ..Tally::default()
        };
        let touched = touched(rules, (survey.written(), survey.noticed()), tally);
        let (known, told) = load(scribe, survey.asks().then(|| survey.needs())).await?;
        let (cleared, made) = survey.protect(
            &told,
            &rules.protection,
            Some(document),
            files,
            &*shared.entropy,
        )?;
        let keeps = !made.is_empty();
        if !keep(scribe, &written, known.as_ref(), made).await? {
            continue;
        }
        if writes || known.is_some() {
            scribe
                .sent(touched, written.len(), subjects(known.as_ref()))
                .await?;
        }
        return Ok((cleared, if keeps { written } else { vec![] }));
    }
    Err(Failure::Contended)
}

/// On whose behalf a request is read.
pub(super) fn by(scribe: &Scribe<'_>) -> By {
    By {
        viewer: scribe.rules.plan.roles(scribe.roles),
        fresh: scribe.fresh,
        released: false,
    }
}

/// What the vault knows, in its own words and in protection's; nothing where nothing is asked.
pub(super) async fn load(
    scribe: &Scribe<'_>,
    needs: Option<&Needs>,
) -> Result<(Option<vault::Known>, Known), Failure> {
    let Some(needs) = needs else {
        return Ok((None, Known::default()));
    };
    // Whose it is would be guessed.
    if needs.subjects.iter().any(|of| of.document.is_some()) {
        return Err(Failure::Protection(outward::Failure::Incomplete));
    }
    let shared = scribe.shared;
    let known = shared.vault.prepare(rows::ask(needs)).await?;
    let mut told = rows::known(&known);
    if !needs.people.is_empty() {
        told.people = shared.people(scribe.rules, needs, &known).await?;
    }
    if !needs.unchanged.is_empty() {
        told.unchanged = shared.standing(scribe.rules, needs).await?;
    }
    Ok((Some(known), told))
}

/// Makes rows durable. `false`: another exchange made the same stable token, so begin again.
pub(super) async fn keep(
    scribe: &Scribe<'_>,
    written: &[Written],
    known: Option<&vault::Known>,
    made: Rows,
) -> Result<bool, Failure> {
    if made.is_empty() {
        return Ok(true);
    }
    // Rows are numbered by what the vault gave; rows without it could not be kept.
    let known = known.ok_or(Failure::Protection(outward::Failure::Incomplete))?;
    let rows = rows::rows(
        (scribe.exchange, scribe.client, scribe.late),
        written,
        known,
        made,
    );
    match scribe.shared.vault.commit(rows).await {
        Err(vault::Error::Conflict) => Ok(false),
        other => Ok(other.map(|_| true)?),
    }
}

/// Whose data the request writes, each once.
pub(super) fn subjects(known: Option<&vault::Known>) -> Vec<u64> {
    let known = known.map_or(&[][..], |known| known.subjects.as_slice());
    let mut subjects: Vec<u64> = known.iter().map(|subject| subject.id).collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
