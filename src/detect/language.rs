//! Which language a text is in: a guess from its commonest words, for weights and error texts.

use super::category::Language;
use super::hash::Table;
use super::text::Text;

/// Words that are common in one of the languages and rare in the others, without accents.
pub(super) const COMMON: [&str; Language::ALL.len()] = [
    include_str!("lexicon/nl/common.txt"),
    include_str!("lexicon/en/common.txt"),
    include_str!("lexicon/de/common.txt"),
    include_str!("lexicon/fr/common.txt"),
    include_str!("lexicon/es/common.txt"),
    include_str!("lexicon/it/common.txt"),
    include_str!("lexicon/pl/common.txt"),
];

/// So many words tell the language; a longer text is not read on.
const ENOUGH: usize = 300;

/// The common words of all languages.
#[derive(Debug)]
pub(super) struct Languages {
    of: Table<&'static str, [bool; Language::ALL.len()]>,
}

impl Languages {
    pub(super) fn new() -> Self {
        let mut of: Table<&str, [bool; Language::ALL.len()]> = Table::default();
        for (language, words) in Language::ALL.into_iter().zip(COMMON) {
            for word in words.split_whitespace() {
                if let Some(slot) = of.entry(word).or_default().get_mut(language.index()) {
                    *slot = true;
                }
            }
        }
        Self { of }
    }

    /// The language of which most common words stand in the text, and by how many it leads.
    pub(super) fn guess(&self, text: &Text) -> Option<(Language, usize)> {
        let mut counts = [0_usize; Language::ALL.len()];
        for at in 0..text.words.len().min(ENOUGH) {
            if let Some(of) = self.of.get(text.low(at)) {
                for (count, is) in counts.iter_mut().zip(of) {
                    *count += usize::from(*is);
                }
            }
        }
        let by_count = || Language::ALL.into_iter().zip(counts);
        let (best, most) = by_count().max_by_key(|(_, count)| *count)?;
        let others = by_count().filter(|(language, _)| *language != best);
        let second = others.map(|(_, count)| count).max().unwrap_or(0);
        (most > second).then_some((best, most - second))
    }
}
