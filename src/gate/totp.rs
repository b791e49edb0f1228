//! One-time codes (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app has them.

use subtle::{ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::gate::Error;
use crate::model::{Entropy, Secret, Timestamp};

const STEP_SECONDS: u64 = 30;
/// RFC 6238, section 5.2: one step either way for clocks that differ and people who type.
const WINDOW: u64 = 1;
/// RFC 4226, section 4: at least 128 bits, 160 recommended.
const SECRET_BYTES: usize = 20;

pub(in crate::gate) fn generate(entropy: &dyn Entropy) -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    entropy.fill(bytes.as_mut_slice())?;
    Ok(Secret::new(bytes.to_vec()))
}

/// A new client's share of its one-time codes. Shown once.
#[derive(Clone, Debug)]
pub struct Enrolment {
    secret: Secret,
    name: String,
}

impl Enrolment {
    pub(in crate::gate) fn new(secret: Secret, name: &str) -> Self {
        Self {
            secret,
            name: name.to_owned(),
        }
    }

    /// The `otpauth://` address that authenticator apps read, mostly as a QR code.
    ///
    /// # Errors
    /// When the secret or the name is none that the format can hold.
    pub fn url(&self) -> Result<Secret, Error> {
        let url = totp(&self.secret, &self.name)?
            .to_url()
            .map_err(|_| Error::Unfit("a name that an otpauth address cannot hold"))?;
        Ok(Secret::new(url.into_bytes()))
    }

    /// The code of a moment, for a client that keeps its secret itself and computes its codes.
    ///
    /// # Errors
    /// When the secret is none.
    pub fn code(&self, at: Timestamp) -> Result<Secret, Error> {
        let seconds = u64::try_from(at.seconds()).unwrap_or(0);
        let code = totp(&self.secret, &self.name)?
            .generate(seconds)
            .to_string();
        Ok(Secret::new(code.into_bytes()))
    }
}

/// What became of a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::gate) enum Checked {
    /// Right, and its step is later than the last accepted one: remember it.
    Fresh(i64),
    /// Right, but that step or a later one was accepted before.
    Used,
    Wrong,
}

/// Compares with every code of the window, in time that does not depend on which one fits.
pub(in crate::gate) fn check(
    secret: &Secret,
    code: &str,
    now: Timestamp,
    last_step: i64,
) -> Result<Checked, Error> {
    let totp = totp(secret, "")?;
    let origin = u64::try_from(now.seconds()).unwrap_or(0) / STEP_SECONDS;
    let mut matched = -1_i64;
    for step in origin.saturating_sub(WINDOW)..=origin.saturating_add(WINDOW) {
        let expected = Zeroizing::new(totp.generate(step * STEP_SECONDS).to_string());
        let equal = expected.as_bytes().ct_eq(code.as_bytes());
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        matched = i64::conditional_select(&matched, &step, equal);
    }
    Ok(match matched {
        -1 => Checked::Wrong,
        step if step > last_step => Checked::Fresh(step),
        _ => Checked::Used,
    })
}

fn totp(secret: &Secret, name: &str) -> Result<Totp, Error> {
    Builder::new()
        .with_secret(secret.expose())
        .with_issuer(Some("sluis"))
        .with_account_name(name)
        .build()
        .map_err(|_| Error::Unfit("a secret or name that one-time codes cannot be made from"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn secret() -> Secret {
        Secret::from("12345678901234567890")
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (seconds, code) in VECTORS {
            let now = Timestamp(seconds * 1000);
            assert_eq!(
                check(&secret(), code, now, -1).unwrap(),
                Checked::Fresh(seconds / 30)
            );
            assert!(
                Enrolment::new(secret(), "jan")
                    .code(now)
                    .unwrap()
                    .matches(code.as_bytes())
            );
        }
    }

    #[test]
    fn a_code_holds_one_step_either_way_and_no_more() {
        let (seconds, code) = VECTORS[3];
        let at = |steps: i64| Timestamp((seconds + steps * 30) * 1000);
        let step = seconds / 30;
        for steps in [-1, 0, 1] {
            let checked = check(&secret(), code, at(steps), -1).unwrap();
            assert_eq!(checked, Checked::Fresh(step), "{steps}");
        }
        for steps in [-2, 2] {
            let checked = check(&secret(), code, at(steps), -1).unwrap();
            assert_eq!(checked, Checked::Wrong, "{steps}");
        }
    }

    #[test]
    fn a_step_that_was_accepted_is_used_up() {
        let (seconds, code) = VECTORS[3];
        let now = Timestamp(seconds * 1000);
        let step = seconds / 30;
        assert_eq!(
            check(&secret(), code, now, step - 1).unwrap(),
            Checked::Fresh(step)
        );
        assert_eq!(check(&secret(), code, now, step).unwrap(), Checked::Used);
        assert_eq!(
            check(&secret(), code, now, step + 1).unwrap(),
            Checked::Used
        );
    }

    #[test]
    fn an_enrolment_is_an_otpauth_address_with_the_name() {
        let url = Enrolment::new(secret(), "erp").url().unwrap();
        let url = String::from_utf8(url.expose().to_vec()).unwrap();
        assert!(
            url.starts_with("otpauth://totp/sluis:erp?secret=GEZDGNBV"),
            "{url}"
        );
    }
}
