//! Token format, sealing, blind index, generalization. Pure.
