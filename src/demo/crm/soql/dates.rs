//! Date literals such as `LAST_WEEK` and `NEXT_N_MONTHS:3` as spans of days.

use jiff::ToSpan;
use jiff::civil::Date;

/// The days from `first` up to but not including `end`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Days {
    pub first: Date,
    pub end: Date,
}

/// The days that a literal means on the day `today`; weeks begin on Sunday, as in Salesforce's
/// default locale.
pub fn days(literal: &str, today: Date) -> Option<Days> {
    let upper = literal.to_uppercase();
    let (name, number) = match upper.split_once(':') {
        Some((name, number)) => (name, Some(number.parse::<i32>().ok()?)),
        None => (upper.as_str(), None),
    };
    match number {
        None => fixed(name, today),
        Some(number) => counted(name, number, today),
    }
}

fn fixed(name: &str, today: Date) -> Option<Days> {
    let tomorrow = shift(today, Unit::Day, 1)?;
    match name {
        "TODAY" => whole(today, Unit::Day, 0, 1),
        "YESTERDAY" => whole(today, Unit::Day, -1, 1),
        "TOMORROW" => whole(today, Unit::Day, 1, 1),
        "LAST_90_DAYS" => Some(Days {
            first: shift(today, Unit::Day, -90)?,
            end: tomorrow,
        }),
        "NEXT_90_DAYS" => whole(today, Unit::Day, 1, 90),
        _ => {
            let (when, unit) = name.split_once('_')?;
            let from = match when {
                "LAST" => -1,
                "THIS" => 0,
                "NEXT" => 1,
                _ => return None,
            };
            let unit = match unit {
                "WEEK" => Unit::Week,
                "MONTH" => Unit::Month,
                "QUARTER" => Unit::Quarter,
                "YEAR" => Unit::Year,
                _ => return None,
            };
            whole(today, unit, from, 1)
        }
    }
}

fn counted(name: &str, number: i32, today: Date) -> Option<Days> {
    if number < 0 {
        return None;
    }
    let units = [
        ("DAYS", Unit::Day),
        ("WEEKS", Unit::Week),
        ("MONTHS", Unit::Month),
        ("QUARTERS", Unit::Quarter),
        ("YEARS", Unit::Year),
    ];
    units.into_iter().find_map(|(word, unit)| {
        if name == format!("N_{word}_AGO") {
            whole(today, unit, -number, 1)
        } else if name == "LAST_N_DAYS" && unit == Unit::Day {
            // The only one that includes the current unit.
            whole(today, unit, -number, number.checked_add(1)?)
        } else if name == format!("LAST_N_{word}") {
            whole(today, unit, -number, number)
        } else if name == format!("NEXT_N_{word}") {
            whole(today, unit, 1, number)
        } else {
            None
        }
    })
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// `count` whole units, the first of them `from` units away from the one of today.
fn whole(today: Date, unit: Unit, from: i32, count: i32) -> Option<Days> {
    let start = match unit {
        Unit::Day => today,
        Unit::Week => {
            let passed = today.weekday().to_sunday_zero_offset();
            shift(today, Unit::Day, -i32::from(passed))?
        }
        Unit::Month => today.first_of_month(),
        Unit::Quarter => {
            let month = (today.month() - 1) / 3 * 3 + 1;
            Date::new(today.year(), month, 1).ok()?
        }
        Unit::Year => today.first_of_year(),
    };
    let first = shift(start, unit, from)?;
    let end = shift(first, unit, count)?;
    Some(Days { first, end })
}

fn shift(date: Date, unit: Unit, count: i32) -> Option<Date> {
    if count.abs() > 100_000 {
        return None;
    }
    let span = match unit {
        Unit::Day => count.days(),
        Unit::Week => (count * 7).days(),
        Unit::Month => count.months(),
        Unit::Quarter => (count * 3).months(),
        Unit::Year => (count * 12).months(),
    };
    date.checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::{Days, days};
    use jiff::civil::date;

    #[test]
    fn literals_mean_the_days_that_the_vendor_documents() {
        let today = date(2026, 11, 21); // a Saturday
        for (literal, first, end) in [
            ("TODAY", date(2026, 11, 21), date(2026, 11, 22)),
            ("yesterday", date(2026, 11, 20), date(2026, 11, 21)),
            ("THIS_WEEK", date(2026, 11, 15), date(2026, 11, 22)),
            ("LAST_MONTH", date(2026, 10, 1), date(2026, 11, 1)),
            ("NEXT_QUARTER", date(2027, 1, 1), date(2027, 4, 1)),
            ("THIS_YEAR", date(2026, 1, 1), date(2027, 1, 1)),
            ("LAST_N_DAYS:3", date(2026, 11, 18), date(2026, 11, 22)),
            ("NEXT_N_DAYS:3", date(2026, 11, 22), date(2026, 11, 25)),
            ("N_DAYS_AGO:2", date(2026, 11, 19), date(2026, 11, 20)),
            ("LAST_N_YEARS:2", date(2024, 1, 1), date(2026, 1, 1)),
        ] {
            assert_eq!(days(literal, today), Some(Days { first, end }), "{literal}");
        }
    }

    #[test]
    fn other_words_are_no_date_literal() {
        let today = date(2026, 11, 21);
        for literal in ["SOON", "LAST_N_DAYS:x", "LAST_FORTNIGHT", "LAST_N_DAYS"] {
            assert_eq!(days(literal, today), None, "{literal}");
        }
    }
}
