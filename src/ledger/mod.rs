//! The append-only, hash-chained record of decisions; never a value.
