//! An answer before it is bytes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::demo::crm::Response;
use crate::demo::crm::fault::Fault;
use crate::demo::crm::rest::{Call, DAILY_CALLS};

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
    /// Bytes as they are, instead of a body.
    pub file: Option<Vec<u8>>,
    /// Its media type and the body, where it is no JSON.
    pub text: Option<(&'static str, String)>,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Some(body),
            file: None,
            text: None,
        }
    }

    pub fn text(status: u16, kind: &'static str, text: String) -> Self {
        Self {
            text: Some((kind, text)),
            ..Self::empty(status)
        }
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
            text: None,
            file: None,
        }
    }

    pub fn file(content: Vec<u8>) -> Self {
        Self {
            file: Some(content),
            ..Self::empty(200)
        }
    }

    pub fn of(fault: &Fault) -> Self {
        Self::json(fault.status, fault.body())
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The bytes, spaced and zipped as the client asks.
    pub fn response(self, call: &Call, calls: u32) -> Response {
        let mut headers: Vec<(String, String)> = self
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        let usage = format!("api-usage={calls}/{DAILY_CALLS}");
        add("Sforce-Limit-Info", &usage);
        add(
            "Cache-Control",
            "no-cache,must-revalidate,max-age=0,no-store,private",
        );
        if let Some(content) = self.file {
            return Response {
                status: self.status,
                headers,
                body: content,
            };
        }
        if let Some((kind, text)) = self.text {
            add("Content-Type", kind);
            return Response {
                status: self.status,
                headers,
                body: text.into_bytes(),
            };
        }
        let Some(body) = self.body else {
            return Response {
                status: self.status,
                headers,
                body: Vec::new(),
            };
        };
        add("Content-Type", "application/json;charset=UTF-8");
        add("Vary", "Accept-Encoding");
        let mut bytes = if call
            .header("x-prettyprint")
            .is_some_and(|flag| flag.trim() == "1")
        {
            pretty(&body).into_bytes()
        } else {
            body.to_string().into_bytes()
        };
        if accepts_gzip(call) {
            let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
            // Writing to memory does not fail; if it did, the plain bytes stand.
            let zipped = zip.write_all(&bytes).and_then(|()| zip.finish());
            if let Ok(zipped) = zipped {
                bytes = zipped;
                add("Content-Encoding", "gzip");
            }
        }
        Response {
            status: self.status,
            headers,
            body: bytes,
        }
    }
}

fn accepts_gzip(call: &Call) -> bool {
    let accepted = call.header("accept-encoding").unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let off = weight.trim().trim_start_matches("q=").parse::<f32>() == Ok(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !off
    })
}

/// JSON spaced as Salesforce spaces it: `"key" : value`, `[ {`, two blanks a level.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    spaced(value, 0, &mut out);
    out
}

fn spaced(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) if items.is_empty() => out.push_str("[ ]"),
        Value::Object(map) if map.is_empty() => out.push_str("{ }"),
        Value::Array(items) => {
            out.push_str("[ ");
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                spaced(item, depth, out);
            }
            out.push_str(" ]");
        }
        Value::Object(map) => {
            out.push('{');
            for (place, (key, item)) in map.iter().enumerate() {
                out.push_str(if place > 0 { ",\n" } else { "\n" });
                out.push_str(&"  ".repeat(depth + 1));
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(" : ");
                spaced(item, depth + 1, out);
            }
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}
