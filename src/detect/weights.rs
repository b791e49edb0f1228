//! What counts how much: all numbers of the rules in one table, with their reasons.
//!
//! Scores are log-odds: 0 is even, a sum above the threshold is a finding. They were chosen on the
//! development corpus (`docs/detection.md`) and are round on purpose.

/// A whole phrase says it about somebody, whatever stands around it.
pub(super) const STATEMENT: f32 = 2.5;
/// A strong word is enough in an elliptical note ("Nierpatiënt, eet zoutarm").
pub(super) const STRONG: f32 = 1.0;
/// A weak word needs a person.
pub(super) const WEAK: f32 = -1.0;
/// A letter is wrong: perhaps it is another word.
pub(super) const MISTYPED: f32 = -0.6;
/// The hit is of a language that the text is not in.
pub(super) const FOREIGN: f32 = -1.2;

/// A person in the same clause, in the same sentence, in the sentence before.
pub(super) const PERSON: [f32; 3] = [1.3, 1.0, 0.5];
/// An organisation in the same clause, in the same sentence.
pub(super) const THIRD_PARTY: [f32; 2] = [-1.3, -0.5];
/// Buying and selling, products.
pub(super) const TRADE: [f32; 2] = [-1.2, -0.4];
/// Work in the field ("is huisarts in").
pub(super) const PROFESSION: [f32; 2] = [-1.3, -0.5];
/// Statistics, law, rules.
pub(super) const GENERAL: [f32; 2] = [-1.4, -0.6];
/// How much of the four above is left where a whole phrase says it.
pub(super) const STATED: f32 = 0.3;
/// How much of them is left beside a person in the same clause.
pub(super) const BESIDE_PERSON: f32 = 0.7;
/// A note of few words says of a weak word that it matters.
pub(super) const SHORT: f32 = 0.3;
/// Each further hit of the category in the sentence.
pub(super) const FURTHER: f32 = 0.7;
/// The field is about the category.
pub(super) const PRIOR: f32 = 2.0;

/// Above this a category is found.
pub(super) const THRESHOLD: f32 = 0.0;

/// Beside a hit of the category, a clause without one is marked too when its words add so much.
pub(super) const BESIDE_HIT: f32 = 1.5;
/// Where the category has no hit, each clause is marked that adds so much, or else the best one.
pub(super) const WITHOUT_HIT: f32 = 0.0;
