//! One file a target; each takes any bytes.

mod chatter;
pub mod csv;
mod form;
mod graphql;
mod http1;
mod json;
mod multipart;
mod soap;
mod soql;
mod sosl;
mod token;

/// What is done with one input.
pub type Target = fn(&[u8]);

/// All targets by name: `fuzz/run` runs each, `fuzz/corpus` has a folder for each.
pub const ALL: [(&str, Target); 11] = [
    ("chatter", chatter::run),
    ("csv", csv::run),
    ("form", form::run),
    ("graphql", graphql::run),
    ("http1", http1::run),
    ("json", json::run),
    ("multipart", multipart::run),
    ("soap", soap::run),
    ("soql", soql::run),
    ("sosl", sosl::run),
    ("token", token::run),
];

/// The first byte, which chooses among what a target can do, and the rest.
fn choice(input: &[u8]) -> Option<(u8, &[u8])> {
    input.split_first().map(|(first, rest)| (*first, rest))
}

/// A value of a query, as URLs have it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
