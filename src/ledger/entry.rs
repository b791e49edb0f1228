//! One entry: names, numbers and counts. There is no field that a value would fit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::Error;
use crate::model::Timestamp;

/// The longest name: `Namespace__Some_Custom_Object__c.Namespace__Some_Field__c` and room.
const NAME_LENGTH: usize = 160;

/// What was decided about one exchange, or done by an operator. It borrows its words where it is
/// written down at once: most answers have one, of a dozen words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry<'e> {
    pub time: Timestamp,
    pub exchange: u128,
    pub kind: Kind,
    /// The API client's or person's name in the gate; empty where nobody was admitted.
    pub client: Cow<'e, str>,
    pub roles: Cow<'e, [String]>,
    /// The operation or the administrative act, such as `query` or `client.disable`.
    pub operation: Cow<'e, str>,
    /// What happened to which fields.
    pub fields: Vec<Touched<'e>>,
    pub records: u64,
    /// Vault numbers of the people concerned, for the answer to "who has seen my data" (GDPR,
    /// Art. 15). They name nobody once the subject is erased.
    pub subjects: Cow<'e, [u64]>,
    /// SHA-256 of the policy in force.
    pub policy: [u8; 32],
    /// `ok`, or a refusal's code.
    pub outcome: Cow<'e, str>,
}

/// What an entry records.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A protected request went to the CRM.
    Sent,
    /// Values were shown to a client.
    Revealed,
    /// A request or an answer did not pass.
    Refused,
    /// A person or program did not get in.
    Denied,
    /// A person or program got in, went, or changed how they get in.
    Access,
    /// An operator changed something.
    Admin,
    /// A right of a data subject was exercised.
    Rights,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Sent,
        Self::Revealed,
        Self::Refused,
        Self::Denied,
        Self::Access,
        Self::Admin,
        Self::Rights,
    ];

    /// The word for it in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Revealed => "revealed",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Access => "access",
            Self::Admin => "admin",
            Self::Rights => "rights",
        }
    }
}

/// How often one action was done to one field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Touched<'e> {
    /// `Contact.Email`; empty where values were revealed, which is told by class.
    #[serde(rename = "f", default)]
    pub field: Cow<'e, str>,
    #[serde(rename = "c", default)]
    pub class: Cow<'e, str>,
    /// `tokenize`, `reveal`, `mask`, …
    #[serde(rename = "a")]
    pub action: Cow<'e, str>,
    #[serde(rename = "n")]
    pub count: u64,
}

impl<'e> Touched<'e> {
    /// What concerns a class, or no field at all.
    #[must_use]
    pub fn class(class: impl Into<Cow<'e, str>>, action: &'e str, count: u64) -> Self {
        Self {
            field: "".into(),
            class: class.into(),
            action: action.into(),
            count,
        }
    }
}

/// The form on disk. Numbers of 128 bits and hashes are hexadecimal: JSON readers round numbers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(rename = "v")]
    version: u8,
    time: i64,
    exchange: String,
    kind: Kind,
    client: String,
    roles: Vec<String>,
    operation: String,
    fields: Option<Vec<Touched<'static>>>,
    /// How often a value of each class was revealed, in the place of `fields` where that is all.
    revealed: Option<BTreeMap<String, u64>>,
    records: u64,
    subjects: Vec<u64>,
    policy: String,
    outcome: String,
}

/// Versions: the first has `fields`, the second `revealed`.
const WITH_FIELDS: u8 = 1;
const WITH_REVEALED: u8 = 2;
/// What `revealed` says of each class.
const REVEAL: &str = "reveal";

/// Room for the bytes of most entries, which would else grow three times.
const USUAL: usize = 1024;

