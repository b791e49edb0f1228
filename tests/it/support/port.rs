//! Ports for borders that a test starts.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

/// A port that nobody else gets before a border listens at it, nor after it has ended.
///
/// A socket has it until the test's process ends: bound as the border binds, which therefore shares
/// it, and without listening.
pub fn free_port() -> io::Result<u16> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let address = Box::leak(Box::new(socket)).local_addr()?.as_socket();
    address
        .map(|address| address.port())
        .ok_or_else(|| io::Error::other("no port"))
}
