//! Staff: people who sign in by a browser, their factors and their sessions.
//!
//! A person signs in with a password and a one-time code, or with a passkey that verified its
//! holder. After the password alone there is a session that opens nothing but the next step. What
//! a browser holds is the random name of a session; the database has its hash. Whatever is used
//! once (code, recovery code, link, challenge) is used up in the write transaction that accepts it.
//!
//! Read first: [`Step`], which every way in gives, [`Visitor`], and `person.rs` for what is kept.

mod admin;
mod ceremony;
mod change;
mod console;
mod enrol;
mod error;
mod identity;
mod live;
mod passkey;
mod password;
mod person;
mod proposal;
mod recovery;
mod register;
mod session;
mod sign_in;

use crate::model::Secret;

pub use admin::NewPerson;
pub use ceremony::Challenge;
pub use console::{ConsoleRole, ConsoleRoles, Surface};
pub use enrol::{Enrolled, Invitation, Link};
pub use error::{SignInError, Weakness};
pub use identity::{Journey, Vouched};
pub use person::{ListedPerson, State};
pub use proposal::{Given, Proposal, Proposed, Wanted};
pub use register::Registered;
pub use session::{ListedSession, Visitor};
pub use sign_in::Seated;

pub(in crate::gate) use admin::is_taken;
pub(in crate::gate) use live::Live;
pub(in crate::gate) use password::Passwords;
pub(in crate::gate) use person::Person;

/// What a step of signing in gives: the new name of the session, for the cookie.
#[derive(Clone, Debug)]
pub struct Step {
    pub cookie: Secret,
    /// Whether both factors were shown.
    pub full: bool,
}

/// How long a session lasts without a request, in seconds.
const IDLE: i64 = 30 * 60;
/// How long a session lasts at most.
const ABSOLUTE: i64 = 12 * 60 * 60;
/// How long one may take from the password to the second factor.
const HALF: i64 = 10 * 60;
/// How long the second factor counts as just shown.
const FRESH: i64 = 5 * 60;
/// How often the time of a session's last request is written down.
const TOUCH: i64 = 60;
