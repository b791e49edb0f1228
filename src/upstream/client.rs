//! Sending one cleared request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use memchr::memmem;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::Error;
use super::answer::{self, Answer, Expected};
use super::pool::Pool;
use super::resolve::Resolver;
use super::session::{self, Credential, Session, Sessions};
use crate::protect::{Cleared, Outgoing};

/// Where the CRM is and how long to wait for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `https://example.my.salesforce.com`, without a path.
    pub origin: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<SocketAddr>,
    /// Certificates to trust instead of the system's.
    pub trust: Option<Vec<CertificateDer<'static>>>,
    /// Whether to ask for gzip.
    pub compressed: bool,
    /// The largest answer, decoded.
    pub answer_bytes: usize,
    pub connect: Duration,
    /// Until the head of the answer.
    pub head: Duration,
    /// Between two parts of its body.
    pub stall: Duration,
    /// For all of its body.
    pub whole: Duration,
}

impl Settings {
    #[must_use]
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.trim_end_matches('/').to_owned(),
            address: None,
            trust: None,
            compressed: true,
            answer_bytes: 64 << 20,
            connect: Duration::from_secs(10),
            head: Duration::from_secs(120),
            stall: Duration::from_secs(30),
            whole: Duration::from_mins(5),
        }
    }

    /// The CRM's authority, `example.my.salesforce.com`.
    ///
    /// # Errors
    /// When the origin is not `https://name[:port]`, or `http://` and a name of this machine.
    pub fn authority(&self) -> Result<String, Error> {
        let uri: Uri = self
            .origin
            .parse()
            .map_err(|_| Error::Origin("it is not a URL"))?;
        // A CRM on this machine itself needs no TLS: nobody stands between.
        let here = ["127.0.0.1", "[::1]", "localhost"].contains(&uri.host().unwrap_or_default());
        if uri.scheme_str() != Some("https") && !(here && uri.scheme_str() == Some("http")) {
            return Err(Error::Origin("it must begin with https://"));
        }
        if uri.path() != "/" && !uri.path().is_empty() || uri.query().is_some() {
            return Err(Error::Origin("it must have no path"));
        }
        let authority = uri.authority().ok_or(Error::Origin("it has no name"))?;
        if authority.as_str().contains('@') {
            return Err(Error::Origin("it must have no user"));
        }
        Ok(authority.to_string())
    }
}

/// A client with a pool of its own; one for each worker.
pub struct Client {
    pool: Arc<Pool>,
    settings: Settings,
    host: HeaderValue,
    sessions: Arc<Sessions>,
}

