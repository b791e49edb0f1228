//! Sends the invented people to the CRM the way that any client would: through the border.

use std::path::Path;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::crm;

/// Sends all seed requests, in their order, and stops at the first that is not accepted.
pub(super) async fn send(border: &str, ca: &Path, token: &str) -> anyhow::Result<usize> {
    let client = client(ca)?;
    let requests = crm::seed_requests();
    let count = requests.len();
    for (method, path, body) in requests {
        let request = Request::builder()
            .method(method.as_str())
            .uri(format!("{border}{path}"))
            .header(AUTHORIZATION, bearer(token)?)
            .header(CONTENT_TYPE, "application/json; charset=UTF-8")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let answer = client
            .request(request)
            .await
            .context("the border did not answer the seed")?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let refused = memchr::memmem::find(&body, b"\"success\":false").is_some();
        ensure!(
            status.is_success() && !refused,
            "the seed was not accepted: {method} {path} gave {status}: {}",
            String::from_utf8_lossy(&body)
        );
    }
    Ok(count)
}

fn bearer(token: &str) -> anyhow::Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

type Https = hyper_rustls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

fn client(ca: &Path) -> anyhow::Result<Client<Https, Full<Bytes>>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_only()
        .enable_http1()
        .build();
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}
