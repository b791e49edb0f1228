//! Sending one cleared request.

use std::fs::File;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::Error;
use super::answer::{Answer, Expected, Opened};
use super::body::{self, Outbound, Sink};
use super::deliver::Receiver;
use super::form;
use super::pool::Pool;
use super::resolve::Resolver;
use super::session::{Session, Sessions};
use super::settings::{Host, Settings};
use crate::protect::{Cleared, Outgoing};

/// The least rate at which a CRM takes a body, in bytes a second; a slower one is late.
const FLOOR: u64 = 128 * 1024;

/// What goes with a browser's request, beside the request.
#[derive(Debug, Default)]
pub struct Carried {
    /// Where the chunks of its sealed files lie, one file after the other.
    pub spool: Option<File>,
    /// Whether the answer is asked for as it is, without compression.
    pub plain: bool,
}

/// Where the proxy's own session stands in a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Credentials {
    Authorization,
    /// `X-SFDC-Session`, which the Bulk API 1.0 has.
    Session,
}

/// A client with a pool of its own; one for each worker.
pub struct Client {
    first: Target,
    others: Vec<Target>,
    receivers: Vec<Receiver>,
    /// The host of visitors' forms.
    forms: Option<Target>,
    settings: Settings,
    sessions: Arc<Sessions>,
}

/// One host of the CRM.
pub struct Target {
    /// Our name for it.
    ours: String,
    origin: String,
    host: HeaderValue,
    pub(super) pool: Arc<Pool>,
}

impl Client {
    /// # Errors
    /// When the origin is not https, or no certificates to trust can be had.
    pub fn new(settings: Settings, sessions: Arc<Sessions>) -> Result<Self, Error> {
        let first = Host {
            ours: settings.ours.clone(),
            origin: settings.origin.clone(),
            address: settings.address,
        };
        let others = settings.hosts.iter();
        let others = others.map(|host| Target::new(host, &settings));
        let receivers = settings.receivers.iter();
        let receivers = receivers.map(|receiving| Receiver::new(receiving, &settings));
        Ok(Self {
            first: Target::new(&first, &settings)?,
            others: others.collect::<Result<_, _>>()?,
            receivers: receivers.collect::<Result<_, _>>()?,
            forms: form::target(&settings)?,
            settings,
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
        let line = (request.method, request.target.as_str());
        let body = (Outbound::from(body), self.coding());
        let opened = self.open(&self.first, line, headers, body).await?;
        self.signed_in(opened, session)?.read(Expected::Json).await
    }

    /// Sends a request with the proxy's own session, and leaves the answer to be read as it comes:
    /// it is not compressed, and may be of any media type.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn fetch(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
        credentials: Credentials,
    ) -> Result<Opened, Error> {
        let request = request.into_inner();
        let session = self.sign(&mut headers, credentials).await?;
        put_type(&mut headers, request.content_type.as_deref())?;
        let body = Outbound::from(request.body.unwrap_or_default());
        let line = (request.method, request.target.as_str());
        let opened = self
            .open(&self.first, line, headers, (body, "identity"))
            .await?;
        self.signed_in(opened, session)
    }

    /// As [`Self::fetch`], for a request whose body follows in pieces. The answer is to be waited for
    /// beside them; how long, whoever sends them says.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn upload(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
        credentials: Credentials,
    ) -> Result<(Sink, impl Future<Output = Result<Opened, Error>>), Error> {
        let request = request.into_inner();
        let session = self.sign(&mut headers, credentials).await?;
        put_type(&mut headers, request.content_type.as_deref())?;
        let (sink, body) = body::pieces();
        let line = (request.method, request.target.as_str());
        let request = written(&self.first, line, headers, (body, "identity"))?;
        let pool = Arc::clone(&self.first.pool);
        let answered = async move {
            let (response, lease) = pool.send(request).await?;
            let opened = Opened::new(response, &self.settings, (lease, false))?;
            self.signed_in(opened, session)
        };
        Ok((sink, answered))
    }

