//! Literals without quotes: numbers, amounts, dates, times, date names, booleans and null.
//!
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE" and "Querying
//! Currency Fields in Multicurrency Orgs".

use crate::dialect::salesforce::soql::ast::{Value, Verbatim};

/// Date names that stand alone.
const DATE_NAMES: &[&str] = &[
    "YESTERDAY",
    "TODAY",
    "TOMORROW",
    "LAST_WEEK",
    "THIS_WEEK",
    "NEXT_WEEK",
    "LAST_MONTH",
    "THIS_MONTH",
    "NEXT_MONTH",
    "LAST_90_DAYS",
    "NEXT_90_DAYS",
    "LAST_QUARTER",
    "THIS_QUARTER",
    "NEXT_QUARTER",
    "LAST_YEAR",
    "THIS_YEAR",
    "NEXT_YEAR",
    "LAST_FISCAL_QUARTER",
    "THIS_FISCAL_QUARTER",
    "NEXT_FISCAL_QUARTER",
    "LAST_FISCAL_YEAR",
    "THIS_FISCAL_YEAR",
    "NEXT_FISCAL_YEAR",
];

/// Date names with a number behind a colon.
const COUNTED_DATE_NAMES: &[&str] = &[
    "LAST_N_DAYS",
    "NEXT_N_DAYS",
    "N_DAYS_AGO",
    "LAST_N_WEEKS",
    "NEXT_N_WEEKS",
    "N_WEEKS_AGO",
    "LAST_N_MONTHS",
    "NEXT_N_MONTHS",
    "N_MONTHS_AGO",
    "LAST_N_QUARTERS",
    "NEXT_N_QUARTERS",
    "N_QUARTERS_AGO",
    "LAST_N_YEARS",
    "NEXT_N_YEARS",
    "N_YEARS_AGO",
    "LAST_N_FISCAL_QUARTERS",
    "NEXT_N_FISCAL_QUARTERS",
    "N_FISCAL_QUARTERS_AGO",
    "LAST_N_FISCAL_YEARS",
    "NEXT_N_FISCAL_YEARS",
    "N_FISCAL_YEARS_AGO",
];

/// What a literal without quotes says.
pub(super) fn plain(run: &str) -> Option<Value> {
    let checked = || Verbatim::checked(run);
    if is_number(run) {
        return Some(Value::Number(checked()));
    }
    if is_currency(run) {
        return Some(Value::Currency(checked()));
    }
    if is_date(run) {
        return Some(Value::Date(checked()));
    }
    if let Some((date, time)) = run.split_once('T')
        && is_date(date)
    {
        return is_time(time, true).then(|| Value::DateTime(checked()));
    }
    if is_time(run, false) {
        return Some(Value::Time(checked()));
    }
    match run.to_ascii_lowercase().as_str() {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        _ => date_name(run),
    }
}

fn date_name(run: &str) -> Option<Value> {
    let (text, names, count) = match run.split_once(':') {
        None => (run, DATE_NAMES, None),
        Some((text, count)) if is_digits(count) => {
            (text, COUNTED_DATE_NAMES, Some(count.parse().ok()?))
        }
        Some(_) => return None,
    };
    let name = names.iter().find(|name| text.eq_ignore_ascii_case(name))?;
    Some(Value::DateName { name, count })
}

/// `12`, `-1.5`, `.5`, `1e6`.
fn is_number(run: &str) -> bool {
    let run = run.strip_prefix(['+', '-']).unwrap_or(run);
    let (mantissa, exponent) = match run.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (run, None),
    };
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    let mantissa = match mantissa.split_once('.') {
        Some((whole, part)) => (whole.is_empty() || is_digits(whole)) && is_digits(part),
        None => is_digits(mantissa),
    };
    mantissa && exponent.is_none_or(is_digits)
}

/// An ISO 4217 code and a number, `USD-500`.
fn is_currency(run: &str) -> bool {
    run.split_at_checked(3).is_some_and(|(code, amount)| {
        code.bytes().all(|b| b.is_ascii_uppercase()) && is_number(amount)
    })
}

/// `YYYY-MM-DD`.
fn is_date(run: &str) -> bool {
    let parts: Vec<&str> = run.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    year.len() == 4 && is_digits(year) && is_within(month, 1, 12) && is_within(day, 1, 31)
}

/// `hh:mm:ss`, perhaps a fraction of any length, then `Z`, `+hh:mm` or `+hhmm`.
fn is_time(run: &str, needs_zone: bool) -> bool {
    let (clock, zone) = match run.find(['Z', '+', '-']) {
        Some(at) => run.split_at(at),
        None => (run, ""),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else {
        return false;
    };
    is_within(hour, 0, 23)
        && is_within(minute, 0, 59)
        && is_within(second, 0, 59)
        && fraction.is_none_or(is_digits)
        && is_zone(zone, needs_zone)
}

fn is_zone(zone: &str, needed: bool) -> bool {
    match zone {
        "" => !needed,
        "Z" => true,
        _ => {
            let offset = zone.get(1..).unwrap_or_default();
            let hour = offset.get(..2).unwrap_or_default();
            let minute = offset.get(2..).unwrap_or_default();
            let minute = minute.strip_prefix(':').unwrap_or(minute);
            !zone.starts_with('Z') && is_within(hour, 0, 23) && is_within(minute, 0, 59)
        }
    }
}

/// Two digits, from `low` to `high`.
fn is_within(text: &str, low: u8, high: u8) -> bool {
    let number = text.parse().unwrap_or(u8::MAX);
    text.len() == 2 && is_digits(text) && (low..=high).contains(&number)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_literal_has_its_kind() {
        let table = [
            ("number", "0 12 -1 +1 -122.418 .5 1e6 1.5E-7"),
            ("currency", "USD5000 USD5000.01 USD-500 EUR.5"),
            ("date", "2010-09-21 1960-01-01"),
            (
                "date and time",
                "2020-04-15T02:40:03.000+0000 2020-04-15T02:40:03Z 2020-04-15T02:40:03-07:00 \
                 2020-04-23T09:00:00.00000000000000000000000000000000+00:00",
            ),
            ("time", "14:00:00 14:00:00.000Z 09:30:00+01:00"),
            ("boolean", "true FALSE True"),
            ("null", "null NULL Null"),
            (
                "date name",
                "TODAY last_n_days:4 N_FISCAL_YEARS_AGO:3 NEXT_90_DAYS",
            ),
        ];
        for (kind, runs) in table {
            for run in runs.split_whitespace() {
                let found = plain(run).map(|value| value.kind());
                assert_eq!(found, Some(kind), "{run}");
            }
        }
    }

    #[test]
    fn what_has_no_kind_is_refused() {
        let runs = "foo Jansen Account.Name 1. 1.2.3 --1 1- 1e e5 5L usd5000 USD US5 \
                    2010-9-21 2010-13-01 2010-01-32 2010-01-00 \
                    2020-04-15T02:40:03 2020-04-15t02:40:03Z 2020-04-15T24:00:00Z \
                    2020-04-15T02:40Z 2020-04-15T02:40:03+1 2020-04-15T02:40:03Z0000 \
                    2020-04-15T02:40:03.Z 14:00 TODAY:1 LAST_N_DAYS LAST_N_DAYS: \
                    LAST_N_DAYS:-4 LAST_N_DAYS:x LAST_N_DAYS:4:4 LAST_N_DAYS:99999999999 \
                    trueish nulls";
        for run in runs.split_whitespace() {
            assert!(plain(run).is_none(), "{run}");
        }
        assert!(plain("").is_none());
    }
}
