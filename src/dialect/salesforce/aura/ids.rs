//! Ids where nothing says that one stands there: in parameters of actions that nobody knows, in the
//! address of a page. Numbers of people's have the form of an id too: a French social security
//! number, a Norwegian account, a credit card.

use crate::dialect::salesforce::id::Id;

/// How ids of records of Salesforce's own begin: what pages ask for, of people, files, lists, layouts,
/// reports and settings. Policy knows those of its objects.
const PREFIXES: &[&str] = &[
    "001", "003", "005", "006", "00B", "00D", "00E", "00G", "00I", "00N", "00O", "00P", "00Q",
    "00T", "00U", "00X", "00e", "00h", "00k", "00l", "00v", "012", "015", "01I", "01N", "01Z",
    "01r", "01s", "01t", "01u", "02c", "02i", "02s", "02u", "058", "05T", "068", "069", "06A",
    "06m", "07L", "0CQ", "0D5", "0D7", "0DM", "0F9", "0FO", "0JZ", "0M0", "0Rb", "0TO", "0UP",
    "0ka", "0q1", "300", "301", "500", "501", "550", "570", "701", "800", "801", "802", "810",
    "811",
];

/// Whether a text is a record id by its form and its beginning; `known`: whether an object of policy's
/// has ids that begin so. Fifteen digits are a number.
#[must_use]
pub fn is_id(text: &str, known: impl Fn(&str) -> bool) -> bool {
    let prefix = text.get(..3).unwrap_or_default();
    let number = text.bytes().all(|byte| byte.is_ascii_digit());
    !number && Id::parse(text).is_some() && (PREFIXES.contains(&prefix) || known(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_somebodys_number_is_no_id() {
        for text in [
            // A social security number with its key, an IBAN, a credit card, a telephone.
            "185057800608491",
            "NO9386011117947",
            "378282246310005",
            "356938035643809",
            "001234567890123",
            "22AAAAA0000A1Z5",
        ] {
            assert!(Id::parse(text).is_some(), "{text} has the form of one");
            assert!(!is_id(text, |_| false), "{text}");
        }
        for text in [
            "003000000000001AAA",
            "06mA0000000Vm9r",
            "001A0000006Vm9rIAC",
        ] {
            assert!(is_id(text, |_| false), "{text}");
        }
        assert!(is_id("a0XA0000000Vm9r", |id| id.starts_with("a0X")));
    }
}
