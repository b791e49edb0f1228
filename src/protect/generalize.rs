//! Coarser values for fields that cannot hold a token, or that reports need.
//!
//! Each function gives a value of the field's own type, and gives a coarse value back as it is, so
//! that a client may write what it has read. What it cannot read it refuses.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::protect::Error;

/// The first day of the date's year, `1980-01-01`; of a date with a time its first midnight, UTC.
///
/// # Errors
/// [`Error::NotADate`].
pub fn year(text: &str) -> Result<String, Error> {
    let moment = Moment::parse(text)?;
    Ok(moment.write(moment.date.year(), 1))
}

/// The first day of the date's month, `1980-05-01`; of a date with a time its first midnight, UTC.
///
/// # Errors
/// [`Error::NotADate`].
pub fn month(text: &str) -> Result<String, Error> {
    let moment = Moment::parse(text)?;
    Ok(moment.write(moment.date.year(), moment.date.month()))
}

/// The first `count` characters: `1234 AB` becomes `12`.
///
/// # Errors
/// [`Error::Blank`] when there are none, [`Error::Rule`] when `count` is 0.
pub fn leading(text: &str, count: usize) -> Result<String, Error> {
    if count == 0 {
        return Err(Error::Rule);
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Blank);
    }
    Ok(text
        .chars()
        .take(count)
        .collect::<String>()
        .trim_end()
        .to_owned())
}

/// The nearest multiple of `step`; halves go up. 34 becomes 30 and 35 becomes 40 by tens.
///
/// # Errors
/// [`Error::NotANumber`], or [`Error::Rule`] when `step` is 0.
pub fn round(text: &str, step: u32) -> Result<String, Error> {
    let number = Decimal::parse(text)?;
    multiple(number, step, true)
}

/// The multiple of `step` at or below: the lower end of the band. 34 and 39 become 30 by tens.
///
/// # Errors
/// [`Error::NotANumber`], or [`Error::Rule`] when `step` is 0.
pub fn band(text: &str, step: u32) -> Result<String, Error> {
    let number = Decimal::parse(text)?;
    multiple(number, step, false)
}

/// What the list says. A value that is one of its results stays.
///
/// # Errors
/// [`Error::NotListed`].
pub fn map<'a>(text: &str, list: &'a BTreeMap<String, String>) -> Result<&'a str, Error> {
    let text = text.trim();
    let listed = list.get(text);
    let result = || list.values().find(|result| *result == text);
    listed
        .or_else(result)
        .map(String::as_str)
        .ok_or(Error::NotListed)
}

/// A date, and whether a time stood behind it.
struct Moment {
    date: Date,
    timed: bool,
}

impl Moment {
    /// `YYYY-MM-DD`, or that with `Thh:mm`, seconds, fractions and an offset as the CRM writes them.
    fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let (day, time) = text.split_at_checked(10).ok_or(Error::NotADate)?;
        let ["-", "-"] = [day.get(4..5), day.get(7..8)].map(Option::unwrap_or_default) else {
            return Err(Error::NotADate);
        };
        let number = |range| {
            let digits: &str = day.get(range).unwrap_or_default();
            let all = digits.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| digits.parse::<i16>().ok())
                .flatten()
                .ok_or(Error::NotADate)
        };
        let (month, day_of_month) = (number(5..7)?, number(8..10)?);
        let date = Date::new(
            number(0..4)?,
            i8::try_from(month).map_err(|_| Error::NotADate)?,
            i8::try_from(day_of_month).map_err(|_| Error::NotADate)?,
        )
        .map_err(|_| Error::NotADate)?;
        if !time.is_empty() && !is_time(time) {
            return Err(Error::NotADate);
        }
        Ok(Self {
            date,
            timed: !time.is_empty(),
        })
    }

    fn write(&self, year: i16, month: i8) -> String {
        let time = if self.timed { "T00:00:00.000Z" } else { "" };
        format!("{year:04}-{month:02}-01{time}")
    }
}

