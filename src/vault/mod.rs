//! The token vault: the async side of protection.
