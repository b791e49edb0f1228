//! Serves the stand-in over HTTP/1.1, in plain or over TLS.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

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

/// How long open exchanges may take after the stop.
const GRACE: Duration = Duration::from_secs(2);

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
                // Out of descriptors: a later attempt may find one.
                tokio::time::sleep(Duration::from_millis(50)).await;
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
        // The connections hold the receivers: they finish the exchange they are in, then close. A
        // client that never ends its request does not hold the stop up for longer.
        let _ = closing.send(());
        let _ = tokio::time::timeout(GRACE, closing.closed()).await;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use crate::demo::crm::tests::crm;

    #[tokio::test]
    async fn it_serves_over_http_until_it_is_stopped() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(crm(true).serve_plain(listener, async {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::new();
        let url = format!("{base}/services/data/v62.0/query?q=SELECT+COUNT()+FROM+Lead");
        let answer = client
            .get(url)
            .bearer_auth("00DKB0000000001!token")
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.headers()["content-type"],
            "application/json;charset=UTF-8"
        );
        assert_eq!(answer.json::<Value>().await.unwrap()["totalSize"], 10);
        drop(client);
        stop.send(()).unwrap();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn it_serves_over_tls() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let root = reqwest::Certificate::from_der(made.cert.der()).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(crm(false).serve_tls(listener, Arc::new(config), async {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .build()
            .unwrap();
        let url = format!("https://localhost:{port}/services/data/v62.0/sobjects/Account");
        let request = client.post(url).bearer_auth("00DKB0000000001!token");
        let answer = request.body(r#"{"Name":"Bakkerij"}"#).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 201);
        drop(client);
        stop.send(()).unwrap();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_chunked_body_and_a_second_request_on_the_connection_are_taken() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(crm(false).serve_plain(listener, std::future::pending()));
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = "Host: crm.example.nl\r\nAuthorization: Bearer 00DKB0000000001!token\r\n";
        let post = format!(
            "POST /services/data/v62.0/sobjects/Account/ HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n\
         8\r\n{{\"Name\":\r\nb\r\n\"Bakkerij\"}}\r\n0\r\n\r\n"
        );
        let get = format!(
            "GET /services/data/v62.0/query?q=SELECT+COUNT()+FROM+Account HTTP/1.1\r\n{head}Connection: close\r\n\r\n"
        );
        stream.write_all(post.as_bytes()).await.unwrap();
        stream.write_all(get.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
        assert!(answer.contains("\"totalSize\":1"), "{answer}");
        serving.abort();
    }
}
