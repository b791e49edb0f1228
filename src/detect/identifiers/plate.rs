//! Licence plates, by the shapes of the countries and by the words beside them.
//!
//! The series of the Netherlands (RDW, sidecodes 1-14) and of German districts are told without a
//! word beside them; those of other countries also fit product codes and need one.

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{OTHER, PLATE, PRODUCT, VEHICLE};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How near a word must stand that names plates, and how near one that names cars.
const NEAR: usize = 6;
const AROUND: usize = 14;

/// `A` a capital, `9` a digit, `-` a hyphen.
const DUTCH: &[&str] = &[
    "AA-99-99", "99-99-AA", "99-AA-99", "AA-99-AA", "AA-AA-99", "99-AA-AA", "99-AAA-9", "9-AAA-99",
    "AA-999-A", "A-999-AA", "AAA-99-A", "A-99-AAA", "9-AA-999", "999-AA-9",
];
/// `-` a hyphen, a space or nothing: France and Italy, Spain, Poland, United Kingdom, Belgium,
/// Ireland, Portugal, Luxembourg, Switzerland.
const OTHERS: &[&str] = &[
    "AA-999-AA",
    "9999-AAA",
    "AA-99999",
    "AAA-9999",
    "AAA-99999",
    "AA-9999",
    "AA99-AAA",
    "A999-AAA",
    "AAA999A",
    "9-AAA-999",
    "AAA-999",
    "999-AAA",
    "999-A-99999",
    "99-A-99999",
    "999-A-9999",
    "99-A-9999",
    "99-A-999",
    "999-A-999",
    "AA-9999-A",
    "AAA-9A99",
    "AA-9AA99",
    "AAA-99A9",
    "AAA-AA99",
    "AA-9999-AA",
    "AA-99-AA",
    "99-99-AA",
    "AA-999999",
    "AA-A9999",
    "AAA-9AA9",
    "AAA-99AA",
    "A-99999-A",
    "AA-9999A",
];
/// The districts of Germany whose plates are most often seen.
const DISTRICTS: &[&str] = &[
    "A", "AA", "AC", "AK", "AN", "AB", "B", "BA", "BB", "BC", "BI", "BM", "BN", "BO", "BOR", "BRB",
    "BS", "BT", "C", "CB", "CE", "CLP", "COE", "CUX", "D", "DA", "DD", "DE", "DH", "DN", "DO",
    "DU", "E", "EF", "EL", "EM", "EN", "ER", "ERB", "ES", "EU", "F", "FB", "FD", "FF", "FL", "FN",
    "FR", "FS", "FT", "FÜ", "G", "GE", "GF", "GI", "GL", "GM", "GÖ", "GP", "GR", "GT", "H", "HA",
    "HAL", "HB", "HD", "HE", "HEI", "HER", "HF", "HG", "HGW", "HH", "HI", "HL", "HM", "HN", "HO",
    "HP", "HR", "HRO", "HS", "HSK", "HST", "HU", "HX", "IGB", "IN", "IZ", "J", "K", "KA", "KB",
    "KE", "KH", "KI", "KL", "KLE", "KN", "KO", "KR", "KS", "KU", "L", "LA", "LB", "LD", "LDK",
    "LER", "LEV", "LG", "LI", "LÖ", "LU", "M", "MA", "MB", "MD", "ME", "MG", "MH", "MI", "MK",
    "MR", "MS", "MTK", "MÜ", "MYK", "MZ", "N", "NB", "ND", "NE", "NEA", "NF", "NK", "NMS", "NOH",
    "NOM", "NR", "NU", "NW", "OA", "OB", "OD", "OF", "OG", "OH", "OL", "OS", "P", "PA", "PAF",
    "PB", "PE", "PF", "PI", "PIR", "R", "RA", "RE", "RO", "ROW", "RT", "RV", "RW", "S", "SB", "SC",
    "SE", "SG", "SHA", "SI", "SIG", "SK", "SL", "SN", "SO", "SP", "SR", "ST", "STD", "SU", "SZ",
    "TBB", "TR", "TS", "TÜ", "TUT", "UL", "UN", "V", "VB", "VEC", "VIE", "VK", "VS", "W", "WAF",
    "WES", "WF", "WHV", "WI", "WL", "WN", "WO", "WOB", "WT", "WÜ", "WUN", "X", "Z",
];

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    let mut at = 0;
    while at < text.len() {
        match plate(text, at) {
            Some((last, score)) => {
                hits.add(text, (at, last), Identifier::Plate, score);
                at = last + 1;
            }
            None => at += 1,
        }
    }
}

