//! "Did you mean": the known name that lies nearest to one that is not known.

use std::collections::BTreeSet;

/// The most bytes of a name in a policy.
pub const LONGEST: usize = 128;

/// The candidate nearest to `name`, if it is near enough to be a slip of the pen.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // The distance costs the product of two lengths, and neither is bounded in a file with errors.
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let limit = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= 4 * limit)
        .map(|candidate| (distance(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The first name that an earlier one equals but for case.
pub fn twice<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let mut seen = BTreeSet::new();
    names
        .into_iter()
        .find(|name| !seen.insert(name.to_ascii_lowercase()))
}

/// Edits (insert, delete, replace, swap of neighbours) between two texts: the optimal string
/// alignment distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last: Option<char> = None;
    for (i, x) in a.chars().enumerate() {
        let mut row = vec![i + 1];
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let at =
                |cells: &[usize], place: usize| cells.get(place).copied().unwrap_or(usize::MAX / 2);
            let replace = at(&above, j) + usize::from(x != *y);
            let mut best = replace.min(at(&above, j + 1) + 1).min(left + 1);
            let swapped = j > 0 && last == Some(*y) && b.get(j - 1) == Some(&x);
            if swapped && !before.is_empty() {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
            left = best;
        }
        before = above;
        above = row;
        last = Some(x);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_finds_its_name_and_another_word_does_not() {
        let known = ["Email", "Fax", "LastName"];
        assert_eq!(nearest("Emial", known), Some("Email"));
        assert_eq!(nearest("lastnme", known), Some("LastName"));
        assert_eq!(nearest("Birthdate", known), None);
    }

    #[test]
    fn a_name_that_is_too_long_is_near_to_nothing() {
        let long = "x".repeat(100_000);
        let longer = format!("{long}y");
        assert_eq!(nearest(&long, [longer.as_str()]), None);
        assert_eq!(
            nearest("Email", [longer.as_str(), "Emails"]),
            Some("Emails")
        );
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
