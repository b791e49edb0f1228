//! Functions.

use crate::dialect::salesforce::soql::ast::{Literal, Name, Path, Span};

/// A function with its arguments, `COUNT()` and `FIELDS(ALL)` too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    pub span: Span,
    /// As the client wrote it; `function` says which it is.
    pub name: Name,
    pub function: Function,
    pub arguments: Vec<Argument>,
}

/// An argument of a function. A literal stands in `DISTANCE` and `GEOLOCATION` alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Argument {
    Path(Path),
    Call(Call),
    Literal(Literal),
}

/// The functions that SOQL has: parsing refuses any other. What one does to a value decides
/// whether it can be answered over a protected field, so match on every variant.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Function {
    /// `COUNT()` and `COUNT(field)`.
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    /// Whether a row is a subtotal over the field.
    Grouping,
    /// The label of a picklist's value in the user's language.
    ToLabel,
    /// A number, a date or an amount as the user's locale writes it.
    Format,
    ConvertCurrency,
    ConvertTimezone,
    /// `CALENDAR_YEAR`, `HOUR_IN_DAY`, `DAY_ONLY` and the like: part of a date.
    DatePart,
    /// `DISTANCE(location, GEOLOCATION(latitude, longitude), 'km')`.
    Distance,
    /// A place, as an argument of `DISTANCE`.
    Geolocation,
    /// `FIELDS(ALL)`, `FIELDS(CUSTOM)` and `FIELDS(STANDARD)`; the argument is not a field.
    Fields,
}

impl Function {
    /// The function of that name, whatever the case. Source: SOQL and SOSL Reference, "Date
    /// Functions", "Aggregate Functions", "FIELDS()" and the pages on the others.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        const NAMES: &[(&str, Function)] = &[
            ("COUNT", Function::Count),
            ("COUNT_DISTINCT", Function::CountDistinct),
            ("SUM", Function::Sum),
            ("AVG", Function::Avg),
            ("MIN", Function::Min),
            ("MAX", Function::Max),
            ("GROUPING", Function::Grouping),
            ("toLabel", Function::ToLabel),
            ("FORMAT", Function::Format),
            ("convertCurrency", Function::ConvertCurrency),
            ("convertTimezone", Function::ConvertTimezone),
            ("CALENDAR_MONTH", Function::DatePart),
            ("CALENDAR_QUARTER", Function::DatePart),
            ("CALENDAR_YEAR", Function::DatePart),
            ("DAY_IN_MONTH", Function::DatePart),
            ("DAY_IN_WEEK", Function::DatePart),
            ("DAY_IN_YEAR", Function::DatePart),
            ("DAY_ONLY", Function::DatePart),
            ("FISCAL_MONTH", Function::DatePart),
            ("FISCAL_QUARTER", Function::DatePart),
            ("FISCAL_YEAR", Function::DatePart),
            ("HOUR_IN_DAY", Function::DatePart),
            ("WEEK_IN_MONTH", Function::DatePart),
            ("WEEK_IN_YEAR", Function::DatePart),
            ("DISTANCE", Function::Distance),
            ("GEOLOCATION", Function::Geolocation),
            ("FIELDS", Function::Fields),
        ];
        let found = NAMES
            .iter()
            .find(|(text, _)| text.eq_ignore_ascii_case(name));
        found.map(|(_, function)| *function)
    }
}
