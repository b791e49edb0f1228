//! Header fields with addresses.

use crate::wire::Error;

use super::{Hosts, Origin};

impl Hosts {
    /// `Location`, `Content-Location`, `Refresh`: whole addresses and those inside of them. A path
    /// stays as it is.
    #[must_use]
    pub fn location(&self, value: &str) -> String {
        self.text(value)
    }

    /// `Link` (RFC 8288).
    #[must_use]
    pub fn links(&self, value: &str) -> String {
        self.text(value)
    }

    /// `Content-Security-Policy` and its like: sources with and without a scheme.
    #[must_use]
    pub fn policy(&self, value: &str) -> String {
        self.text(value)
    }

    /// `Access-Control-Allow-Origin`. `None`: drop it; neither any origin nor a foreign one may read
    /// what was revealed here.
    #[must_use]
    pub fn allow_origin(&self, value: &str) -> Option<String> {
        if self.is_same_name() {
            return (value != "*" && value != "null").then(|| value.to_owned());
        }
        let origin = Origin::parse(value).ok()?;
        let pairs = self.to_browser.from.iter().zip(&self.to_browser.to);
        // The CRM answers with the origin that it was asked from, which may be ours already.
        let mut pairs = pairs.filter(|(theirs, ours)| **theirs == origin || **ours == origin);
        pairs.next().map(|(_, ours)| ours.to_string())
    }

    /// `Set-Cookie` (RFC 6265, section 4.1): without `Domain`, so that it is for our host alone, and
    /// with `Secure`. All else is kept.
    ///
    /// # Errors
    /// A cookie without a name, control characters, a domain that is not the CRM's, and an
    /// attribute that comes twice. The cookie is to be dropped then.
    pub fn set_cookie(&self, value: &str) -> Result<String, Error> {
        let wrong = |what| Error::Malformed { at: 0, what };
        if value.contains(|c: char| c.is_control()) {
            return Err(wrong("a control character in a cookie"));
        }
        let mut parts = value.split(';');
        let pair = parts.next().unwrap_or_default().trim_matches(' ');
        if pair.split_once('=').is_none_or(|(name, _)| name.is_empty()) {
            return Err(wrong("a cookie without a name"));
        }
        let mut out = pair.to_owned();
        let mut seen: Vec<String> = Vec::new();
        for part in parts.map(|part| part.trim_matches(' ')) {
            let (name, argument) = part.split_once('=').unwrap_or((part, ""));
            let name = name.trim_end_matches(' ').to_ascii_lowercase();
            if seen.contains(&name) {
                return Err(wrong("an attribute of a cookie that comes twice"));
            }
            let kept = match name.as_str() {
                "domain" if !self.is_same_name() => {
                    if !self.covers(argument.trim_matches(' ')) {
                        return Err(wrong("a cookie for a domain that is not the CRM's"));
                    }
                    false
                }
                "" | "secure" => false,
                _ => true,
            };
            if kept {
                out.push_str("; ");
                out.push_str(part);
            }
            seen.push(name);
        }
        out.push_str("; Secure");
        Ok(out)
    }

    /// `Origin`, `Referer`, `HX-Current-URL`, `Destination` towards the CRM. `None`: the address is
    /// not one of ours, and the field is to be dropped.
    #[must_use]
    pub fn to_crm(&self, url: &str) -> Option<String> {
        if self.is_same_name() {
            return Some(url.to_owned());
        }
        let scheme = url.find("://")? + 3;
        let rest = url.get(scheme..)?;
        let end = scheme + rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let origin = Origin::parse(url.get(..end)?).ok()?;
        let mut pairs = self.to_crm.from.iter().zip(&self.to_crm.to);
        let (_, theirs) = pairs.find(|(ours, _)| **ours == origin)?;
        let path = self.to_crm.replace(url.get(end..)?.as_bytes());
        let path = String::from_utf8(path.into_owned()).ok()?;
        Some(format!("{theirs}{path}"))
    }

    /// The CRM's `Host` for one of ours. In same-name mode it is the same.
    #[must_use]
    pub fn their_host(&self, host: &str) -> Option<String> {
        if self.is_same_name() {
            return Some(host.to_owned());
        }
        let mut pairs = self.to_crm.from.iter().zip(&self.to_crm.to);
        let found = pairs.find(|(ours, _)| {
            let full = format!("{}:{}", ours.host, ours.port());
            host.eq_ignore_ascii_case(&ours.authority()) || host.eq_ignore_ascii_case(&full)
        });
        found.map(|(_, theirs)| theirs.authority())
    }

    fn text(&self, value: &str) -> String {
        String::from_utf8_lossy(&self.body(value.as_bytes())).into_owned()
    }

    /// Whether a cookie's domain is a host of the CRM or above one.
    fn covers(&self, domain: &str) -> bool {
        let domain = domain.strip_prefix('.').unwrap_or(domain);
        let domain = domain.to_ascii_lowercase();
        let mut hosts = self.to_browser.from.iter().map(|origin| &origin.host);
        domain.contains('.')
            && hosts.any(|host| *host == domain || host.ends_with(&format!(".{domain}")))
            || self
                .to_browser
                .from
                .iter()
                .any(|origin| origin.host == domain)
    }
}
