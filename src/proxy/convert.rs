//! Leads that are converted: what the vault has of them follows into what the CRM makes of them.

use std::sync::Arc;

use super::record::Scribe;
use super::rows::record;
use super::{Failure, Proxy, Rules, Shared};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::convert::{
    ACCOUNT, CONTACT, Conversion, LEAD, Part, in_account, in_contact,
};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Personal, Refusal};
use crate::policy::{ObjectPlan, Rule};
use crate::protect::inward::Reading;
use crate::protect::outward::{self, Survey};
use crate::protect::{Context, open};
use crate::vault::{self, Copied, Held};

const COMPANY: &str = "Company";
const LAST_NAME: &str = "LastName";

impl Proxy {
    /// Reads what stays here of the leads that a request converts, so that it is written for their
    /// contacts too.
    pub(super) async fn carried(
        &self,
        scribe: &Scribe<'_>,
        survey: &mut Survey<'_>,
    ) -> Result<(), Failure> {
        let conversions = survey.request().conversions();
        if conversions.is_empty() {
            return Ok(());
        }
        let vault = &scribe.shared.vault;
        let leads: Vec<Id> = conversions.iter().map(|one| one.lead).collect();
        let of_lead = |lead: &Id| record(LEAD, (*lead).into());
        let records: Vec<vault::Record> = leads.iter().map(of_lead).collect();
        // The CRM has a placeholder for it, which it would copy; what is decided would not be.
        if let Some(field) = vault.waiting(records.clone()).await? {
            let label = format!("{LEAD}.{field}");
            let text = format!(
                "{label} has a text in quarantine, which would not follow the lead: decide about it first"
            );
            return Err(Refusal::at(Code::QuarantineState, label, text).into());
        }
        // Who has a last name is no business: another person, whose account would get the lead's
        // values.
        let accounts = conversions.iter().filter_map(|one| one.account);
        let accounts = accounts.map(|id| record(ACCOUNT, id.into())).collect();
        if vault.stands(accounts, LAST_NAME).await? {
            return Err(Refusal::at(
                Code::ReferenceRefused,
                format!("{ACCOUNT}.Id"),
                "the account is a person's, and each person's data must be erasable by itself: \
                 convert into an account of a business, or a new one",
            )
            .into());
        }
        let into = |one: &Conversion| one.contact.map(|id| record(CONTACT, id.into()));
        let contacts: Vec<Option<vault::Record>> = conversions.iter().map(into).collect();
        let kept = vault.held(&records).await?;
        for ((lead, kept), contact) in leads.iter().zip(kept).zip(contacts) {
            let own = match contact.filter(|_| !kept.is_empty()) {
                Some(contact) => vault.held(&[contact]).await?,
                None => vec![],
            };
            let own = own.iter().flat_map(|held| held.iter());
            let taken: Vec<&str> = own.map(|held| &*held.field).collect();
            for held in kept.iter() {
                let value = opened(scribe.rules, held)?;
                survey.carry(*lead, &held.field, &value, &taken);
            }
        }
        Ok(())
    }
}

/// The value; one that does not open cannot follow, so that the lead stays what it is.
fn opened(rules: &Rules, held: &Held) -> Result<Personal, Failure> {
    let context = Context {
        form: held.form,
        tenant: &rules.protection.tenant,
        class: &held.class,
        subject: held.subject,
        key: u64::from(held.key_version),
        row: held.row,
    };
    let value = open(&held.key, &context, held.nonce, &held.ciphertext);
    value.map_err(|error| Failure::Protection(outward::Failure::Failed(error)))
}

/// Refuses a conversion into a contact that is known as somebody else: tokens of two people would
/// stand in one record, and no erasure would reach all of it.
pub(super) fn one_person(known: &vault::Known) -> Result<(), Refusal> {
    match known.moves() {
        false => Ok(()),
        true => Err(Refusal::at(
            Code::ReferenceRefused,
            format!("{CONTACT}.Id"),
            "the contact is known here as another person than the lead, and each person's data must \
             be erasable by itself: convert into a new contact",
        )),
    }
}

impl Shared {
    /// Notes that tokens of leads stand in what was made of them too, so that they outlast the
    /// lead's own fields and masks of them may come back. As in `settle`, a failure changes nothing
    /// for the client.
    pub(super) async fn copied(&self, rules: &Rules, request: &Request, reading: &Reading<'_>) {
        let Some(lead) = rules.plan.whole().object(LEAD) else {
            return;
        };
        for copied in copies(request, reading) {
            if let Err(error) = self.copy(lead, copied).await {
                tracing::error!(
                    "what was copied from a converted lead could not be noted: {error}"
                );
            }
        }
    }

    async fn copy(&self, lead: &ObjectPlan, copied: Copied) -> Result<(), vault::Error> {
        // A lead without a company becomes a person's account, which has the person's names.
        let told = lead.field(COMPANY).map(|field| &field.rule);
        let business = !matches!(told, Some(Rule::Tokenize { .. }))
            || self
                .vault
                .stands(vec![copied.from.clone()], COMPANY)
                .await?;
        let text = |text: &str| -> Arc<str> { Arc::from(text) };
        let mut fields = Vec::new();
        for field in &lead.fields {
            let from = text(&field.name);
            fields.push((
                Arc::clone(&from),
                text(CONTACT),
                text(&in_contact(&field.name)),
            ));
            if !(business && is_persons(&field.name)) {
                fields.push((from, text(ACCOUNT), text(&in_account(&field.name))));
            }
        }
        self.vault.copied(vec![copied], fields).await
    }
}

/// Whether an account has a field only where it is a person's.
fn is_persons(field: &str) -> bool {
    matches!(
        field,
        "FirstName" | LAST_NAME | "MiddleName" | "Salutation" | "Suffix"
    )
}

/// Which records the CRM says that it has made of which lead.
fn copies(request: &Request, reading: &Reading<'_>) -> Vec<Copied> {
    let conversions = Conversion::places(request.conversions());
    let copied = conversions.filter_map(|(first, conversion)| {
        let told = |part: Part| {
            let at = first + conversion.position(part)?;
            let mut saved = reading.saved.iter();
            Some(saved.find(|saved| saved.trail == [at])?.id)
        };
        told(Part::Lead).filter(|lead| *lead == conversion.lead)?;
        let account = conversion.account.or_else(|| told(Part::Account));
        let to = [(CONTACT, told(Part::Contact)), (ACCOUNT, account)];
        let to = to
            .into_iter()
            .filter_map(|(object, id)| Some(record(object, id?.into())));
        Some(Copied {
            from: record(LEAD, conversion.lead.into()),
            to: to.collect(),
        })
    });
    copied.collect()
}
