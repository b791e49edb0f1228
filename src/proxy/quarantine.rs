//! Texts in quarantine, as a person decides about them: shown, released, dropped.
//!
//! Each step is in the ledger before it happens. A released text goes to the CRM as any write does,
//! by the rule of its field, and only where its placeholder still stands.

use std::sync::Arc;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::record::{Scribe, Tally};
use super::{Failure, Proxy, body, outwards};
use crate::dialect::salesforce::door::{Door, Key, Route, Verb};
use crate::dialect::salesforce::id::Id;
use crate::ledger::{Kind, Touched};
use crate::model::{Code, Personal, Refusal, Timestamp};
use crate::protect::outward::{self, placeholder};
use crate::protect::{Context, FormatVersion, NONCE_LENGTH, SubjectKey, open, seal};
use crate::vault::{Decided, Fate, Quarantined};
use crate::wire::json::encode_into;

/// Who decides, and why.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub struct Decision {
    pub by: String,
    /// The second person, where two are needed.
    pub second: Option<String>,
    pub reason: String,
}

/// A text in quarantine, for a list: everything but the text.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub struct Listed {
    pub id: String,
    /// Milliseconds since 1970.
    pub made: i64,
    /// `Case.Description`
    pub field: String,
    pub record: Option<String>,
    pub client: String,
    pub categories: String,
    /// `waiting`, `refused by the CRM`, `answer not known`, `released` or `dropped`.
    pub state: String,
}

/// A text in quarantine as one person may see it.
pub struct Shown {
    pub listed: Listed,
    /// None once it was decided.
    pub text: Option<Personal>,
    /// Who has looked at it before.
    pub views: Vec<Said>,
    pub decided: Option<Said>,
}

/// What a person gave as the reason of a step.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub struct Said {
    pub by: String,
    pub second: Option<String>,
    pub reason: String,
}

/// What the reason of a decision is sealed as.
const REASON: &str = "quarantine-reason";

impl Proxy {
    /// # Errors
    /// When the vault fails.
    pub async fn quarantined(&self, all: bool) -> Result<Vec<Listed>, Failure> {
        let texts = self.shared.vault.quarantined(all).await?;
        Ok(texts.iter().map(listed).collect())
    }

    /// Shows a text to a person.
    ///
    /// # Errors
    /// When there is none of that id, its key is gone, or the ledger does not take the entry.
    pub async fn show_quarantined(&self, id: &str, by: &Decision) -> Result<Shown, Failure> {
        by.check(false)?;
        let found = self.shared.vault.in_quarantine(id).await?;
        let found = found.ok_or_else(|| state("no text in quarantine has this id"))?;
        let key = key(&found)?;
        let tenant = self.tenant();
        let text = match found.fate {
            Fate::Waiting => Some(text(&found, &tenant)?),
            Fate::Released | Fate::Dropped => None,
        };
        let said = |decided: &Decided| {
            let context = context(&found, &tenant, REASON);
            let reason = open(key, &context, decided.nonce, &decided.reason);
            Said {
                by: decided.by.clone(),
                second: decided.second.clone(),
                reason: reason.map_or_else(|_| String::new(), |reason| reason.expose().to_owned()),
            }
        };
        let decided = found.decided.as_ref().map(said);
        let views = self.shared.vault.views(id).await?;
        let views = views.iter().map(said).collect();
        let view = self.signed(&found, by)?;
        self.shared.vault.viewed(id, view).await?;
        self.enter(&found, (&by.by, "quarantine.show"), Kind::Revealed)
            .await?;
        Ok(Shown {
            listed: listed(&found),
            text,
            views,
            decided,
        })
    }

