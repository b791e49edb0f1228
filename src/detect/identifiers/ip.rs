//! IP addresses of both versions, but not versions of software.

use core::net::Ipv6Addr;

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{IP, PHONE, VERSION};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How near a word must stand that says what the number is.
const NEAR: usize = 6;
/// An address of version 6 has at most so many groups and colons.
const GROUPS: usize = 24;

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    let mut at = 0;
    while at < text.len() {
        if let Some(last) = version4(text, at) {
            hits.add(text, (at, last), Identifier::Ip, 1.0);
            at = last + 1;
        } else if let Some(last) = version6(text, at) {
            hits.add(text, (at, last), Identifier::Ip, 1.0);
            at = last + 1;
        } else {
            at += 1;
        }
    }
}

fn version4(text: &Text<'_>, first: usize) -> Option<usize> {
    let mut octets = [0; 4];
    for (place, octet) in octets.iter_mut().enumerate() {
        let at = first + 2 * place;
        let joined =
            place == 0 || text.is_mark(at - 1, '.') && text.is_glued(at - 1) && text.is_glued(at);
        let value = text
            .number(at)
            .filter(|value| *value < 256 && text.digits(at) <= 3)?;
        if !joined || text.digits(at) > 1 && text.raw(at).starts_with('0') {
            return None;
        }
        *octet = value;
    }
    let last = first + 6;
    let runs_on = text.runs_on(last + 1)
        || text.is_one_of(last + 1, ".-") && text.is_glued(last + 1) && text.runs_on(last + 2);
    let runs_in = text.is_glued(first) && first > 0 && !text.is_one_of(first - 1, "([{<:=/'\"@,");
    if runs_on || runs_in {
        return None;
    }
    let named = text.is_said(first, IP, VERSION.and(PHONE), NEAR);
    let version = text.cue_before(first, VERSION, NEAR).is_some();
    let ported =
        text.is_one_of(last + 1, "/:") && text.is_glued(last + 1) && text.digits(last + 2) > 0;
    let looks = octets.iter().any(|octet| *octet >= 100)
        || octets.iter().filter(|octet| **octet >= 30).count() > 1;
    let is_address = named || !version && (ported || looks);
    is_address.then_some(last)
}

fn version6(text: &Text<'_>, first: usize) -> Option<usize> {
    let begins = !text.is_glued(first) || first > 0 && text.is_one_of(first - 1, "([{<=/'\"@,");
    if !begins || !(is_hex(text, first) || text.is_mark(first, ':')) {
        return None;
    }
    let (mut last, mut colons) = (first, 0);
    for at in first + 1..first + GROUPS + 16 {
        let part = is_hex(text, at) || text.is_mark(at, ':');
        if !part || !text.is_glued(at) {
            break;
        }
        last = at;
    }
    // "server 2001:db8::1:" ends with a colon that is not the address's.
    if text.is_mark(last, ':') && !text.is_mark(last - 1, ':') {
        last -= 1;
    }
    for at in first..=last {
        colons += usize::from(text.is_mark(at, ':'));
    }
    let written: String = (first..=last).map(|at| text.raw(at)).collect();
    let digits = written.bytes().filter(u8::is_ascii_digit).count();
    let enough = colons >= 2 && written.len() >= 6 && digits >= 2 && !text.runs_on(last + 1);
    (enough && written.parse::<Ipv6Addr>().is_ok()).then_some(last)
}

fn is_hex(text: &Text<'_>, at: usize) -> bool {
    let part = text.raw(at);
    !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn addresses_are_told_from_versions() {
        assert_table(
            Identifier::Ip,
            &[
                ("inlog vanaf 145.53.201.17.", &["145.53.201.17"]),
                ("gateway 10.0.0.12:8080", &["10.0.0.12"]),
                (
                    "from 2001:db8:85a3::8a2e:370:7334 blocked",
                    &["2001:db8:85a3::8a2e:370:7334"],
                ),
                ("fe80::1ff:fe23:4567:890a", &["fe80::1ff:fe23:4567:890a"]),
                ("versie 10.4.12.1, hoofdstuk 3.2.1.4, v2.8.14.1", &[]),
                ("Firmware 192.168.1.1 nightly; 300.1.1.1; 1.2.3.4.5", &[]),
                ("00:1B:44:11:3A:B7 om 12:30:45 in auth::login", &[]),
            ],
        );
    }
}
