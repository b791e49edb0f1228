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
use crate::policy::{Plan, Rule};
use crate::protect::inward::Reading;
use crate::protect::outward::{self, Survey};
use crate::protect::{Context, open};
use crate::vault::{self, Copied, Held, Vault};

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
        let mut persons = Vec::new();
        for (lead, record) in leads.iter().zip(&records) {
            if is_persons(vault, &scribe.rules.plan, record).await? {
                persons.push(*lead);
            }
        }
        let into = |one: &Conversion| one.contact.map(|id| record(CONTACT, id.into()));
        let contacts: Vec<Option<vault::Record>> = conversions.iter().map(into).collect();
        for lead in persons {
            survey.person_account(lead);
        }
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

/// Refuses a conversion into a contact that is not known as the lead's person: tokens of two people
/// would stand in one record, and no erasure would reach all of it. One that nobody knows is
/// somebody's too, and another exchange may be about to say whose.
pub(super) fn one_person(known: &vault::Known, conversions: &[Conversion]) -> Result<(), Refusal> {
    let mut contacts = conversions.iter().filter_map(|one| one.contact);
    match contacts.any(|id| known.binds(&record(CONTACT, id.into()))) {
        false => Ok(()),
        true => Err(Refusal::at(
            Code::ReferenceRefused,
            format!("{CONTACT}.Id"),
            "the lead and the contact are not known here as one person, and each person's data must \
             be erasable by itself: convert into a new contact, or first write the value that \
             identifies the person to both, through the border",
        )),
    }
}

/// Whether a lead becomes a person's account: what is known of it has a last name and no company.
/// Where that is not certain the account is a business's: others have their deals there, which must
/// not go with one of them.
async fn is_persons(
    vault: &Vault,
    plan: &Plan,
    lead: &vault::Record,
) -> Result<bool, vault::Error> {
    let plan = plan.whole();
    let told = |object: &str, name: &str| plan.object(object)?.field(name).map(|field| &field.rule);
    let company = told(LEAD, COMPANY);
    if !matches!(company, Some(Rule::Tokenize { .. })) || told(ACCOUNT, LAST_NAME).is_none() {
        return Ok(false);
    }
    let stands = async |field| vault.stands(vec![lead.clone()], field).await;
    Ok(stands(LAST_NAME).await? && !stands(COMPANY).await?)
}

impl Shared {
    /// Notes that tokens of leads stand in what was made of them too, so that they outlast the
    /// lead's own fields and masks of them may come back. As in `settle`, a failure changes nothing
    /// for the client.
    pub(super) async fn copied(&self, rules: &Rules, request: &Request, reading: &Reading<'_>) {
        for copied in copies(request, reading) {
            if let Err(error) = self.copy(rules.plan.whole(), copied).await {
                tracing::error!(
                    "what was copied from a converted lead could not be noted: {error}"
                );
            }
        }
    }

    async fn copy(&self, plan: &Plan, copied: Copied) -> Result<(), vault::Error> {
        let person = is_persons(&self.vault, plan, &copied.from).await?;
        self.vault.copied(vec![copied], places(plan, person)).await
    }
}

/// Where each field of a lead is copied to, by policy: a place that it does not have would never be
/// written over.
fn places(plan: &Plan, person: bool) -> Vec<vault::Field> {
    let text = |text: &str| -> Arc<str> { Arc::from(text) };
    let mut places = Vec::new();
    for from in plan.object(LEAD).into_iter().flat_map(|lead| &lead.fields) {
        for (object, to) in [
            (CONTACT, in_contact(&from.name)),
            (ACCOUNT, in_account(&from.name)),
        ] {
            if object == ACCOUNT && !person && is_of_name(&from.name) {
                continue;
            }
            if let Some(to) = plan.object(object).and_then(|object| object.field(&to)) {
                places.push((text(&from.name), text(object), text(&to.name)));
            }
        }
    }
    places
}

/// Whether an account has a field only where it is a person's.
fn is_of_name(field: &str) -> bool {
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
        // Nobody tells which empty fields of an account that stood already were filled.
        let to = [
            (CONTACT, told(Part::Contact)),
            (ACCOUNT, told(Part::Account)),
        ];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::soap::Api;
    use crate::protect::inward::{Answer, Shape, Viewer, read_soap};
    use crate::protect::trial::soap::partner;
    use crate::protect::trial::{CONTACT as MADE, Trial, plan};

    #[test]
    fn copies_stand_in_fields_that_policy_has_and_names_in_accounts_of_people_alone() {
        let copied = |person: bool, from: &str| {
            let places = places(plan(), person);
            let places = places.iter().filter(|(field, ..)| **field == *from);
            let places = places.map(|(_, object, field)| format!("{object}.{field}"));
            places.collect::<Vec<_>>()
        };
        assert_eq!(copied(false, "LastName"), ["Contact.LastName"]);
        assert_eq!(
            copied(true, "LastName"),
            ["Contact.LastName", "Account.LastName"]
        );
        assert_eq!(copied(false, "Company"), ["Account.Name"]);
        assert_eq!(
            copied(false, "Street"),
            ["Contact.MailingStreet", "Account.BillingStreet"]
        );
    }

    #[test]
    fn nothing_is_noted_in_an_account_that_stood_already() {
        let copied = |account: &str| {
            let asked = format!(
                "<convertLead><leadConverts>{account}<leadId>00Q000000000001</leadId></leadConverts></convertLead>"
            );
            let mut trial = Trial::start();
            let sent = trial.speak(Api::Partner, &partner(&asked)).unwrap();
            let text = partner(&format!(
                "<convertLeadResponse><result><accountId>001000000000001AAA</accountId>\
                 <contactId>{MADE}</contactId><leadId>00Q000000000001EAA</leadId><success>true</success>\
                 </result></convertLeadResponse>"
            ));
            let answer = Answer {
                text: &text,
                shape: Shape::Data,
                viewer: Viewer::new(trial.plan, &[], false),
                request: &sent.request,
                aliases: &sent.aliases,
                found: &[],
            };
            let (reading, _) = read_soap(&answer).unwrap();
            let copies = copies(&sent.request, &reading);
            let to = copies.iter().flat_map(|copied| &copied.to);
            to.map(|record| record.object.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(copied(""), ["Contact", "Account"]);
        let standing = "<accountId>001000000000001</accountId>";
        assert_eq!(copied(standing), ["Contact"]);
    }
}
