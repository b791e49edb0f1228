//! The CRM's cookies, bound to the sign-in of whoever got them: sealed or with a sealed copy beside
//! them on the way to the browser, opened on the way to the CRM. One that does not open for this
//! person goes no further, and the CRM then asks to sign in.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::{Failure, Shared};
use crate::dialect::pages::headers::{self, SetCookie};
use crate::dialect::pages::{COPY, Cookie, Origins, Site};
use crate::gate::Permit;
use crate::protect::outward;
use crate::protect::{Holder, NONCE_LENGTH};

/// How many cookies of one name are looked at.
const NAMESAKES: usize = 2;

/// The cookies of one exchange.
pub(super) struct Jar<'e> {
    stores: &'e Shared,
    site: &'e Site,
    origins: &'e Origins<'e>,
    holder: Holder<'e>,
    /// For cookies of several hosts. Each of our names has a sign-in of its own, so that these are
    /// bound to the person and the domain.
    shared: Option<Holder<'e>>,
}

/// What of a browser's cookies goes to the CRM.
#[derive(Default)]
pub(super) struct Opened<'e> {
    /// The value of the CRM's `Cookie` field; empty where there is none.
    pub text: String,
    /// Names of cookies that came and did not open.
    pub foreign: Vec<&'e str>,
}

impl<'e> Jar<'e> {
    pub fn new(
        (stores, site): (&'e Shared, &'e Site),
        permit: &'e Permit,
        tenant: &'e str,
        (origins, domain): (&'e Origins<'e>, Option<&'e str>),
    ) -> Self {
        let sign_in = permit.sign_in().map(|sign_in| sign_in.name.as_slice());
        let holder = Holder {
            tenant,
            host: origins.ours,
            handle: permit.client_id(),
            sign_in: sign_in.unwrap_or_default(),
        };
        Self {
            stores,
            site,
            origins,
            holder,
            shared: domain.map(|host| Holder {
                host,
                sign_in: &[],
                ..holder
            }),
        }
    }

    /// The cookies of a browser's request, each once.
    ///
    /// Of two with one name, as when a neighbouring host plants one, the first that opens counts. More
    /// are not looked at: each costs a key and a try.
    pub fn open(&self, sent: &HeaderMap) -> Opened<'e> {
        // HTTP/2 may send each cookie in a field of its own (RFC 9113, section 8.2.3).
        let fields = sent.get_all(COOKIE).iter();
        let fields: Vec<&str> = fields.filter_map(|value| value.to_str().ok()).collect();
        let all = fields.join("; ");
        let mut opened = Opened::default();
        let (mut done, mut tried): (Vec<&str>, Vec<&str>) = Default::default();
        for (name, cookie, value) in headers::cookies(self.site, &all) {
            let before = tried.iter().filter(|known| **known == name).count();
            if before == NAMESAKES || done.contains(&name) {
                continue;
            }
            tried.push(name);
            match self.value(name, cookie, value, &all) {
                Some(value) => {
                    done.push(name);
                    opened.add(name, &value);
                }
                None if opened.foreign.contains(&name) => {}
                None => opened.foreign.push(name),
            }
        }
        opened.foreign.retain(|name| !done.contains(name));
        opened
    }

    fn value(&self, name: &str, cookie: &Cookie, value: &str, all: &str) -> Option<String> {
        let plain = match cookie {
            Cookie::Scripts(_) => Some(value.to_owned()),
            Cookie::Sealed => self.opened(name, value),
            Cookie::Bound(_) => self.opened(name, value).or_else(|| {
                let copy = format!("{name}{COPY}");
                let copies = headers::pairs(all).filter(|(known, _)| *known == copy);
                let same = copies.take(NAMESAKES).any(|(_, sealed)| {
                    self.opened(&copy, sealed).is_some_and(|text| text == value)
                });
                same.then(|| value.to_owned())
            }),
        };
        plain.filter(|plain| cookie.fits(plain))
    }

    /// What was sealed for this host or for all.
    fn opened(&self, name: &str, sealed: &str) -> Option<String> {
        let mut holders = [Some(&self.holder), self.shared.as_ref()]
            .into_iter()
            .flatten();
        holders.find_map(|holder| self.stores.cookies.open(holder, name, sealed).ok())
    }

    /// The CRM's cookies for the browser, and an end to those that did not open: the browser would
    /// send them for ever.
    ///
    /// # Errors
    /// When one cannot be sealed: then there is no answer.
    pub fn seal(
        &self,
        crm: &HeaderMap,
        foreign: &[&str],
        browser: &mut HeaderMap,
    ) -> Result<(), Failure> {
        let mut put = |text: String| {
            if let Ok(mut value) = HeaderValue::try_from(text) {
                value.set_sensitive(true);
                browser.append(SET_COOKIE, value);
            }
        };
        for name in foreign {
            for domain in [None, self.shared.map(|shared| shared.host)] {
                let domain = domain.map_or_else(String::new, |domain| format!("; Domain={domain}"));
                put(format!(
                    "{name}=; Secure; Path=/{domain}; Max-Age=0; SameSite=Lax"
                ));
            }
        }
        for value in crm.get_all(SET_COOKIE) {
            let text = value.to_str().ok();
            let Some(set) = text.and_then(|text| SetCookie::parse(self.site, text)) else {
                continue;
            };
            let copy = format!("{}{COPY}", set.name);
            let shared = self.shared.filter(|_| set.is_shared(self.origins));
            let (holder, domain) = match &shared {
                Some(shared) => (shared, Some(shared.host)),
                None => (&self.holder, None),
            };
            match set.cookie {
                _ if set.gone => {
                    put(set.write(set.name, "", set.hidden, domain));
                    put(set.write(&copy, "", true, domain));
                }
                Cookie::Scripts(_) => put(set.write(set.name, set.value, set.hidden, domain)),
                Cookie::Bound(_) if !set.hidden => {
                    put(set.write(set.name, set.value, false, domain));
                    put(set.write(&copy, &self.sealed(holder, &copy, set.value)?, true, domain));
                }
                Cookie::Bound(_) | Cookie::Sealed => {
                    let sealed = self.sealed(holder, set.name, set.value)?;
                    put(set.write(set.name, &sealed, true, domain));
                }
            }
        }
        Ok(())
    }

    fn sealed(&self, holder: &Holder<'_>, name: &str, value: &str) -> Result<String, Failure> {
        let mut nonce = [0; NONCE_LENGTH];
        self.stores.entropy.fill(&mut nonce)?;
        let sealed = self.stores.cookies.seal(holder, name, nonce, value);
        sealed.map_err(|error| Failure::Protection(outward::Failure::Failed(error)))
    }
}

impl Opened<'_> {
    fn add(&mut self, name: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        self.text.push_str(name);
        self.text.push('=');
        self.text.push_str(value);
    }
}
