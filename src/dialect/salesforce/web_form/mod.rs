//! Web-to-Lead and Web-to-Case: a visitor's form, passed on by the organization's own web server.
//!
//! Source: Salesforce Help, "Generate a Web-to-Lead Form", "Generate Web-to-Case HTML Code". A form
//! becomes the record of the REST API that it makes, as one JSON object of texts, and is written anew
//! from what protection makes of that. Names that Salesforce's forms do not have are refused: each
//! could be one that the CRM reads and nobody here has thought of.
//!
//! Read first: [`Kind`], [`Setup`], [`Form`].

mod captcha;
mod dates;
mod names;
pub mod page;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::door::{Door, Route};
use super::id::Id;
use super::target::Target;
use crate::model::{Code, Refusal, Timestamp};
use crate::wire::form;
pub use dates::Dates;
use names::{Meaning, meaning};

/// The largest body: a description of 32,000 characters, each escaped, and room for the rest.
pub const LONGEST: usize = 1 << 20;
/// What a form may cost.
pub const LIMITS: form::Limits = form::Limits {
    bytes: LONGEST,
    pairs: 200,
};

/// Which of the two servlets is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Lead,
    Case,
}

impl Kind {
    /// The servlet at a path, in Salesforce's own spelling.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        [Self::Lead, Self::Case]
            .into_iter()
            .find(|kind| kind.path() == path)
    }

    /// The kind that makes records of an object.
    #[must_use]
    pub fn making(object: &str) -> Option<Self> {
        [Self::Lead, Self::Case]
            .into_iter()
            .find(|kind| kind.object() == object)
    }

    #[must_use]
    pub fn object(self) -> &'static str {
        match self {
            Self::Lead => "Lead",
            Self::Case => "Case",
        }
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "web-form.lead",
            Self::Case => "web-form.case",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Lead => "/servlet/servlet.WebToLead",
            Self::Case => "/servlet/servlet.WebToCase",
        }
    }

    /// What the organization's id is called.
    fn organization(self) -> &'static str {
        match self {
            Self::Lead => "oid",
            Self::Case => "orgid",
        }
    }
}

/// What the configuration says of forms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setup {
    /// The organization whose forms these are.
    pub organization: Id,
    /// Where a visitor may be led afterwards: whole addresses.
    pub returns: Vec<String>,
    /// The campaigns that a form may make a visitor part of.
    pub campaigns: Vec<Id>,
    /// What a form may say of a visitor's part in a campaign.
    pub statuses: Vec<String>,
    /// What the organization calls its pairs of keys for reCAPTCHA.
    pub captcha_keys: Vec<String>,
    /// Custom fields, which forms name by their ids.
    pub fields: Vec<Custom>,
    /// How forms write dates.
    pub dates: Dates,
}

/// A custom field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Custom {
    pub id: Id,
    pub kind: Kind,
    /// Its API name.
    pub field: String,
}

/// The 15 characters that Salesforce writes into its forms.
fn short(id: &Id) -> &str {
    id.as_str().get(..15).unwrap_or_default()
}

/// How a field's value stands in a form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sort {
    Text,
    /// A box that is ticked or not there.
    Flag,
    /// A date, in the order of the CRM's forms.
    Date,
    /// A number without separators: what a visitor's `12.500` is, the CRM's locale says, and whoever
    /// rounds it here must know.
    Whole,
    /// Several choices, each under the same name.
    Choices,
}

/// One field that is filled in.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Entry {
    /// Its name in the form: Salesforce's, or the id that the configuration has.
    name: String,
    /// The record's field.
    field: String,
    sort: Sort,
}

