//! What single characters are, and how they are compared.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use crate::detect::identifiers::text::{Case, Shape};

/// Which letters of a word are capitals.
#[derive(Default)]
pub struct Tally {
    first: bool,
    upper: usize,
    all: usize,
}

impl Tally {
    pub fn add(&mut self, c: char) {
        if self.all == 0 {
            self.first = c.is_uppercase();
        }
        self.all += 1;
        self.upper += usize::from(!c.is_lowercase());
    }

    pub fn verdict(&self) -> Case {
        if !self.first {
            Case::Lower
        } else if self.upper == self.all {
            Case::Upper
        } else {
            Case::Capital
        }
    }
}

/// Spaces, and what is not seen: soft hyphen, zero-width space and joiners, byte order mark.
pub fn is_gap(c: char) -> bool {
    c != '\n'
        && (c.is_whitespace()
            || matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            ))
}

pub fn shape_of(c: char) -> Shape {
    match c {
        '\n' => Shape::Break,
        '0'..='9' => Shape::Digits,
        '\u{2019}' | '\u{2018}' | '`' | '\u{b4}' => Shape::Mark('\''),
        '\u{2010}' | '\u{2011}' | '\u{2013}' => Shape::Mark('-'),
        c if c.is_alphabetic() => Shape::Letters,
        c => Shape::Mark(c),
    }
}

pub fn continues(shape: Shape, next: char) -> bool {
    match shape {
        Shape::Letters => next.is_alphabetic() || is_combining_mark(next),
        Shape::Digits => next.is_ascii_digit(),
        Shape::Mark(_) | Shape::Break => false,
    }
}

/// Lower case, without accents; letters that have no decomposition as they are usually replaced.
pub fn fold_into(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        match lower {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            'þ' => out.push_str("th"),
            'º' => out.push('o'),
            'ª' => out.push('a'),
            lower => decompose_canonical(lower, |part| {
                if !is_combining_mark(part) {
                    out.push(part);
                }
            }),
        }
    }
}

/// A whole text in lower case without accents.
pub fn fold(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        fold_into(c, &mut out);
    }
    out
}
