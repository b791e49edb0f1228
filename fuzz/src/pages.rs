//! The border of a CRM of pages: forms, as `proxy::page` reads them.

use std::sync::OnceLock;

use sluis::dialect::pages::{Call, Codec, Load, Name, Submitted};
use sluis::model::Refusal;
use sluis::protect::outward::{Failure, survey_page};

use crate::border::{self, Border, Counting, parse};
use crate::{canary, policy};

fn creme() -> &'static Border {
    static BORDER: OnceLock<Border> = OnceLock::new();
    BORDER.get_or_init(|| Border::new(policy::pages()))
}

/// Carries a request to where it would leave, and looks for the canary there.
///
/// What policy passes because it is no field (a filter, a password at the sign-in) is left out of
/// that: its names were chosen by whoever wrote the policy.
pub fn visit(submitted: &Submitted<'_>) -> Result<(), Refusal> {
    let border = creme();
    let site = border.plan.site().expect("a site");
    let call = Call::resolve(site, submitted)?;
    let codec = call.codec(submitted)?;
    let json = match codec {
        Some(Codec::Json) => Some(parse(submitted.body)?),
        _ => None,
    };
    let call = call.read(codec, submitted, json.as_ref())?;
    let passes = passes_canary(&call);
    let values = call.values();
    let document = match json {
        Some(json) => json,
        None => parse(&values)?,
    };
    let (plan, protection) = (&border.plan, &border.protection);
    let survey = survey_page(plan, protection, border.by(), call, Some(&document))?;
    let known = border.known(survey.needs());
    match survey.protect(&known, protection, Some(&document), &[], &Counting) {
        Ok((cleared, _)) if !passes => border::check(&cleared.into_inner()),
        Ok(_) => {}
        Err(Failure::Refused(refusal)) => {
            canary::absent(refusal.to_string().as_bytes(), "an error");
            return Err(refusal);
        }
        Err(failure) => panic!("{failure}"),
    }
    Ok(())
}

fn passes_canary(call: &Call<'_>) -> bool {
    let form = match &call.load {
        Load::Form(entries) | Load::Multipart(entries) => entries.as_slice(),
        Load::None | Load::Json(_) => &[],
    };
    let entries = call.query.iter().chain(form);
    let mut passed = entries.filter(|entry| matches!(entry.what, Name::Pass(_)));
    passed.any(|entry| canary::holds(entry.value.as_bytes())) || matches!(call.load, Load::Json(_))
}
