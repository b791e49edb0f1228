//! sluis: a reverse proxy between an organisation in the EU and its US-hosted CRM.
//!
//! `ARCHITECTURE.md` is the map; `proxy::exchange` is where one exchange reads from top to bottom.
//! Fuzz targets are built from what reads and rewrites alone (`fuzz/rustc`): a third of the time.

#[cfg(not(fuzzing))]
pub mod app;
#[cfg(not(fuzzing))]
pub mod cli;
#[cfg(not(fuzzing))]
pub mod config;
#[cfg(not(fuzzing))]
pub mod console;
#[cfg(not(fuzzing))]
pub mod demo;
pub mod detect;
pub mod dialect;
#[cfg(not(fuzzing))]
pub mod gate;
#[cfg(not(fuzzing))]
pub mod keys;
#[cfg(not(fuzzing))]
pub mod learn;
#[cfg(not(fuzzing))]
pub mod ledger;
pub mod model;
#[cfg(not(fuzzing))]
pub mod oidc;
pub mod policy;
pub mod protect;
#[cfg(not(fuzzing))]
pub mod proxy;
#[cfg(fuzzing)]
#[path = "proxy/stream.rs"] // The one file of it that the server's own types name.
pub mod proxy;
#[cfg(not(fuzzing))]
pub mod replay;
#[cfg(not(fuzzing))]
pub mod review;
pub mod server;
#[cfg(not(fuzzing))]
pub mod signin;
#[cfg(not(fuzzing))]
pub mod store;
pub mod telemetry;
#[cfg(not(fuzzing))]
pub mod upstream;
#[cfg(not(fuzzing))]
pub mod vault;
pub mod wire;
