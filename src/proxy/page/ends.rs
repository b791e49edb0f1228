//! The two ends of an exchange of pages: a name of ours that a browser asked, the CRM's host behind
//! it, and the cookies between them.

use std::sync::{Arc, PoisonError};

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_LANGUAGE, COOKIE,
    LOCATION, REFERRER_POLICY, VARY, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::answer::unexpected;
use super::{put, text};
use crate::dialect::pages::{self, Method, Origins, Site};
use crate::gate::Permit;
use crate::model::Refusal;
use crate::proxy::cookies::{Jar, Opened};
use crate::proxy::record::Scribe;
use crate::proxy::{Failure, Proxy};
use crate::upstream;
use crate::wire::Error;
use crate::wire::hosts::{Hosts, Origin};

/// The ends of one exchange.
pub(in crate::proxy) struct Ends<'e> {
    pub site: &'e Site,
    pub origins: &'e Origins<'e>,
    /// The CRM's names and ours, where they differ.
    pub hosts: Arc<Hosts>,
    jar: Jar<'e>,
    cookies: Opened<'e>,
}

impl<'e> Ends<'e> {
    /// Opens the cookies of a browser, and records those that are not this person's.
    ///
    /// # Errors
    /// When a foreign cookie cannot be recorded.
    pub async fn open(
        (scribe, permit): (&Scribe<'e>, &'e Permit),
        (proxy, site, origins): (&'e Proxy, &'e Site, &'e Origins<'e>),
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        let domain = proxy.upstream.cookie_domain();
        let tenant = &scribe.rules.protection.tenant;
        let jar = Jar::new((scribe.shared, site), permit, tenant, (origins, domain));
        let cookies = jar.open(headers);
        if !cookies.foreign.is_empty() {
            scribe.foreign_cookies(&cookies.foreign).await?;
        }
        Ok(Self {
            site,
            origins,
            hosts: proxy.hosts(origins).map_err(Failure::Answer)?,
            jar,
            cookies,
        })
    }

    /// A browser's header fields as the CRM gets them, with its own cookies.
    ///
    /// # Errors
    /// A write that another site's page sent.
    pub fn to_crm(&self, method: Method, headers: &HeaderMap) -> Result<HeaderMap, Refusal> {
        let fields = headers.iter();
        let fields = fields.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let writes = method != Method::Get;
        let sent = pages::headers::to_crm(self.site, self.origins, writes, fields)?;
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            let field = (HeaderName::try_from(name), HeaderValue::try_from(value));
            if let (Ok(name), Ok(value)) = field {
                headers.insert(name, value);
            }
        }
        let cookies = self.cookies.text.as_str();
        if let (false, Ok(mut value)) = (cookies.is_empty(), HeaderValue::try_from(cookies)) {
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
        Ok(headers)
    }

    /// The CRM's header fields that a browser gets, with its cookies sealed.
    ///
    /// # Errors
    /// When one cannot be sealed: then there is no answer.
    pub fn to_browser(&self, crm: &HeaderMap) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        if let Some(language) = crm.get(CONTENT_LANGUAGE) {
            headers.insert(CONTENT_LANGUAGE, language.clone());
        }
        // The CRM's check of a form's origin wants to see ours, which then is said as the CRM's.
        put(&mut headers, REFERRER_POLICY, "same-origin");
        put(&mut headers, X_FRAME_OPTIONS, "SAMEORIGIN");
        self.readers(&mut headers, crm);
        self.jar.seal(crm, &self.cookies.foreign, &mut headers)?;
        Ok(headers)
    }

    /// Who else may read the answer: pages of our other hosts, if the CRM lets its own.
    fn readers(&self, headers: &mut HeaderMap, crm: &HeaderMap) {
        let allowed = text(crm, &ACCESS_CONTROL_ALLOW_ORIGIN);
        let allowed = allowed.and_then(|value| self.hosts.allow_origin(value));
        let known = |origin: &String| {
            let mut others = self.origins.others.iter();
            others.any(|(ours, _)| origin.strip_prefix("https://") == Some(*ours))
        };
        let Some(origin) = allowed.filter(known) else {
            return;
        };
        put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, &origin);
        put(headers, VARY, "Origin");
        if text(crm, &ACCESS_CONTROL_ALLOW_CREDENTIALS) == Some("true") {
            put(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
    }

    /// Where a redirect leads, as a path of ours or an address of our other hosts.
    ///
    /// # Errors
    /// One that leads elsewhere.
    pub fn leads(&self, answer: &upstream::Answer) -> Result<Option<String>, Failure> {
        if !answer.status.is_redirection() {
            return Ok(None);
        }
        let location = text(&answer.headers, &LOCATION);
        let path = location.and_then(|value| pages::headers::location(self.origins, value));
        match path {
            Some(path) => Ok(Some(self.hosts.location(&path))),
            None => Err(unexpected("a redirect that leads past the border")),
        }
    }
}

impl Proxy {
    /// The host of the CRM's that one of ours is for, as policies name it; none for the first.
    pub(in crate::proxy) fn host(&self, ours: &str) -> Option<&str> {
        let target = self.upstream.at(ours);
        (!self.upstream.is_first(target)).then(|| target.authority())
    }

    /// The CRM's names and ours, where they differ. The server admits the names that are configured
    /// and no others, so that what is kept here has an end.
    fn hosts(&self, origins: &Origins<'_>) -> Result<Arc<Hosts>, Error> {
        let mut known = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hosts) = known.get(origins.ours) {
            return Ok(Arc::clone(hosts));
        }
        let here = [(origins.ours, origins.theirs)];
        let mut pairs = Vec::new();
        for (ours, theirs) in here.iter().chain(&origins.others) {
            let (theirs, ours) = (
                Origin::parse(theirs)?,
                Origin::parse(&format!("https://{ours}"))?,
            );
            if theirs != ours {
                pairs.push((theirs, ours));
            }
        }
        let hosts = Arc::new(Hosts::new(pairs)?);
        known.insert(origins.ours.to_owned(), Arc::clone(&hosts));
        Ok(hosts)
    }
}

/// Our names and the CRM's, as somebody sees them who asked for this one.
pub(in crate::proxy) fn origins<'h>(upstream: &'h upstream::Client, ours: &'h str) -> Origins<'h> {
    let target = upstream.at(ours);
    let others = upstream.besides(target);
    Origins {
        ours,
        theirs: target.origin(),
        others: others.map(|other| (other.ours(), other.origin())).collect(),
    }
}
