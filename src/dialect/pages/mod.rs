//! A CRM of which we know nothing but what a policy file says: pages, forms, searches, exports.
//!
//! [`Site`] is the compiled description: patterns of paths, the names that queries and bodies have,
//! what each name is. [`Call::read`] holds one request to it. What the description does not name is
//! refused: path, method, parameter, body name, content type.
//!
//! Read first: [`Site`], [`Route`], [`Call`].

mod call;
mod csp;
pub mod error;
mod grammar;
pub mod headers;
mod pattern;
mod site;

pub use call::{Call, Entry, Load, Part, Submitted};
pub use csp::{REPORTS, blocked, directives, policy as content_policy};
pub use grammar::{Grammar, IdForm};
pub use headers::Origins;
pub use pattern::Pattern;
pub use site::{COPY, Codec, Cookie, Creates, Media, Method, Name, Names, Route, Site, Upload};

#[cfg(test)]
mod tests;
