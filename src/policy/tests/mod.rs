//! Tests of the whole module.

mod changes;
mod compile;
mod creme;
mod hostile;
mod lint;
mod mutations;
mod scan;
mod site;
mod starter;
mod words;
