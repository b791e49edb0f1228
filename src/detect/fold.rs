//! One character as the lexicon sees it: compatibility form, without accent, as a Latin letter.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Appends what a character is, keeping its case. Nothing is appended for a mark without width.
pub(super) fn push(char: char, to: &mut String) {
    if char.is_ascii() {
        to.push(char);
        return;
    }
    decompose_compatible(char, |part| {
        if is_combining_mark(part) || is_invisible(part) {
            return;
        }
        match plain(part) {
            Some(letters) => to.push_str(letters),
            None => to.push(part),
        }
    });
}

/// Characters that show nothing: used to break a word that a filter knows.
pub(super) fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Letters that have no decomposition, and letters of other scripts that look like Latin ones
/// (Unicode Technical Standard 39, confusables; those of one letter).
fn plain(char: char) -> Option<&'static str> {
    Some(match char {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'ı' | 'і' | 'ι' | 'ӏ' => "i",
        'а' | 'α' => "a",
        'с' | 'ϲ' => "c",
        'е' | 'ε' => "e",
        'һ' => "h",
        'ј' => "j",
        'к' | 'κ' => "k",
        'м' => "m",
        'п' => "n",
        'о' | 'ο' => "o",
        'р' | 'ρ' => "p",
        'ѕ' => "s",
        'т' | 'τ' => "t",
        'υ' => "u",
        'ν' => "v",
        'х' | 'χ' => "x",
        'у' | 'γ' => "y",
        'в' => "b",
        'А' | 'Α' => "A",
        'В' | 'Β' => "B",
        'С' => "C",
        'Е' | 'Ε' => "E",
        'Н' | 'Η' => "H",
        'І' | 'Ι' => "I",
        'К' | 'Κ' => "K",
        'М' | 'Μ' => "M",
        'Ν' => "N",
        'О' | 'Ο' => "O",
        'Р' | 'Ρ' => "P",
        'Т' | 'Τ' => "T",
        'Х' | 'Χ' => "X",
        'У' | 'Υ' => "Y",
        'Ζ' => "Z",
        _ => return None,
    })
}

/// The letter that a digit or sign stands for in leetspeak.
pub(super) fn leet(char: char) -> Option<char> {
    Some(match char {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        _ => return None,
    })
}
