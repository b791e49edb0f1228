//! What a name says of its values, in Dutch, English, German and French.

use super::words::WORDS;

/// A class that the proposal may use.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Class {
    Special,
    NationalId,
    BankAccount,
    Email,
    Phone,
    BirthDate,
    PostalCode,
    City,
    Region,
    CustomerNumber,
    GivenName,
    FamilyName,
    Organization,
    Website,
    Street,
    FreeText,
    FullName,
}

/// The class that a name tells of; none where it tells nothing.
pub fn class(name: &str) -> Option<Class> {
    let words = words(name);
    let mut known = WORDS.iter();
    let (class, _) = known.find(|(_, known)| tells(&words, known))?;
    Some(*class)
}

/// Whether one of the name's words, or two or three in a row, is among some.
fn tells(words: &[String], known: &[&str]) -> bool {
    (1..=3).any(|length| {
        let mut runs = words.windows(length);
        runs.any(|run| known.contains(&run.concat().as_str()))
    })
}

impl Class {
    /// Whether its values are names, whose parts may stand elsewhere alone.
    pub fn is_name(self) -> bool {
        matches!(
            self,
            Self::GivenName | Self::FamilyName | Self::FullName | Self::Email
        )
    }

    /// The name of the class in the proposal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Special => "special",
            Self::NationalId => "national_id",
            Self::BankAccount => "bank_account",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::BirthDate => "birth_date",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Region => "region",
            Self::CustomerNumber => "customer_number",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Organization => "organization",
            Self::Website => "website",
            Self::Street => "street",
            Self::FreeText => "free_text",
            Self::FullName => "full_name",
        }
    }

    /// Whether the border can find records by its whole values.
    pub fn is_searched(self) -> bool {
        matches!(
            self,
            Self::Email
                | Self::Phone
                | Self::CustomerNumber
                | Self::GivenName
                | Self::FamilyName
                | Self::Organization
                | Self::FullName
        )
    }
}

/// Words of names under which CRMs ask for a text that people type.
pub fn is_search(name: &str) -> bool {
    const WORDS: [&str; 18] = [
        "q",
        "query",
        "search",
        "searchterm",
        "zoek",
        "zoeken",
        "zoekterm",
        "such",
        "suche",
        "suchbegriff",
        "recherche",
        "research",
        "term",
        "keyword",
        "keywords",
        "s",
        "trefwoord",
        "searchtext",
    ];
    tells(&words(name), &WORDS)
}

/// Names of proofs against forgery.
pub fn is_proof(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace(['_', '-', '.'], "");
    const PARTS: [&str; 7] = [
        "csrf",
        "xsrf",
        "authenticitytoken",
        "requestverification",
        "formtoken",
        "formkey",
        "nonce",
    ];
    PARTS.iter().any(|part| plain.contains(part)) || plain == "token"
}

/// Names of passwords.
pub fn is_password(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace(['_', '-', '.'], "");
    const PARTS: [&str; 7] = [
        "passw",
        "passwd",
        "pwd",
        "wachtwoord",
        "kennwort",
        "passwort",
        "motdepasse",
    ];
    PARTS.iter().any(|part| plain.contains(part))
}

/// Names of what a page adds so that nothing is taken from a cache.
pub fn is_stamp(name: &str) -> bool {
    [
        "_",
        "_dc",
        "cb",
        "nocache",
        "cachebuster",
        "ts",
        "timestamp",
        "rnd",
    ]
    .contains(&name.to_ascii_lowercase().as_str())
}

/// Names whose numbers say much about a person: nothing passes without a decision.
pub fn is_telling(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "salary",
        "income",
        "salaris",
        "inkomen",
        "loon",
        "gehalt",
        "einkommen",
        "salaire",
        "revenu",
        "age",
        "leeftijd",
        "latitude",
        "longitude",
        "iq",
    ];
    tells(&words(name), &WORDS)
}

/// The words of a name: cut at signs and where small letters turn to capitals, without accents'
/// spelling, in small letters.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && small {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
