//! Which field of an object stood behind which in the answer that was read last: a guess at what
//! comes next. Whoever asks holds it to the text, so a wrong one costs a comparison and no more.

use std::sync::atomic::{AtomicU16, Ordering};

/// For each place, and for the beginning of a record, the place of the field that came next. Shared
/// by all exchanges, in no order with anything else.
#[derive(Debug, Default)]
pub struct Sequence(Vec<AtomicU16>);

impl Sequence {
    /// For that many fields; first guessed is the order that they have.
    pub fn of(fields: usize) -> Self {
        let places = (0..=fields).map(|place| u16::try_from(place).unwrap_or(u16::MAX));
        Self(places.map(AtomicU16::new).collect())
    }

    /// The place that came behind `last`; `None` is the beginning.
    pub fn next(&self, last: Option<usize>) -> Option<usize> {
        let next = self.0.get(slot(last))?.load(Ordering::Relaxed);
        Some(usize::from(next))
    }

    pub fn learn(&self, last: Option<usize>, place: usize) {
        if let (Some(next), Ok(place)) = (self.0.get(slot(last)), u16::try_from(place)) {
            next.store(place, Ordering::Relaxed);
        }
    }
}

fn slot(last: Option<usize>) -> usize {
    last.map_or(0, |last| last + 1)
}

impl Clone for Sequence {
    fn clone(&self) -> Self {
        Self::of(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;

    #[test]
    fn what_came_behind_a_field_is_what_is_guessed_next_time() {
        let sequence = Sequence::of(3);
        let all =
            |sequence: &Sequence| [None, Some(0), Some(1), Some(2)].map(|last| sequence.next(last));
        assert_eq!(all(&sequence), [Some(0), Some(1), Some(2), Some(3)]);
        for (last, place) in [(None, 2), (Some(2), 0), (Some(7), 1), (Some(0), 70_000)] {
            sequence.learn(last, place);
        }
        assert_eq!(all(&sequence), [Some(2), Some(1), Some(2), Some(0)]);
        assert_eq!(sequence.next(Some(3)), None, "there is no such place");
        let copy = sequence.clone();
        assert_eq!((copy.next(None), sequence.next(None)), (Some(0), Some(2)));
    }
}