    /// Lets a text go to the CRM, by the rule of its field. `record` is where it belongs, if the
    /// CRM's answer to its write was never known.
    ///
    /// # Errors
    /// When it does not wait, its placeholder stands there no more, or the CRM refuses it: it goes
    /// on waiting.
    pub async fn release_quarantined(
        &self,
        id: &str,
        by: &Decision,
        record: Option<&str>,
    ) -> Result<(), Failure> {
        by.check(true)?;
        let shared = &*self.shared;
        if self.serves_pages() {
            return Err(state(
                "a CRM of pages takes texts from browsers only; drop this one, and let it be written again",
            )
            .into());
        }
        let found = self.waiting(id).await?;
        let text = text(&found, &self.tenant())?;
        let record = record.or(found.record.as_deref()).and_then(Id::parse);
        let record = record.ok_or_else(|| {
            state("the CRM never told the record; name it with --record after looking it up")
        })?;
        self.stands(&found, record).await?;

        let rules = shared.rules.load_full();
        let mut bytes = [0; 16];
        shared
            .entropy
            .fill(&mut bytes)
            .map_err(crate::vault::Error::from)?;
        let exchange = u128::from_be_bytes(bytes);
        let scribe = Scribe {
            shared: &self.shared,
            rules: &rules,
            client: &by.by,
            roles: &[],
            person: false,
            fields: None,
            fresh: false,
            exchange,
            route: "quarantine.release",
            late: false,
        };
        let route = Route {
            version: rules.plan.api().newest,
            door: Door::Record {
                verb: Verb::Update,
                object: found.object.to_string(),
                key: Key::Id(record),
                fields: None,
            },
        };
        let body = update(&found.field, &text);
        let document = body::parse(&body)?;
        for (person, what) in [
            (Some(&by.by), "quarantine.release"),
            (by.second.as_ref(), "quarantine.second"),
        ] {
            if let Some(person) = person {
                self.enter(&found, (person, what), Kind::Admin).await?;
            }
        }
        let mut tally = Tally::default();
        let way = outwards::Way {
            route: &Arc::new(route),
            document: Some(&document),
            message: None,
            file: None,
            form: None,
            released: true,
        };
        let (protected, written) = outwards::protect(self, &scribe, &way, &mut tally).await?;
        let answer = self
            .upstream
            .send(protected.cleared, HeaderMap::new())
            .await?;
        shared
            .settle(exchange, &protected.request, &written, answer.status, None)
            .await;
        if !answer.status.is_success() {
            let status = answer.status.as_u16();
            return Err(state(&format!(
                "the CRM refused the text with status {status}; it goes on waiting"
            ))
            .into());
        }
        self.decide(&found, Fate::Released, by).await
    }

    /// Wipes a text.
    ///
    /// # Errors
    /// When it does not wait, or ledger or vault fail.
    pub async fn drop_quarantined(&self, id: &str, by: &Decision) -> Result<(), Failure> {
        by.check(false)?;
        let found = self.waiting(id).await?;
        self.enter(&found, (&by.by, "quarantine.drop"), Kind::Admin)
            .await?;
        self.decide(&found, Fate::Dropped, by).await?;
        if let Err(error) = self.shared.vault.scrub().await {
            // A reader holds the log; the next checkpoint empties it.
            tracing::warn!(%error, "the log still holds the dropped text, sealed");
        }
        Ok(())
    }

    async fn waiting(&self, id: &str) -> Result<Quarantined, Failure> {
        let found = self.shared.vault.in_quarantine(id).await?;
        let found = found.ok_or_else(|| state("no text in quarantine has this id"))?;
        if found.fate == Fate::Waiting {
            Ok(found)
        } else {
            Err(state("the text was decided about already").into())
        }
    }

    /// Whether the placeholder is what the CRM holds: somebody may have written over it.
    async fn stands(&self, found: &Quarantined, record: Id) -> Result<(), Failure> {
        let version = self.spoken(&self.shared.rules.load().plan);
        let asked = outward::look(version, (&found.object, record), &found.field)?;
        let answer = self.upstream.send(asked, HeaderMap::new()).await?;
        let held: Option<Value> = match answer.status.is_success() {
            true => serde_json::from_slice(&answer.body).ok(),
            false => None,
        };
        let expected = placeholder(&found.id);
        let held = held.as_ref().and_then(|held| held.get(&*found.field));
        if held.and_then(Value::as_str) == Some(&expected) {
            return Ok(());
        }
        Err(state(
            "the placeholder does not stand in that field any more; the text goes on waiting",
        )
        .into())
    }

    async fn decide(&self, found: &Quarantined, fate: Fate, by: &Decision) -> Result<(), Failure> {
        let decided = self.signed(found, by)?;
        let shared = &*self.shared;
        if shared.vault.decide(&found.id, fate, decided).await? {
            Ok(())
        } else {
            Err(state("the text was decided about already").into())
        }
    }

