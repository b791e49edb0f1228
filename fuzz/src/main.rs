//! Fuzz targets. Each drives the code that stands at the border, in the order in which the border
//! does, and says of every input: it does not panic, and if it is accepted then what would leave
//! does not hold the canary ([`canary::CANARY`]), which seeds and dictionary plant everywhere.
//!
//! `fuzz/run` builds this once and runs every target. `SLUIS_FUZZ_TARGET` chooses one.

#![no_main]

mod border;
mod canary;
mod control;
mod pages;
mod policy;
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

use crate::targets::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

/// The target that is asked for.
fn chosen() -> &'static Target {
    TARGET.get_or_init(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "libFuzzer takes the arguments for itself"
        )]
        let name = std::env::var("SLUIS_FUZZ_TARGET").unwrap_or_default();
        let found = targets::ALL.iter().find(|(known, _)| *known == name);
        let known: Vec<&str> = targets::ALL.iter().map(|(known, _)| *known).collect();
        found
            .unwrap_or_else(|| panic!("SLUIS_FUZZ_TARGET must be one of {}", known.join(" ")))
            .1
    })
}

fuzz_target!(init: { chosen(); control::run(); }, |input: &[u8]| {
    chosen()(input);
});
