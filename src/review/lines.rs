//! How far two texts are apart, in lines. Comparing texts costs the product of their length and of
//! what differs, and whoever may write a draft must not choose both.

use std::collections::HashMap;

use crate::review::Text;

/// The most lines of a policy, and of a file of cases.
pub(super) const MOST: usize = 5_000;

/// Up to how many lines, taken out and put in, two texts are compared line by line.
pub const FURTHEST: usize = 2_000;

/// Whether two texts are near enough to each other to be compared line by line.
#[must_use]
pub fn are_near(before: &str, after: &str) -> bool {
    let mut numbers = HashMap::new();
    let (before, after) = (
        numbered(before, &mut numbers),
        numbered(after, &mut numbers),
    );
    before.len().max(after.len()) <= MOST && is_within(&before, &after, FURTHEST)
}

/// As [`are_near`], of policies and of cases.
pub(super) fn are_near_in_both(before: &Text, after: &Text) -> bool {
    are_near(&before.policy, &after.policy) && are_near(&before.cases, &after.cases)
}

/// A number for each line: equal lines have equal ones.
fn numbered<'t>(text: &'t str, numbers: &mut HashMap<&'t str, usize>) -> Vec<usize> {
    let number = |line| {
        let next = numbers.len();
        *numbers.entry(line).or_insert(next)
    };
    text.lines().map(number).collect()
}

/// Whether one becomes the other by at most `most` entries taken out and put in: E. W. Myers, "An
/// O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986), the greedy one.
fn is_within(a: &[usize], b: &[usize], most: usize) -> bool {
    // Of each diagonal (place in `a` less place in `b`, moved by `most` + 1) the furthest place in
    // `a`.
    let mut furthest = vec![0; 2 * most + 3];
    let middle = most + 1;
    for edits in 0..=most {
        let mut diagonal = middle - edits;
        while diagonal <= middle + edits {
            let at = |place: usize| furthest.get(place).copied().unwrap_or(0);
            let down = diagonal == middle - edits
                || diagonal != middle + edits && at(diagonal - 1) < at(diagonal + 1);
            let mut x = match down {
                true => at(diagonal + 1),
                false => at(diagonal - 1) + 1,
            };
            // Beyond the edge of `b` there is nothing to take out.
            let Some(mut y) = (x + middle).checked_sub(diagonal) else {
                diagonal += 2;
                continue;
            };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            if x >= a.len() && y >= b.len() {
                return true;
            }
            if let Some(place) = furthest.get_mut(diagonal) {
                *place = x;
            }
            diagonal += 2;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The length of what is not common to both, by the table.
    fn distance(a: &[usize], b: &[usize]) -> usize {
        let mut above: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut row = vec![i + 1];
            for (j, y) in b.iter().enumerate() {
                row.push(match x == y {
                    true => above[j],
                    false => 1 + above[j + 1].min(row[j]),
                });
            }
            above = row;
        }
        above[b.len()]
    }

    proptest! {
        #[test]
        fn it_is_within_its_distance_and_not_within_less(
            a in prop::collection::vec(0_usize..4, 0..30),
            b in prop::collection::vec(0_usize..4, 0..30),
        ) {
            let distance = distance(&a, &b);
            prop_assert!(is_within(&a, &b, distance));
            prop_assert!(is_within(&a, &b, distance + 5));
            prop_assert!(distance == 0 || !is_within(&a, &b, distance - 1));
        }
    }

    #[test]
    fn texts_that_have_little_in_common_or_too_many_lines_are_not_near() {
        let text = |word: &str, count: usize| -> String {
            (0..count).map(|line| format!("{word}{line}\n")).collect()
        };
        assert!(are_near(&text("a", 5_000), &text("a", 4_000)));
        assert!(!are_near(&text("a", 5_001), &text("a", 5_001)));
        assert!(!are_near(&text("a", 1_100), &text("b", 1_100)));
        assert!(are_near(&text("a", 900), &text("b", 900)));
    }
}
