//! The product over loopback, from the user's side and the attacker's side.

mod browser;
mod bulk;
mod bypass;
mod canary;
mod cli;
mod clients;
mod detection;
mod doors;
mod drift;
mod errors;
mod field_lists;
mod ops;
mod pages;
mod queries;
mod staff;
mod support;
