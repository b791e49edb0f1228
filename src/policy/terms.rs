//! The words that a policy file and the plan share: actions, search, lawful bases.

use std::fmt::{self, Display, Formatter};

use schemars::JsonSchema;
use serde::Deserialize;

/// What happens to a field's value on its way out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It leaves as it is.
    Pass,
    /// A token stands for it; the value stays here.
    Tokenize,
    /// Its ciphertext stands in the field; the key stays here. For long text.
    Encrypt,
    /// It is dropped.
    Strip,
    /// A coarser value leaves, and the exact one is not kept.
    Generalize,
    /// Nothing leaves; the value is kept here by record and field. For fields whose type cannot
    /// hold a token.
    Hold,
    /// A write of the field is refused.
    Block,
}

impl Action {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Tokenize => "tokenize",
            Self::Encrypt => "encrypt",
            Self::Strip => "strip",
            Self::Generalize => "generalize",
            Self::Hold => "hold",
            Self::Block => "block",
        }
    }
}

/// Whether values of a class can be looked up.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// They cannot: a filter on the field is refused.
    #[default]
    None,
    /// By equality of the canonical form, over a blind index.
    Exact,
}

/// The form in which two values of a class count as equal.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Canonical {
    /// Without regard to case and to white space around and within.
    #[default]
    Text,
    /// As an e-mail address.
    Email,
    /// As the digits of a telephone number.
    Phone,
}

/// The six lawful bases of GDPR Art. 6(1), (a) to (f).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum LawfulBasis {
    /// (a) The data subject has consented.
    Consent,
    /// (b) Needed for a contract with the data subject.
    Contract,
    /// (c) Needed for a legal obligation of the controller.
    LegalObligation,
    /// (d) Needed to protect someone's life.
    VitalInterests,
    /// (e) Needed for a task in the public interest.
    PublicTask,
    /// (f) Needed for legitimate interests that the data subject's do not override.
    LegitimateInterests,
}

impl LawfulBasis {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal-obligation",
            Self::VitalInterests => "vital-interests",
            Self::PublicTask => "public-task",
            Self::LegitimateInterests => "legitimate-interests",
        }
    }

    /// The term of the Data Privacy Vocabulary's GDPR extension, for the register (Art. 30).
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::Consent => "eu-gdpr:A6-1-a",
            Self::Contract => "eu-gdpr:A6-1-b",
            Self::LegalObligation => "eu-gdpr:A6-1-c",
            Self::VitalInterests => "eu-gdpr:A6-1-d",
            Self::PublicTask => "eu-gdpr:A6-1-e",
            Self::LegitimateInterests => "eu-gdpr:A6-1-f",
        }
    }
}

impl Display for LawfulBasis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
