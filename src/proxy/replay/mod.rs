//! What another policy would have done to the exchanges of the last day.
//!
//! Each is read by the policy in force and by the other one, with the phases of an exchange that
//! have no effect: nothing is written, sent, opened or shown. [`Keeping`] keeps exchanges,
//! [`Handled`] is what a policy does with one.

mod handled;
mod keep;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::dialect::pages::Site;
use crate::model::FieldList;
use crate::policy::Plan;
use crate::proxy::{Failure, Rules, Shared};
use crate::replay::{Effect, Exchange, Replay};
use crate::vault::Sealed;

use handled::{Handled, Pair, differences};
pub(super) use keep::Keeping;

/// Why they could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum NotTried {
    #[error("no exchanges are kept here: `[console] what_if` is off")]
    Off,
    /// Whoever writes lists could ask what somebody typed, word by word.
    #[error(
        "it has paths or lists of words that the policy in force has not: what they would let pass \
         depends on values, which nobody is told"
    )]
    Words,
    #[error(transparent)]
    Replay(#[from] crate::replay::Error),
    #[error(transparent)]
    Exchange(#[from] Failure),
    #[error(transparent)]
    Protection(#[from] crate::protect::Error),
}

impl Shared {
    /// Tries a policy on the exchanges that were kept. Blocks, for seconds where there are many.
    ///
    /// # Errors
    /// When none are kept, or they or the vault cannot be read.
    pub fn try_on_kept(&self, draft: Plan) -> Result<Replay, NotTried> {
        let tape = self.tape.as_ref().ok_or(NotTried::Off)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(Failure::Spool)?;
        let live = self.rules.load_full();
        let words = |plan: &Plan| plan.site().map(Site::words).unwrap_or_default();
        if !words(&draft).is_subset(&words(&live.plan)) {
            return Err(NotTried::Words);
        }
        let draft = Arc::new(Rules::new(
            draft,
            &self.vault.token_key(),
            &self.vault.index_key(),
            &live.protection.tenant,
            Arc::clone(&live.protection.detector),
        )?);
        let mut replay = Replay::new(tape.left_out());
        let pair = Pair::new(&live.plan, &draft.plan);
        let mut failed = None;
        tape.play(|exchange| {
            let Some(exchange) = exchange else {
                replay.unread += 1;
                return ControlFlow::Continue(());
            };
            match runtime.block_on(self.try_one((&live, &draft), &pair, &exchange)) {
                Ok(found) => {
                    replay.count(exchange.time, found);
                    ControlFlow::Continue(())
                }
                Err(failure) => {
                    failed = Some(failure);
                    ControlFlow::Break(())
                }
            }
        })?;
        match failed {
            Some(failure) => Err(failure.into()),
            None => Ok(replay),
        }
    }

    async fn try_one(
        &self,
        (live, draft): (&Arc<Rules>, &Arc<Rules>),
        pair: &Pair<'_>,
        exchange: &Exchange,
    ) -> Result<Vec<(Effect, usize)>, Failure> {
        let list = FieldList::new(exchange.fields.iter().cloned());
        let by = |rules: &Arc<Rules>| match &list {
            Ok(list) => rules.narrowed(&Arc::new(list.clone())),
            Err(_) => Arc::clone(rules),
        };
        let (live, draft) = (&*by(live), &*by(draft));
        let mut before = Handled::of(live, exchange);
        let mut after = Handled::of(draft, exchange);
        if let Some(answer) = &exchange.answer {
            // Tokens in it are of the domain that holds now, whatever the other policy's.
            let (here, there) = (
                before.answer(live, live, exchange, &answer.text),
                after.answer(draft, live, exchange, &answer.text),
            );
            let rows: Vec<u64> = here.iter().chain(&there).copied().collect();
            let sealed = match rows.as_slice() {
                [] => vec![],
                rows => self.vault.scan(rows).await?,
            };
            let (here, there) = sealed.split_at(here.len());
            before.shows(live, exchange, here);
            after.shows(draft, exchange, there);
        }
        Ok(differences(pair, (&before, &after), exchange))
    }
}