/// The last token of a plate that begins at `first`.
fn plate(text: &Text<'_>, first: usize) -> Option<(usize, f32)> {
    let begins = text.begins(first)
        && !(first > 0 && text.is_glued(first) && text.is_one_of(first - 1, "-./_#"));
    if !begins || !(text.is_letters(first) || text.digits(first) > 0) {
        return None;
    }
    let named = text.is_said(first, PLATE, OTHER, NEAR);
    let product = text.cue_before(first, PRODUCT.and(OTHER), 4).is_some();
    let car = named
        || text.cue_before(first, VEHICLE, AROUND).is_some()
        || text.cue_after(first, VEHICLE, AROUND).is_some();
    for parts in (1..=6).rev() {
        let Some(group) = Group::read(text, first, parts) else {
            continue;
        };
        if named && group.is_plate_like() {
            return Some((group.last, 1.0));
        }
        if !group.upper || product {
            continue;
        }
        if DUTCH.contains(&group.shape.as_str()) || group.is_german(text, first) {
            return Some((group.last, 0.9));
        }
        if car && (group.is_any_of(OTHERS) || group.is_loosely_german()) {
            return Some((group.last, 0.8));
        }
    }
    None
}

/// Letters and digits with single hyphens and spaces between them.
struct Group {
    last: usize,
    /// `A`, `9`, `-` and a space.
    shape: String,
    upper: bool,
}

impl Group {
    /// The first `parts` runs of letters or digits from `first` on, when nothing touches the last.
    fn read(text: &Text<'_>, first: usize, parts: usize) -> Option<Self> {
        let mut group = Self {
            last: first,
            shape: String::new(),
            upper: true,
        };
        let mut at = first;
        for part in 0..parts {
            if part > 0 {
                if text.is_one_of(at, "-·") {
                    group.shape.push('-');
                    at += 1;
                } else if !text.is_glued(at) {
                    group.shape.push(' ');
                }
            }
            let (sign, length) = if text.is_letters(at) {
                ('A', text.raw(at).chars().count())
            } else {
                ('9', text.digits(at))
            };
            if !(1..=6).contains(&length) {
                return None;
            }
            group.upper &= sign == '9' || text.is_upper(at);
            group.shape.extend(std::iter::repeat_n(sign, length));
            group.last = at;
            at += 1;
        }
        let ends = !(text.runs_on(at)
            || text.is_one_of(at, "-/") && text.is_glued(at) && text.runs_on(at + 1));
        (ends && group.shape.len() <= 12).then_some(group)
    }

    fn count(&self, sign: char) -> usize {
        self.shape.chars().filter(|c| *c == sign).count()
    }

    /// What may be a plate behind a word for it: four to nine letters and digits, some of each, and
    /// no word of small letters among them.
    fn is_plate_like(&self) -> bool {
        let (letters, digits) = (self.count('A'), self.count('9'));
        let words = !self.upper && (self.shape.contains(' ') || letters > 5);
        (4..=9).contains(&(letters + digits))
            && letters >= 1
            && digits >= 1
            && letters <= 6
            && !words
    }

    fn is_any_of(&self, shapes: &[&str]) -> bool {
        let bare: String = self
            .shape
            .chars()
            .filter(|c| *c != '-' && *c != ' ')
            .collect();
        // Separators stand where the shape has them, or nowhere.
        shapes.iter().any(|shape| {
            shape.chars().filter(|c| *c != '-').eq(bare.chars())
                && (self.shape == bare || self.shape.replace(' ', "-") == **shape)
        })
    }

    /// "M-AB 1234", "HH-KM 2047", "KA-RL 505E": one of the districts, a hyphen and a space.
    fn is_german(&self, text: &Text<'_>, first: usize) -> bool {
        let Some((district, rest)) = self.shape.split_once('-') else {
            return false;
        };
        let spaced = rest.split_once(' ').is_some_and(|(letters, digits)| {
            matches!(letters, "A" | "AA")
                && matches!(digits.trim_end_matches('A').len(), 1..=4)
                && digits.starts_with('9')
        });
        spaced && !district.contains(['9', ' ']) && DISTRICTS.contains(&text.raw(first))
    }

    /// The same with any separators.
    fn is_loosely_german(&self) -> bool {
        let parts: Vec<&str> = self.shape.split(['-', ' ']).collect();
        let letters = |part: &str, most: usize| {
            part.chars().all(|c| c == 'A') && (1..=most).contains(&part.len())
        };
        let digits = |part: &str| {
            part.starts_with('9')
                && (1..=4).contains(&part.trim_end_matches('A').len())
                && part.len() <= 5
        };
        match parts.as_slice() {
            [district, middle, number] => {
                letters(district, 3) && letters(middle, 2) && digits(number)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn plates_are_told_from_product_codes() {
        assert_table(
            Identifier::Plate,
            &[
                (
                    "De TX-45-KJ staat fout, de 12-TNB-8 ook",
                    &["TX-45-KJ", "12-TNB-8"],
                ),
                ("kenteken hg-345-t", &["hg-345-t"]),
                ("der M-AB 1234 und HH-KM 2047", &["M-AB 1234", "HH-KM 2047"]),
                ("véhicule AB-123-CD", &["AB-123-CD"]),
                ("matrícula 4821 KLM", &["4821 KLM"]),
                ("targa EX456KL", &["EX456KL"]),
                ("nr rej. WPR 4471K", &["WPR 4471K"]),
                ("Vehicle reg KX19 ZRT", &["KX19 ZRT"]),
                ("artikel GT-350-XL, model AB-123-C, AB-123-CD", &[]),
                ("12-03-80, B-12-3, 1250 EU", &[]),
            ],
        );
    }
}