    /// How long the CRM may take for the head of an answer.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.settings.head
    }

    async fn sign(
        &self,
        headers: &mut HeaderMap,
        credentials: Credentials,
    ) -> Result<Arc<Session>, Error> {
        let session = self.session().await?;
        match credentials {
            Credentials::Authorization => headers.insert(AUTHORIZATION, bearer(&session)?),
            Credentials::Session => {
                let value = HeaderValue::from_bytes(session.token.expose());
                let mut value = value.map_err(|_| Error::Session)?;
                value.set_sensitive(true);
                headers.insert(HeaderName::from_static("x-sfdc-session"), value)
            }
        };
        Ok(session)
    }

    /// The host of the CRM's that a name of ours is for: the first, unless the configuration says
    /// another.
    #[must_use]
    pub fn at(&self, ours: &str) -> &Target {
        let mut others = self.others.iter();
        others
            .find(|target| target.ours == ours)
            .unwrap_or(&self.first)
    }

    /// All hosts of the CRM's but one.
    pub fn besides<'c>(&'c self, target: &'c Target) -> impl Iterator<Item = &'c Target> {
        let all = self.others.iter().chain([&self.first]);
        all.filter(move |other| !std::ptr::eq(*other, target))
    }

    /// Whether a policy's routes stand at the CRM's first host, whose name they leave out.
    #[must_use]
    pub fn is_first(&self, target: &Target) -> bool {
        std::ptr::eq(&raw const self.first, target)
    }

    pub(super) fn receivers(&self) -> &[Receiver] {
        &self.receivers
    }

    pub(super) fn forms(&self) -> Option<&Target> {
        self.forms.as_ref()
    }

    pub(super) fn main(&self) -> &Target {
        &self.first
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The domain of cookies that are for several hosts.
    #[must_use]
    pub fn cookie_domain(&self) -> Option<&str> {
        self.settings.cookie_domain.as_deref()
    }

    /// Sends a request of a browser, which has a session of its own with the CRM: in its cookies,
    /// which are among `headers`. What comes back may be of any media type, or lead elsewhere; its body
    /// is still to be read.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn visit(
        &self,
        target: &Target,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
        Carried { spool, plain }: Carried,
    ) -> Result<Opened, Error> {
        let request = request.into_inner();
        if let Some(kind) = &request.content_type {
            let kind = HeaderValue::try_from(kind);
            let kind = kind.map_err(|error| Error::Request(error.into()))?;
            headers.insert(CONTENT_TYPE, kind);
        }
        let body = body::of(request.body.unwrap_or_default(), request.files, spool);
        let line = (request.method, request.target.as_str());
        let coding = match plain {
            true => "identity",
            false => self.coding(),
        };
        self.open(target, line, headers, (body, coding)).await
    }

    /// What is asked for of compressions.
    pub(super) fn coding(&self) -> &'static str {
        match self.settings.compressed {
            true => "gzip",
            false => "identity",
        }
    }

    pub(super) async fn exchange(
        &self,
        line: (&str, &str),
        headers: HeaderMap,
        body: Vec<u8>,
        expected: Expected,
    ) -> Result<Answer, Error> {
        let body = (Outbound::from(body), self.coding());
        let opened = self.open(&self.first, line, headers, body);
        opened.await?.read(expected).await
    }

    /// As [`Self::exchange`], where an answer may be long in coming.
    pub(super) async fn wait(
        &self,
        line: (&str, &str),
        headers: HeaderMap,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Opened, Error> {
        let body = (Outbound::from(body), self.coding());
        self.open_within(&self.first, line, headers, body, patience)
            .await
    }

    pub(super) async fn open(
        &self,
        host: &Target,
        line: (&str, &str),
        headers: HeaderMap,
        body: (Outbound, &'static str),
    ) -> Result<Opened, Error> {
        self.open_within(host, line, headers, body, self.settings.head)
            .await
    }

    /// `head`: until the answer's head, beside what the body takes.
    async fn open_within(
        &self,
        host: &Target,
        (method, target): (&str, &str),
        headers: HeaderMap,
        (body, coding): (Outbound, &'static str),
        head: Duration,
    ) -> Result<Opened, Error> {
        let patience = head + Duration::from_secs(body.length() / FLOOR);
        // A CRM may answer before it has read a large body, and then reads the rest as a request.
        let reusable = matches!(body, Outbound::Whole(_));
        let request = written(host, (method, target), headers, (body, coding))?;
        let sent = tokio::time::timeout(patience, host.pool.send(request));
        let (response, lease) = sent.await.map_err(|_| Error::Late)??;
        Opened::new(response, &self.settings, (lease, reusable))
    }
}

impl Target {
    pub(super) fn new(host: &Host, settings: &Settings) -> Result<Self, Error> {
        let name = HeaderValue::try_from(host.authority()?)
            .map_err(|_| Error::Origin("its name is malformed"))?;
        let mut connector = HttpConnector::new_with_resolver(Resolver {
            fixed: host.address,
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
        // `authority` has refused plain HTTP to another machine.
        let connector = tls.https_or_http().enable_http1().wrap_connector(connector);
        let mut origin: Uri = host
            .origin
            .parse()
            .map_err(|_| Error::Origin("it is not a URL"))?;
        if host.address.is_some() {
            // The connector takes a port that the URL names for that of the address.
            let (scheme, name) = (origin.scheme_str(), origin.host());
            let plain = scheme
                .zip(name)
                .map(|(scheme, name)| format!("{scheme}://{name}"));
            origin = plain
                .and_then(|plain| plain.parse().ok())
                .ok_or(Error::Origin("it has no name"))?;
        }
        Ok(Self {
            ours: host.ours.clone(),
            origin: host.origin.clone(),
            host: name,
            pool: Pool::new(origin, connector),
        })
    }

    /// Our name for it, with `:port` where browsers send one.
    #[must_use]
    pub fn ours(&self) -> &str {
        &self.ours
    }

    pub(super) fn host(&self) -> &HeaderValue {
        &self.host
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// `https://crm.example.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `crm.example.com`, as policies name it.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.host.to_str().unwrap_or_default()
    }
}

fn put_type(headers: &mut HeaderMap, kind: Option<&str>) -> Result<(), Error> {
    // What the client said of its body holds for the client's.
    headers.remove(CONTENT_TYPE);
    if let Some(kind) = kind {
        let kind = HeaderValue::try_from(kind);
        let kind = kind.map_err(|error| Error::Request(error.into()))?;
        headers.insert(CONTENT_TYPE, kind);
    }
    Ok(())
}

pub(super) fn written(
    host: &Target,
    (method, target): (&str, &str),
    mut headers: HeaderMap,
    (body, coding): (Outbound, &'static str),
) -> Result<Request<Outbound>, Error> {
    headers.insert(HOST, host.host.clone());
    headers.insert(USER_AGENT, HeaderValue::from_static("sluis"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(coding));
    let mut request = Request::builder().method(method).uri(target);
    if let Some(place) = request.headers_mut() {
        *place = headers;
    }
    request.body(body).map_err(Error::Request)
}

pub(super) fn bearer(session: &Session) -> Result<HeaderValue, Error> {
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
