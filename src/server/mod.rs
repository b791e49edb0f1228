//! Sockets, TLS, HTTP framing, limits, drain.
