//! HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), one entry at a time: each is
//! given to the session and dropped before the next is read, and its texts are wiped.

use std::fmt::{self, Formatter};
use std::io::{BufRead, BufReader, Read};

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::{Error, Session};

/// A text of the recording, wiped when its entry is dropped.
pub type Held = Zeroizing<String>;

/// One request with its answer.
#[derive(Deserialize)]
pub struct Entry {
    pub request: Request,
    pub response: Response,
    /// What asked: Chromium's own word.
    #[serde(rename = "_resourceType", default)]
    pub kind: Option<String>,
}

#[derive(Deserialize)]
pub struct Request {
    pub method: String,
    pub url: Held,
    #[serde(default)]
    pub headers: Vec<Field>,
    #[serde(rename = "postData", default)]
    pub body: Option<Body>,
}

#[derive(Deserialize)]
pub struct Field {
    pub name: String,
    pub value: Held,
}

#[derive(Deserialize)]
pub struct Body {
    #[serde(rename = "mimeType", default)]
    pub kind: String,
    #[serde(default)]
    pub params: Option<Vec<Param>>,
    #[serde(default)]
    pub text: Option<Held>,
}

#[derive(Deserialize)]
pub struct Param {
    pub name: Held,
    #[serde(default)]
    pub value: Option<Held>,
    #[serde(rename = "fileName", default)]
    pub file: Option<Held>,
}

#[derive(Deserialize)]
pub struct Response {
    /// 0 or less where no answer came.
    #[serde(default)]
    pub status: i32,
    #[serde(default)]
    pub headers: Vec<Field>,
    #[serde(default)]
    pub content: Content,
    #[serde(rename = "redirectURL", default)]
    pub leads: Held,
}

#[derive(Default, Deserialize)]
pub struct Content {
    #[serde(rename = "mimeType", default)]
    pub kind: String,
    #[serde(default)]
    pub text: Option<Held>,
    #[serde(default)]
    pub encoding: Option<String>,
}

/// Every entry of a recording, noted.
pub fn read(recording: impl Read) -> Result<Session, Error> {
    let mut session = Session::default();
    let mut recording = BufReader::new(recording);
    // Some browsers begin a file of UTF-8 with a byte order mark, which JSON has not.
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if recording
        .fill_buf()
        .is_ok_and(|start| start.starts_with(MARK))
    {
        recording.consume(MARK.len());
    }
    let mut parser = serde_json::Deserializer::from_reader(recording);
    let read = Member {
        name: "log",
        inner: Member {
            name: "entries",
            inner: Entries(&mut session),
        },
    }
    .deserialize(&mut parser);
    match read.and_then(|()| parser.end()) {
        Ok(()) => Ok(session),
        Err(error) => Err(Error::Archive {
            line: error.line(),
            column: error.column(),
        }),
    }
}

/// One member of an object; the others are passed over.
struct Member<S> {
    name: &'static str,
    inner: S,
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for Member<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for Member<S> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut inner = Some(self.inner);
        while let Some(name) = map.next_key::<String>()? {
            match inner.take_if(|_| name == self.name) {
                Some(seed) => map.next_value_seed(seed)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match inner {
            None => Ok(()),
            Some(_) => Err(serde::de::Error::missing_field(self.name)),
        }
    }
}

struct Entries<'s>(&'s mut Session);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Entry>()? {
            self.0.add(&entry);
        }
        Ok(())
    }
}
