//! Whether whoever reads a long answer may go on with it: asked again and again while it lasts.

use crate::model::{Code, Refusal, Timestamp};

/// Says whether whoever asks may still go on.
pub type Standing = Box<dyn Fn() -> bool + Send + Sync>;

/// After how many milliseconds it is asked again.
pub(super) const AGAIN: i64 = 2000;

/// When it was asked last.
pub(super) struct Again {
    stands: Option<Standing>,
    asked: Timestamp,
}

impl Again {
    pub fn new(stands: Option<Standing>, now: Timestamp) -> Self {
        Self { stands, asked: now }
    }

    /// Asks where it is time to. `true`: it was.
    ///
    /// # Errors
    /// When whoever reads may do so no more.
    pub fn ask(&mut self, now: Timestamp) -> Result<bool, Refusal> {
        if now.0 - self.asked.0 < AGAIN {
            return Ok(false);
        }
        self.asked = now;
        match self.stands.as_ref().is_none_or(|stands| stands()) {
            true => Ok(true),
            false => Err(ended()),
        }
    }
}

pub(super) fn ended() -> Refusal {
    Refusal::new(Code::RoleRefused, "whoever reads this may do so no more")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn it_is_asked_again_every_two_seconds_and_no_more_often() {
        let asked: Arc<AtomicUsize> = Arc::default();
        let counted = Arc::clone(&asked);
        let stands: Standing = Box::new(move || counted.fetch_add(1, Ordering::Relaxed) < 2);
        let mut again = Again::new(Some(stands), Timestamp(0));
        for (now, expected) in [(1999, Ok(false)), (2000, Ok(true)), (2001, Ok(false))] {
            assert_eq!(again.ask(Timestamp(now)), expected, "{now}");
        }
        assert_eq!(again.ask(Timestamp(4000)), Ok(true));
        assert_eq!(again.ask(Timestamp(6000)), Err(ended()));
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }
}
