//! People in front of the border: what opens the CRM, what does not, and what ends it.
//!
//! The border and the laptop CRM run in this process, at a time that a case moves by hand; a case
//! sees them through TLS as a browser does. One case runs the commands of an operator.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; what they cannot have fails the test"
)]

mod aura;
#[path = "../../../src/gate/tests/authenticator.rs"]
mod authenticator;
mod browser;
mod bulk;
mod changes;
mod console;
mod enrolment;
mod forgery;
mod ledger;
mod matrix;
mod office;
mod operator;
mod scripts;
mod second_factor;
mod sessions;
mod soap;
mod what_if;
