//! Telephone numbers of the EU and its neighbours: international, and national with their usual
//! grouping; beside a word for telephones also bare ones.

use crate::detect::Identifier;
use crate::detect::identifiers::birth;
use crate::detect::identifiers::cues::{BIRTH, CARD, IBAN, MONEY, OTHER, PHONE, VERSION};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How near a word must stand that says what the number is.
const NEAR: usize = 8;
/// A number has no more groups.
const GROUPS: usize = 8;
/// ITU-T E.164: no number has more digits, the country's included; 00 comes before.
const LONGEST: usize = 17;

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    let mut at = 0;
    while at < text.len() {
        match number(text, at) {
            Some((last, score)) => {
                hits.add(text, (at, last), Identifier::Phone, score);
                at = last + 1;
            }
            None => at += 1,
        }
    }
}

/// Groups of digits with what stands between them.
#[derive(Default)]
struct Number {
    digits: String,
    /// How many digits each group has.
    groups: Vec<usize>,
    /// The last token of each group.
    ends: Vec<usize>,
    plus: bool,
    /// "(020) 6234567": the area in brackets.
    area: bool,
    dotted: bool,
    dashed: bool,
}

/// The last token of a telephone number that begins at `first`, and how sure it is.
fn number(text: &Text<'_>, first: usize) -> Option<(usize, f32)> {
    if !may_begin(text, first) {
        return None;
    }
    let whole = Number::read(text, first)?;
    let others = OTHER.and(IBAN).and(CARD).and(VERSION).and(BIRTH);
    let cue = text.is_said(first, PHONE, others, NEAR);
    let other = !cue && text.cue_before(first, others, NEAR - 2).is_some();
    for groups in (1..=whole.groups.len()).rev() {
        let number = whole.first(groups);
        let Some(last) = number.ends.last().copied() else {
            continue;
        };
        let rest = groups < whole.groups.len();
        if !ends(text, last, number.area)
            || birth::date(text, first).is_some_and(|date| date >= last)
        {
            continue;
        }
        if number.is_phone(cue, other, rest) {
            return Some((last, if cue || number.plus { 1.0 } else { 0.8 }));
        }
    }
    None
}

fn may_begin(text: &Text<'_>, first: usize) -> bool {
    let opens =
        text.is_one_of(first, "+(") && (text.is_glued(first + 1) || text.digits(first + 1) > 0);
    let inside =
        first > 0 && text.digits(first - 1) > 0 && !text.raw(first).starts_with(['0', '+', '(']);
    if !(text.digits(first) > 0 || opens) || inside {
        return false;
    }
    let Some(before) = first.checked_sub(1).filter(|_| text.is_glued(first)) else {
        return true;
    };
    let open = text.is_one_of(before, ":;,([{<\"'>|") || text.is_break(before);
    open || text.is_one_of(before, "./-=")
        && before
            .checked_sub(1)
            .is_none_or(|further| text.is_letters(further) && text.says(further, PHONE))
}

/// Whether the number ends behind `last`.
fn ends(text: &Text<'_>, last: usize, _area: bool) -> bool {
    let next = last + 1;
    let runs_on = text.runs_on(next) && !matches!(text.folded(next), "x" | "ext");
    let joined = text.is_glued(next) && text.is_glued(next + 1);
    let continued = joined
        && (text.is_one_of(next, "-./,_:") && text.digits(next + 1) > 0
            || text.is_one_of(next, "-/") && text.runs_on(next + 1));
    let amount = text.is_one_of(next, "%€$£@") || text.says(next, MONEY) && !text.is_break(next);
    !(runs_on || continued || amount)
}

impl Number {
    fn read(text: &Text<'_>, first: usize) -> Option<Self> {
        let mut number = Self::default();
        let mut at = first;
        let mut open = false;
        if text.is_mark(at, '(') {
            open = true;
            at += 1;
        }
        if text.is_mark(at, '+') {
            number.plus = true;
            at += 1;
        }
        number.area = open && !number.plus;
        while number.groups.len() < GROUPS {
            let digits = text.digits(at);
            if digits == 0 || number.digits.len() + digits > LONGEST {
                break;
            }
            number.digits.push_str(text.raw(at));
            number.groups.push(digits);
            number.ends.push(at);
            at += 1;
            if open && text.is_mark(at, ')') {
                open = false;
                at += 1;
            }
            at = number.behind_separator(text, at, &mut open);
        }
        let enough = !(number.groups.is_empty() || open && number.area);
        enough.then_some(number)
    }

    /// The token behind what may stand between two groups; counts the "(0)" as no digit.
    fn behind_separator(&mut self, text: &Text<'_>, at: usize, open: &mut bool) -> usize {
        if text.is_mark(at, '(') && text.digits(at + 1) > 0 && !self.area {
            if text.raw(at + 1) == "0" && text.is_mark(at + 2, ')') {
                let behind = at + 3;
                return behind + usize::from(text.is_one_of(behind, "-/."));
            }
            *open = true;
            return at + 1;
        }
        let separator = text.is_one_of(at, "-./") && text.digits(at + 1) > 0;
        if !separator {
            return at;
        }
        let spaced = !text.is_glued(at) || !text.is_glued(at + 1);
        if spaced && text.is_mark(at, '.') {
            return usize::MAX;
        }
        self.dotted |= text.is_mark(at, '.');
        self.dashed |= text.is_one_of(at, "-/");
        at + 1
    }

