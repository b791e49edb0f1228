//! Who is asking: API clients, their proofs, their tokens.
