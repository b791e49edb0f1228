//! The CRM's own name in what it answers, which becomes ours.

use memchr::memmem::Finder;
use zeroize::Zeroizing;

/// The CRM's authority, and how it is found: it is sought in every answer.
#[derive(Debug)]
pub struct CrmName {
    name: String,
    /// Where a part of the name stands that is rare in JSON.
    offset: usize,
    /// That part in lower case and in capitals, once where it has no letters.
    anchors: Vec<Finder<'static>>,
}

impl CrmName {
    #[must_use]
    pub fn new(name: String) -> Self {
        // A dot and what follows it are rarer in JSON than any letter; a name without one is sought
        // by its first letter.
        let offset = memchr::memchr(b'.', name.as_bytes());
        let (offset, length) = offset.map_or((0, 1), |offset| (offset, 2));
        let end = name.len().min(offset + length);
        let anchor = name.as_bytes().get(offset..end).unwrap_or_default();
        let mut anchors = vec![anchor.to_ascii_lowercase(), anchor.to_ascii_uppercase()];
        anchors.dedup();
        let anchors = anchors.iter().map(|part| Finder::new(part).into_owned());
        Self {
            anchors: anchors.collect(),
            offset,
            name,
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Puts our name in the places of the CRM's, in capitals or not, so that no link leads past the
    /// border. Hardly any answer has one: then the body goes on as it is, without a second copy.
    pub(super) fn replace(&self, mut body: Zeroizing<Vec<u8>>, ours: &str) -> Vec<u8> {
        let theirs = self.name.as_bytes();
        if theirs.is_empty() {
            return std::mem::take(&mut *body);
        }
        let mut places = Vec::new();
        for anchor in &self.anchors {
            places.extend(anchor.find_iter(&body));
        }
        if self.anchors.len() > 1 {
            places.sort_unstable();
        }
        let mut out = Vec::new();
        let mut at = 0;
        for found in places {
            let Some(start) = found.checked_sub(self.offset).filter(|start| *start >= at) else {
                continue;
            };
            let end = start + theirs.len();
            let name = body.get(start..end).unwrap_or_default();
            if name.eq_ignore_ascii_case(theirs) {
                out.extend_from_slice(body.get(at..start).unwrap_or_default());
                out.extend_from_slice(ours.as_bytes());
                at = end;
            }
        }
        if at == 0 {
            return std::mem::take(&mut *body);
        }
        out.extend_from_slice(body.get(at..).unwrap_or_default());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crms_name_becomes_ours_in_every_case_and_place() {
        let renamed = |body: &str, theirs: &str| {
            let body = Zeroizing::new(body.as_bytes().to_vec());
            let renamed = CrmName::new(String::from(theirs)).replace(body, "us:1");
            String::from_utf8(renamed).unwrap()
        };
        for (body, expected) in [
            ("", ""),
            ("a.nl", "us:1"),
            (
                "https://a.nl/x https:\\/\\/A.NL\\/y",
                "https://us:1/x https:\\/\\/us:1\\/y",
            ),
            ("a.nla.nl", "us:1us:1"),
            (".nl a.n .a.nl. b.nl", ".nl a.n .us:1. b.nl"),
        ] {
            assert_eq!(renamed(body, "a.nl"), expected);
        }
        assert_eq!(renamed("x Crm crm cr", "crm"), "x us:1 us:1 cr");
        assert_eq!(renamed("crm. CRM.", "crm."), "us:1 us:1");
        assert_eq!(renamed("a.7 A.7a.7", "a.7"), "us:1 us:1us:1");
        assert_eq!(renamed("", ""), "");
        assert_eq!(renamed("x", ""), "x");
    }
}
