//! The keys of a policy file that are about detection. Their doc comments become the JSON Schema's
//! descriptions.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::detect::{Identifier, Language, Special};
use crate::policy::at::At;
use crate::policy::terms::Exception;

/// What is looked for in the free text of fields that have `scan`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The score from which a finding of a special category counts, above 0.0 and up to 0.9. A
    /// category, a class or a field may have another.
    pub threshold: Option<At<f64>>,
    /// The score from which a direct identifier counts, above 0.0 and up to 0.9.
    pub identifier_threshold: Option<At<f64>>,
    /// The class of each kind of direct identifier: it says who sees the value behind the token.
    #[serde(default)]
    pub identifiers: Identifiers,
    /// What departs for one category, in all fields.
    #[serde(default)]
    pub categories: Categories,
}

/// The class that each kind of direct identifier is of when it is found in text.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifiers {
    pub email: Option<At<String>>,
    pub phone: Option<At<String>>,
    pub iban: Option<At<String>>,
    pub national_id: Option<At<String>>,
    pub date_of_birth: Option<At<String>>,
    pub plate: Option<At<String>>,
    pub card: Option<At<String>>,
    pub ip: Option<At<String>>,
    pub document_number: Option<At<String>>,
    pub street_address: Option<At<String>>,
    pub postcode_city: Option<At<String>>,
    pub person_name: Option<At<String>>,
}

impl Identifiers {
    /// Each kind with its class.
    pub fn each(&self) -> [(Identifier, Option<&At<String>>); 12] {
        [
            (Identifier::Email, self.email.as_ref()),
            (Identifier::Phone, self.phone.as_ref()),
            (Identifier::Iban, self.iban.as_ref()),
            (Identifier::NationalId, self.national_id.as_ref()),
            (Identifier::DateOfBirth, self.date_of_birth.as_ref()),
            (Identifier::Plate, self.plate.as_ref()),
            (Identifier::Card, self.card.as_ref()),
            (Identifier::Ip, self.ip.as_ref()),
            (Identifier::DocumentNumber, self.document_number.as_ref()),
            (Identifier::StreetAddress, self.street_address.as_ref()),
            (Identifier::PostcodeCity, self.postcode_city.as_ref()),
            (Identifier::PersonName, self.person_name.as_ref()),
        ]
    }
}

/// The categories of GDPR Art. 9 and 10, and national ids (Art. 87).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Categories {
    pub health: Option<At<Category>>,
    pub religion_belief: Option<At<Category>>,
    pub ethnic_origin: Option<At<Category>>,
    pub political_opinion: Option<At<Category>>,
    pub union_membership: Option<At<Category>>,
    pub sex_life_orientation: Option<At<Category>>,
    pub genetic: Option<At<Category>>,
    pub biometric: Option<At<Category>>,
    pub criminal: Option<At<Category>>,
    pub national_id: Option<At<Category>>,
}

impl Categories {
    /// Each category with what the file says of it.
    pub fn each(&self) -> [(Special, Option<&At<Category>>); 10] {
        [
            (Special::Health, self.health.as_ref()),
            (Special::ReligionBelief, self.religion_belief.as_ref()),
            (Special::EthnicOrigin, self.ethnic_origin.as_ref()),
            (Special::PoliticalOpinion, self.political_opinion.as_ref()),
            (Special::UnionMembership, self.union_membership.as_ref()),
            (
                Special::SexLifeOrientation,
                self.sex_life_orientation.as_ref(),
            ),
            (Special::Genetic, self.genetic.as_ref()),
            (Special::Biometric, self.biometric.as_ref()),
            (Special::Criminal, self.criminal.as_ref()),
            (Special::NationalId, self.national_id.as_ref()),
        ]
    }
}

/// What departs for one category.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// What becomes of a text in which the category is found, whatever its class or field says.
    pub on_special: Option<At<OnSpecial>>,
    /// The score from which a finding counts.
    pub threshold: Option<At<f64>>,
    /// The category is not looked for. Needs a `decision`.
    pub off: Option<At<bool>>,
    /// Who decided what is weaker than the default, and on which ground.
    pub decision: Option<At<Decision>>,
    /// What may lawfully be written instead, by language: it is offered to whoever is refused.
    #[serde(default)]
    pub alternatives: Alternatives,
}

