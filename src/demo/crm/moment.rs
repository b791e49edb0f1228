//! Dates and instants in the forms that Salesforce takes and gives.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `2026-03-01T09:30:00.000+0000`; the text sorts as the instants do.
pub fn datetime(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

pub fn date(milliseconds: i64) -> Date {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).date()
}

/// Milliseconds since the epoch; an instant without an offset is in UTC. More than nine digits of
/// a fraction are cut, as clients send up to 32.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let time = text.get(10..).filter(|rest| rest.starts_with('T'))?;
    let mut whole = text.to_owned();
    if !time.contains(['Z', '+', '-']) {
        whole.push('Z');
    }
    if let Some((before, after)) = whole.split_once('.') {
        let end = after
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(after.len());
        let (digits, offset) = after.split_at_checked(end)?;
        whole = format!("{before}.{}{offset}", digits.get(..9).unwrap_or(digits));
    }
    let at: Timestamp = whole.parse().ok()?;
    Some(at.as_millisecond())
}

pub fn parse_date(text: &str) -> Option<Date> {
    if text.len() != 10 {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{date, datetime, parse_date, parse_datetime};

    #[test]
    fn the_forms_of_an_instant_are_one_instant() {
        let at = parse_datetime("2026-03-01T09:30:00Z").unwrap();
        for text in [
            "2026-03-01T09:30:00.000+0000",
            "2026-03-01T10:30:00+01:00",
            "2026-03-01T04:30:00-0500",
            "2026-03-01T09:30:00",
        ] {
            assert_eq!(parse_datetime(text), Some(at), "{text}");
        }
        assert_eq!(datetime(at), "2026-03-01T09:30:00.000+0000");
        assert_eq!(date(at).to_string(), "2026-03-01");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        assert_eq!(parse_date("2026-02-30"), None);
        assert_eq!(parse_date("01-03-2026"), None);
        assert_eq!(parse_datetime("2026-03-01"), None);
        assert!(parse_date("2026-02-28").is_some());
    }
}
