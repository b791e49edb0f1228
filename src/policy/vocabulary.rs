//! Terms of the Data Privacy Vocabulary (DPV-PD, https://w3id.org/dpv/pd) that lint knows something about.
//!
//! The vocabulary has some 230 terms; these are the ones that occur in a CRM, and ours for what it
//! lacks. A term that is not here is used as it is, with a warning.

/// What lint knows of a term.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Term {
    /// Few enough values for equality to tell which is which (fewer than 10^6, the least domain
    /// that NIST SP 800-38G allows for FF1).
    pub small: bool,
    /// GDPR Art. 9(1), or Art. 10.
    pub special: bool,
    /// One of the attributes that together single a person out.
    pub quasi: Option<Quasi>,
}

/// Attributes that together single a person out: postcode, birth date and gender do so for most of
/// a population (EDPB 01/2020, use case 2, condition 1).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Quasi {
    Place,
    Birth,
    Gender,
}

impl Quasi {
    pub fn name(self) -> &'static str {
        match self {
            Self::Place => "a postcode or place",
            Self::Birth => "a birth date or age",
            Self::Gender => "a gender or salutation",
        }
    }
}

/// Whether the text has the form of a term: a known prefix and a name in upper camel case.
pub fn is_term(text: &str) -> bool {
    let Some((prefix, name)) = text.split_once(':') else {
        return false;
    };
    matches!(prefix, "pd" | "dpv" | "sluis")
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// What is known of a term, or none where it is not known.
pub fn term(text: &str) -> Option<Term> {
    let name = text.split_once(':')?.1;
    if SPECIAL.contains(&name) {
        return Some(Term {
            small: true,
            special: true,
            quasi: None,
        });
    }
    if let Some((_, quasi)) = SMALL.iter().find(|(small, _)| *small == name) {
        return Some(Term {
            small: true,
            special: false,
            quasi: *quasi,
        });
    }
    LARGE.contains(&name).then(Term::default)
}

/// All known terms, with their prefix.
pub fn terms() -> impl Iterator<Item = String> {
    let small = SMALL.iter().map(|(name, _)| *name);
    let names = LARGE.iter().chain(SPECIAL).copied().chain(small);
    names.map(|name| {
        if OURS.contains(&name) {
            format!("sluis:{name}")
        } else {
            format!("pd:{name}")
        }
    })
}

const OURS: &[&str] = &["NationalIdNL", "CustomerNumber"];

const LARGE: &[&str] = &[
    "AccountIdentifier",
    "BankAccount",
    "CallLog",
    "Communication",
    "Contact",
    "CreditCardNumber",
    "CustomerNumber",
    "EmailAddress",
    "EmailContent",
    "GPSCoordinate",
    "HouseNumber",
    "Identifier",
    "Identifying",
    "Internal",
    "IPAddress",
    "Name",
    "NationalIdNL",
    "OfficialID",
    "Passport",
    "PhysicalAddress",
    "Picture",
    "Purchase",
    "Street",
    "Tax",
    "TelephoneNumber",
    "Username",
    "VehicalLicenseRegistration",
];

const SMALL: &[(&str, Option<Quasi>)] = &[
    ("Age", Some(Quasi::Birth)),
    ("AgeRange", Some(Quasi::Birth)),
    ("BirthDate", Some(Quasi::Birth)),
    ("BirthPlace", Some(Quasi::Place)),
    ("City", Some(Quasi::Place)),
    ("Country", None),
    ("Gender", Some(Quasi::Gender)),
    ("Income", None),
    ("Job", None),
    ("Language", None),
    ("Location", Some(Quasi::Place)),
    ("MaritalStatus", None),
    ("Nationality", None),
    ("PostalCode", Some(Quasi::Place)),
    ("Preference", None),
    ("Professional", None),
    ("PrivacyPreference", None),
    ("Region", Some(Quasi::Place)),
    ("Salary", None),
    ("Transactional", None),
];

const SPECIAL: &[&str] = &[
    "Biometric",
    "BloodType",
    "Criminal",
    "CriminalCharge",
    "CriminalConviction",
    "CriminalOffence",
    "CriminalOffense",
    "Disability",
    "DNACode",
    "EthnicOrigin",
    "FacialPrint",
    "Fingerprint",
    "Genetic",
    "Health",
    "HealthRecord",
    "MedicalHealth",
    "MentalHealth",
    "PhilosophicalBelief",
    "PoliticalAffiliation",
    "PoliticalOpinion",
    "Prescription",
    "Race",
    "Religion",
    "ReligiousBelief",
    "Retina",
    "Sexual",
    "SexualHistory",
    "SexualPreference",
    "TradeUnionMembership",
];
