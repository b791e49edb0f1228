//! Sums over digits.

/// The value of each digit, when all are digits.
pub(super) fn all(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// The value of one digit; 0 for anything else, which callers rule out before.
pub(super) fn value(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0') % 10)
}

/// The number that digits write.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum * 10 + u64::from(value(*byte)))
}

/// The sum of each digit times its weight.
pub(super) fn weighted(bytes: &[u8], weights: &[u32]) -> u32 {
    bytes
        .iter()
        .zip(weights)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum()
}

/// The sum of the digits of a number below 100.
pub(super) fn cross(number: u32) -> u32 {
    number / 10 + number % 10
}

/// The last digit's value.
pub(super) fn last(bytes: &[u8]) -> u32 {
    bytes.last().copied().map_or(0, value)
}

/// The last two digits' distance from a date: whether month and day can be.
pub(super) fn is_date(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Luhn's test (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(bytes: &[u8]) -> bool {
    let sum: u32 = bytes
        .iter()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let value = value(*byte);
            if at % 2 == 0 { value } else { cross(value * 2) }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO/IEC 7064 MOD 11,10 over all digits, the last being the check.
pub(super) fn iso_7064_mod_11_10(bytes: &[u8]) -> bool {
    let Some((check, rest)) = bytes.split_last() else {
        return false;
    };
    let product = rest.iter().fold(10, |product, byte| {
        let sum = (value(*byte) + product) % 10;
        (if sum == 0 { 10 } else { sum } * 2) % 11
    });
    (11 - product) % 10 == value(*check)
}

/// Whether all digits are the same, which checksums often let pass.
pub(super) fn is_repdigit(bytes: &[u8]) -> bool {
    bytes
        .split_first()
        .is_some_and(|(first, rest)| rest.iter().all(|byte| byte == first))
}
