//! The shape of the values of one name: which forms all of them had.

use super::print::{Printer, Prints};
use crate::dialect::pages::{Grammar, IdForm};

/// The forms that a value may have to pass, the narrowest first, by the word of a policy file.
const FORMS: [(&str, Grammar); 8] = [
    ("flag", Grammar::Flag),
    ("number", Grammar::Number),
    ("date", Grammar::Date),
    ("uuid", Grammar::Id(IdForm::Uuid)),
    ("hex", Grammar::Id(IdForm::Hex)),
    ("word", Grammar::Word),
    ("path", Grammar::Path),
    ("token", Grammar::Token),
];

/// How many different values of one name are told apart.
const MOST: usize = 4096;

/// What the values of one name had in common.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// How often the name came.
    pub seen: usize,
    /// How often with an empty value.
    pub empty: usize,
    /// For each form how many of the others had it.
    fits: [usize; FORMS.len()],
    /// Characters of the longest.
    pub longest: usize,
    /// Of several lines.
    pub lines: bool,
    /// How many had an underscore, which programs write and people do not.
    coded: usize,
    /// It was the name of a file.
    pub file: bool,
    /// Fingerprints of the values, and of the words of names.
    pub prints: Prints,
}

impl Shape {
    /// Notes one value. `named`: it is a person's name, whose parts count too.
    pub fn add(&mut self, value: &str, named: bool, printer: &Printer) {
        self.seen += 1;
        if value.is_empty() {
            self.empty += 1;
            return;
        }
        for ((_, form), count) in FORMS.iter().zip(&mut self.fits) {
            *count += usize::from(form.fits(value));
        }
        self.coded += usize::from(value.contains('_'));
        self.longest = self.longest.max(value.chars().count());
        self.lines |= value.contains('\n');
        if self.prints.len() < MOST {
            self.prints.extend(printer.whole(value));
            if named {
                // Of a mail address the part that names somebody.
                let name = value.split('@').next().unwrap_or(value);
                self.prints.extend(printer.words(name));
            }
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        self.empty += other.empty;
        for (count, more) in self.fits.iter_mut().zip(other.fits) {
            *count += more;
        }
        self.coded += other.coded;
        self.longest = self.longest.max(other.longest);
        self.lines |= other.lines;
        self.file |= other.file;
        self.prints.extend(&other.prints);
    }

    /// The narrowest form that every value had; none where they had none in common. A token is never
    /// empty, so whatever was empty once is none.
    pub fn form(&self) -> Option<&'static str> {
        let filled = self.seen - self.empty;
        if filled == 0 {
            return Some("empty");
        }
        let fits = FORMS.iter().zip(self.fits);
        let mut fits = fits.filter(|(_, count)| *count == filled);
        let (form, _) = fits.find(|((word, _), _)| *word != "token" || self.empty == 0)?;
        Some(form.0)
    }

    /// Whether every value had a form.
    pub fn is(&self, form: &str) -> bool {
        let filled = self.seen - self.empty;
        let mut fits = FORMS.iter().zip(self.fits);
        filled > 0 && fits.any(|((word, _), count)| *word == form && count == filled)
    }

    /// Words that a program chose, by their signs.
    pub fn is_coded(&self) -> bool {
        self.is("word") && self.coded == self.seen - self.empty
    }
}
