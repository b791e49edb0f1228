//! The `sluis` command: see `sluis help`.

fn main() {}
