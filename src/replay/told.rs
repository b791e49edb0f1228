//! What a policy would have done to the exchanges that were kept, beside the one in force: names and
//! counts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What came of playing them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Replay {
    /// When the first of them came, as [`crate::model::Timestamp`].
    pub since: Option<i64>,
    pub exchanges: usize,
    /// Those that cannot be read any more: their key or a byte is another one.
    pub unread: usize,
    /// How many of them the policy would have handled otherwise.
    pub changed: usize,
    /// Those that were not kept since this node started, because there was no room.
    pub left_out: u64,
    #[serde(with = "pairs")]
    effects: BTreeMap<Effect, Count>,
}

/// One thing that would be otherwise.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Effect {
    pub what: What,
    /// The field or the class of values: `Contact.Phone`, `email`. Empty where it is about all of a
    /// request.
    pub about: String,
    /// The code of the rule that refuses, or refused; empty where none does.
    pub rule: Cow<'static, str>,
    /// Whose exchanges these were.
    pub client: String,
}

/// What would be otherwise, the worst first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum What {
    /// Values leave readable that are protected, kept back or refused now.
    Exposed,
    /// Values are shown that are not now.
    Shown,
    /// A request passes that is refused now.
    Passes,
    /// A query or search is refused that is answered now.
    SearchBreaks,
    /// A request is refused that passes now.
    Refused,
    /// Values are no longer shown that are now.
    Hidden,
    /// Values that leave readable now are protected, or kept back.
    Protected,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Count {
    pub exchanges: usize,
    pub values: usize,
}

impl Replay {
    /// Of a tape that left out so many.
    #[must_use]
    pub fn new(left_out: u64) -> Self {
        Self {
            left_out,
            ..Self::default()
        }
    }

    /// Counts what an exchange shows that came at `time`, each effect once with its values.
    pub fn count(&mut self, time: i64, effects: impl IntoIterator<Item = (Effect, usize)>) {
        self.exchanges += 1;
        self.since.get_or_insert(time);
        let mut changed = false;
        for (effect, values) in effects {
            let count = self.effects.entry(effect).or_default();
            count.exchanges += 1;
            count.values += values;
            changed = true;
        }
        self.changed += usize::from(changed);
    }

    /// The worst first, and then by field and client.
    pub fn effects(&self) -> impl Iterator<Item = (&Effect, Count)> {
        self.effects.iter().map(|(effect, count)| (effect, *count))
    }
}

/// A map as a list of pairs: keys of JSON are texts only.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Count, Effect};

    pub(super) fn serialize<S: Serializer>(
        effects: &BTreeMap<Effect, Count>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(effects)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Effect, Count>, D::Error> {
        let pairs = Vec::<(Effect, Count)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}