impl Entry<'_> {
    /// The bytes that are stored and hashed.
    ///
    /// Written without serde, which took more time than SQLite does for the entry: what was checked
    /// to be a name needs no escapes.
    pub(super) fn encode(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        let mut json = Json(Vec::with_capacity(USUAL + 8 * self.subjects.len()));
        let only_reveals = self.only_reveals();
        json.put("{\"v\":").number(match only_reveals {
            true => WITH_REVEALED,
            false => WITH_FIELDS,
        });
        json.put(",\"time\":").number(self.time.0);
        json.put(",\"exchange\":").hex(&self.exchange.to_be_bytes());
        json.put(",\"kind\":").word(self.kind.name());
        json.put(",\"client\":").word(&self.client);
        json.put(",\"roles\":")
            .list(&self.roles, |json, role| json.word(role));
        json.put(",\"operation\":").word(&self.operation);
        if only_reveals {
            json.put(",\"revealed\":").counts(&self.fields);
        } else {
            json.put(",\"fields\":").list(&self.fields, Json::touched);
        }
        json.put(",\"records\":").number(self.records);
        json.put(",\"subjects\":")
            .list(&self.subjects, |json, subject| json.number(*subject));
        json.put(",\"policy\":").hex(&self.policy);
        json.put(",\"outcome\":").word(&self.outcome);
        json.put("}");
        Ok(json.0)
    }

    /// Whether its fields are classes that were revealed, each once and in their order: what most
    /// entries have, which takes a third of the room as a map.
    fn only_reveals(&self) -> bool {
        let reveals = |touched: &Touched<'_>| touched.field.is_empty() && touched.action == REVEAL;
        !self.fields.is_empty()
            && self.fields.iter().all(reveals)
            && self.fields.is_sorted_by(|one, next| one.class < next.class)
    }

    /// Refuses what is not a name: the last barrier against a value that took a wrong turn.
    fn check(&self) -> Result<(), Error> {
        let words = [
            ("operation", &*self.operation),
            ("outcome", &*self.outcome),
            ("client", &*self.client),
        ];
        let roles = self.roles.iter().map(|role| ("role", role.as_str()));
        let fields = self.fields.iter().flat_map(|touched| {
            [
                ("field", &*touched.field),
                ("class", &*touched.class),
                ("action", &*touched.action),
            ]
        });
        for (what, word) in words.into_iter().chain(roles).chain(fields) {
            // An `@`, a space or a letter beyond ASCII is what names of people and addresses have.
            let is_name = |byte: u8| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/' | b'*')
            };
            if word.len() > NAME_LENGTH || !word.bytes().all(is_name) {
                return Err(Error::NotAName(what));
            }
        }
        Ok(())
    }
}

impl Entry<'_> {
    /// The same with words of its own, for what goes on when the exchange has ended.
    #[must_use]
    pub fn into_owned(self) -> Entry<'static> {
        let own = |word: Cow<'_, str>| Cow::Owned(word.into_owned());
        let fields = self.fields.into_iter().map(|touched| Touched {
            field: own(touched.field),
            class: own(touched.class),
            action: own(touched.action),
            count: touched.count,
        });
        Entry {
            time: self.time,
            exchange: self.exchange,
            kind: self.kind,
            client: own(self.client),
            roles: self.roles.into_owned().into(),
            operation: own(self.operation),
            fields: fields.collect(),
            records: self.records,
            subjects: self.subjects.into_owned().into(),
            policy: self.policy,
            outcome: own(self.outcome),
        }
    }
}

impl Entry<'static> {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(Error::Encoding)?;
        let policy = data_encoding::HEXLOWER.decode(stored.policy.as_bytes());
        let policy: Option<[u8; 32]> = policy.ok().and_then(|bytes| bytes.try_into().ok());
        let reveal = |(class, count): (String, u64)| Touched::class(class, REVEAL, count);
        let fields = match (stored.version, stored.fields, stored.revealed) {
            (WITH_FIELDS, Some(fields), None) => fields,
            (WITH_REVEALED, None, Some(revealed)) => revealed.into_iter().map(reveal).collect(),
            _ => return Err(Error::NotAName("version")),
        };
        Ok(Self {
            time: Timestamp(stored.time),
            exchange: u128::from_str_radix(&stored.exchange, 16)
                .map_err(|_| Error::NotAName("exchange"))?,
            kind: stored.kind,
            client: stored.client.into(),
            roles: stored.roles.into(),
            operation: stored.operation.into(),
            fields,
            records: stored.records,
            subjects: stored.subjects.into(),
            policy: policy.ok_or(Error::NotAName("policy"))?,
            outcome: stored.outcome.into(),
        })
    }
}

/// An entry on its way to its bytes.
struct Json(Vec<u8>);

impl Json {
    fn put(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn number(&mut self, number: impl itoa::Integer) {
        self.put(itoa::Buffer::new().format(number));
    }

    /// What [`Entry::check`] has let pass, or a word of ours.
    fn word(&mut self, word: &str) {
        self.put("\"").put(word).put("\"");
    }

    fn hex(&mut self, bytes: &[u8]) {
        self.put("\"");
        let start = self.0.len();
        self.0.resize(start + 2 * bytes.len(), 0);
        if let Some(place) = self.0.get_mut(start..) {
            data_encoding::HEXLOWER.encode_mut(bytes, place);
        }
        self.put("\"");
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.put("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.put(",");
            }
            write(self, item);
        }
        self.put("]");
    }

    fn counts(&mut self, fields: &[Touched<'_>]) {
        self.put("{");
        for (at, touched) in fields.iter().enumerate() {
            if at > 0 {
                self.put(",");
            }
            self.word(&touched.class);
            self.put(":").number(touched.count);
        }
        self.put("}");
    }

    fn touched(&mut self, touched: &Touched<'_>) {
        self.put("{");
        for (key, word) in [("\"f\":", &touched.field), ("\"c\":", &touched.class)] {
            if !word.is_empty() {
                self.put(key).word(word);
                self.put(",");
            }
        }
        self.put("\"a\":").word(&touched.action);
        self.put(",\"n\":").number(touched.count);
        self.put("}");
    }
}
