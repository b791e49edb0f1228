//! Which header fields of a browser go to the CRM, and which of the CRM's go to the browser.
//!
//! As with the REST API, each value is held to a grammar and written anew. What tells addresses
//! (`Origin`, `Referer`, `HX-Current-URL`) says the CRM's own and no more than its origin: a path
//! could have a search in it.

use super::site::{Cookie, Site};
use crate::model::{Code, Refusal};
use crate::wire::hosts::Origin;

/// A field by name and value.
pub type Field = (String, String);

/// A host of ours with the origin of the CRM's that it stands for, and the others of both.
#[derive(Clone, Debug)]
pub struct Origins<'h> {
    /// `crm.example.eu`.
    pub ours: &'h str,
    /// `https://crm.example.com`.
    pub theirs: &'h str,
    /// As the two above, for each other host of the CRM.
    pub others: Vec<(&'h str, &'h str)>,
}

impl Origins<'_> {
    /// The CRM's origin for an address of ours, and what follows it in the address.
    fn meant<'v>(&self, url: &'v str) -> Option<(&str, &'v str)> {
        let here = [(self.ours, self.theirs)];
        let mut all = here.iter().chain(&self.others);
        all.find_map(|(ours, theirs)| {
            let rest = url.strip_prefix("https://")?.strip_prefix(ours)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((*theirs, rest))
        })
    }
}

/// The fields that go to the CRM.
///
/// # Errors
/// An origin that is not ours on a request that changes something: another site has made the
/// browser send it.
pub fn to_crm<'h>(
    site: &Site,
    origins: &Origins<'_>,
    writes: bool,
    fields: impl Iterator<Item = (&'h str, &'h str)>,
) -> Result<Vec<Field>, Refusal> {
    let mut sent: Vec<Field> = Vec::new();
    let own = format!("https://{}", origins.ours);
    for (name, value) in fields {
        let value = match name {
            "accept" => Some(accept(value).to_owned()),
            "accept-language" => Some(language(value).to_owned()),
            // Opened by whoever has the key; what a browser sent goes no further.
            "cookie" => None,
            "origin" if value == own => Some(origins.theirs.to_owned()),
            "origin" | "sec-fetch-site" if writes && is_foreign(name, value) => {
                return Err(Refusal::new(
                    Code::RoleRefused,
                    "another site has made the browser send this",
                ));
            }
            // A page of another host of the CRM's reads here.
            "origin" => origins.meant(value).map(|(theirs, _)| theirs.to_owned()),
            "referer" | "hx-current-url" => {
                origins.meant(value).map(|(theirs, _)| format!("{theirs}/"))
            }
            _ => site
                .headers
                .get(name)
                .filter(|grammar| grammar.fits(value))
                .map(|_| value.to_owned()),
        };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            // A field that comes twice has no one meaning; the first counts for the CRM.
            if !sent.iter().any(|(known, _)| known == name) {
                sent.push((name.to_owned(), value));
            }
        }
    }
    Ok(sent)
}

fn is_foreign(name: &str, value: &str) -> bool {
    name == "origin" || value == "cross-site"
}

/// The kinds of answer that a browser asks for, in three forms.
fn accept(value: &str) -> &'static str {
    if value.contains("text/html") {
        "text/html,application/xhtml+xml,*/*;q=0.8"
    } else if value.contains("application/json") {
        "application/json,*/*;q=0.5"
    } else {
        "*/*"
    }
}

/// The languages that the CRM may answer in: those of ours that the browser puts first.
fn language(value: &str) -> &'static str {
    const KNOWN: [&str; 12] = [
        "nl", "en", "de", "fr", "es", "it", "pl", "pt", "da", "sv", "fi", "cs",
    ];
    let first = value
        .split([',', ';', '-'])
        .next()
        .unwrap_or_default()
        .trim();
    let known = KNOWN.into_iter();
    let mut known = known.filter(|known| known.eq_ignore_ascii_case(first));
    known.next().unwrap_or("en")
}

/// The cookies of a `Cookie` field that policy names, in order. A name may come twice.
pub fn cookies<'s: 'v, 'v>(
    site: &'s Site,
    value: &'v str,
) -> impl Iterator<Item = (&'s str, &'s Cookie, &'v str)> {
    pairs(value).filter_map(|(name, value)| {
        let (name, cookie) = site.cookies.get_key_value(name)?;
        Some((name.as_str(), cookie, value))
    })
}

/// All cookies of a `Cookie` field.
pub fn pairs(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
}

