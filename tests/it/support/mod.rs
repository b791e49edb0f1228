//! What tests of the whole product stand on: the running demo, the clients that people use, and a
//! scanner for values that must not be where it looks.
//!
//! Nothing here knows what the product does with a request; the tests say what they expect.
//!
//! Read first: [`demo::Demo`], [`suite::run`], [`scan::Scanner`].

pub mod demo;
pub mod port;
pub mod scan;
pub mod suite;
