//! What was seen of each site: its doors, the names that they take, what they answer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Error;
use super::body;
use super::controls::Controls;
use super::door::{Door, note};
use super::har::{Entry, Field};
use super::path::Shaped;
use super::print::{Printer, Prints};
use super::shape::Shape;
use crate::detect::identifiers::Recognizers;
use crate::dialect::pages::Media;
use crate::wire::html;

/// A recording, by the origins that it went to.
#[derive(Default)]
pub struct Session {
    printer: Printer,
    whose: Option<Recognizers>,
    sites: BTreeMap<String, Site>,
}

/// What was seen of one origin.
#[derive(Default)]
pub struct Site {
    /// Pages with status 200.
    pub pages: usize,
    pub requests: usize,
    pub sockets: usize,
    pub doors: BTreeMap<(String, Shaped), Door>,
    /// Paths of style sheets, scripts and fonts.
    pub fixed: BTreeMap<Shaped, Door>,
    /// Pictures that stand beside no style sheet.
    pub pictures: BTreeMap<Shaped, usize>,
    pub cookies: BTreeMap<String, Shape>,
    pub headers: BTreeMap<String, Shape>,
    pub controls: Controls,
    /// An `Authorization` field came: not a cookie's session.
    pub authorized: usize,
}

impl Session {
    /// Notes one request and its answer.
    pub fn add(&mut self, entry: &Entry) {
        if self.whose.is_none() {
            self.whose = Recognizers::new().ok();
        }
        let Some((origin, target)) = split(&entry.request.url) else {
            return;
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let site = self.sites.entry(web(&origin)).or_default();
        site.requests += 1;
        if origin.starts_with("ws") || entry.kind.as_deref() == Some("websocket") {
            site.sockets += 1;
            return;
        }
        let seen = Seen {
            entry,
            origin: &origin,
            shaped: Shaped::of(path, self.whose.as_ref()),
            query,
            printer: &self.printer,
            whose: self.whose.as_ref(),
        };
        site.note(&seen);
    }

    /// The origin that is asked for, or the one with most pages.
    pub fn site(&self, wanted: Option<&str>) -> Result<String, Error> {
        if let Some(wanted) = wanted {
            let wanted = wanted.trim_end_matches('/').to_ascii_lowercase();
            return match self.sites.contains_key(&wanted) {
                true => Ok(wanted),
                false => Err(Error::Elsewhere),
            };
        }
        let most = self.sites.iter().max_by_key(|(_, site)| site.pages);
        let most = most.filter(|(_, site)| site.pages > 0);
        most.map(|(origin, _)| origin.clone()).ok_or(Error::Empty)
    }

    pub fn of(&self, origin: &str) -> Option<&Site> {
        self.sites.get(origin)
    }

    /// The other origins, with how many requests went there.
    pub fn others(&self, origin: &str) -> impl Iterator<Item = (&str, usize)> {
        let others = self.sites.iter().filter(move |(other, _)| *other != origin);
        others.map(|(other, site)| (other.as_str(), site.requests))
    }

    /// Whether a text is what somebody typed, or is a person's name by its own words.
    pub fn tells(&self, typed: &Prints, text: &str) -> bool {
        self.printer.tells(typed, text) || super::path::is_somebody(text, self.whose.as_ref())
    }
}

/// One entry on its way into its site.
pub struct Seen<'e> {
    pub entry: &'e Entry,
    pub origin: &'e str,
    pub shaped: Shaped,
    pub query: &'e str,
    pub printer: &'e Printer,
    pub whose: Option<&'e Recognizers>,
}

