//! The words that a report's metadata may have where no name and no value stands.

/// Operators of a filter (Reports and Dashboards REST API, "reportFilters").
pub const OPERATORS: &[&str] = &[
    "equals",
    "notEqual",
    "lessThan",
    "greaterThan",
    "lessOrEqual",
    "greaterOrEqual",
    "contains",
    "notContain",
    "startsWith",
    "includes",
    "excludes",
    "within",
];

pub const FORMATS: &[&str] = &["TABULAR", "SUMMARY", "MATRIX"];
pub const ORDERS: &[&str] = &["Asc", "Desc"];
pub const GRANULARITIES: &[&str] = &[
    "None",
    "Day",
    "Week",
    "CalendarWeek",
    "Month",
    "Quarter",
    "Year",
    "FiscalPeriod",
    "FiscalQuarter",
    "FiscalWeek",
    "FiscalYear",
    "MonthInYear",
    "DayInMonth",
];
pub const SCOPES: &[&str] = &["user", "team", "organization", "mine", "all", "queue"];
pub const FILTER_TYPES: &[&str] = &["fieldValue", "fieldToField"];

/// Names and values of the filters that a standard report type has beside its columns.
pub const STANDARD_FILTERS: &[&str] = &[
    "open",
    "closed",
    "closedwon",
    "all",
    "probability",
    "show",
    "units",
    "d",
    "h",
    "m",
    ">0",
    ">10",
    ">20",
    ">30",
    ">40",
    ">50",
    ">60",
    ">70",
    ">80",
    ">90",
    ">99",
];

/// Codes of currencies (ISO 4217).
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR \
    FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD \
    JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK \
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN \
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL \
    THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF \
    YER ZAR ZMW ZWL";

/// Whether a text is the code of a currency.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && CURRENCIES.split(' ').any(|code| code == text)
}

/// Whether a text is a range of dates by its name: `THIS_FISCAL_QUARTER`, `LAST_N_DAYS:30`, `CUSTOM`.
#[must_use]
pub fn is_duration(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "AGO",
        "CURR",
        "CURRENT",
        "CUSTOM",
        "DAY",
        "DAYS",
        "FISCAL",
        "FQ",
        "FY",
        "LAST",
        "MONTH",
        "MONTHS",
        "N",
        "NEXT",
        "PREV",
        "PREVIOUS",
        "QUARTER",
        "QUARTERS",
        "THIS",
        "TODAY",
        "TOMORROW",
        "WEEK",
        "WEEKS",
        "YEAR",
        "YEARS",
        "YESTERDAY",
        "CURRENTFY",
        "CURRENTQ",
        "CURNEXT",
        "CURPREVQ",
        "CURNEXTQ",
        "NEXTQ",
        "PREVQ",
        "NEXTFY",
        "PREVFY",
        "CURY",
        "PREVY",
        "NEXTY",
    ];
    let (words, count) = match text.split_once(':') {
        Some((words, count)) => (words, Some(count)),
        None => (text, None),
    };
    let parts: Vec<&str> = words.split(['_', ' ']).collect();
    let known = |part: &&str| WORDS.contains(part) || is_small(part);
    // Several small numbers could spell a long one.
    let numbers = parts
        .iter()
        .copied()
        .chain(count)
        .filter(|part| is_small(part));
    let one = numbers.count() <= 1;
    one && text.len() <= 40 && count.is_none_or(is_small) && parts.iter().all(known)
}

/// A number of three digits at most: no number of anybody's.
fn is_small(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text joins filters by their numbers: `1 AND (2 OR NOT 3)`.
#[must_use]
pub fn is_boolean_filter(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut open = 0_usize;
    let mut operand = true;
    for word in spaced.split(' ').filter(|word| !word.is_empty()) {
        let word = word.to_ascii_uppercase();
        match (word.as_str(), operand) {
            ("(", true) => open += 1,
            ("NOT", true) => {}
            (")", false) if open > 0 => open -= 1,
            ("AND" | "OR", false) => operand = true,
            (number, true) if is_filter(number) => operand = false,
            _ => return false,
        }
    }
    text.len() <= 255 && open == 0 && !operand
}

/// A report has twenty filters at most.
fn is_filter(text: &str) -> bool {
    let number = text
        .parse()
        .is_ok_and(|number: u8| (1..=20).contains(&number));
    number && !text.starts_with(['0', '+'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_number_of_anybodys_is_no_word() {
        for text in [
            "CUSTOM",
            "THIS_FISCAL_QUARTER",
            "LAST_N_DAYS:30",
            "LAST 7 DAYS",
            "TODAY",
        ] {
            assert!(is_duration(text), "{text}");
        }
        for text in [
            "JANSEN",
            "THIS_JANSEN",
            "0612345678",
            "LAST_N_DAYS:0612",
            "LAST 061 234 567 DAYS",
            "today",
            "",
        ] {
            assert!(!is_duration(text), "{text}");
        }
        assert!(is_currency("EUR") && is_currency("USD"));
        assert!(!is_currency("JAN") && !is_currency("EUR USD") && !is_currency(""));
        for text in ["1 AND 2", "1 and (2 or not 3)", "(1 OR 2) AND 12"] {
            assert!(is_boolean_filter(text), "{text}");
        }
        for text in [
            "1 AND Jansen",
            "0612345678",
            "1; 2",
            "AND\u{a0}1",
            "06 12 34",
            "1 2",
            "1 AND",
            "(1",
            "",
        ] {
            assert!(!is_boolean_filter(text), "{text}");
        }
    }
}
