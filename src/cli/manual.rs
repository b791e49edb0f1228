//! `sluis completions` and `sluis man`.

use std::io::{self, Write};

use clap::{Args, CommandFactory};

use super::{Cli, Ended};

#[derive(Args, Debug)]
pub(super) struct Shell {
    /// bash, elvish, fish, powershell or zsh.
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub(super) fn completions(shell: &Shell) -> anyhow::Result<Ended> {
    let mut text = Vec::new();
    clap_complete::generate(shell.shell, &mut Cli::command(), "sluis", &mut text);
    write(&text)
}

pub(super) fn page() -> anyhow::Result<Ended> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    write(&text)
}

/// A reader that has seen enough, such as `head`, is no failure.
fn write(text: &[u8]) -> anyhow::Result<Ended> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Ended::Well),
    }
}
