//! Recovery codes: what a person without their phone shows in the place of a one-time code.

use data_encoding::BASE32_NOPAD;
use rusqlite::{Transaction, params};
use zeroize::Zeroizing;

use crate::gate::credential;
use crate::gate::staff::session::{self, Open};
use crate::gate::staff::{SignInError, Visitor};
use crate::gate::{Error, Gate};
use crate::model::{Entropy, Secret};

const CODES: usize = 10;
/// 80 random bits each: a plain hash is enough, there is nothing to guess.
const BYTES: usize = 10;

impl Gate {
    /// Makes new recovery codes; the old ones end. Shown once.
    ///
    /// # Errors
    /// When the second factor was not shown lately, or the person has no password that a recovery
    /// code would stand beside: alone it is one factor.
    pub fn new_recovery_codes(&self, visitor: &Visitor<'_>) -> Result<Vec<Secret>, SignInError> {
        let now = self.now();
        self.write(|tx| {
            let open = Open::fresh(tx, visitor, now)?;
            if open.person.password.is_none() {
                return Err(SignInError::Wrong);
            }
            session::end_others(tx, &open)?;
            self.did(tx, "account.recovery-codes", &open.person, "")?;
            Ok(Ok(renew(tx, open.person.row, &*self.entropy)?))
        })
    }
}

pub(super) fn renew(
    tx: &Transaction<'_>,
    person: i64,
    entropy: &dyn Entropy,
) -> Result<Vec<Secret>, Error> {
    tx.execute("DELETE FROM recovery_code WHERE person = ?1", [person])?;
    let mut codes = Vec::new();
    for _ in 0..CODES {
        let mut bytes = Zeroizing::new([0; BYTES]);
        entropy.fill(bytes.as_mut_slice())?;
        let text = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_slice()).to_ascii_lowercase());
        tx.execute(
            "INSERT INTO recovery_code (hash, person) VALUES (?1, ?2)",
            params![credential::hash(text.as_bytes()), person],
        )?;
        let groups: Vec<&str> = (0..4)
            .filter_map(|at| text.get(4 * at..4 * at + 4))
            .collect();
        codes.push(Secret::from(groups.join("-").as_str()));
    }
    Ok(codes)
}

/// Takes a code: its row is gone, so that of two that show it one gets on.
pub(super) fn take(
    tx: &Transaction<'_>,
    person: i64,
    code: &str,
) -> Result<Result<(), &'static str>, Error> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect();
    let plain = Zeroizing::new(plain.to_ascii_lowercase());
    let taken = tx.execute(
        "DELETE FROM recovery_code WHERE hash = ?1 AND person = ?2",
        params![credential::hash(plain.as_bytes()), person],
    )?;
    Ok(if taken == 1 {
        Ok(())
    } else {
        Err("recovery-code-unknown")
    })
}
