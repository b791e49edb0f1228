//! The nouns of detection: what can be found, where, in which language.

use std::fmt;

/// Data about a person that law protects more than other data: GDPR Article 9(1), Article 10
/// (criminal) and Article 87 (national ids).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Special {
    /// Physical or mental health, care received, pregnancy, disability.
    Health,
    /// Religion, denomination, belief, their rites and diets.
    ReligionBelief,
    /// Racial or ethnic origin, colour of skin.
    EthnicOrigin,
    /// Parties, movements, votes.
    PoliticalOpinion,
    /// Membership of a trade union.
    UnionMembership,
    /// Sex life or sexual orientation.
    SexLifeOrientation,
    /// Genes, their tests and what is inherited.
    Genetic,
    /// Templates of body or voice that identify somebody.
    Biometric,
    /// Suspicions, charges, convictions, measures.
    Criminal,
    /// Numbers that a state gives to a person.
    NationalId,
}

impl Special {
    /// All of them, in the order of the lexicon's files and of reports.
    pub const ALL: [Self; 10] = [
        Self::Health,
        Self::ReligionBelief,
        Self::EthnicOrigin,
        Self::PoliticalOpinion,
        Self::UnionMembership,
        Self::SexLifeOrientation,
        Self::Genetic,
        Self::Biometric,
        Self::Criminal,
        Self::NationalId,
    ];

    /// Its name in policies, lexicons and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::ReligionBelief => "religion_belief",
            Self::EthnicOrigin => "ethnic_origin",
            Self::PoliticalOpinion => "political_opinion",
            Self::UnionMembership => "union_membership",
            Self::SexLifeOrientation => "sex_life_orientation",
            Self::Genetic => "genetic",
            Self::Biometric => "biometric",
            Self::Criminal => "criminal",
            Self::NationalId => "national_id",
        }
    }

    /// The category of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|special| special.name() == name)
    }

    /// Its place in [`Special::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What identifies a person directly.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Identifier {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An account number (ISO 13616).
    Iban,
    /// A number that a state gives to a person.
    NationalId,
    /// The date on which somebody was born.
    DateOfBirth,
    /// The plate of a car.
    Plate,
    /// The number of a payment card.
    Card,
    /// An address of the internet.
    Ip,
    /// The number of a passport, identity card or driving licence.
    DocumentNumber,
    /// Street and house number.
    StreetAddress,
    /// Postcode, city, or both.
    PostcodeCity,
    /// The name of a person.
    PersonName,
}

impl Identifier {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Email,
        Self::Phone,
        Self::Iban,
        Self::NationalId,
        Self::DateOfBirth,
        Self::Plate,
        Self::Card,
        Self::Ip,
        Self::DocumentNumber,
        Self::StreetAddress,
        Self::PostcodeCity,
        Self::PersonName,
    ];

    /// Its name in policies and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::NationalId => "national_id",
            Self::DateOfBirth => "date_of_birth",
            Self::Plate => "plate",
            Self::Card => "card",
            Self::Ip => "ip",
            Self::DocumentNumber => "document_number",
            Self::StreetAddress => "street_address",
            Self::PostcodeCity => "postcode_city",
            Self::PersonName => "person_name",
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A special category.
    Special(Special),
    /// What identifies a person directly.
    Identifier(Identifier),
}

impl Kind {
    /// Its name in policies and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Special(special) => special.name(),
            Self::Identifier(identifier) => identifier.name(),
        }
    }
}

/// Something found in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// First byte; always on a border of a character.
    pub start: usize,
    /// One past the last byte; always on a border of a character.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// How sure, from 0 to 1.
    pub score: f32,
}

/// The languages that there are lexicons for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Language {
    /// Dutch and Flemish.
    Nl,
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Italian.
    It,
    /// Polish.
    Pl,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Nl,
        Self::En,
        Self::De,
        Self::Fr,
        Self::Es,
        Self::It,
        Self::Pl,
    ];

    /// Its code (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::It => "it",
            Self::Pl => "pl",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn coded(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// Its place in [`Language::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}
