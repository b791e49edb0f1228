//! The `sluis` command: see `sluis help`.

use std::process::ExitCode;

/// glibc's allocator costs a proxy of small, short-lived buffers up to half of its speed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sluis::cli::run()
}
