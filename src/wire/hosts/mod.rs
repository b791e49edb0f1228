//! Host names: the CRM's, which become ours towards the browser.
//!
//! A CRM writes its own address into headers, links, scripts and data. A browser that follows one
//! would leave the proxy; so each origin of the CRM has one of ours. In a text a host is changed where it stands as a whole name only, in whichever of
//! the usual encodings its surroundings are written.
//!
//! Read first: [`Hosts`], [`Origin`].

mod header;
mod name;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::wire::Error;

use name::Names;

/// A scheme, a host and a port: `https://crm.example.eu` or `http://localhost:8001`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `http` or `https`.
    scheme: &'static str,
    /// In small letters, without the port.
    host: String,
    /// As it was written; `None` for the scheme's own.
    port: Option<u16>,
}

/// Which of our origins stands for which of the CRM's. Empty: both have the same names.
#[derive(Clone, Debug)]
pub struct Hosts(Names);

impl Origin {
    /// Reads an origin. A path, a user or a query is refused. An address of IPv6 stands in brackets.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |at, what| Error::Malformed { at, what };
        let (scheme, rest) = text
            .split_once("://")
            .ok_or(wrong(0, "an origin without ://"))?;
        let scheme = scheme_of(scheme).ok_or(wrong(0, "another scheme than http and https"))?;
        let at = scheme.len() + 3;
        let bracket = rest.starts_with('[').then(|| rest.find(']')).flatten();
        let (host, port) = match rest.split_at(bracket.map_or(0, |end| end + 1)) {
            ("", name) => match name.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (name, None),
            },
            (host, "") => (host, None),
            (host, port) => {
                let port = port.strip_prefix(':');
                let port = port.ok_or(wrong(at + host.len(), "no port behind an address"))?;
                (host, Some(port))
            }
        };
        if !is_name(host) && !is_address(host) {
            return Err(wrong(at, "a host that is no name"));
        }
        let port = port.map(|port| {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            let number = port.parse().ok().filter(|_| digits);
            number.ok_or(wrong(at + host.len() + 1, "a port that is no number"))
        });
        let port = port.transpose()?;
        Ok(Self {
            scheme,
            host: host.to_ascii_lowercase(),
            port: port.filter(|port| *port != default_port(scheme)),
        })
    }

    /// The host, with its port if it is not the scheme's own: what `Host` says.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    fn port(&self) -> u16 {
        self.port.unwrap_or(default_port(self.scheme))
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl Hosts {
    /// Pairs of the CRM's origin and ours.
    ///
    /// # Errors
    /// An origin that comes twice, on one side or on both.
    pub fn new(pairs: Vec<(Origin, Origin)>) -> Result<Self, Error> {
        let (theirs, ours): (Vec<Origin>, Vec<Origin>) = pairs.into_iter().unzip();
        let all: Vec<String> = theirs.iter().chain(&ours).map(Origin::authority).collect();
        for (at, origin) in all.iter().enumerate() {
            if all.get(..at).unwrap_or_default().contains(origin) {
                return Err(Error::Duplicate { at });
            }
        }
        Ok(Self(Names::new(theirs, ours)?))
    }

    /// A body towards the browser: addresses of the CRM become ours, however they are written. A
    /// body without one is not copied.
    #[must_use]
    pub fn body<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        self.0.replace(body)
    }
}

fn scheme_of(text: &str) -> Option<&'static str> {
    let known = ["http", "https"];
    let mut known = known.into_iter();
    known.find(|scheme| scheme.eq_ignore_ascii_case(text))
}

fn default_port(scheme: &str) -> u16 {
    if scheme == "http" { 80 } else { 443 }
}

/// An IPv6 address in brackets, by its letters.
fn is_address(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.is_some_and(|inner| {
        let letter = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        (2..=39).contains(&inner.len()) && inner.contains(':') && inner.bytes().all(letter)
    })
}

/// A name of DNS, or an IPv4 address.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() < 64 && label.bytes().all(inside)
    };
    host.len() < 254 && host.split('.').all(label)
}
