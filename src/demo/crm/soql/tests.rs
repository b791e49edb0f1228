//! The queries that the engine answers, and those that it refuses.
