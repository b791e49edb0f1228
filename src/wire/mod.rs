//! Formats: JSON, forms, compression; knows nothing of ours. Pure.
