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

/// What becomes of a free search that reaches into fields which the index cannot answer for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Unanswerable {
    /// It is refused, and the refusal names the field.
    #[default]
    Refuse,
    /// It is carried out without those fields, and the answer says so.
    LeaveOut,
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

/// Why a special category may be processed at all: GDPR Art. 9(2), points (a) to (j), or Art. 10.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
pub enum Exception {
    /// Explicit consent.
    #[serde(rename = "A9-2-a")]
    ExplicitConsent,
    /// Employment, social security and social protection law.
    #[serde(rename = "A9-2-b")]
    EmploymentLaw,
    /// Vital interests of someone who cannot consent.
    #[serde(rename = "A9-2-c")]
    VitalInterests,
    /// Members of a foundation or association with a political, philosophical, religious or trade
    /// union aim.
    #[serde(rename = "A9-2-d")]
    Association,
    /// Manifestly made public by the data subject.
    #[serde(rename = "A9-2-e")]
    MadePublic,
    /// Legal claims.
    #[serde(rename = "A9-2-f")]
    LegalClaims,
    /// Substantial public interest, by law.
    #[serde(rename = "A9-2-g")]
    PublicInterest,
    /// Health care and occupational medicine.
    #[serde(rename = "A9-2-h")]
    HealthCare,
    /// Public health.
    #[serde(rename = "A9-2-i")]
    PublicHealth,
    /// Archiving, research and statistics.
    #[serde(rename = "A9-2-j")]
    Research,
    /// Criminal convictions and offences, under official authority or by law (Art. 10).
    #[serde(rename = "A10")]
    CriminalLaw,
}

impl Exception {
    /// The term of the Data Privacy Vocabulary's GDPR extension, without its prefix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ExplicitConsent => "A9-2-a",
            Self::EmploymentLaw => "A9-2-b",
            Self::VitalInterests => "A9-2-c",
            Self::Association => "A9-2-d",
            Self::MadePublic => "A9-2-e",
            Self::LegalClaims => "A9-2-f",
            Self::PublicInterest => "A9-2-g",
            Self::HealthCare => "A9-2-h",
            Self::PublicHealth => "A9-2-i",
            Self::Research => "A9-2-j",
            Self::CriminalLaw => "A10",
        }
    }
}