/// A decision that lets special categories pass: recorded, and made by two people.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The exception that allows the processing: GDPR Art. 9(2), points (a) to (j), or Art. 10.
    pub exception: Option<At<Exception>>,
    /// The statute that prescribes the processing, where an exception is not enough: for national
    /// ids and criminal data.
    pub ground: Option<At<String>>,
    /// The second person who agreed, by name and office.
    pub second_person: At<String>,
    /// The day of the decision: "2026-11-21".
    pub date: At<String>,
}

/// One sentence for each language.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternatives {
    pub nl: Option<At<String>>,
    pub en: Option<At<String>>,
    pub de: Option<At<String>>,
    pub fr: Option<At<String>>,
    pub es: Option<At<String>>,
    pub it: Option<At<String>>,
    pub pl: Option<At<String>>,
}

impl Alternatives {
    /// Each language with its sentence.
    pub fn each(&self) -> [(Language, Option<&At<String>>); 7] {
        [
            (Language::Nl, self.nl.as_ref()),
            (Language::En, self.en.as_ref()),
            (Language::De, self.de.as_ref()),
            (Language::Fr, self.fr.as_ref()),
            (Language::Es, self.es.as_ref()),
            (Language::It, self.it.as_ref()),
            (Language::Pl, self.pl.as_ref()),
        ]
    }
}

/// What is looked for in every text that a kind of request carries, in addition to what fields and
/// classes say: for Salesforce. Routes of other CRMs say it themselves.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Doors {
    /// Records that are written, whether one by one or within a composite.
    pub records: Option<At<Vec<At<Look>>>>,
    /// Records that are written within a composite: by `/composite` and what lies below it.
    pub composite: Option<At<Vec<At<Look>>>>,
    /// Values that queries ask for.
    pub query: Option<At<Vec<At<Look>>>>,
}

/// What to look for in text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// Special categories of personal data (GDPR Art. 9), criminal data (Art. 10), national ids.
    Special,
    /// Names, addresses, numbers: where the text leaves in the clear, tokens stand for them.
    Identifiers,
}

/// What becomes of a text in which a special category is found.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum OnSpecial {
    /// The whole text leaves as ciphertext or as a token. Needs a `decision` with an exception.
    Encrypt,
    /// A mark with the category's name takes the place of the words; they are nowhere.
    Strip,
    /// The text waits here, sealed, until a person decides; a placeholder leaves.
    Quarantine,
    /// The write is refused.
    #[default]
    Block,
}

impl OnSpecial {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Encrypt => "encrypt",
            Self::Strip => "strip",
            Self::Quarantine => "quarantine",
            Self::Block => "block",
        }
    }
}

/// What a value is to whoever looks for it in the free text of the same person.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum KnownAs {
    GivenName,
    FamilyName,
    FullName,
    Email,
    Phone,
    Street,
    Postcode,
}

/// A category by its name in a file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum CategoryName {
    Health,
    ReligionBelief,
    EthnicOrigin,
    PoliticalOpinion,
    UnionMembership,
    SexLifeOrientation,
    Genetic,
    Biometric,
    Criminal,
    NationalId,
}

impl From<CategoryName> for Special {
    fn from(name: CategoryName) -> Self {
        match name {
            CategoryName::Health => Self::Health,
            CategoryName::ReligionBelief => Self::ReligionBelief,
            CategoryName::EthnicOrigin => Self::EthnicOrigin,
            CategoryName::PoliticalOpinion => Self::PoliticalOpinion,
            CategoryName::UnionMembership => Self::UnionMembership,
            CategoryName::SexLifeOrientation => Self::SexLifeOrientation,
            CategoryName::Genetic => Self::Genetic,
            CategoryName::Biometric => Self::Biometric,
            CategoryName::Criminal => Self::Criminal,
            CategoryName::NationalId => Self::NationalId,
        }
    }
}
