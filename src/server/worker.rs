//! One worker: accepts, shakes hands, chooses the protocol by ALPN, and drains.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::server::admission::Slot;
use crate::server::exchange::{Handler, Peer, Protocol};
use crate::server::shared::{Context, Link, Phase};
use crate::server::{h1, h2, tls};
use crate::telemetry::Shed;

/// What a listener's connections speak.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Transport {
    Tls,
    /// For operations, on loopback.
    Plain,
}

/// Accepts until `until` is reached, then waits for what still runs, at most the drain's time.
pub(super) async fn run<H: Handler>(
    listener: TcpListener,
    transport: Transport,
    context: Rc<Context<H>>,
    until: Phase,
) {
    let (alive, mut ended) = mpsc::channel(1);
    let mut phase = context.shared.phase.subscribe();
    tokio::select! {
        biased;
        _ = phase.wait_for(|phase| *phase >= until) => {}
        () = accept(&listener, transport, &context, &alive) => {}
    }
    drop(listener);
    drop(alive);
    if timeout(context.limits().drain, ended.recv()).await.is_err() {
        tracing::warn!("the drain took too long; what still ran is cut off");
    }
}

async fn accept<H: Handler>(
    listener: &TcpListener,
    transport: Transport,
    context: &Rc<Context<H>>,
    alive: &mpsc::Sender<()>,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                pause = FIRST_PAUSE;
                let phase = context.shared.phase.subscribe();
                open(stream, address, transport, context, (phase, alive.clone()));
            }
            Err(error) if of_one_connection(&error) => {}
            Err(error) => {
                // Most of all EMFILE. Accepting again at once would spin; waiting lets connections
                // end and give their descriptors back.
                tracing::warn!(kind = %error.kind(), "cannot accept");
                context.shared.metrics.connection_shed(Shed::Accept);
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The connection died before it was accepted.
fn of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Starts serving a connection, if there is room for it.
fn open<H: Handler>(
    stream: TcpStream,
    address: SocketAddr,
    transport: Transport,
    context: &Rc<Context<H>>,
    (phase, alive): (watch::Receiver<Phase>, mpsc::Sender<()>),
) {
    let shared = &context.shared;
    let Some(slot) = shared.admission.admit(address.ip(), &context.limits()) else {
        shared.metrics.connection_shed(Shed::Full);
        return;
    };
    // Answers are written whole; waiting for more to send would only delay them. A socket that
    // cannot be told so still works.
    let _ = stream.set_nodelay(true);
    let link = Link {
        peer: Peer {
            source: address.ip().to_canonical(),
            certificate: None,
            protocol: Protocol::Http1,
        },
        server_name: None,
        phase,
        alive,
    };
    let context = context.clone();
    spawn_local(async move {
        let counted = Counted::new(&context, slot);
        match transport {
            Transport::Plain => h1::serve(stream, link, context.clone()).await,
            Transport::Tls => encrypted(stream, link, &context).await,
        }
        drop(counted);
    });
}

async fn encrypted<H: Handler>(stream: TcpStream, mut link: Link, context: &Rc<Context<H>>) {
    let acceptor = TlsAcceptor::from(context.shared.tls.load_full());
    let limit = context.limits().handshake;
    let Ok(Ok(stream)) = timeout(limit, acceptor.accept(stream)).await else {
        context.shared.metrics.connection_shed(Shed::Handshake);
        return;
    };
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    link.peer.certificate = chain.first().map(tls::fingerprint);
    link.server_name = session.server_name().map(str::to_owned);
    if session.alpn_protocol() == Some(b"h2") {
        link.peer.protocol = Protocol::Http2;
        h2::serve(stream, link, context.clone()).await;
    } else {
        h1::serve(stream, link, context.clone()).await;
    }
}

/// One open connection in the metrics and in the admission.
struct Counted<H> {
    context: Rc<Context<H>>,
    _slot: Slot,
}

impl<H> Counted<H> {
    fn new(context: &Rc<Context<H>>, slot: Slot) -> Self {
        context.shared.metrics.connection_opened();
        Self {
            context: context.clone(),
            _slot: slot,
        }
    }
}

impl<H> Drop for Counted<H> {
    fn drop(&mut self) {
        self.context.shared.metrics.connection_closed();
    }
}
