//! What a request is: one method, one canonical target, one host, one length, no field twice.
//!
//! Pure. [`check`] stands behind both readers, HTTP/1.1 and HTTP/2; what it lets pass has exactly
//! one reading, and everything else is a [`Violation`], never repaired. The bytes of a head are
//! checked before it, in `h1/head.rs` (RFC 9112) and by h2 (RFC 9113, section 8.2).

mod target;
#[cfg(test)]
mod tests;

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, Method, StatusCode};

pub use target::Target;

use crate::server::exchange::Protocol;
use crate::server::settings::Limits;

/// A head as it was read, before anything in it is believed.
#[derive(Debug)]
pub struct Head {
    pub protocol: Protocol,
    pub method: String,
    /// As sent: over HTTP/1.1 the second word of the request line, over HTTP/2 `:path`.
    pub target: String,
    /// `:authority`; HTTP/1.1 has none.
    pub authority: Option<String>,
    pub headers: HeaderMap,
    /// Whether the stream ended with the head; only HTTP/2 says so.
    pub ended: bool,
}

/// What holds for the connection that a head came by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Configured names, exact. `None` takes any one name; only the operations listener does.
    pub hosts: Option<&'a Vec<String>>,
    /// The name that the client asked for in TLS, if it did.
    pub server_name: Option<&'a str>,
    pub limits: &'a Limits,
}

/// A request that can be read in one way only.
#[derive(Debug)]
pub struct Canonical {
    pub method: Method,
    pub target: Target,
    pub host: String,
    /// Without the fields of the connection and of the framing.
    pub headers: HeaderMap,
    pub length: Length,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    /// The client closes after this exchange.
    pub close: bool,
    /// The client asks for a WebSocket (RFC 6455, section 4.1).
    pub socket: bool,
}

/// Where a request's body ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Length {
    None,
    Known(u64),
    /// Chunked, or an HTTP/2 stream without a length.
    Open,
}

/// Why a request is refused before anyone looks at it. `what` names a rule, never a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what}")]
pub struct Violation {
    pub status: StatusCode,
    pub what: &'static str,
}

impl Violation {
    #[cold]
    pub(crate) const fn new(status: StatusCode, what: &'static str) -> Self {
        Self { status, what }
    }

    #[cold]
    pub(crate) const fn bad(what: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, what)
    }
}

/// Reads a head as the one request that it can be.
///
/// # Errors
/// A [`Violation`] with the status to answer and close with: 400, 405, 414, 417, 421 or 501.
pub fn check(head: Head, rules: &Rules<'_>) -> Result<Canonical, Violation> {
    let method = method(&head.method)?;
    if head.target.len() > rules.limits.target_bytes {
        return Err(Violation::new(
            StatusCode::URI_TOO_LONG,
            "the target is too long",
        ));
    }
    let target = Target::parse(&head.target)?;
    let mut headers = head.headers;
    let socket = socket(&headers, head.protocol, &method);
    fields(&headers, socket)?;
    let close = !socket && connection(&headers, head.protocol)?;
    let host = host(&headers, head.authority.as_deref(), rules)?;
    let length = length(&headers, head.protocol, head.ended)?;
    let has_body = !matches!(length, Length::None | Length::Known(0));
    if socket && length != Length::None {
        return Err(Violation::bad("trailers and upgrades are not taken"));
    }
    if has_body && matches!(method, Method::GET | Method::HEAD | Method::DELETE) {
        return Err(Violation::bad("this method takes no body"));
    }
    let expects_continue = expectation(&headers, has_body)?;
    remove(&mut headers, &OF_THE_CONNECTION);
    Ok(Canonical {
        method,
        target,
        host,
        headers,
        length,
        expects_continue,
        close,
        socket,
    })
}

/// Methods are compared byte by byte. OPTIONS has no use without cross-origin scripts, which have
/// no business here; TRACE and CONNECT never have.
fn method(text: &str) -> Result<Method, Violation> {
    match text {
        "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        "OPTIONS" | "TRACE" | "CONNECT" => Err(Violation::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this method is not allowed",
        )),
        _ if text.bytes().all(|byte| byte.is_ascii_uppercase()) && !text.is_empty() => Err(
            Violation::new(StatusCode::NOT_IMPLEMENTED, "this method is not known"),
        ),
        _ => Err(Violation::bad("the method is malformed")),
    }
}

/// Fields that end at this hop. A handler that copied them would copy framing.
const OF_THE_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Takes these fields out. Most are not there: to compare names costs less than to look each up.
pub(in crate::server) fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        if headers.keys().any(|there| there == name) {
            headers.remove(name);
        }
    }
}

/// The lists of RFC 9110 that clients and proxies do send on several lines. All else comes once.
const MAY_REPEAT: [&str; 8] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "forwarded",
    "pragma",
    "via",
    "x-forwarded-for",
];

/// Another method, path or host than the request line says (bypass.csv, A08, A09).
const OVERRIDES: [&str; 8] = [
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-override-url",
    "x-rewrite-url",
];

/// What WSGI and CGI servers would read as the field of the same name with hyphens.
const LOOK_ALIKES: [&str; 3] = ["content_length", "transfer_encoding", "content_type"];

