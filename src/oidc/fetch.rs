//! The one HTTP client towards the identity provider: named hosts only, verified TLS, no redirects,
//! small answers, short waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{HttpRequest, HttpResponse};
use rustls::{ClientConfig, RootCertStore};

use crate::oidc::{Error, Settings};

/// Bytes of an answer: keys and a token.
const LONGEST: usize = 1 << 20;
/// For one request, from the first byte to the last.
const PATIENCE: Duration = Duration::from_secs(15);
/// Requests at a time, each of which holds a thread; more are turned away.
const MOST: usize = 32;

pub(super) struct Fetch {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    hosts: Vec<String>,
    under_way: AtomicUsize,
}

impl Fetch {
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let tls = HttpsConnectorBuilder::new();
        let tls = match settings.trust.as_deref() {
            Some(certificates) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates {
                    roots
                        .add(certificate.clone())
                        .map_err(|_| Error::Unfit("ca"))?;
                }
                let provider = rustls::crypto::aws_lc_rs::default_provider();
                let config = ClientConfig::builder_with_provider(provider.into())
                    .with_safe_default_protocol_versions()
                    .map_err(|_| Error::Unfit("ca"))?
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                tls.with_tls_config(config)
            }
            None => tls
                .try_with_platform_verifier()
                .map_err(|_| Error::Unfit("no certificates of the system"))?,
        };
        let connector = tls.https_only().enable_http1().build();
        let client = Client::builder(TokioExecutor::new())
            // Each sign-in is on a runtime of its own worker's, and a connection belongs to one.
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Self {
            client,
            hosts: settings.hosts.clone(),
            under_way: AtomicUsize::new(0),
        })
    }

    /// Sends one request and waits for all of the answer. Blocks: called where that is allowed.
    pub fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let before = self.under_way.fetch_add(1, Ordering::SeqCst);
        let answer = if before < MOST {
            self.send_one(request)
        } else {
            Err(Error::Away("too many ask it at a time"))
        };
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    fn send_one(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let uri = request.uri();
        let authority = uri.authority().map(http::uri::Authority::as_str);
        let allowed = authority.is_some_and(|name| self.hosts.iter().any(|host| host == name));
        if uri.scheme_str() != Some("https") || !allowed {
            return Err(Error::Away("an address that `hosts` does not have"));
        }
        let asked = async {
            let request = request.map(|body| Full::new(Bytes::from(body)));
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|_| Error::Away("it does not answer"))?;
            if answer.status().is_redirection() {
                return Err(Error::Away("it leads elsewhere"));
            }
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST).collect().await;
            let body = body.map_err(|_| Error::Away("its answer breaks off or is too long"))?;
            Ok(Response::from_parts(head, body.to_bytes().to_vec()))
        };
        let handle = tokio::runtime::Handle::current();
        handle
            .block_on(async { tokio::time::timeout(PATIENCE, asked).await })
            .map_err(|_| Error::Away("it does not answer in time"))?
    }
}
