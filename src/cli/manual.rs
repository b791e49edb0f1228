//! `sluis completions` and `sluis man`.

use std::io;

use clap::{Args, CommandFactory};

use super::{Cli, Ended};

#[derive(Args, Debug)]
pub(super) struct Shell {
    /// bash, elvish, fish, powershell or zsh.
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub(super) fn completions(shell: &Shell) -> anyhow::Result<Ended> {
    clap_complete::generate(
        shell.shell,
        &mut Cli::command(),
        "sluis",
        &mut io::stdout().lock(),
    );
    Ok(Ended::Well)
}

pub(super) fn page() -> anyhow::Result<Ended> {
    clap_mangen::Man::new(Cli::command()).render(&mut io::stdout().lock())?;
    Ok(Ended::Well)
}
