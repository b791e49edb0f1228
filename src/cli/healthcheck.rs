//! `sluis healthcheck`: for containers that have no curl.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use super::{Ended, say};

#[derive(Args, Debug)]
pub(super) struct Options {
    /// The address of health and metrics (`ops_listen`).
    #[arg(long, default_value = "127.0.0.1:9901", value_name = "ADDRESS")]
    address: SocketAddr,
}

const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let mut stream = TcpStream::connect_timeout(&options.address, PATIENCE)
        .with_context(|| format!("nothing answers at {}", options.address))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        options.address
    )?;
    let mut answer = Vec::new();
    stream.take(16 * 1024).read_to_end(&mut answer)?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!("it is not ready");
    }
    say("ready")?;
    Ok(Ended::Well)
}