impl Client {
    /// # Errors
    /// When the origin is not https, or no certificates to trust can be had.
    pub fn new(settings: Settings, sessions: Arc<Sessions>) -> Result<Self, Error> {
        let host = HeaderValue::try_from(settings.authority()?)
            .map_err(|_| Error::Origin("its name is malformed"))?;
        let mut connector = HttpConnector::new_with_resolver(Resolver {
            fixed: settings.address,
        });
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(settings.connect));
        let tls = HttpsConnectorBuilder::new();
        let tls = match settings.trust.as_deref() {
            Some(certificates) => tls.with_tls_config(trusting(certificates)?),
            None => tls
                .try_with_platform_verifier()
                .map_err(|error| Error::Trust(error.to_string()))?,
        };
        // `Settings::authority` has refused plain HTTP to another machine.
        let connector = tls.https_or_http().enable_http1().wrap_connector(connector);
        let origin = settings
            .origin
            .parse()
            .map_err(|_| Error::Origin("it is not a URL"))?;
        Ok(Self {
            pool: Pool::new(origin, connector),
            settings,
            host,
            sessions,
        })
    }

    /// Sends a request with the proxy's own session. `headers` are those that may go out.
    ///
    /// # Errors
    /// When the CRM cannot be reached, is late, or answers in a form that cannot be read whole.
    pub async fn send(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        headers.insert(AUTHORIZATION, bearer(&session)?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = request.body.unwrap_or_default();
        if !body.is_empty() {
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=UTF-8"),
            );
        }
        let answer = self
            .exchange(request.method, &request.target, headers, body)
            .await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            // The session is over. The next exchange signs in anew; this one was not carried out,
            // and whether to ask again is the client's to say.
            self.sessions.forget();
            return Err(Error::Session);
        }
        Ok(answer)
    }

    /// Sends a SOAP message, which carries the proxy's own session in its body.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn speak(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        let body = request.body.unwrap_or_default();
        let body = with_session(&body, request.session, &session)?;
        headers.insert(ACCEPT, HeaderValue::from_static("text/xml"));
        let kind = HeaderValue::from_static("text/xml; charset=UTF-8");
        headers.insert(CONTENT_TYPE, kind);
        // SOAP 1.1 demands the field; Salesforce reads the operation from the body.
        let action = HeaderName::from_static("soapaction");
        headers.insert(action, HeaderValue::from_static("\"\""));
        let (method, target) = (request.method, request.target);
        let asked = self.ask((method, &target), headers, body, Expected::Xml);
        let answer = asked.await?;
        let ended = answer.status == StatusCode::INTERNAL_SERVER_ERROR
            && memmem::find(&answer.body, b":INVALID_SESSION_ID<").is_some();
        if ended {
            // As a 401 in `send`.
            self.sessions.forget();
            return Err(Error::Session);
        }
        Ok(answer)
    }

    /// The CRM's origin: `https://crm.example.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.settings.origin
    }

    /// Sends a request of a browser, which has a session of its own with the CRM: in its cookies,
    /// which are among `headers`. What comes back may be of any media type, or lead elsewhere.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn visit(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let request = request.into_inner();
        if let Some(kind) = &request.content_type {
            let kind = HeaderValue::try_from(kind);
            let kind = kind.map_err(|error| Error::Request(error.into()))?;
            headers.insert(CONTENT_TYPE, kind);
        }
        let body = request.body.unwrap_or_default();
        let (method, target) = (request.method, request.target);
        self.ask((method, &target), headers, body, Expected::Anything)
            .await
    }

    pub(super) async fn exchange(
        &self,
        method: &str,
        target: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, Error> {
        self.ask((method, target), headers, body, Expected::Json)
            .await
    }

    async fn ask(
        &self,
        (method, target): (&str, &str),
        mut headers: HeaderMap,
        body: Vec<u8>,
        expected: Expected,
    ) -> Result<Answer, Error> {
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, HeaderValue::from_static("sluis"));
        let coding = if self.settings.compressed {
            "gzip"
        } else {
            "identity"
        };
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(coding));
        let mut request = Request::builder().method(method).uri(target);
        if let Some(place) = request.headers_mut() {
            *place = headers;
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(Error::Request)?;
        let sent = tokio::time::timeout(self.settings.head, self.pool.send(request));
        let (response, lease) = sent.await.map_err(|_| Error::Late)??;
        answer::read(response, &self.settings, expected, lease).await
    }

    async fn session(&self) -> Result<Arc<Session>, Error> {
        if let Some(session) = self.sessions.fresh() {
            return Ok(session);
        }
        let (id, secret) = match &self.sessions.credential {
            Credential::Token(token) => return Ok(self.sessions.put(token.clone())),
            Credential::Client { id, secret } => (id, secret),
        };
        let _alone = self.sessions.signing_in.lock().await;
        if let Some(session) = self.sessions.fresh() {
            return Ok(session); // Another exchange was first.
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let body = session::form(id, secret).as_bytes().to_vec();
        let answer = self
            .exchange("POST", "/services/oauth2/token", headers, body)
            .await?;
        if answer.status != StatusCode::OK {
            return Err(Error::Session);
        }
        Ok(self.sessions.put(session::granted(&answer.body)?))
    }
}

/// The body with the session at its place. A session has no character that XML escapes; one that
/// has is none.
fn with_session(body: &[u8], at: Option<usize>, session: &Session) -> Result<Vec<u8>, Error> {
    let token = session.token.expose();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'&' | b'<' | b'>');
    let (before, after) = at
        .and_then(|at| body.split_at_checked(at))
        .filter(|_| token.iter().all(plain))
        .ok_or(Error::Session)?;
    Ok([before, token, after].concat())
}

fn bearer(session: &Session) -> Result<HeaderValue, Error> {
    let mut value = Vec::with_capacity(session.token.expose().len() + 7);
    value.extend_from_slice(b"Bearer ");
    value.extend_from_slice(session.token.expose());
    let mut value = HeaderValue::from_bytes(&value).map_err(|_| Error::Session)?;
    value.set_sensitive(true);
    Ok(value)
}

/// TLS 1.2 and 1.3, verified by the certificates that the configuration names. The other way is
/// the system's authorities; there is no third.
fn trusting(certificates: &[CertificateDer<'static>]) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots
            .add(certificate.clone())
            .map_err(|error| Error::Trust(error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Trust(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