    /// Who acts and when, with the reason sealed as the text is.
    fn signed(&self, found: &Quarantined, by: &Decision) -> Result<Decided, Failure> {
        let shared = &*self.shared;
        let mut nonce = [0; NONCE_LENGTH];
        shared
            .entropy
            .fill(&mut nonce)
            .map_err(crate::vault::Error::from)?;
        let tenant = self.tenant();
        let context = context(found, &tenant, REASON);
        let reason = match &found.key {
            Some(key) => seal(key, &context, nonce, by.reason.as_bytes())
                .map_err(crate::vault::Error::from)?,
            None => vec![], // The person was erased; nothing may be kept under their key.
        };
        Ok(Decided {
            at: shared.clock.now(),
            by: by.by.clone(),
            second: by.second.clone(),
            nonce,
            reason,
        })
    }

    async fn enter(
        &self,
        found: &Quarantined,
        (person, operation): (&str, &'static str),
        kind: Kind,
    ) -> Result<(), Failure> {
        let shared = &*self.shared;
        let rules = shared.rules.load_full();
        let scribe = Scribe {
            shared: &self.shared,
            rules: &rules,
            client: person,
            roles: &[],
            person: false,
            fields: None,
            fresh: false,
            exchange: 0,
            route: operation,
            late: false,
        };
        let touched = Touched {
            field: format!("{}.{}", found.object, found.field).into(),
            class: (&*found.class).into(),
            action: operation.into(),
            count: 1,
        };
        scribe.decided(kind, touched, found.subject).await
    }

    fn tenant(&self) -> String {
        self.shared.rules.load().protection.tenant.clone()
    }
}

impl Decision {
    /// Whether it names who decides. A text that goes to the CRM after all needs two people.
    fn check(&self, two: bool) -> Result<(), Refusal> {
        let is_name = |name: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            (1..=64).contains(&name.len()) && name.chars().all(fits)
        };
        if !is_name(&self.by) || !self.second.as_deref().is_none_or(is_name) {
            return Err(state(
                "a person is named by letters, digits, `.`, `-` and `_`",
            ));
        }
        if self.reason.trim().is_empty() {
            return Err(state("a reason is missing"));
        }
        let other = |second: &String| !second.eq_ignore_ascii_case(&self.by);
        if two && !self.second.as_ref().is_some_and(other) {
            return Err(state("a release needs a second person: --second NAME"));
        }
        Ok(())
    }
}

fn listed(found: &Quarantined) -> Listed {
    let state = match found.fate {
        Fate::Waiting if found.refused => "refused by the CRM",
        Fate::Waiting if found.record.is_none() => "answer not known",
        Fate::Waiting => "waiting",
        Fate::Released => "released",
        Fate::Dropped => "dropped",
    };
    let Timestamp(made) = found.made;
    Listed {
        id: found.id.clone(),
        made,
        field: format!("{}.{}", found.object, found.field),
        record: found.record.clone(),
        client: found.client.clone(),
        categories: found.categories.clone(),
        state: state.to_owned(),
    }
}

fn text(found: &Quarantined, tenant: &str) -> Result<Personal, Failure> {
    let context = context(found, tenant, &found.class);
    let opened = open(key(found)?, &context, found.nonce, &found.ciphertext);
    Ok(opened.map_err(crate::vault::Error::from)?)
}

fn key(found: &Quarantined) -> Result<&SubjectKey, Refusal> {
    let key = found.key.as_deref();
    key.ok_or_else(|| state("the person was erased, and the text with them"))
}

fn context<'a>(found: &Quarantined, tenant: &'a str, class: &'a str) -> Context<'a> {
    Context {
        form: FormatVersion::Vault1,
        tenant,
        class,
        subject: found.subject,
        key: u64::from(found.key_version),
        row: found.row,
    }
}

/// The body of an update of one field.
fn update(field: &str, text: &Personal) -> zeroize::Zeroizing<Vec<u8>> {
    let mut body = zeroize::Zeroizing::new(Vec::with_capacity(text.expose().len() + 64));
    body.push(b'{');
    encode_into(&mut body, field);
    body.push(b':');
    encode_into(&mut body, text.expose());
    body.push(b'}');
    body
}

fn state(text: &str) -> Refusal {
    Refusal::new(Code::QuarantineState, text)
}
