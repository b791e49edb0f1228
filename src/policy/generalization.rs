//! Generalization rules as data: what a value may be coarsened to before it leaves.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use crate::policy::{FieldType, Sentence, sentence};

/// How a value is made coarser. `protect` applies it; what it cannot apply, it refuses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Generalization {
    /// A date to its year: `YYYY-01-01` in a date field, `YYYY` in a text field.
    Year,
    /// A date to its month: `YYYY-MM-01` in a date field, `YYYY-MM` in a text field.
    Month,
    /// Text to its first characters.
    Leading(u32),
    /// A number to the nearest multiple.
    Round(u64),
    /// A number to the band that it falls in.
    Band(Band),
    /// A value to another of the map, and every value that the map does not have to `otherwise`.
    Map {
        entries: BTreeMap<String, String>,
        otherwise: String,
    },
}

/// Bands of equal width, counted from zero; each is named by its lower bound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Band {
    pub width: u64,
}

impl Generalization {
    /// Whether a field of this type can hold what the rule makes.
    #[must_use]
    pub fn fits(&self, kind: FieldType) -> bool {
        match self {
            Self::Year | Self::Month => {
                matches!(kind, FieldType::Date | FieldType::Datetime) || kind.holds_text()
            }
            Self::Leading(_) => kind.holds_text() && kind != FieldType::Email,
            Self::Round(_) | Self::Band(_) => kind.is_number(),
            Self::Map { .. } => {
                kind.holds_text() || matches!(kind, FieldType::Picklist | FieldType::Multipicklist)
            }
        }
    }
}

impl Generalization {
    /// What is left of a value.
    #[must_use]
    pub fn words(&self) -> Sentence {
        match self {
            Self::Year => sentence!("the year", "het jaar"),
            Self::Month => sentence!("the month", "de maand"),
            Self::Leading(count) => {
                sentence!("the first {count} characters", "de eerste {count} tekens")
            }
            Self::Round(step) => sentence!(
                "the nearest multiple of {step}",
                "het dichtstbijzijnde veelvoud van {step}"
            ),
            Self::Band(Band { width }) => {
                sentence!("a band of width {width}", "een band van breedte {width}")
            }
            Self::Map { entries, .. } => {
                let count = entries.len();
                sentence!("a map of {count} values", "een lijst van {count} waarden")
            }
        }
    }
}

impl Display for Generalization {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().english)
    }
}