/// Whether a request asks for a WebSocket in the one way that browsers do: `GET` over HTTP/1.1, both
/// fields, nothing else in them, version 13. All other upgrades are refused.
fn socket(headers: &HeaderMap, protocol: Protocol, method: &Method) -> bool {
    let field = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is = |name: &HeaderName, wanted: &[&str]| {
        let value = field(name).unwrap_or_default();
        wanted
            .iter()
            .any(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    protocol == Protocol::Http1
        && *method == Method::GET
        && is(&UPGRADE, &["websocket"])
        && is(&CONNECTION, &["upgrade", "keep-alive, upgrade"])
        && is(&SEC_WEBSOCKET_VERSION, &["13"])
        && field(&SEC_WEBSOCKET_KEY).is_some_and(is_key)
}

/// 16 bytes in base64.
fn is_key(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    let digits = text.strip_suffix("==").unwrap_or_default();
    digits.len() == 22 && digits.bytes().all(sign)
}

fn fields(headers: &HeaderMap, socket: bool) -> Result<(), Violation> {
    for name in headers.keys() {
        let text = name.as_str();
        let values = headers.get_all(name);
        if values.iter().nth(1).is_some() && !MAY_REPEAT.contains(&text) {
            return Err(Violation::bad("a header field comes twice"));
        }
        if OVERRIDES.contains(&text) {
            return Err(Violation::bad(
                "a header field would override method or target",
            ));
        }
        if LOOK_ALIKES.contains(&text) {
            return Err(Violation::bad(
                "a header field imitates a field of the framing",
            ));
        }
        for value in values {
            if !value
                .as_bytes()
                .iter()
                .all(|byte| matches!(byte, 0x20..=0x7e))
            {
                return Err(Violation::bad(
                    "a header field holds more than printable ASCII",
                ));
            }
            // HTTP/1.1 has white space around a value; over HTTP/2 it would be part of it, and lost
            // at the next hop (RFC 9113, section 8.2.1).
            if value.as_bytes().starts_with(b" ") || value.as_bytes().ends_with(b" ") {
                return Err(Violation::bad("a header field begins or ends with a space"));
            }
        }
    }
    for name in [TRAILER, UPGRADE, HeaderName::from_static("http2-settings")] {
        if headers.contains_key(&name) && !(socket && name == UPGRADE) {
            return Err(Violation::bad("trailers and upgrades are not taken"));
        }
    }
    Ok(())
}

/// Whether the client closes. `Connection` may not name fields: a next hop would drop them.
fn connection(headers: &HeaderMap, protocol: Protocol) -> Result<bool, Violation> {
    let te = headers.get(TE).map(|value| value.as_bytes());
    if te.is_some_and(|value| protocol == Protocol::Http1 || value != b"trailers") {
        return Err(Violation::bad("transfer codings are not negotiated"));
    }
    let Some(value) = headers.get(CONNECTION) else {
        return Ok(false);
    };
    if protocol == Protocol::Http2 {
        return Err(Violation::bad("HTTP/2 has no connection fields"));
    }
    match value.to_str().map(str::to_ascii_lowercase).as_deref() {
        Ok("keep-alive") => Ok(false),
        Ok("close") => Ok(true),
        _ => Err(Violation::bad(
            "Connection names more than keep-alive or close",
        )),
    }
}

/// The one name that was asked for, equal in every place that names one.
fn host(
    headers: &HeaderMap,
    authority: Option<&str>,
    rules: &Rules<'_>,
) -> Result<String, Violation> {
    let field = match headers.get(HOST).map(|value| value.to_str()) {
        Some(Ok(field)) => Some(field),
        Some(Err(_)) => return Err(Violation::bad("Host is malformed")),
        None => None,
    };
    let host = match (field, authority) {
        (Some(field), Some(authority)) if field != authority => {
            return Err(Violation::bad("Host and :authority differ"));
        }
        (_, Some(host)) | (Some(host), None) => host,
        (None, None) => return Err(Violation::bad("Host is missing")),
    };
    let configured = rules
        .hosts
        .is_none_or(|hosts| hosts.iter().any(|known| known == host));
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let agrees = rules.server_name.is_none_or(|asked| asked == name);
    if !configured || !agrees {
        return Err(Violation::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this host is not served here",
        ));
    }
    Ok(host.to_owned())
}

/// Either one `Content-Length` of digits or one `Transfer-Encoding: chunked`. RFC 9112, section 6.1
/// lets a server choose when both are there; two readers may then choose differently, so we refuse.
fn length(headers: &HeaderMap, protocol: Protocol, ended: bool) -> Result<Length, Violation> {
    let chunked = match headers.get(TRANSFER_ENCODING) {
        None => false,
        Some(_) if protocol == Protocol::Http2 => {
            return Err(Violation::bad("HTTP/2 has no transfer codings"));
        }
        Some(value) if value.as_bytes() == b"chunked" => true,
        Some(_) => {
            return Err(Violation::bad("the transfer coding is not exactly chunked"));
        }
    };
    let Some(value) = headers.get(CONTENT_LENGTH) else {
        return Ok(match (chunked, protocol, ended) {
            (true, _, _) | (false, Protocol::Http2, false) => Length::Open,
            _ => Length::None,
        });
    };
    if chunked {
        return Err(Violation::bad(
            "Content-Length and Transfer-Encoding exclude each other",
        ));
    }
    let digits = value.as_bytes();
    let plain = digits.iter().all(u8::is_ascii_digit)
        && (digits == b"0" || !digits.starts_with(b"0"))
        && (1..=18).contains(&digits.len());
    let length = value.to_str().ok().filter(|_| plain);
    let Some(length) = length.and_then(|text| text.parse().ok()) else {
        return Err(Violation::bad("Content-Length is not a plain number"));
    };
    if ended && length != 0 {
        return Err(Violation::bad("Content-Length without a body"));
    }
    Ok(Length::Known(length))
}

fn expectation(headers: &HeaderMap, has_body: bool) -> Result<bool, Violation> {
    match headers.get(EXPECT).map(|value| value.as_bytes()) {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case(b"100-continue") && has_body => Ok(true),
        Some(_) => Err(Violation::new(
            StatusCode::EXPECTATION_FAILED,
            "this expectation is not met here",
        )),
    }
}
