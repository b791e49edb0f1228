//! Direct identifiers in free text: e-mail addresses, telephone and account numbers, addresses,
//! names and the like.
//!
//! Pure and linear: the text is cut into tokens once ([`text::Text`]), and each recognizer looks at
//! a bounded number of tokens around each place. What a number is, its shape, its checksum and the
//! words around it say together; those words are in `cues.txt`, names in `names/`, places in
//! `places/`, so that they can be read and corrected without reading code.
//! It does not know special categories, policy or tokens.
//!
//! Read first: [`Recognizers`], [`text::Text`], [`person`].

mod birth;
mod card;
#[cfg(test)]
mod corpus_tests;
mod cues;
mod document;
mod email;
mod gazetteer;
mod hit;
mod iban;
mod ip;
mod person;
mod phone;
mod place;
mod plate;
mod street;
#[cfg(test)]
mod testing;
pub(in crate::detect) mod text;

pub use cues::ListError;

use crate::detect::identifiers::cues::CueList;
use crate::detect::identifiers::gazetteer::Gazetteer;
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;
use crate::detect::{Finding, Identifier, national};

/// All lists, read once.
pub struct Recognizers {
    cues: CueList,
    gazetteer: Gazetteer,
}

impl Recognizers {
    /// # Errors
    ///
    /// [`ListError`] when one of the embedded lists cannot be read; a test reads them all.
    pub fn new() -> Result<Self, ListError> {
        Ok(Self {
            cues: CueList::read(include_str!("cues.txt"))?,
            gazetteer: Gazetteer::read()?,
        })
    }

    /// The direct identifiers of a text, sorted by start, not overlapping.
    #[must_use]
    pub fn find(&self, raw: &str) -> Vec<Finding> {
        let text = Text::read(raw, &self.cues);
        let mut hits = Hits::default();
        for found in national::find(raw, false) {
            hits.add_bytes(
                (found.start, found.end),
                Identifier::NationalId,
                if found.named { 1.0 } else { 0.9 },
            );
        }
        email::find(&text, &mut hits);
        iban::find(&text, &mut hits);
        card::find(&text, &mut hits);
        ip::find(&text, &mut hits);
        let births = birth::find(&text, &mut hits);
        document::find(&text, &mut hits);
        plate::find(&text, &mut hits);
        phone::find(&text, &mut hits);
        let streets = street::find(&text, &mut hits);
        place::find(&text, &self.gazetteer, (&streets, &births), &mut hits);
        person::find(&text, &self.gazetteer, &mut hits);
        hits.settle()
    }
}
