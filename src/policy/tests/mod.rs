//! Tests of the whole module.

mod compile;
mod starter;
