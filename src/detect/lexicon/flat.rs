//! The shapes that compiled lexicons are made of: long rows of numbers and letters, nothing to
//! allocate word by word, so that reading them at a start costs next to nothing.

use crate::detect::hash;

/// Lists of numbers: list `at` is `values[starts[at]..starts[at + 1]]`.
#[derive(Clone, Debug, Default)]
pub(in crate::detect) struct Lists {
    starts: Vec<u32>,
    values: Vec<u32>,
}

impl Lists {
    /// The list at a place; empty when there is none.
    pub(in crate::detect) fn get(&self, at: usize) -> &[u32] {
        bounds(&self.starts, at)
            .and_then(|(from, to)| self.values.get(from..to))
            .unwrap_or_default()
    }

    pub(super) fn new(lists: impl Iterator<Item = Vec<u32>>) -> Self {
        let mut made = Self {
            starts: vec![0],
            values: Vec::new(),
        };
        for list in lists {
            made.values.extend(list);
            made.starts.push(number(made.values.len()));
        }
        made
    }
}

/// Words, one behind the other.
#[derive(Clone, Debug, Default)]
pub(in crate::detect) struct Words {
    starts: Vec<u32>,
    letters: String,
}

impl Words {
    /// The word at a place.
    pub(in crate::detect) fn get(&self, at: usize) -> Option<&str> {
        let (from, to) = bounds(&self.starts, at)?;
        self.letters.get(from..to)
    }

    pub(super) fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut made = Self {
            starts: vec![0],
            letters: String::new(),
        };
        for word in words {
            made.letters.push_str(word);
            made.starts.push(number(made.letters.len()));
        }
        made
    }
}

/// Words and a number for each, found by hash (open addressing, at most half full).
#[derive(Clone, Debug, Default)]
pub(in crate::detect) struct Dictionary {
    /// One more than the word's place; 0 where there is none.
    slots: Vec<u32>,
    words: Words,
    numbers: Vec<u32>,
}

impl Dictionary {
    pub(super) fn get(&self, word: &str) -> Option<u32> {
        for slot in probe(word, self.slots.len()) {
            let place = self.slots.get(slot)?.checked_sub(1)? as usize;
            if self.words.get(place) == Some(word) {
                return self.numbers.get(place).copied();
            }
        }
        None
    }

    pub(super) fn new(mut pairs: Vec<(&str, u32)>) -> Self {
        pairs.sort_unstable();
        let mut slots = vec![0; (pairs.len() * 2 + 1).next_power_of_two()];
        for (place, (word, _)) in pairs.iter().enumerate() {
            let mut free = probe(word, slots.len());
            if let Some(at) = free.find(|at| slots.get(*at) == Some(&0)) {
                slots[at] = number(place + 1);
            }
        }
        Self {
            slots,
            words: Words::new(pairs.iter().map(|(word, _)| *word)),
            numbers: pairs.iter().map(|(_, number)| *number).collect(),
        }
    }
}

/// The slots in which a word may stand, in order; `slots` is a power of two.
fn probe(word: &str, slots: usize) -> impl Iterator<Item = usize> {
    let mask = slots.saturating_sub(1);
    let [a, b, c, d, ..] = hash::of(&[word.as_bytes()]).to_le_bytes();
    let first = u32::from_le_bytes([a, b, c, d]) as usize;
    (0..slots).map(move |step| (first + step) & mask)
}

fn bounds(starts: &[u32], at: usize) -> Option<(usize, usize)> {
    Some((*starts.get(at)? as usize, *starts.get(at + 1)? as usize))
}

/// A place as a number; the lexicons have far fewer than 2^32 of anything.
pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Writes rows one behind the other: their length in bytes and the bytes, numbers little-endian.
#[derive(Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn numbers(&mut self, numbers: &[u32]) {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        self.row(&bytes.collect::<Vec<u8>>());
    }

    pub(super) fn lists(&mut self, lists: &Lists) {
        self.numbers(&lists.starts);
        self.numbers(&lists.values);
    }

    pub(super) fn words(&mut self, words: &Words) {
        self.numbers(&words.starts);
        self.row(words.letters.as_bytes());
    }

    pub(super) fn dictionary(&mut self, dictionary: &Dictionary) {
        self.numbers(&dictionary.slots);
        self.words(&dictionary.words);
        self.numbers(&dictionary.numbers);
    }

    fn row(&mut self, bytes: &[u8]) {
        self.bytes.extend(number(bytes.len()).to_le_bytes());
        self.bytes.extend(bytes);
    }
}

/// Reads what [`Writer`] wrote; `None` where it is cut short or no text.
pub(super) struct Reader<'a> {
    pub rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn numbers(&mut self) -> Option<Vec<u32>> {
        let (numbers, rest) = self.row()?.as_chunks::<4>();
        let read = || numbers.iter().map(|bytes| u32::from_le_bytes(*bytes));
        rest.is_empty().then(|| read().collect())
    }

    pub(super) fn lists(&mut self) -> Option<Lists> {
        Some(Lists {
            starts: self.numbers()?,
            values: self.numbers()?,
        })
    }

    pub(super) fn words(&mut self) -> Option<Words> {
        Some(Words {
            starts: self.numbers()?,
            letters: str::from_utf8(self.row()?).ok()?.to_owned(),
        })
    }

    pub(super) fn dictionary(&mut self) -> Option<Dictionary> {
        Some(Dictionary {
            slots: self.numbers()?,
            words: self.words()?,
            numbers: self.numbers()?,
        })
    }

    fn row(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let (row, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.rest = rest;
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_cut_short_is_not() {
        let words = ["ziek", "ziekenhuis", "", "é"];
        let pairs = words.into_iter().zip(7..).collect::<Vec<_>>();
        let mut writer = Writer::default();
        writer.dictionary(&Dictionary::new(pairs));
        writer.lists(&Lists::new([vec![1, 2], vec![], vec![3]].into_iter()));
        let mut reader = Reader {
            rest: &writer.bytes,
        };
        let read = reader.dictionary().expect("a dictionary");
        for (word, number) in words.into_iter().zip(7..) {
            assert_eq!(read.get(word), Some(number), "{word}");
        }
        assert_eq!(read.get("zie"), None);
        let lists = reader.lists().expect("lists");
        assert_eq!(
            [0, 1, 2, 3].map(|at| lists.get(at).to_vec()),
            [vec![1, 2], vec![], vec![3], vec![]]
        );
        assert!(reader.rest.is_empty());
        for length in 0..writer.bytes.len() {
            let mut reader = Reader {
                rest: &writer.bytes[..length],
            };
            assert!(reader.dictionary().and_then(|_| reader.lists()).is_none());
        }
    }

    #[test]
    fn an_empty_dictionary_has_no_word() {
        assert_eq!(Dictionary::new(Vec::new()).get("a"), None);
        assert_eq!(Dictionary::default().get("a"), None);
    }
}
