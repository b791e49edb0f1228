//! What another policy would have done to the exchanges of the last day.
//!
//! Each is read by the policy in force and by the other one, with the phases of an exchange that
//! have no effect: nothing is written, sent, opened or shown. [`Keeping`] keeps exchanges,
//! [`Handled`] is what a policy does with one.

mod handled;
mod keep;

use std::sync::Arc;

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
        let draft = Rules::new(
            draft,
            &self.vault.token_key(),
            &self.vault.index_key(),
            &live.protection.tenant,
            Arc::clone(&live.protection.detector),
        )?;
        let mut replay = Replay::new(tape.left_out());
        let pair = Pair::new(&live.plan, &draft.plan);
        let mut failed = None;
        tape.play(|exchange| {
            let Some(exchange) = exchange else {
                replay.unread += 1;
                return;
            };
            if failed.is_some() {
                return;
            }
            match runtime.block_on(self.try_one((&live, &draft), &pair, &exchange)) {
                Ok(found) => replay.count(exchange.time, found),
                Err(failure) => failed = Some(failure),
            }
        })?;
        match failed {
            Some(failure) => Err(failure.into()),
            None => Ok(replay),
        }
    }

    async fn try_one(
        &self,
        (live, draft): (&Rules, &Rules),
        pair: &Pair<'_>,
        exchange: &Exchange,
    ) -> Result<Vec<(Effect, usize)>, Failure> {
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
