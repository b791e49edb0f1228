//! What a rule is to the law of transfers: the use cases of EDPB Recommendations 01/2020, Annex 2.
//!
//! Use case 1 is strong encryption with keys that stay here, use case 2 is pseudonymisation whose
//! additional information stays here: both are effective. Use case 6 is a processor that needs the
//! data in the clear: no technical measure is effective.

use crate::policy::{FieldPlan, Plan, Rule};

/// What a field's rule amounts to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// Use case 1: ciphertext there, keys here; or nothing there at all but what stays here.
    Encrypted,
    /// Use case 2: a token there, what it stands for here.
    Pseudonymised,
    /// Use case 2, and equal values show as equal: what singles out must be looked at.
    PseudonymisedEqual,
    /// Use case 6: personal data in the clear.
    Clear,
    /// Use case 6 for what is left of the value.
    Coarse,
    /// Nothing leaves.
    Nothing,
    /// Not personal by policy.
    NotPersonal,
}

impl Verdict {
    pub fn of(plan: &Plan, field: &FieldPlan) -> Self {
        let class = field.class.map(|id| plan.class(id));
        let personal = class.is_some_and(|class| !class.category.is_empty());
        match field.rule {
            Rule::Encrypt => Self::Encrypted,
            Rule::Tokenize { stable: false } | Rule::Derived => Self::Pseudonymised,
            Rule::Tokenize { stable: true } => Self::PseudonymisedEqual,
            Rule::Generalize(_) => Self::Coarse,
            Rule::Hold | Rule::Strip | Rule::Block => Self::Nothing,
            Rule::Pass if personal => Self::Clear,
            Rule::Pass => Self::NotPersonal,
        }
    }

    /// The color that it has on a page.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Encrypted | Self::Pseudonymised | Self::Nothing => "effective",
            Self::Clear | Self::Coarse => "not-effective",
            Self::PseudonymisedEqual | Self::NotPersonal => "neutral",
        }
    }
}
