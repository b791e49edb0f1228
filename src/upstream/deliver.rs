//! Delivering what the CRM sends to the programs that it is for. They are in the organization's own
//! hands, so what goes there is revealed; nothing of ours that opens the CRM does.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::answer::{Answer, Expected, Opened};
use super::body::Outbound;
use super::client::{Target, written};
use super::settings::{Host, Settings};
use super::{Client, Error};

/// How long a program may take to acknowledge. The CRM gives us about a minute for all.
const PATIENCE: Duration = Duration::from_secs(40);
/// The largest acknowledgement.
const MOST: usize = 64 * 1024;

/// A program that outbound messages are for, as the configuration has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receiving {
    /// The endpoint's name.
    pub name: String,
    /// The organization whose messages it takes.
    pub organization: String,
    pub host: Host,
    /// Path and query at the host.
    pub target: String,
    /// Certificates to trust instead of the system's.
    pub trust: Option<Vec<rustls::pki_types::CertificateDer<'static>>>,
}

/// The way to it.
pub struct Receiver {
    receiving: Receiving,
    target: Target,
    settings: Settings,
}

impl Receiver {
    pub(super) fn new(receiving: &Receiving, settings: &Settings) -> Result<Self, Error> {
        let settings = Settings {
            trust: receiving.trust.clone(),
            answer_bytes: MOST,
            head: settings.head.min(PATIENCE),
            whole: settings.whole.min(PATIENCE),
            receivers: vec![],
            ..settings.clone()
        };
        Ok(Self {
            target: Target::new(&receiving.host, &settings)?,
            receiving: receiving.clone(),
            settings,
        })
    }

    /// The endpoint's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.receiving.name
    }

    #[must_use]
    pub fn organization(&self) -> &str {
        &self.receiving.organization
    }

    /// Delivers a message, once.
    ///
    /// # Errors
    /// When the program cannot be reached, is late, or answers in a form that cannot be read whole.
    pub async fn deliver(&self, body: Vec<u8>) -> Result<Answer, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/xml"));
        let kind = HeaderValue::from_static("text/xml; charset=UTF-8");
        headers.insert(CONTENT_TYPE, kind);
        let action = HeaderName::from_static("soapaction");
        headers.insert(action, HeaderValue::from_static("\"\""));
        let line = ("POST", self.receiving.target.as_str());
        let body = (Outbound::from(body), "identity");
        let request = written(&self.target, line, headers, body)?;
        let delivered = async {
            let (response, lease) = self.target.pool.send(request).await?;
            let opened = Opened::new(response, &self.settings, (lease, true))?;
            opened.read(Expected::Anything).await
        };
        // For all of it together: whom the CRM no longer waits for, it sends the message again.
        let delivered = tokio::time::timeout(self.settings.head, delivered);
        delivered.await.map_err(|_| Error::Late)?
    }
}

impl Client {
    /// The program that an endpoint's messages are for.
    #[must_use]
    pub fn receiver(&self, name: &str) -> Option<&Receiver> {
        let mut receivers = self.receivers().iter();
        receivers.find(|receiver| receiver.name() == name)
    }
}
