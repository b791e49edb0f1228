//! What is looked for, resolved: per field, and for all fields.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use super::raw::{Decision, Look, OnSpecial};
use crate::detect::{Identifier, Language, Special};
use crate::policy::at::At;
use crate::policy::{ClassId, Exception, Sentence, sentence};

/// What is looked for in a field's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    pub special: Option<SpecialScan>,
    /// Whether tokens take the places of direct identifiers. It matters where the text leaves in
    /// the clear: elsewhere the whole of it is a token or ciphertext.
    pub identifiers: bool,
}

/// What to look for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Looks {
    pub special: bool,
    pub identifiers: bool,
}

impl Looks {
    pub(in crate::policy) fn of(looks: &[At<Look>]) -> Self {
        let any = |look: Look| looks.iter().any(|at| at.value == look);
        Self {
            special: any(Look::Special),
            identifiers: any(Look::Identifiers),
        }
    }

    /// Both together.
    pub(in crate::policy) fn and(self, more: Self) -> Self {
        Self {
            special: self.special || more.special,
            identifiers: self.identifiers || more.identifiers,
        }
    }

    pub(in crate::policy) fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// In words: "special categories, identifiers".
    #[must_use]
    pub fn words(self) -> Sentence {
        match (self.special, self.identifiers) {
            (true, true) => sentence!(
                "special categories, identifiers",
                "bijzondere categorieën, kenmerken"
            ),
            (true, false) => sentence!("special categories", "bijzondere categorieën"),
            (false, true) => sentence!("identifiers", "kenmerken"),
            (false, false) => sentence!("nothing", "niets"),
        }
    }
}

/// Which special categories are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecialScan {
    /// What the field is about: then less is enough.
    pub prior: Option<Special>,
    pub sought: Vec<Sought>,
    /// Where the file says that it is looked for: at a field, at a route, at a kind of request.
    pub rule_id: String,
    /// Why `encrypt` may be its action.
    pub(in crate::policy) decision: Option<Decided>,
    /// What the field or its class says, before categories depart from it.
    pub(in crate::policy) on_special: OnSpecial,
    pub(in crate::policy) span: Range<usize>,
}

/// One category that is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Sought {
    pub category: Special,
    pub act: OnSpecial,
    /// The score from which a finding counts.
    pub threshold: f32,
}

impl SpecialScan {
    /// What is to be done about a finding, or none where it does not count.
    #[must_use]
    pub fn act(&self, category: Special, score: f32) -> Option<OnSpecial> {
        let mut sought = self.sought.iter();
        let sought = sought.find(|sought| sought.category == category)?;
        (score >= sought.threshold).then_some(sought.act)
    }

    /// Whether any category has this action.
    #[must_use]
    pub fn may(&self, act: OnSpecial) -> bool {
        self.sought.iter().any(|sought| sought.act == act)
    }
}

impl Scan {
    /// The word for it in cases and explanations: `block`, `identifiers`, `block+identifiers`.
    #[must_use]
    pub fn name(&self) -> String {
        let special = self
            .special
            .as_ref()
            .map(|special| special.on_special.name());
        let identifiers = self.identifiers.then_some("identifiers");
        let words: Vec<&str> = special.into_iter().chain(identifiers).collect();
        words.join("+")
    }
}

/// What holds for all fields that are scanned.
#[derive(Clone, Debug, Default)]
pub struct Detection {
    /// The score from which a direct identifier counts.
    pub identifier_threshold: f32,
    /// The score from which a special category counts where nothing nearer says otherwise.
    pub(in crate::policy) threshold: f64,
    pub(in crate::policy) identifiers: Vec<(Identifier, ClassId)>,
    pub(in crate::policy) alternatives: Vec<(Special, Language, String)>,
    pub(in crate::policy) categories: Vec<Departure>,
}

impl Detection {
    /// The class that a direct identifier is of when it is found in text.
    #[must_use]
    pub fn class(&self, kind: Identifier) -> Option<ClassId> {
        let mut classes = self.identifiers.iter();
        let (_, class) = classes.find(|(known, _)| *known == kind)?;
        Some(*class)
    }

    /// Whether some kind of identifier is of a class.
    pub(in crate::policy) fn names(&self, class: ClassId) -> bool {
        self.identifiers.iter().any(|(_, named)| *named == class)
    }

    /// What may be written instead of a category, in a language.
    #[must_use]
    pub fn alternative(&self, category: Special, language: Language) -> Option<&str> {
        let mut alternatives = self.alternatives.iter();
        let (.., text) =
            alternatives.find(|(of, spoken, _)| *of == category && *spoken == language)?;
        Some(text)
    }
}

/// What a file says of one category for all fields.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::policy) struct Departure {
    pub category: Special,
    pub on_special: Option<OnSpecial>,
    pub threshold: Option<f64>,
    pub off: bool,
    pub decision: Option<Decided>,
    pub span: Range<usize>,
}

/// A decision that lets special categories through, as the file records it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::policy) struct Decided {
    pub exception: Option<Exception>,
    pub ground: Option<String>,
    pub second_person: String,
    pub date: String,
}

impl Decided {
    /// Two people, on a day that can be looked up.
    pub fn is_signed(&self) -> bool {
        !self.second_person.is_empty() && self.date.parse::<jiff::civil::Date>().is_ok()
    }

    /// Whether GDPR Art. 9(2) is the ground.
    pub fn is_of_article_9(&self) -> bool {
        self.exception
            .is_some_and(|exception| exception != Exception::CriminalLaw)
    }

    /// Whether a statute is the ground.
    pub fn is_of_statute(&self) -> bool {
        self.ground.is_some()
    }
}

impl From<&Decision> for Decided {
    fn from(decision: &Decision) -> Self {
        let said = |text: &str| text.trim().to_owned();
        let ground = decision.ground.as_ref().map(|at| said(&at.value));
        Self {
            exception: decision.exception.as_ref().map(|at| at.value),
            ground: ground.filter(|ground| !ground.is_empty()),
            second_person: said(&decision.second_person.value),
            date: said(&decision.date.value),
        }
    }
}

/// Who let special categories through, on which ground and when.
impl Display for Decided {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let exception = self.exception.map(Exception::name);
        let grounds = exception.into_iter().chain(self.ground.as_deref());
        for ground in grounds {
            write!(f, "{ground}, ")?;
        }
        write!(f, "{}, {}", self.second_person, self.date)
    }
}

/// What no exception of GDPR Art. 9(2) allows, only a statute: criminal data (Art. 10, UAVG
/// Art. 31-33) and national ids (Art. 87, UAVG Art. 46).
pub(in crate::policy) fn forbidden(category: Special) -> bool {
    matches!(category, Special::Criminal | Special::NationalId)
}
