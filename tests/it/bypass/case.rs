//! One try to get past the border, as data.

/// The REST resources of a version that policy allows.
pub const D: &str = "/services/data/v60.0";

/// Where most tries go: a record that people are.
pub const CONTACT: &str = "/services/data/v60.0/sobjects/Contact";

/// A body that would be accepted, with a value to protect.
pub const PERSON: &str = r#"{"LastName":"{c}"}"#;

/// One try. `{c}` stands for its canary, `{host}` for the border's name and `{token}` for a
/// client's token, wherever they stand.
#[derive(Clone, Debug)]
pub struct Case {
    /// The row of `bypass.csv`.
    pub row: &'static str,
    pub name: String,
    pub send: Send,
    pub expect: Expect,
}

#[derive(Clone, Debug)]
pub enum Send {
    /// A request that is framed well.
    Call {
        method: String,
        target: String,
        headers: Vec<(String, String)>,
        body: Option<Vec<u8>>,
    },
    /// Bytes of HTTP/1.1.
    Raw(Vec<u8>),
    /// The fields and the data of one HTTP/2 stream.
    Stream {
        fields: Vec<(String, Vec<u8>)>,
        data: Option<Vec<u8>>,
        trailers: Vec<(String, Vec<u8>)>,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expect {
    /// One answer with one of these statuses, and nothing for the CRM.
    Refused(&'static [u16]),
    /// As `Refused` with any 4xx, 501 or 505, or the connection or stream ends without an answer.
    Dropped,
    /// The positive control: 2xx, and the CRM gets it without the canary.
    Allowed,
    /// 2xx by the border itself, without the CRM.
    Answered,
}

/// What a rule refuses: the CRM's clients understand these two.
pub const RULE: &[u16] = &[400, 403];

/// A refusal in SOAP, which has one status for all faults.
pub const FAULT: &[u16] = &[500];

pub fn call(row: &'static str, name: &str, method: &str, target: &str) -> Case {
    Case {
        row,
        name: name.to_owned(),
        send: Send::Call {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![],
            body: None,
        },
        expect: Expect::Refused(RULE),
    }
}

pub fn get(row: &'static str, name: &str, target: &str) -> Case {
    call(row, name, "GET", target)
}

/// A JSON body to a resource.
pub fn send(row: &'static str, name: &str, method: &str, target: &str, body: &str) -> Case {
    let json = ("Content-Type", "application/json");
    call(row, name, method, target)
        .with(json)
        .body(body.as_bytes())
}

/// A new contact.
pub fn person(row: &'static str, name: &str, body: &str) -> Case {
    send(row, name, "POST", CONTACT, body)
}

pub fn raw(row: &'static str, name: &str, bytes: impl AsRef<[u8]>) -> Case {
    Case {
        row,
        name: name.to_owned(),
        send: Send::Raw(bytes.as_ref().to_vec()),
        expect: Expect::Refused(FRAMING),
    }
}

/// What the server refuses before it knows who asks.
pub const FRAMING: &[u16] = &[400, 405, 408, 411, 413, 414, 417, 421, 431, 501, 505];

impl Case {
    pub fn with(mut self, (name, value): (&str, &str)) -> Self {
        if let Send::Call { headers, .. } = &mut self.send {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn body(mut self, bytes: &[u8]) -> Self {
        if let Send::Call { body, .. } = &mut self.send {
            *body = Some(bytes.to_vec());
        }
        self
    }

    pub fn expect(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    pub fn refused(self, statuses: &'static [u16]) -> Self {
        self.expect(Expect::Refused(statuses))
    }

    pub fn allowed(self) -> Self {
        self.expect(Expect::Allowed)
    }

    pub fn dropped(self) -> Self {
        self.expect(Expect::Dropped)
    }
}

/// Escapes a text for a part of a URL.
pub fn escape(text: &str) -> String {
    // The canary's place stays what it is.
    let escaped = |text: &str| {
        let set = percent_encoding::NON_ALPHANUMERIC;
        percent_encoding::utf8_percent_encode(text, set).to_string()
    };
    text.split("{c}")
        .map(escaped)
        .collect::<Vec<_>>()
        .join("{c}")
}

/// The target of a query.
pub fn soql(text: &str) -> String {
    format!("{D}/query?q={}", escape(text))
}
