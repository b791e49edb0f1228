//! Serves the stand-in over HTTP/1.1, in plain or over TLS.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::demo::crm::{Crm, Request, Response};

/// The largest body that is read.
const MOST_BYTES: usize = 64 * 1024 * 1024;

impl Crm {
    /// Serves in plain until `stop` resolves.
    pub async fn serve_plain(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        self.serve(listener, None, stop).await;
    }

    /// Serves over TLS until `stop` resolves.
    pub async fn serve_tls(
        self,
        listener: TcpListener,
        config: Arc<rustls::ServerConfig>,
        stop: impl Future<Output = ()>,
    ) {
        self.serve(listener, Some(TlsAcceptor::from(config)), stop)
            .await;
    }

    async fn serve(
        self,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        stop: impl Future<Output = ()>,
    ) {
        let (closing, closed) = watch::channel(());
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stop => break,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors: the next attempt may find one.
                tokio::task::yield_now().await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (crm, tls, closed) = (self.clone(), tls.clone(), closed.clone());
            tokio::spawn(async move {
                match tls {
                    None => crm.connection(stream, closed).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            crm.connection(stream, closed).await;
                        }
                    }
                }
            });
        }
        drop(closed);
        // The connections hold the receivers: they finish the exchange they are in, then close.
        let _ = closing.send(());
        closing.closed().await;
    }

    async fn connection<S>(self, stream: S, mut closed: watch::Receiver<()>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(move |request| {
            let crm = self.clone();
            async move { Ok::<_, Infallible>(crm.exchange(request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = closed.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection to the laptop CRM ended early");
        }
    }

    async fn exchange(&self, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
            return response(Response {
                status: 413,
                headers: Vec::new(),
                body: Vec::new(),
            });
        };
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let request = Request {
            method: head.method.as_str().to_owned(),
            target: target.to_owned(),
            headers: headers.collect(),
            body: body.to_bytes().to_vec(),
        };
        let crm = self.clone();
        let answered = tokio::task::spawn_blocking(move || crm.handle(request)).await;
        response(answered.unwrap_or(Response {
            status: 500,
            headers: Vec::new(),
            body: Vec::new(),
        }))
    }
}

fn response(answer: Response) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    let made = builder.body(Full::new(Bytes::from(answer.body)));
    made.unwrap_or_else(|_| {
        let mut empty = hyper::Response::new(Full::default());
        *empty.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        empty
    })
}