/// A form that has been read.
#[derive(Debug)]
pub struct Form {
    kind: Kind,
    organization: Id,
    dates: Dates,
    entries: Vec<Entry>,
    record: Map<String, Value>,
    /// What stands beside the record, written by us from its parsed form.
    beside: Vec<(&'static str, String)>,
    returns: Option<String>,
}

impl Form {
    /// Reads a form. `sort` says how the values of an object's field stand in forms.
    ///
    /// # Errors
    /// A parameter or a name that is not of Salesforce's forms; another organization; an address
    /// afterwards that the configuration does not have; what would have the CRM send values by mail.
    pub fn read(
        kind: Kind,
        target: &str,
        pairs: &[(String, String)],
        (setup, now): (&Setup, Timestamp),
        sort: &dyn Fn(&str, &str) -> Sort,
    ) -> Result<Self, Refusal> {
        parameters(target, setup)?;
        let mut form = Self {
            kind,
            organization: setup.organization,
            dates: setup.dates,
            entries: vec![],
            record: Map::new(),
            beside: vec![],
            returns: None,
        };
        let mut seen: Vec<&str> = Vec::new();
        let mut owned = false;
        for (at, (name, value)) in pairs.iter().enumerate() {
            let meaning = meaning(kind, name, setup).ok_or_else(|| unknown(name, at))?;
            let sort = match &meaning {
                Meaning::Field { field, .. } => sort(kind.object(), field),
                _ => Sort::Text,
            };
            if seen.contains(&name.as_str()) && sort != Sort::Choices {
                return Err(twice(at));
            }
            seen.push(name);
            match meaning {
                Meaning::Organization => {
                    is_ours(kind.organization(), value, setup)?;
                    owned = true;
                }
                Meaning::Field { name, field } => form.fill((name, field, sort), value)?,
                _ if value.is_empty() => {}
                Meaning::Return => form.returns = Some(listed("retURL", value, &setup.returns)?),
                Meaning::Campaign => {
                    let id = Id::parse(value).filter(|id| setup.campaigns.contains(id));
                    let why = "it is none of `campaigns` in `[web_forms]`";
                    let id = id.ok_or_else(|| unfit("Campaign_ID", why))?;
                    form.beside.push(("Campaign_ID", id.to_string()));
                }
                Meaning::Member => {
                    let status = listed("member_status", value, &setup.statuses)?;
                    form.beside.push(("member_status", status));
                }
                Meaning::CaptchaSettings => {
                    let settings = captcha::settings(value, setup, now)?;
                    form.beside.push(("captcha_settings", settings));
                }
                Meaning::Captcha => {
                    let answer = captcha::answer(value, setup)?;
                    form.beside.push(("g-recaptcha-response", answer));
                }
                // The text of the button that was pressed says nothing that a record has.
                Meaning::Button => {}
                Meaning::Debug(name) => return Err(debug(name)),
            }
        }
        if !owned {
            return Err(unfit(kind.organization(), "the form does not have it"));
        }
        if form.entries.is_empty() {
            return Err(Refusal::new(
                Code::BodyMalformed,
                "nothing is filled in: the form makes no record",
            ));
        }
        Ok(form)
    }