    fn first(&self, groups: usize) -> Self {
        let length = self.groups.iter().take(groups).sum();
        Self {
            digits: self.digits.get(..length).unwrap_or_default().to_owned(),
            groups: self.groups.iter().copied().take(groups).collect(),
            ends: self.ends.iter().copied().take(groups).collect(),
            ..*self
        }
    }

    /// `rest`: more groups follow that do not belong to it.
    fn is_phone(&self, cue: bool, other: bool, rest: bool) -> bool {
        let length = self.digits.len();
        // "0730.066.533": an enterprise of Belgium.
        let firm = self.dotted && self.groups == [4, 3, 3];
        if (self.is_amount() || firm) && !cue {
            return false;
        }
        if self.plus {
            return (8..=15).contains(&length) && !self.digits.starts_with('0');
        }
        if self.digits.starts_with("00") {
            return (11..=LONGEST).contains(&length)
                && !self.digits.starts_with("000")
                && (cue || !other);
        }
        if self.digits.starts_with('0') {
            return self.is_national(cue, other, rest);
        }
        let bare = !self.digits.starts_with('1') || self.area || length == 11;
        if cue {
            return bare && (7..=11).contains(&length) || length == 6 && self.groups.len() > 1;
        }
        !other && !rest && (self.area && (8..=11).contains(&length) || self.is_grouped())
    }

    /// With the trunk's 0: ten digits in most countries, nine in Belgium and some others, up to
    /// twelve in Germany and Austria.
    fn is_national(&self, cue: bool, other: bool, rest: bool) -> bool {
        let length = self.digits.len();
        if cue || self.area {
            return (8..=13).contains(&length) && !(self.area && other && !cue);
        }
        let grouped = self.groups.len() > 1;
        let area = self
            .groups
            .first()
            .is_some_and(|group| (2..=5).contains(group));
        if other || rest && !grouped {
            return false;
        }
        match length {
            10 | 11 => true,
            9 => grouped && self.groups.len() <= 5,
            8 | 12 => grouped && area && self.groups.len() <= 4,
            _ => false,
        }
    }

    /// As Spain, Poland, Czechia and Italy write numbers without a 0 before them.
    fn is_grouped(&self) -> bool {
        let first = self.digits.bytes().next().unwrap_or_default();
        match self.groups.as_slice() {
            [3, 3, 3] => (b'5'..=b'9').contains(&first) && !self.digits.ends_with("000"),
            [3, 2, 2, 2] | [2, 3, 2, 2] | [2, 2, 2, 3] => first >= b'2',
            [3, 7] | [3, 3, 4] => first == b'3',
            _ => false,
        }
    }

    /// "1.250.000": groups of three behind stops.
    fn is_amount(&self) -> bool {
        self.dotted
            && !self.dashed
            && self.groups.len() > 1
            && !self.digits.starts_with('0')
            && self.groups.iter().skip(1).all(|group| *group == 3)
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::found;

    #[test]
    fn numbers_are_found_in_the_formats_of_the_countries() {
        for number in [
            "06-12345678",
            "0612345678",
            "+31 (0)20-714 55 09",
            "0031 570 614421",
            "(0570) 61 44 20",
            "+32 476 12 34 56",
            "0475 61 82 93",
            "02/512.34.56",
            "030 1234567",
            "0171 / 920 44 18",
            "+49 (0) 40 3344-217",
            "0660 4412098",
            "01.42.68.53.00",
            "+33 6 12 34 56 78",
            "612 44 09 83",
            "91 234 56 78",
            "348 772 9104",
            "+39 02 5519 8437",
            "601 448 273",
            "+48 22 439 10 57",
            "07700 900123",
            "020 7946 0857",
            "+353 87 123 4567",
            "+351 912 345 678",
            "+420 777 123 456",
            "+358 40 123 4567",
            "+46 70 123 45 67",
            "+1 (415) 555-0132",
        ] {
            assert_eq!(
                found(&format!("Zie {number} voor vragen"), Identifier::Phone),
                [number]
            );
        }
        assert_eq!(found("tel 20 12 34 56", Identifier::Phone), ["20 12 34 56"]);
        assert_eq!(found("móvil 655123987", Identifier::Phone), ["655123987"]);
    }

    #[test]
    fn other_numbers_are_no_telephones() {
        for text in [
            "order 0612345678",
            "12-03-2024",
            "2024-03-12",
            "1.250.000 stuks",
            "650.000.000 pesetas",
            "NL91 ABNA 0417 1643 00",
            "versie 10.4.12.1",
            "klantnummer 700812345",
            "0612,50 euro",
            "BCE 0328.834.948",
            "04-522757-B",
            "29 780 546 321",
        ] {
            assert_eq!(found(text, Identifier::Phone), Vec::<&str>::new(), "{text}");
        }
    }
}
