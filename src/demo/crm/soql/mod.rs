//! The stand-in's own SOQL: reads a query, resolves its names, and runs it over the rows.
//!
//! It never knows what a value stands for; text compares without regard to case, as Salesforce does.
//! Read first: [`written::Query`] (as written), [`plan::Plan`] (as resolved), [`run::answer`].

pub mod columns;
pub mod dates;
pub mod group;
pub mod lex;
pub mod matching;
pub mod narrow;
pub mod parse;
pub mod plan;
pub mod resolve;
pub mod run;
#[cfg(test)]
mod tests;
pub mod written;

pub use run::answer;
