//! The `sluis` command: see `sluis help`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

fn main() -> ExitCode {
    // glibc's allocator costs a proxy of small, short-lived buffers up to half of its speed. Linked,
    // mimalloc is `malloc` for all: SQLite, the cryptography, and Rust, whose own allocator that is.
    // As `#[global_allocator]` it would be asked by alignment each time, which is its slower way.
    let _what_links_it = MiMalloc.version();
    sluis::cli::run()
}
