//! The laptop demo: a stand-in CRM behind the border, with invented Dutch people.
//!
//! `crm` is the stand-in; it knows nothing of the border. [`start`] puts both together in one
//! process, in a folder of their own, and sends the people to the CRM through the border.

mod certificates;
pub mod crm;
mod house;
mod people;
mod seed;

pub use house::{Demo, Options, start};
pub use people::Person;
