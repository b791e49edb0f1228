//! Where the CRM is and how long to wait for it.

use std::net::SocketAddr;
use std::time::Duration;

use http::Uri;
use rustls::pki_types::CertificateDer;

use super::Error;
use super::deliver::Receiving;

/// Where the CRM is and how long to wait for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `https://example.my.salesforce.com`, without a path.
    pub origin: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<SocketAddr>,
    /// Our name for it, in links from the CRM's other hosts.
    pub ours: String,
    /// The CRM's other hosts.
    pub hosts: Vec<Host>,
    /// Programs that the CRM's outbound messages are for.
    pub receivers: Vec<Receiving>,
    /// Where visitors' forms go, if they are taken: a host of its own, which knows no session.
    pub forms: Option<Forms>,
    /// The domain of cookies that the CRM sets for several of its hosts.
    pub cookie_domain: Option<String>,
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

/// One host of the CRM beside the first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host {
    /// Our name for it, with `:port` where browsers send one.
    pub ours: String,
    /// `https://files.example.com`, without a path.
    pub origin: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<SocketAddr>,
}

/// Where visitors' forms go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Forms {
    pub host: Host,
    /// Certificates to trust instead of the system's.
    pub trust: Option<Vec<CertificateDer<'static>>>,
}

impl Settings {
    #[must_use]
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.trim_end_matches('/').to_owned(),
            address: None,
            ours: String::new(),
            hosts: vec![],
            receivers: vec![],
            forms: None,
            cookie_domain: None,
            trust: None,
            compressed: true,
            answer_bytes: 64 << 20,
            connect: Duration::from_secs(10),
            head: Duration::from_secs(120),
            stall: Duration::from_secs(30),
            whole: Duration::from_mins(5),
        }
    }

    /// The authority of the CRM's first host, `example.my.salesforce.com`.
    ///
    /// # Errors
    /// When the origin is not `https://name[:port]`, or `http://` and a name of this machine.
    pub fn authority(&self) -> Result<String, Error> {
        authority(&self.origin)
    }
}

impl Host {
    /// Its authority, `files.example.com`.
    ///
    /// # Errors
    /// As [`Settings::authority`].
    pub fn authority(&self) -> Result<String, Error> {
        authority(&self.origin)
    }
}

fn authority(origin: &str) -> Result<String, Error> {
    let uri: Uri = origin
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
