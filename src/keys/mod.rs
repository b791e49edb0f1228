//! Key-encryption keys and what they wrap.