impl Site {
    fn note(&mut self, seen: &Seen<'_>) {
        let (request, response) = (&seen.entry.request, &seen.entry.response);
        self.fields(&request.headers, seen.printer);
        for field in &response.headers {
            if field.name.eq_ignore_ascii_case("set-cookie") {
                for cookie in field.value.lines() {
                    let pair = cookie.split(';').next().unwrap_or_default();
                    self.cookie(pair, seen.printer);
                }
            }
        }
        let kind = response.content.kind.to_ascii_lowercase();
        let well = (200..300).contains(&response.status);
        if well && is_picture(&kind) {
            *self.pictures.entry(seen.shaped.clone()).or_default() += 1;
            return;
        }
        if request.method == "GET" && well && is_static(&kind) {
            let door = self.fixed.entry(seen.shaped.clone()).or_default();
            door.seen += 1;
            note(&mut door.query, body::query(seen.query), seen.printer);
            return;
        }
        if well && Media::of(&kind) == Media::Html {
            self.pages += 1;
        }
        let text = if well { plain(seen) } else { None };
        self.controls(text, &kind);
        let key = (request.method.clone(), seen.shaped.clone());
        self.doors.entry(key).or_default().note(seen, &kind, text);
    }

    /// Cookies, and fields of the site's own.
    fn fields(&mut self, fields: &[Field], printer: &Printer) {
        for field in fields {
            let name = field.name.to_ascii_lowercase();
            match name.as_str() {
                "cookie" => {
                    for pair in field.value.split(';') {
                        self.cookie(pair.trim(), printer);
                    }
                }
                "authorization" => self.authorized += 1,
                name if is_own_field(name) => {
                    let shape = self.headers.entry(name.to_owned()).or_default();
                    shape.add(&field.value, false, printer);
                }
                _ => {}
            }
        }
    }

    fn cookie(&mut self, pair: &str, printer: &Printer) {
        if let Some((name, value)) = pair.split_once('=') {
            let shape = self.cookies.entry(name.to_owned()).or_default();
            shape.add(value, false, printer);
        }
    }

    fn controls(&mut self, text: Option<&str>, kind: &str) {
        let Some(text) = text else {
            return;
        };
        match Media::of(kind) {
            Media::Html => self.controls.read(text),
            Media::Json => {
                if let Ok(value) = serde_json::from_str::<Value>(text) {
                    markup(&value, &mut |html| self.controls.read(html));
                    body::wipe(value);
                }
            }
            Media::Csv | Media::Text | Media::File | Media::Empty => {}
        }
    }
}

/// An answer's text; none where it is coded as something else.
fn plain<'e>(seen: &Seen<'e>) -> Option<&'e str> {
    let content = &seen.entry.response.content;
    let text = content.text.as_ref()?;
    content.encoding.is_none().then_some(text.as_str())
}

/// Each string of a JSON value that is markup.
pub fn markup(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) if html::is_fragment(text) && text.contains('>') => found(text),
        Value::Array(items) => items.iter().for_each(|item| markup(item, found)),
        Value::Object(members) => members.values().for_each(|member| markup(member, found)),
        _ => {}
    }
}

/// Origin and target of an address, without its fragment.
pub fn split(url: &str) -> Option<(String, &str)> {
    let url = url.split('#').next()?;
    let start = url.find("://")? + 3;
    let rest = url.get(start..)?;
    let end = start + rest.find(['/', '?']).unwrap_or(rest.len());
    let origin = url.get(..end)?.to_ascii_lowercase();
    let known = ["http://", "https://", "ws://", "wss://"];
    let known = known.iter().any(|scheme| origin.starts_with(scheme));
    let target = url.get(end..).filter(|target| !target.is_empty());
    known.then_some((origin, target.unwrap_or("/")))
}

/// The origin of pages that open a socket there.
fn web(origin: &str) -> String {
    match origin.strip_prefix("ws") {
        Some(rest) => format!("http{rest}"),
        None => origin.to_owned(),
    }
}

fn is_static(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let scripts = [
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
    ];
    scripts.contains(&kind)
        || kind == "text/css"
        || kind == "application/wasm"
        || kind.starts_with("font/")
        || kind.starts_with("application/font")
        || kind.starts_with("application/x-font")
        || kind == "application/vnd.ms-fontobject"
}

fn is_picture(kind: &str) -> bool {
    kind.starts_with("image/")
}

/// Whether a request's field is the site's own. The border writes or drops the others.
fn is_own_field(name: &str) -> bool {
    let own = name.starts_with("x-") || name.starts_with("hx-");
    let of_proxies = ["x-forwarded", "x-real-ip", "x-client-data", "x-devtools"];
    own && name != "hx-current-url" && !of_proxies.iter().any(|start| name.starts_with(start))
}
