//! From the attacker's side: who may not, what was changed, what was put back.

mod alone;
mod eyes;
mod limits;
mod merging;
mod mutations;
mod tampering;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::keys::{self, Kek, KeyProvider, Ring, SystemEntropy};
use crate::model::Secret;
use crate::policy::FieldTable;

const POLICY: &str = r#"version = 1
crm = "salesforce"
token_domain = "token.example.eu"
api = { oldest = 50, newest = 66 }

[roles]
sales = "Sells."
support = "Answers questions."

[purposes]
customer-relations = "Keeping in touch with customers."

[defaults]
purpose = "customer-relations"
lawful_basis = "contract"
retention = "P7Y"

[classes.email]
category = "pd:EmailAddress"
action = "tokenize"
roles = ["sales", "support"]
search = "exact"
canonical = "email"

[classes.birth_date]
category = "pd:BirthDate"
action = "hold"
roles = ["support"]

[objects.Contact]
subject = { identify = ["Email"] }
pass = ["Id", "AccountId"]
derived = ["Name"]
relations = { Account = "Account" }
external_ids = ["Email"]

[objects.Contact.fields]
Email = { class = "email", stable = true }
Birthdate = "birth_date"

[objects.Account]
pass = ["Id"]
children = { Contacts = "Contact" }
"#;

const CASES: &str = r#"[[case]]
name = "sales sees no birthdays"
object = "Contact"
role = "sales"
[case.write]
Birthdate = "hold"
[case.read]
Birthdate = "masked"
"#;

/// Stricter: support may no longer see addresses.
const STRICTER: (&str, &str) = (r#"roles = ["sales", "support"]"#, r#"roles = ["sales"]"#);
/// Weaker: sales gets to see birthdays; the case says otherwise.
const SHOWN: (&str, &str) = (r#"roles = ["support"]"#, r#"roles = ["support", "sales"]"#);
/// Weaker, and no case says anything of it.
const SEARCHED: (&str, &str) = (r#"oldest = 50"#, r#"oldest = 40"#);

struct Fixed(u8);

impl KeyProvider for Fixed {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(Secret::new(vec![self.0; 32]))
    }
}

/// A clock that is set by hand.
#[derive(Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

struct House {
    _folder: TempDir,
    path: PathBuf,
    clock: Arc<Hands>,
    review: Review,
    bench: Bench,
}

impl House {
    /// A store with version 1.
    fn new() -> Self {
        Self::with(&text(&[]))
    }

    fn with(first: &Text) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("review.db");
        let clock = Arc::new(Hands(AtomicI64::new(1_000_000)));
        let review = open(&path, 1, &clock).unwrap();
        review.adopt(first).unwrap();
        let bench = Bench {
            fields: FieldTable::salesforce().unwrap(),
            hosts: Vec::new(),
            name: "policy.toml".to_owned(),
        };
        Self {
            _folder: folder,
            path,
            clock,
            review,
            bench,
        }
    }

    /// The database as somebody without the key has it.
    fn thief(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    fn open_again(&self) -> Result<Review, Error> {
        open(&self.path, 1, &self.clock)
    }

    /// The text in force, changed.
    fn live(&self, changes: &[(&str, &str)]) -> Text {
        changed(self.review.live().unwrap().unwrap().text, changes)
    }

    /// A submitted draft by `by`.
    fn submitted(&self, changes: &[(&str, &str)], by: &Actor) -> Draft {
        let draft = self
            .review
            .begin("a change", self.live(changes), by)
            .unwrap();
        let seen = draft.digest();
        self.review
            .submit(draft.id, &seen, "asked for", &self.bench, by)
            .unwrap()
    }

    fn approve(&self, draft: &Draft, by: &Actor) -> Result<Version, Error> {
        self.review
            .approve(draft.id, &draft.digest(), &self.bench, by)
    }

    /// A version by two people.
    fn version(&self, changes: &[(&str, &str)]) -> Version {
        let draft = self.submitted(changes, &editor("anna"));
        self.approve(&draft, &approver("bram")).unwrap()
    }

    fn number(&self) -> u64 {
        self.review.newest().unwrap().unwrap().seq
    }
}

fn open(path: &std::path::Path, key: u8, clock: &Arc<Hands>) -> Result<Review, Error> {
    let entropy = Arc::new(SystemEntropy::default());
    let ring = Ring::open(&Fixed(key), entropy.clone()).unwrap();
    Review::open(path, &ring, Arc::clone(clock) as Arc<dyn Clock>, &*entropy)
}

fn text(changes: &[(&str, &str)]) -> Text {
    let text = Text {
        policy: POLICY.to_owned(),
        cases: CASES.to_owned(),
    };
    changed(text, changes)
}

fn changed(mut text: Text, changes: &[(&str, &str)]) -> Text {
    for (from, to) in changes {
        assert!(text.policy.contains(from), "{from}");
        text.policy = text.policy.replacen(from, to, 1);
    }
    text
}

fn editor(name: &str) -> Actor {
    Actor {
        name: name.to_owned(),
        login: name.to_owned(),
        editor: true,
        approver: false,
        fresh: false,
    }
}

/// Somebody who may do everything and has just shown a second factor.
fn approver(name: &str) -> Actor {
    Actor {
        approver: true,
        fresh: true,
        ..editor(name)
    }
}