/// `Thh:mm`, optionally `:ss` and `.f…`, optionally `Z`, `±hh:mm` or `±hhmm`. The hour is dropped
/// afterwards, so that only the form matters here.
fn is_time(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('T') else {
        return false;
    };
    let clock_end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(clock_end);
    let pattern: String = clock
        .chars()
        .map(|character| {
            if character.is_ascii_digit() {
                '9'
            } else {
                character
            }
        })
        .collect();
    let clock_fits = match pattern.split_once('.') {
        Some(("99:99:99", fraction)) => {
            (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte == b'9')
        }
        Some(_) => false,
        None => pattern == "99:99" || pattern == "99:99:99",
    };
    let zone_pattern: String = zone
        .chars()
        .skip(1)
        .map(|character| {
            if character.is_ascii_digit() {
                '9'
            } else {
                character
            }
        })
        .collect();
    let zone_fits = match zone.chars().next() {
        None => true,
        Some('Z') => zone_pattern.is_empty(),
        Some(_) => zone_pattern == "99:99" || zone_pattern == "9999",
    };
    clock_fits && zone_fits
}

/// A decimal number: `digits / 10^scale`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    /// Reads a number as JSON writes it, `-12.5e3`, in exact arithmetic.
    fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let exponent: i32 = exponent.parse().map_err(|_| Error::NotANumber)?;
                (mantissa, exponent)
            }
            None => (text, 0),
        };
        let (sign, magnitude) = match mantissa.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, mantissa),
        };
        let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
        let incomplete = whole.is_empty() || magnitude.ends_with('.');
        let figures = [whole, fraction].concat();
        if incomplete || figures.len() > 30 || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::NotANumber);
        }
        let digits: i128 = figures.parse().map_err(|_| Error::NotANumber)?;
        let places = i32::try_from(fraction.len()).map_err(|_| Error::NotANumber)?;
        let scale = places.checked_sub(exponent).ok_or(Error::NotANumber)?;
        if !(-30..=30).contains(&scale) {
            return Err(Error::NotANumber);
        }
        let digits = if scale < 0 {
            digits
                .checked_mul(10_i128.pow(scale.unsigned_abs()))
                .ok_or(Error::NotANumber)?
        } else {
            digits
        };
        Ok(Self {
            digits: sign * digits,
            scale: u32::try_from(scale.max(0)).map_err(|_| Error::NotANumber)?,
        })
    }
}

