//! What the CRM gave each client of events: its name, and the cookies that lead to the machine that
//! knows it. It is with the client itself, sealed, in a cookie for each name: a browser may have
//! several.

use aws_lc_rs::digest::{SHA256, digest};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use jiff::fmt::rfc2822::DateTimeParser;
use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::protect::{Holder, NONCE_LENGTH, outward};
use crate::proxy::{Failure, Shared};
use crate::upstream;

/// What our cookies' names begin with; a fingerprint of the client's name follows.
const PREFIX: &str = "sluis_cometd_";

/// How many clients one browser may have at a time; the oldest goes for one more.
const CLIENTS: usize = 8;
/// How many of our cookies are looked at.
const MOST: usize = 16;
/// How long one cookie of the CRM may be, with its name. Four of them, sealed, stay below the 4,096
/// bytes that browsers keep.
const LONGEST: usize = 512;

/// The cookies by which the CRM finds the machine again; no others are of use here, and the session
/// is the border's own.
const KNOWN: [&str; 4] = [
    "BAYEUX_BROWSER",
    "sfdc-stream",
    "BrowserId",
    "BrowserId_sec",
];

/// What the CRM gave one client.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Given {
    pub client: String,
    /// When it shook hands, in milliseconds.
    since: i64,
    cookies: Vec<(String, String)>,
}

/// The cookies of ours that came, each with what it holds where it opens.
pub(super) struct Brought(Vec<(String, Option<Given>)>);

impl Brought {
    /// What the client of that name was given.
    pub fn of(&self, client: Option<&str>) -> Option<&Given> {
        let mut given = self.0.iter().filter_map(|(_, given)| given.as_ref());
        given.find(|given| Some(given.client.as_str()) == client)
    }

    /// The cookies that must go when one more client comes: those that do not open, and the oldest.
    fn surplus(&self) -> Vec<&str> {
        let (mut good, mut gone) = (vec![], vec![]);
        for (name, given) in &self.0 {
            match given {
                Some(given) => good.push((given.since, name.as_str())),
                None => gone.push(name.as_str()),
            }
        }
        good.sort_unstable();
        let over = (good.len() + 1).saturating_sub(CLIENTS);
        gone.extend(good.iter().take(over).map(|(_, name)| *name));
        gone
    }
}

impl Given {
    fn new(client: String, now: Timestamp) -> Self {
        Self {
            client,
            since: now.0,
            cookies: vec![],
        }
    }

    /// The cookies for the CRM.
    pub fn put(&self, headers: &mut HeaderMap) -> Result<(), Failure> {
        if self.cookies.is_empty() {
            return Ok(());
        }
        let pairs = self.cookies.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut value = HeaderValue::try_from(pairs.join("; "))
            .map_err(|_| Failure::Upstream(upstream::Error::Unexpected("a cookie")))?;
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
        Ok(())
    }

