//! HTTP/2
