//! United States: Social Security number (20 CFR 422.103), which CRMs of US parents often hold.

use super::digits::all;
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "ssn",
    lengths: &[9],
    check: is_ssn,
    need: Need::Both(&[3, 2, 4]),
    words: &["SSN", "SOCIAL"],
}];

/// No checksum: area, group and serial that are never given are ruled out.
fn is_ssn(id: &[u8]) -> bool {
    let (Some(area), Some(group), Some(serial)) = (id.get(..3), id.get(3..5), id.get(5..)) else {
        return false;
    };
    all(id)
        && area != b"000"
        && area != b"666"
        && area < b"900".as_slice()
        && group != b"00"
        && serial != b"0000"
}