fn multiple(number: Decimal, step: u32, nearest: bool) -> Result<String, Error> {
    if step == 0 {
        return Err(Error::Rule);
    }
    let step = i128::from(step);
    let outside = || Error::NotANumber;
    let unit = step
        .checked_mul(10_i128.pow(number.scale))
        .ok_or_else(outside)?;
    let count = if nearest {
        let doubled = number.digits.checked_mul(2).ok_or_else(outside)?;
        doubled
            .checked_add(unit)
            .ok_or_else(outside)?
            .div_euclid(unit.checked_mul(2).ok_or_else(outside)?)
    } else {
        number.digits.div_euclid(unit)
    };
    Ok(count.checked_mul(step).ok_or_else(outside)?.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn a_date_keeps_its_year_or_its_month() {
        for (text, of_year, of_month) in [
            ("1980-05-17", "1980-01-01", "1980-05-01"),
            ("2000-02-29", "2000-01-01", "2000-02-01"),
            ("0099-12-31", "0099-01-01", "0099-12-01"),
            (
                "1980-05-17T23:59:59.000+0000",
                "1980-01-01T00:00:00.000Z",
                "1980-05-01T00:00:00.000Z",
            ),
            (
                "1980-05-17T23:59Z",
                "1980-01-01T00:00:00.000Z",
                "1980-05-01T00:00:00.000Z",
            ),
        ] {
            assert_eq!(year(text).as_deref(), Ok(of_year), "{text}");
            assert_eq!(month(text).as_deref(), Ok(of_month), "{text}");
            assert_eq!(year(of_year).as_deref(), Ok(of_year), "a coarse date stays");
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "1980",
            "17-05-1980",
            "1980-5-17",
            "1980-02-30",
            "1980-13-01",
            "+980-01-01",
            "1980-05-17 Jansen",
            "1980-05-17T",
            "1980-05-17T12",
            "1980-05-17TJansen",
            "1980-05-17T12:00Jansen",
            "1980-05-17T12:00:00.+01:00",
            "1980-05-17T12:00+1",
            "1980/05/17",
            "19é0-05-17",
            "1980-05-é",
        ] {
            assert_eq!(year(text), Err(Error::NotADate), "{text}");
            assert_eq!(month(text), Err(Error::NotADate), "{text}");
        }
    }

    #[test]
    fn leading_characters_are_kept() {
        assert_eq!(leading("1234 AB", 2).as_deref(), Ok("12"));
        assert_eq!(leading(" 1234 AB", 5).as_deref(), Ok("1234"));
        assert_eq!(leading("éé", 1).as_deref(), Ok("é"));
        assert_eq!(
            leading("12", 2).as_deref(),
            Ok("12"),
            "a coarse value stays"
        );
        assert_eq!(leading(" ", 2), Err(Error::Blank));
        assert_eq!(leading("1234 AB", 0), Err(Error::Rule));
    }

    #[test]
    fn numbers_go_to_their_band_and_to_the_nearest_step() {
        for (text, step, low, near) in [
            ("34", 10, "30", "30"),
            ("35", 10, "30", "40"),
            ("39.99", 10, "30", "40"),
            ("0", 10, "0", "0"),
            ("-1", 10, "-10", "0"),
            ("-5", 10, "-10", "0"),
            ("-6", 10, "-10", "-10"),
            ("-0.1", 5, "-5", "0"),
            ("3.45E4", 1000, "34000", "35000"),
            ("1234567e-3", 100, "1200", "1200"),
            (
                "999999999999999999",
                1000,
                "999999999999999000",
                "1000000000000000000",
            ),
        ] {
            assert_eq!(band(text, step).as_deref(), Ok(low), "{text}");
            assert_eq!(round(text, step).as_deref(), Ok(near), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1,5",
            "30-39",
            "0x10",
            "NaN",
            "1e",
            "1e99",
            "1e-99",
            "+1",
            "1e999999999999",
            "--1",
            "1 2",
            "1e2147483648",
            "9999999999999999999999999999999",
        ] {
            assert_eq!(band(text, 10), Err(Error::NotANumber), "{text}");
            assert_eq!(round(text, 10), Err(Error::NotANumber), "{text}");
        }
        assert_eq!(band("34", 0), Err(Error::Rule));
        assert_eq!(round("34", 0), Err(Error::Rule));
    }

    #[test]
    fn a_listed_value_becomes_what_the_list_says_and_no_other_passes() {
        let list = BTreeMap::from([
            ("Huisarts".to_owned(), "Zorg".to_owned()),
            ("Tandarts".to_owned(), "Zorg".to_owned()),
        ]);
        assert_eq!(map("Huisarts ", &list), Ok("Zorg"));
        assert_eq!(map("Zorg", &list), Ok("Zorg"));
        assert_eq!(map("Psychiater", &list), Err(Error::NotListed));
    }

    proptest! {
        #[test]
        fn a_band_holds_its_number(number in any::<i64>(), step in 1..100_000_u32) {
            let low: i128 = band(&number.to_string(), step).unwrap().parse().unwrap();
            let above = i128::from(number) - low;
            prop_assert!((0..i128::from(step)).contains(&above));
            prop_assert_eq!(low.rem_euclid(i128::from(step)), 0);
            prop_assert_eq!(band(&low.to_string(), step).unwrap(), low.to_string());
        }

        #[test]
        fn no_text_makes_a_rule_fail(text in any::<String>(), step in 1..1000_u32) {
            let _ = (year(&text), month(&text), round(&text, step), band(&text, step));
            prop_assert!(leading(&text, 3).map_or(true, |kept| kept.chars().count() <= 3));
        }
    }
}
