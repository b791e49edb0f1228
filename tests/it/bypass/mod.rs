//! The border from the attacker's side: every way past it in `tests/fixtures/bypass.csv` that a
//! client can try, tried against the running product.
//!
//! Cases are data, in one table a family. A refused case must not make the CRM see a request, its
//! canary must show up nowhere, and its answer must be an error in the CRM's own shape; an allowed
//! one, the positive control, must reach the CRM without its canary. Read first: [`case::Case`],
//! [`runner::run`].

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "tables and their tools: what they cannot do is a failed test"
)]

mod access;
mod analytics;
mod aura;
mod captures;
mod case;
mod chatter;
mod coding;
mod events;
mod files;
mod framing;
mod graphql;
mod http2;
mod json;
mod methods;
mod nesting;
mod paths;
mod query;
mod report;
mod runner;
mod search;
mod soap;
mod support;
mod surroundings;
mod ui;
mod urls;

/// The cases of all families, in the order of the rows.
fn all() -> Vec<case::Case> {
    [
        access::cases(),
        paths::cases(),
        methods::cases(),
        framing::cases(),
        http2::cases(),
        json::cases(),
        coding::cases(),
        files::cases(),
        urls::cases(),
        query::cases(),
        search::cases(),
        ui::cases(),
        graphql::cases(),
        analytics::cases(),
        events::cases(),
        chatter::cases(),
        aura::cases(),
        nesting::cases(),
        surroundings::cases(),
        soap::cases(),
    ]
    .concat()
}