/// A cookie as the CRM sets it.
#[derive(Clone, Debug)]
pub struct SetCookie<'s, 'v> {
    pub name: &'s str,
    pub cookie: &'s Cookie,
    pub value: &'v str,
    /// Whether it is taken away.
    pub gone: bool,
    /// Whether the CRM hides it from scripts.
    pub hidden: bool,
    /// The hosts that it is for, where the CRM says so.
    domain: Option<&'v str>,
    /// What else stands behind it, each attribute after `; `.
    attributes: String,
    same_site: &'static str,
}

impl<'s, 'v> SetCookie<'s, 'v> {
    /// Reads a `Set-Cookie` field. None for a cookie that policy does not name, or a value without
    /// the form that policy says.
    #[must_use]
    pub fn parse(site: &'s Site, text: &'v str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, cookie) = site.cookies.get_key_value(name)?;
        let mut read = Self {
            name,
            cookie,
            value,
            gone: value.is_empty() || value == "\"\"",
            hidden: false,
            domain: None,
            attributes: String::new(),
            same_site: "Lax",
        };
        if !read.gone && !cookie.fits(value) {
            return None;
        }
        parts.for_each(|part| read.attribute(part));
        Some(read)
    }

    fn attribute(&mut self, part: &'v str) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let plain = value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        match key.to_ascii_lowercase().as_str() {
            "httponly" => self.hidden = true,
            "domain" => self.domain = Some(value),
            "samesite" if value.eq_ignore_ascii_case("strict") => self.same_site = "Strict",
            "path" if plain && value.starts_with('/') => {
                self.attributes.push_str(&format!("; Path={value}"));
            }
            "max-age" if value.parse::<i64>().is_ok() => {
                self.attributes.push_str(&format!("; Max-Age={value}"));
            }
            "expires" if plain => self.attributes.push_str(&format!("; Expires={value}")),
            _ => {}
        }
    }

    /// Whether the CRM sets it for several of its hosts.
    #[must_use]
    pub fn is_shared(&self, origins: &Origins<'_>) -> bool {
        // Browsers take a name with this prefix for one host only (RFC 6265bis, section 4.1.3).
        let bound = self.name.starts_with("__Host-");
        !bound && self.domain.is_some_and(|domain| origins.are_under(domain))
    }

    /// The field's value for the browser, over TLS only: for this host alone, or for a domain of
    /// ours.
    #[must_use]
    pub fn write(&self, name: &str, value: &str, hidden: bool, domain: Option<&str>) -> String {
        let hidden = if hidden { "; HttpOnly" } else { "" };
        let domain = domain.map_or_else(String::new, |domain| format!("; Domain={domain}"));
        format!(
            "{name}={value}; Secure{}{domain}{hidden}; SameSite={}",
            self.attributes, self.same_site
        )
    }
}

impl Origins<'_> {
    /// Whether several of the CRM's hosts are under a cookie's domain.
    fn are_under(&self, domain: &str) -> bool {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let theirs = self.others.iter().map(|(_, theirs)| *theirs);
        let under = theirs.chain([self.theirs]).filter(|origin| {
            let host = origin.split_once("://").map_or(*origin, |(_, host)| host);
            let host = host.split(':').next().unwrap_or_default();
            host == domain || host.ends_with(&format!(".{domain}"))
        });
        domain.contains('.') && under.count() > 1
    }
}

/// Where a redirect of the CRM's leads: a path of this host, or an address of another of ours. None
/// where it leads elsewhere.
#[must_use]
pub fn location(origins: &Origins<'_>, value: &str) -> Option<String> {
    let behind = |origin: &str| {
        // Case and a scheme's own port make no other origin.
        let end = value.find("://")? + 3;
        let end = end
            + value
                .get(end..)?
                .find(['/', '?', '#'])
                .unwrap_or(value.len() - end);
        let (head, rest) = value.split_at_checked(end)?;
        (Origin::parse(head).ok()? == Origin::parse(origin).ok()?).then_some(rest)
    };
    let path = |rest: &str| {
        let path = if rest.is_empty() { "/" } else { rest };
        let plain = path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let here = path.starts_with('/') && !path.starts_with("//");
        (plain && here).then(|| path.to_owned())
    };
    if let Some(rest) = behind(origins.theirs) {
        return path(rest);
    }
    for (ours, theirs) in &origins.others {
        if let Some(rest) = behind(theirs) {
            return path(rest).map(|path| format!("https://{ours}{path}"));
        }
    }
    path(value)
}
