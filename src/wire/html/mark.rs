//! Marks: letters that stand in the places of ranges while a page is read.

use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};
use memchr::memmem::Finder;

/// A text with its ranges, and the marks for them.
pub(super) struct Marks<'a> {
    pub text: &'a str,
    pub ranges: &'a [Range<usize>],
    name: String,
    finder: Finder<'static>,
}

/// A mark that was found: where, and which range it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub range: Range<usize>,
    pub index: usize,
}

/// What has begun before a place and has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// `&amp`, `&#6`: a value might go on with it.
    Reference,
    /// `</scr`: a value might go on with it.
    Tag,
}

impl<'a> Marks<'a> {
    /// `None` for ranges that are not sorted, overlap, or do not stand in the text.
    ///
    /// Marks are named by a hash of the text, so that no text can hold its own marks, written with
    /// references or escapes for instance. They are letters without `a` to `f`, which go on with no
    /// escape in hex digits.
    pub fn new(text: &'a str, ranges: &'a [Range<usize>]) -> Option<Self> {
        let mut end = 0;
        for range in ranges {
            text.get(end..range.start)?;
            text.get(range.clone())?;
            end = range.end;
        }
        let hash = digest(&SHA256, text.as_bytes());
        let name: String = hash.as_ref().iter().take(8).flat_map(letters).collect();
        let finder = Finder::new(name.as_bytes()).into_owned();
        Some(Self {
            text,
            ranges,
            name,
            finder,
        })
    }

    pub fn mark(&self, index: usize) -> String {
        let index = (index as u64).to_be_bytes();
        let number: String = index.iter().flat_map(letters).collect();
        format!("{}{number}", self.name)
    }

    /// The marks in a text that came of the page.
    pub fn find(&self, text: &str) -> Vec<Mark> {
        let number = |at: usize| {
            let end = at + 2 * NAME;
            let digits = text.as_bytes().get(at + NAME..end)?;
            let index = digits.iter().try_fold(0, |sum: usize, letter| {
                let digit = letter.checked_sub(b'g').filter(|digit| *digit < 16)?;
                Some(sum.checked_mul(16)? + usize::from(digit))
            })?;
            let range = at..end;
            Some(Mark { range, index })
        };
        let found = self.finder.find_iter(text.as_bytes());
        found.filter_map(number).collect()
    }

    pub fn is_in(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }

    /// What stands before each range.
    pub fn unfinished(&self) -> Vec<Before> {
        let bytes = self.text.as_bytes();
        let (mut free, mut before) = (0, Before::Nothing);
        let one = |range: &Range<usize>| {
            let gap = bytes.get(free..range.start).unwrap_or_default();
            if let Some(met) = last_begun(gap) {
                before = met;
            }
            free = range.end;
            before
        };
        self.ranges.iter().map(one).collect()
    }
}

/// What a text ends within; `None` where it is too short to tell.
fn last_begun(text: &[u8]) -> Option<Before> {
    let part_of_escape = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let stop = text.iter().rposition(|byte| !part_of_escape(byte))?;
    Some(match text.get(..=stop).unwrap_or_default() {
        [.., b'&'] => Before::Reference,
        [.., b'<'] | [.., b'<', b'/'] => Before::Tag,
        _ => Before::Nothing,
    })
}

/// The length of a mark's name, and of its number.
const NAME: usize = 16;

/// Two letters from `g` to `v` for a byte.
fn letters(byte: &u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from(b'g' + digit))
}
