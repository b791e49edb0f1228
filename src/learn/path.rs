//! Paths by their shape: which segments are the site's own words, and which are variables.

use std::fmt::{self, Display, Formatter};

use crate::detect::identifiers::Recognizers;
use crate::dialect::pages::IdForm;

/// One segment of a path.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Segment {
    /// A word of the site's, as far as its form tells.
    Word(String),
    Number,
    Uuid,
    Hex,
    /// Anything else: what people type, or ids of another form. It is not kept.
    Text,
}

/// A path without its values.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Shaped(pub Vec<Segment>);

impl Shaped {
    /// The shape of a path, without its query. `whose` recognizes names of people.
    pub fn of(path: &str, whose: Option<&Recognizers>) -> Self {
        let segments = path.trim_start_matches('/').split('/');
        Self(segments.map(|text| Segment::of(text, whose)).collect())
    }

    /// Whether a policy can name it.
    pub fn is_named(&self) -> bool {
        let first = self.words().next();
        !self.0.contains(&Segment::Text)
            && !self.is_ours()
            && (first.is_some() || self.0.len() < 2)
            && !self.has_gap()
    }

    /// A path of the border's own: somebody recorded through it.
    fn is_ours(&self) -> bool {
        self.words().next() == Some(".sluis")
    }

    /// An empty segment before the last is not canonical.
    fn has_gap(&self) -> bool {
        let inner = self.0.len().saturating_sub(1);
        let empty = Segment::Word(String::new());
        self.0.iter().take(inner).any(|segment| *segment == empty)
    }

    /// The site's own words in it.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Word(word) if !word.is_empty() => Some(word.as_str()),
            _ => None,
        })
    }

    /// How many variables it has.
    pub fn variables(&self) -> usize {
        let fixed = |segment: &&Segment| matches!(segment, Segment::Word(_) | Segment::Text);
        self.0.len() - self.0.iter().filter(fixed).count()
    }

    /// The pattern of a policy file. The last variable is called `id`: of nested records, the inner
    /// one. `ids` is the form of those that have none written.
    pub fn pattern(&self, ids: IdForm) -> String {
        let last = self.variables();
        let mut at = 0;
        let mut text = String::new();
        for segment in &self.0 {
            text.push('/');
            let form = match segment {
                Segment::Word(word) => {
                    text.push_str(word);
                    continue;
                }
                Segment::Text => {
                    text.push('…');
                    continue;
                }
                Segment::Number => (IdForm::Number, "number"),
                Segment::Uuid => (IdForm::Uuid, "uuid"),
                Segment::Hex => (IdForm::Hex, "hex"),
            };
            at += 1;
            let name = match at == last {
                true => "id".to_owned(),
                false => format!("part{at}"),
            };
            match form.0 == ids {
                true => text.push_str(&format!("{{{name}}}")),
                false => text.push_str(&format!("{{{name}:{}}}", form.1)),
            }
        }
        text
    }
}

impl Display for Shaped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern(IdForm::Number))
    }
}

impl Segment {
    fn of(text: &str, whose: Option<&Recognizers>) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if IdForm::Number.fits(text) {
            Self::Number
        } else if IdForm::Uuid.fits(text) {
            Self::Uuid
        } else if IdForm::Hex.fits(text) && text.len() >= 12 && digits > 0 {
            Self::Hex
        } else if is_own_word(text) && !is_somebody(text, whose) {
            Self::Word(text.to_owned())
        } else {
            Self::Text
        }
    }
}

/// Whether a text has the form of a site's own word: `contact`, `mass_export`, `v2`, `app.js`.
pub fn is_own_word(text: &str) -> bool {
    const LONGEST: usize = 48;
    const DIGITS: usize = 4;
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= LONGEST && digits <= DIGITS && text.bytes().all(sign)
}

/// Whether its words are the name of a person, were they written as one.
pub fn is_somebody(text: &str, whose: Option<&Recognizers>) -> bool {
    let Some(recognizers) = whose else {
        return false;
    };
    let words: Vec<String> = text.split(['-', '_', '.', '+']).map(capital).collect();
    words.len() > 1 && !recognizers.find(&words.join(" ")).is_empty()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
