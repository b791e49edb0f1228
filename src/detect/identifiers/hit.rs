//! What the recognizers found, and who gives way where two found the same place.

use crate::detect::identifiers::text::Text;
use crate::detect::{Finding, Identifier, Kind};

/// What was found so far.
#[derive(Default)]
pub struct Hits {
    found: Vec<Finding>,
}

impl Hits {
    /// From the first token to the last, which belongs to it.
    pub fn add(
        &mut self,
        text: &Text<'_>,
        (first, last): (usize, usize),
        what: Identifier,
        score: f32,
    ) {
        self.add_bytes(text.bytes(first, last), what, score);
    }

    pub fn add_bytes(&mut self, (start, end): (usize, usize), what: Identifier, score: f32) {
        self.found.push(Finding {
            start,
            end,
            kind: Kind::Identifier(what),
            score,
        });
    }

    /// The findings in order. Where two overlap, the one of the stricter shape stays; of one kind,
    /// the longer.
    pub fn settle(mut self) -> Vec<Finding> {
        self.found
            .sort_by_key(|hit| (rank(hit.kind), hit.start, usize::MAX - hit.end));
        let mut taken = std::collections::BTreeMap::new();
        let mut kept = Vec::with_capacity(self.found.len());
        for hit in self.found {
            let before = taken.range(..hit.end).next_back().map(|(_, end)| *end);
            if before.is_none_or(|end| end <= hit.start) {
                taken.insert(hit.start, hit.end);
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| hit.start);
        kept
    }
}

/// The lower wins.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Special(_) => 0,
        Kind::Identifier(what) => match what {
            Identifier::Email => 1,
            Identifier::Iban => 2,
            Identifier::NationalId => 3,
            Identifier::Card => 4,
            Identifier::DateOfBirth => 5,
            Identifier::Ip => 6,
            Identifier::DocumentNumber => 7,
            Identifier::Phone => 8,
            Identifier::Plate => 9,
            Identifier::StreetAddress => 10,
            Identifier::PostcodeCity => 11,
            Identifier::PersonName => 12,
        },
    }
}
