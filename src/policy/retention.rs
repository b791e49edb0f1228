//! How long data is kept, as policy states it: an ISO 8601 duration of whole days or more.

/// The months of an ISO 8601 duration of whole days or more, rounded up; none where it is of
/// another form or not above zero.
pub fn months(retention: &str) -> Option<i32> {
    if !retention.starts_with('P') || retention.contains('T') {
        return None; // jiff also reads "7 years", and retention in hours is a slip.
    }
    let span: jiff::Span = retention.parse().ok()?;
    if !span.is_positive() {
        return None;
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
    i32::try_from(months + (days + 29) / 30).ok()
}

#[cfg(test)]
mod tests {
    use super::months;

    #[test]
    fn durations_of_days_and_more_are_read_and_others_are_not() {
        assert_eq!(months("P7Y"), Some(84));
        assert_eq!(months("P1Y6M"), Some(18));
        assert_eq!(months("P31D"), Some(2));
        assert_eq!(months("P2W"), Some(1));
        for wrong in [
            "", "P", "7Y", "7 years", "PT24H", "-P7Y", "P0D", "P7Y ", "p7y",
        ] {
            assert_eq!(months(wrong), None, "{wrong}");
        }
    }
}