    /// Notes one field that is filled in. Browsers send what is left empty too.
    fn fill(
        &mut self,
        (name, field, sort): (String, String, Sort),
        value: &str,
    ) -> Result<(), Refusal> {
        if value.is_empty() {
            return Ok(());
        }
        let label = format!("{}.{field}", self.kind.object());
        let known = self.record.get_mut(&field);
        let value = match sort {
            Sort::Text => value.to_owned(),
            Sort::Flag => match value {
                "1" => "true".to_owned(),
                "0" => "false".to_owned(),
                _ => return Err(unfit(&label, "a ticked box says 1")),
            },
            Sort::Date => {
                let date = self.dates.read(value);
                date.ok_or_else(|| {
                    unfit(&label, "it is no date as `dates` in `[web_forms]` has it")
                })?
            }
            Sort::Whole => {
                let digits = value.strip_prefix('-').unwrap_or(value);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    let why = "a number that does not leave as it is has digits alone";
                    return Err(unfit(&label, why));
                }
                value.to_owned()
            }
            // The CRM divides choices by it.
            Sort::Choices if value.contains(';') => {
                return Err(unfit(&label, "a choice has no semicolon"));
            }
            Sort::Choices => value.to_owned(),
        };
        match known {
            None => {
                self.record.insert(field.clone(), Value::String(value));
                self.entries.push(Entry { name, field, sort });
            }
            Some(Value::String(text)) if sort == Sort::Choices => {
                text.push(';');
                text.push_str(&value);
            }
            Some(_) => {
                return Err(Refusal::at(
                    Code::BodyMalformed,
                    label,
                    "two names of the form mean this field",
                ));
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it says something of a campaign, which is another object than the record's.
    #[must_use]
    pub fn joins_campaign(&self) -> bool {
        let of_campaigns = ["Campaign_ID", "member_status"];
        self.beside
            .iter()
            .any(|(name, _)| of_campaigns.contains(name))
    }

    /// Where the visitor is led afterwards.
    #[must_use]
    pub fn returns(&self) -> Option<&str> {
        self.returns.as_deref()
    }

    /// The resource of the REST API that makes the same record.
    #[must_use]
    pub fn route(&self, version: u16) -> Route {
        Route {
            version,
            door: Door::Create {
                object: self.kind.object().to_owned(),
            },
        }
    }

    /// The record, as JSON.
    #[must_use]
    pub fn record(&self) -> Vec<u8> {
        Value::Object(self.record.clone()).to_string().into_bytes()
    }

    /// Path and query for the CRM.
    #[must_use]
    pub fn target(&self) -> String {
        format!(
            "{}?encoding=UTF-8&orgId={}",
            self.kind.path(),
            short(&self.organization)
        )
    }

    /// The form with the values of a record that protection has written.
    ///
    /// # Errors
    /// A record that is not this form's.
    pub fn write(&self, record: &[u8]) -> Result<Vec<u8>, Refusal> {
        let other = || Refusal::new(Code::ValueUnfit, "the form cannot be written anew");
        let record: Map<String, Value> = serde_json::from_slice(record).map_err(|_| other())?;
        let mut pairs: Vec<(&str, String)> = vec![(
            self.kind.organization(),
            short(&self.organization).to_owned(),
        )];
        if let Some(address) = &self.returns {
            pairs.push(("retURL", address.clone()));
        }
        for entry in &self.entries {
            let text = match record.get(&entry.field) {
                // Policy takes it out, or leaves nothing of it.
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => return Err(other()),
            };
            let name = entry.name.as_str();
            match entry.sort {
                Sort::Text | Sort::Whole => pairs.push((name, text)),
                // A box that is not ticked is not there.
                Sort::Date => pairs.push((name, self.dates.write(&text).ok_or_else(other)?)),
                Sort::Flag if text == "false" => {}
                Sort::Flag if text == "true" => pairs.push((name, "1".to_owned())),
                Sort::Flag => return Err(other()),
                Sort::Choices => {
                    pairs.extend(text.split(';').map(|choice| (name, choice.to_owned())));
                }
            }
        }
        let beside = self.beside.iter();
        pairs.extend(beside.map(|(name, value)| (*name, value.clone())));
        Ok(form::write(&pairs).into_bytes())
    }
}

/// The URL says how the form is written, which has one answer, and whose it is.
fn parameters(target: &str, setup: &Setup) -> Result<(), Refusal> {
    let target = Target::parse(target)?;
    let mut coded = false;
    for (name, value) in &target.parameters {
        match name.as_str() {
            "encoding" if value == "UTF-8" => coded = true,
            "encoding" => {
                return Err(Refusal::at(
                    Code::ParameterUnknown,
                    "encoding",
                    "a form is written in UTF-8: `encoding=UTF-8`",
                ));
            }
            "orgId" => is_ours("orgId", value, setup)?,
            _ => {
                return Err(Refusal::new(
                    Code::ParameterUnknown,
                    "a form's address has the parameters encoding and orgId, and no other",
                ));
            }
        }
    }
    match coded {
        true => Ok(()),
        false => Err(Refusal::at(
            Code::ParameterUnknown,
            "encoding",
            "a form's address says how it is written: `encoding=UTF-8`",
        )),
    }
}

fn is_ours(name: &str, value: &str, setup: &Setup) -> Result<(), Refusal> {
    match Id::parse(value) == Some(setup.organization) {
        true => Ok(()),
        false => Err(Refusal::at(
            Code::RoleRefused,
            name,
            "the form is not of the organization that the configuration names",
        )),
    }
}

/// A value that the configuration has, as it has it.
fn listed(name: &str, value: &str, known: &[String]) -> Result<String, Refusal> {
    let found = known.iter().find(|known| *known == value);
    found.cloned().ok_or_else(|| {
        let key = match name {
            "retURL" => "return_to",
            "captcha_settings" => "captcha_keys",
            _ => "member_statuses",
        };
        let text = format!("it is none of `{key}` in `[web_forms]`");
        unfit(name, &text)
    })
}

fn debug(name: &'static str) -> Refusal {
    Refusal::at(
        Code::ParameterUnknown,
        name,
        "Salesforce mails what is filled in where a form asks for that: take this name out of the form",
    )
}

fn twice(at: usize) -> Refusal {
    let text = format!(
        "a name stands twice in the form: its part {}; only choices of one list may",
        at + 1
    );
    Refusal::new(Code::BodyMalformed, text)
}

/// Of a name that may be anybody's text, its place is told.
fn unknown(name: &str, at: usize) -> Refusal {
    let at = at + 1;
    let custom = name.starts_with("00N") && Id::parse(name).is_some();
    match custom {
        true => Refusal::new(
            Code::PolicyUnknownField,
            format!("part {at} of the form is a custom field that `[web_forms]` does not name"),
        ),
        false => Refusal::new(
            Code::ParameterUnknown,
            format!("part {at} of the form has a name that Salesforce's forms do not have"),
        ),
    }
}

fn unfit(name: &str, why: &str) -> Refusal {
    Refusal::at(Code::ValueUnfit, name, format!("{name}: {why}"))
}
