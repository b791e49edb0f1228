//! Tests of the whole module.

mod changes;
mod compile;
mod creme;
mod edit;
mod files;
mod hostile;
mod lint;
pub(crate) mod mutants;
mod mutations;
mod scan;
mod sentences;
mod site;
mod starter;
pub(crate) mod unseen;
mod words;
