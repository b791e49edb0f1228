//! sluis: a reverse proxy between an organisation in the EU and its US-hosted CRM.
//!
//! `ARCHITECTURE.md` is the map; `proxy::exchange` is where one exchange reads from top to bottom.

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod detect;
pub mod dialect;
pub mod gate;
pub mod keys;
pub mod learn;
pub mod ledger;
pub mod model;
pub mod oidc;
pub mod policy;
pub mod protect;
pub mod proxy;
pub mod server;
pub mod signin;
pub mod store;
pub mod telemetry;
pub mod upstream;
pub mod vault;
pub mod wire;
