//! Leads that are converted: whose data the records are that the CRM makes of them, and what stays
//! here of a lead and must follow it.
//!
//! The CRM copies the tokens itself, and each opens by its class wherever it stands. What makes the
//! copies a person's is their key, which is the lead's. So the contact, the opportunity and a
//! person's account are bound to the lead's person, and one erasure reaches all of them. A business's
//! account is not: others have their deals there.

use super::rewrite::{Failure, Place, Work};
use super::survey::Survey;
use super::values::{Context, Values};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::convert::{
    ACCOUNT, CONTACT, Conversion, LEAD, OPPORTUNITY, Part, in_account, in_contact,
};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Personal, Refusal};
use crate::policy::{FieldPlan, ObjectPlan, Rule, Subject};

/// A value that stays here, for a record that is made of the lead that it stands at.
#[derive(Debug)]
pub(super) struct Carried<'p> {
    unit: usize,
    field: &'p FieldPlan,
    /// As JSON text.
    json: Personal,
}

/// Whether policy lets leads be converted. All fields of a lead are copied, so that every object
/// has rules, and a program that keeps to a list has all of their fields in it.
pub(super) fn read(context: &Context<'_, '_>, conversions: &[Conversion]) -> Result<(), Refusal> {
    let whole = |name: &str| {
        let object = context.object(name)?;
        context.converts(object)?;
        Ok::<_, Refusal>(object)
    };
    let (lead, contact) = (whole(LEAD)?, whole(CONTACT)?);
    whole(ACCOUNT)?;
    if conversions
        .iter()
        .any(|one| one.deal || one.opportunity.is_some())
    {
        whole(OPPORTUNITY)?;
    }
    // By the policy alone: what a lead has is not told to those who may not see it.
    let mut stay = lead.fields.iter().filter(|field| field.rule == Rule::Hold);
    match stay.find(|field| like(contact, &in_contact(&field.name), field).is_none()) {
        None => Ok(()),
        Some(field) => {
            let text = format!(
                "{} is kept at the border and would not follow the lead: policy has no field {} of \
                 the same class that is kept here too",
                field.label,
                format_args!("{CONTACT}.{}", in_contact(&field.name)),
            );
            Err(Refusal::at(Code::PolicyBlocked, field.label.clone(), text))
        }
    }
}

/// The field into which a value that stays here may follow.
fn like<'p>(object: &'p ObjectPlan, name: &str, field: &FieldPlan) -> Option<&'p FieldPlan> {
    let found = object.field(name)?;
    (found.rule == Rule::Hold && found.class == field.class).then_some(found)
}

/// Gives the records of conversions, which were read last, their person.
pub(super) fn persons(survey: &mut Survey<'_>, conversions: &[Conversion]) {
    let count: usize = conversions.iter().map(|one| one.parts().count()).sum();
    let base = survey.values.units.len().saturating_sub(count);
    for (first, conversion) in Conversion::places(conversions) {
        let lead = base + first;
        for (unit, part) in (lead..).zip(conversion.parts()) {
            let Some(of) = survey.values.needs.subjects.get_mut(unit) else {
                continue;
            };
            match part {
                // Nothing here tells whether the account is a person's.
                Part::Lead | Part::Account => {}
                Part::Contact => {
                    of.follow = None;
                    of.within = Some(lead);
                }
                // Always a new one. Its account's person may be somebody else.
                Part::Opportunity => {
                    of.follow = None;
                    of.within = Some(lead);
                }
            }
        }
    }
}

impl Survey<'_> {
    /// Whether leads are converted.
    #[must_use]
    pub fn converts(&self) -> bool {
        !self.request.conversions().is_empty()
    }

    /// The account that is made of a lead is the lead's person's, where policy tells by whom
    /// accounts are.
    pub fn person_account(&mut self, lead: Id) {
        let Some((first, conversion)) = find(&self.request, lead) else {
            return;
        };
        let Some(unit) = conversion.position(Part::Account).map(|at| first + at) else {
            return;
        };
        let object = self.values.units.get(unit).map(|unit| unit.object);
        let identifies =
            object.is_some_and(|object| matches!(object.subject, Subject::Identify(_)));
        if let Some(of) = self.values.needs.subjects.get_mut(unit)
            && identifies
        {
            of.within = Some(first);
        }
    }

    /// Has a value of a lead, which stays here, follow into what is made of it. `taken` are fields
    /// of the contact that has values of its own there.
    pub fn carry(&mut self, lead: Id, field: &str, value: &Personal, taken: &[&str]) {
        let plan = self.values.plan;
        let field = plan.object(LEAD).and_then(|object| object.field(field));
        let (Some(field), Some((first, conversion))) = (field, find(&self.request, lead)) else {
            return;
        };
        let mut targets = Vec::new();
        let name = in_contact(&field.name);
        if !taken.iter().any(|taken| taken.eq_ignore_ascii_case(&name)) {
            targets.push((Part::Contact, name));
        }
        // Names and titles stand in an account of a person alone, which says them by its contact.
        let name = in_account(&field.name);
        if name != field.name || name.ends_with("__c") {
            targets.push((Part::Account, name));
        }
        for (part, name) in targets {
            let unit = conversion.position(part).map(|at| first + at);
            let object = plan.object(part.object());
            let target = object.and_then(|object| like(object, &name, field));
            let (Some(unit), Some(field)) = (unit, target) else {
                continue;
            };
            // Under another person's key it would outlive its own.
            let of = self.values.needs.subjects.get(unit);
            if of.is_some_and(|of| of.within == Some(first)) {
                self.values.needs.rows += 1;
                self.carried.push(Carried {
                    unit,
                    field,
                    json: value.clone(),
                });
            }
        }
    }
}

/// The conversion of a lead, and the position of its first record.
fn find(request: &Request, lead: Id) -> Option<(usize, &Conversion)> {
    let mut conversions = Conversion::places(request.conversions());
    conversions.find(|(_, conversion)| conversion.lead == lead)
}

impl Work<'_, '_> {
    pub(super) fn carry(
        &mut self,
        values: &Values<'_>,
        carried: &Carried<'_>,
    ) -> Result<(), Failure> {
        let class = carried.field.class.map(|class| values.plan.class(class));
        let place = Place {
            unit: carried.unit,
            class: class.map_or("", |class| &class.name),
            field: &carried.field.name,
        };
        self.hold(&place, carried.json.expose())
    }
}
