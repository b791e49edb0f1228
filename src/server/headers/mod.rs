//! Which header fields cross the border, in which form. All else stays on its side.
//!
//! Every value is parsed by a grammar of its own and written anew, so that no free text crosses:
//! what a client could fill with a name never leaves. What does not fit its grammar is dropped,
//! which is safe because none of these fields changes what a body or a path means.
//!
//! Left out on purpose, towards the CRM: `Sforce-Call-Options` (its `client=` is free text, its
//! `defaultNamespace=` would give field names another meaning than policy has read),
//! `Accept-Encoding`, `Content-Type` of a form that names a boundary, and `Range` (digits that could
//! be anyone's number). `Authorization` is the CRM's own, which `upstream` adds.

mod client;
mod grammar;
mod upstream;

pub use client::client_headers;
pub use upstream::upstream_headers;