    /// Takes what an answer sets, and lets go of what it ends; of what is no cookie, nothing.
    fn take(&mut self, headers: &HeaderMap, now: Timestamp) {
        for value in headers.get_all(SET_COOKIE) {
            let text = value.to_str().unwrap_or_default();
            let mut parts = text.split(';');
            let Some((name, value)) = parts.next().unwrap_or_default().split_once('=') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"');
            if !KNOWN.contains(&name)
                || name.len() + value.len() > LONGEST
                || !value.bytes().all(plain)
            {
                continue;
            }
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() && !parts.any(|attribute| ends(attribute, now)) {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

/// Whether an attribute of a cookie says that it has ended.
fn ends(attribute: &str, now: Timestamp) -> bool {
    let Some((name, value)) = attribute.trim().split_once('=') else {
        return false;
    };
    match name.to_ascii_lowercase().as_str() {
        "max-age" => value.parse().is_ok_and(|seconds: i64| seconds <= 0),
        "expires" => {
            // An older form has hyphens within the date.
            let date = DateTimeParser::new().parse_timestamp(value.replace('-', " "));
            date.is_ok_and(|date| date.as_millisecond() <= now.0)
        }
        _ => false,
    }
}

/// The name of our cookie for a client of the CRM's.
fn cookie_name(client: &str) -> String {
    let digest = digest(&SHA256, client.as_bytes());
    let bytes = digest.as_ref().iter().take(8);
    let hex: String = bytes.map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{hex}")
}

/// What an exchange did to what clients were given.
#[derive(Clone, Copy)]
pub(super) enum Change<'c> {
    /// A client shook hands and got this name.
    Named(&'c str),
    /// It goes.
    Left,
    Nothing,
}

impl Shared {
    /// What the CRM gave this browser's clients before, of the cookies that open.
    pub(super) fn brought(&self, holder: &Holder<'_>, sent: &HeaderMap) -> Brought {
        let fields = sent.get_all(COOKIE).iter();
        let pairs = fields.filter_map(|value| value.to_str().ok());
        let ours = pairs.flat_map(|text| text.split(';')).filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            let print = name.strip_prefix(PREFIX)?;
            let ours = print.len() == 16 && print.bytes().all(|byte| byte.is_ascii_hexdigit());
            ours.then_some((name, value))
        });
        let opened = ours.take(MOST).map(|(name, value)| {
            let text = self.cookies.open(holder, name, value).ok();
            let given: Option<Given> = text.and_then(|text| serde_json::from_str(&text).ok());
            let given = given.filter(|given| cookie_name(&given.client) == name);
            (name.to_owned(), given)
        });
        Brought(opened.collect())
    }

    /// The cookies for the client, where the answer changes anything. Only what this client was given
    /// is written: another one may have shaken hands meanwhile.
    pub(super) fn changed(
        &self,
        holder: &Holder<'_>,
        (brought, asked): (&Brought, Option<&str>),
        change: Change<'_>,
        headers: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, Failure> {
        let now = self.clock.now();
        let before = brought.of(asked);
        match change {
            Change::Named(client) => {
                let mut given = Given::new(client.to_owned(), now);
                given.take(headers, now);
                let mut cookies = vec![self.sealed(holder, &given)?];
                for name in brought.surplus() {
                    cookies.push(ended(name)?);
                }
                Ok(cookies)
            }
            Change::Left => before.map_or(Ok(vec![]), |given| {
                Ok(vec![ended(&cookie_name(&given.client))?])
            }),
            Change::Nothing => {
                let Some(before) = before else {
                    return Ok(vec![]);
                };
                let mut given = before.clone();
                given.take(headers, now);
                match given == *before {
                    true => Ok(vec![]),
                    false => Ok(vec![self.sealed(holder, &given)?]),
                }
            }
        }
    }

    fn sealed(&self, holder: &Holder<'_>, given: &Given) -> Result<HeaderValue, Failure> {
        let name = cookie_name(&given.client);
        let text = serde_json::to_string(given)
            .map_err(|_| Failure::Protection(outward::Failure::Incomplete))?;
        let mut nonce = [0; NONCE_LENGTH];
        self.entropy.fill(&mut nonce)?;
        let sealed = self.cookies.seal(holder, &name, nonce, &text);
        let sealed =
            sealed.map_err(|error| Failure::Protection(outward::Failure::Failed(error)))?;
        written(&format!("{name}={sealed}"), "")
    }
}

fn ended(name: &str) -> Result<HeaderValue, Failure> {
    written(&format!("{name}="), "; Max-Age=0")
}

fn written(pair: &str, more: &str) -> Result<HeaderValue, Failure> {
    let text = format!("{pair}; Path=/cometd; Secure; HttpOnly; SameSite=Strict{more}");
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Failure::Protection(outward::Failure::Incomplete))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn taken(set: &[&str]) -> Vec<(String, String)> {
        let mut given = Given::new("c1".to_owned(), NOW);
        let mut headers = HeaderMap::new();
        for text in set {
            headers.append(SET_COOKIE, HeaderValue::from_str(text).unwrap());
        }
        given.take(&headers, NOW);
        given.cookies
    }

    #[test]
    fn cookies_that_lead_to_a_machine_are_kept_until_the_crm_ends_them() {
        let kept = taken(&[
            "BAYEUX_BROWSER=x1; Path=/cometd/; Secure; HttpOnly",
            "sfdc-stream=y; Max-Age=10800; expires=Thu, 01-Jan-2099 00:00:00 GMT",
        ]);
        assert_eq!(kept.len(), 2);
        for end in [
            "sfdc-stream=",
            "sfdc-stream=z; Max-Age=0",
            "sfdc-stream=z; max-age=-1",
            "sfdc-stream=z; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "sfdc-stream=z; expires=Thu, 01-Jan-1970 00:00:00 GMT",
        ] {
            assert_eq!(taken(&["sfdc-stream=y", end]), [], "{end}");
        }
    }

    #[test]
    fn other_cookies_take_no_room() {
        let long = format!("BrowserId={}", "x".repeat(600));
        let mut set: Vec<String> = (0..20).map(|number| format!("ad{number}=x")).collect();
        set.extend(["sid=00D!x".to_owned(), "sid_Client=x".to_owned(), long]);
        set.push("BAYEUX_BROWSER=x1".to_owned());
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let one = ("BAYEUX_BROWSER".to_owned(), "x1".to_owned());
        assert_eq!(taken(&set), [one]);
    }

    #[test]
    fn the_oldest_client_goes_for_one_more_and_what_does_not_open_goes_at_once() {
        let client = |number: i64| {
            let mut given = Given::new(format!("c{number}"), NOW);
            given.since = number;
            (cookie_name(&given.client), Some(given))
        };
        let most = i64::try_from(CLIENTS).unwrap();
        let mut brought = Brought((1..most).map(client).collect());
        assert!(brought.surplus().is_empty());
        brought
            .0
            .push(("sluis_cometd_0000000000000000".to_owned(), None));
        brought.0.insert(0, client(most));
        let first = cookie_name("c1");
        let expected = ["sluis_cometd_0000000000000000", first.as_str()];
        assert_eq!(brought.surplus(), expected);
        assert_eq!(brought.of(Some("c2")).unwrap().client, "c2");
        assert!(brought.of(Some("c99")).is_none() && brought.of(None).is_none());
    }
}
