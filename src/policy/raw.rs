//! The policy file as it is written. The doc comments become the JSON Schema's descriptions, which
//! is what an editor shows while someone writes a policy.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::policy::at::At;
use crate::policy::scan;
use crate::policy::site::raw as site;
use crate::policy::terms::{Action, Canonical, Exception, LawfulBasis, Search, Unanswerable};

/// A policy of sluis: what personal data may do at the border between an organisation and its CRM.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The version of this format: 1.
    pub version: At<u32>,
    /// The CRM whose fields this policy names: "salesforce", or a name of your own for a CRM that
    /// this file describes with `site` and `routes`.
    pub crm: At<String>,
    /// Tokens in e-mail fields stand before this domain. The organisation owns it, and no mail is
    /// delivered to it (a null MX record, RFC 7505).
    pub token_domain: At<String>,
    /// Versions of the CRM's API that clients may use: for Salesforce.
    pub api: Option<At<Api>>,
    /// Each role that may be named below, and one sentence that says who has it.
    #[serde(default)]
    pub roles: BTreeMap<At<String>, At<String>>,
    /// Each purpose of processing, and one sentence that says what it is (GDPR Art. 5(1)(b)).
    #[serde(default)]
    pub purposes: BTreeMap<At<String>, At<String>>,
    /// What holds where nothing nearer to the field says otherwise.
    #[serde(default)]
    pub defaults: Context,
    /// How many minutes the second factor counts as just shown, for what has `step_up = true`: 1 to
    /// 60, and 10 where nothing is said.
    pub step_up_minutes: Option<At<u16>>,
    /// What is looked for in free text.
    pub detection: Option<At<scan::File>>,
    /// How free searches (SOSL, look-ups) are answered.
    pub search: Option<At<Searches>>,
    /// Channels of events whose names an administrator of the CRM chose: `/topic/NAME`, `/u/NAME`.
    /// Those of objects need no mention. What is not named here is refused.
    #[serde(default)]
    pub streams: Vec<At<String>>,
    /// What is looked for by the kind of request that carries a text: for Salesforce.
    pub scan: Option<At<scan::Doors>>,
    /// Actions of Lightning pages (Aura) that nobody knows but their author: for Salesforce. One that
    /// is not named here may carry ids, numbers and words of the CRM's own, and no values.
    #[serde(default)]
    pub actions: Vec<At<Carrier>>,
    /// Field classes: what a value is, wherever it stands. Who may see it is decided per class.
    #[serde(default)]
    pub classes: BTreeMap<At<String>, At<Class>>,
    /// Objects of the CRM. What is not named here is refused.
    #[serde(default)]
    pub objects: BTreeMap<At<String>, At<Object>>,
    /// What holds for all routes of a CRM that this file describes.
    pub site: Option<At<site::Site>>,
    /// What the names of queries and bodies are, for routes to use by name.
    #[serde(default)]
    pub forms: BTreeMap<At<String>, At<site::Names>>,
    /// The doors of a CRM that this file describes. What is not named here is refused.
    #[serde(default)]
    pub routes: Vec<At<site::Route>>,
    /// Paths of style sheets, scripts, images and fonts.
    #[serde(default, rename = "static")]
    pub fixed: Vec<At<site::Static>>,
}

/// Versions of the CRM's API, both ends included.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    pub oldest: u16,
    pub newest: u16,
}

/// An action of Lightning pages and what it may carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// The action, as Aura names it; a method of Apex is "apex://Class/ACTION$method".
    pub descriptor: At<String>,
    /// Parameters whose values leave as they are.
    #[serde(default)]
    pub carries: Vec<At<String>>,
    /// Why that is none of anybody's data, or has to leave.
    pub reason: At<String>,
}

/// How free searches are answered. Over protected fields they find whole values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Searches {
    /// What becomes of one that reaches into fields which cannot be looked up.
    pub unanswerable: Unanswerable,
}

/// Why and for how long a field is processed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// One of the names under `purposes`.
    pub purpose: Option<At<String>>,
    /// GDPR Art. 6(1).
    pub lawful_basis: Option<At<LawfulBasis>>,
    /// How long, as an ISO 8601 duration: "P7Y".
    pub retention: Option<At<String>>,
    /// Who may see the values, by role.
    pub roles: Option<At<Vec<At<String>>>>,
}

/// A field class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// A term of the Data Privacy Vocabulary (pd:EmailAddress), or of ours (sluis:NationalIdNL).
    pub category: Option<At<String>>,
    /// What happens to a value on its way out.
    pub action: Option<At<Action>>,
    /// What `generalize` makes of it.
    pub to: Option<At<To>>,
    /// The same value gets the same token, so that the CRM can join and match on it. The CRM then
    /// sees which records are equal; refused for small domains and special categories.
    pub stable: Option<At<bool>>,
    /// Who may see the values, by role. An empty list: nobody, the values only rest here.
    pub roles: Option<At<Vec<At<String>>>>,
    /// Values are shown only to people who showed their second factor just now; a mask otherwise,
    /// and always to programs.
    pub step_up: Option<At<bool>>,
    /// Whether values can be looked up by equality.
    #[serde(default)]
    pub search: Option<At<Search>>,
    /// The form in which two values count as equal for the look-up.
    #[serde(default)]
    pub canonical: Option<At<Canonical>>,
    /// A special category of GDPR Art. 9, or criminal data of Art. 10.
    pub special: Option<At<bool>>,
    /// For special categories: the exception that allows to process them (GDPR Art. 9(2), 10).
    pub exception: Option<At<Exception>>,
    /// What is looked for in the text on its way out, before anything else happens to it.
    pub scan: Option<At<Vec<At<scan::Look>>>>,
    /// What becomes of a text with a special category in it; `block` where nothing is said.
    pub on_special: Option<At<scan::OnSpecial>>,
    /// The score from which a finding of a special category counts, above 0.0 and up to 0.9.
    pub threshold: Option<At<f64>>,
    /// The category that the text is about by its nature, such as health: then less is enough.
    pub about: Option<At<scan::CategoryName>>,
    /// Who decided what is weaker than the default, and on which ground.
    pub decision: Option<At<scan::Decision>>,
    /// What the value is to whoever looks for it in the free text of the same person.
    pub known: Option<At<scan::KnownAs>>,
    /// One of the names under `purposes`.
    pub purpose: Option<At<String>>,
    /// GDPR Art. 6(1).
    pub lawful_basis: Option<At<LawfulBasis>>,
    /// How long, as an ISO 8601 duration.
    pub retention: Option<At<String>>,
    /// Why an exception that lint would refuse is right here. Shown to reviewers.
    pub reason: Option<At<String>>,
}

/// An object of the CRM.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// One of the names under `purposes`.
    pub purpose: Option<At<String>>,
    /// GDPR Art. 6(1).
    pub lawful_basis: Option<At<LawfulBasis>>,
    /// How long, as an ISO 8601 duration.
    pub retention: Option<At<String>>,
    /// Why the text fields of this object hold nothing about people: for configuration only, and
    /// only where no field has a class.
    pub reason: Option<At<String>>,
    /// Whose data a record is. Without it each record is a data subject of its own.
    pub subject: Option<At<Subject>>,
    /// Fields without personal data: sent as they are.
    #[serde(default)]
    pub pass: Vec<At<String>>,
    /// Fields that the CRM computes from protected ones: never written, filtered or sorted by;
    /// read with the tokens inside them revealed.
    #[serde(default)]
    pub derived: Vec<At<String>>,
    /// Fields that the CRM has and this policy leaves out on purpose: refused.
    #[serde(default)]
    pub left_out: Vec<At<String>>,
    /// Relationship name to the object or objects that it leads to.
    #[serde(default)]
    pub relations: BTreeMap<At<String>, At<Targets>>,
    /// Child relationship name to the child object.
    #[serde(default)]
    pub children: BTreeMap<At<String>, At<String>>,
    /// Fields that an upsert may name as the key.
    #[serde(default)]
    pub external_ids: Vec<At<String>>,
    /// The fields with personal data: the name of a class, or a table that names one and departs
    /// from it.
    #[serde(default)]
    pub fields: BTreeMap<At<String>, At<FieldEntry>>,
    /// What the fields are, where there is no describe of the CRM: a type, or a table.
    #[serde(default)]
    pub types: BTreeMap<At<String>, At<site::TypeEntry>>,
}

/// Whose data the records of an object are: one of the two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Records with equal values in one of these fields are one person.
    pub identify: Option<At<Vec<At<String>>>>,
    /// The record belongs to the subject of the record that this reference names.
    pub follow: Option<At<String>>,
    /// The objects that `follow` may lead to.
    pub object: Option<At<Targets>>,
}

/// One object, or several where a reference may lead to any of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Targets {
    One(String),
    Several(Vec<String>),
}

impl Targets {
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// A field: the class alone, or the class and what departs from it.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum FieldEntry {
    Class(String),
    Detail(Box<Field>),
}

/// A field that departs from its class. What the value is and who may see it belong to the class
/// alone, because a value is revealed by its class wherever its token stands.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub class: Option<At<String>>,
    pub action: Option<At<Action>>,
    /// What `generalize` makes of the value.
    pub to: Option<At<To>>,
    /// The same value gets the same token.
    pub stable: Option<At<bool>>,
    /// What is looked for in the text on its way out, before anything else happens to it.
    pub scan: Option<At<Vec<At<scan::Look>>>>,
    /// What becomes of a text with a special category in it; `block` where nothing is said.
    pub on_special: Option<At<scan::OnSpecial>>,
    /// The score from which a finding of a special category counts, above 0.0 and up to 0.9.
    pub threshold: Option<At<f64>>,
    /// The category that the text is about by its nature, such as health: then less is enough.
    pub about: Option<At<scan::CategoryName>>,
    /// Who decided what is weaker than the default, and on which ground.
    pub decision: Option<At<scan::Decision>>,
    /// Of a field of files: the most bytes of one; 2 GiB where nothing is said.
    pub max_file: Option<At<u64>>,
    /// Of a field of files: what becomes of one that did not come through the border.
    pub plain_files: Option<At<PlainFiles>>,
    pub purpose: Option<At<String>>,
    pub lawful_basis: Option<At<LawfulBasis>>,
    pub retention: Option<At<String>>,
    /// Why an exception that lint would refuse is right here. Shown to reviewers.
    pub reason: Option<At<String>>,
}

/// What becomes of a file that lies in the CRM as it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum PlainFiles {
    /// It is not given out.
    Refuse,
    /// It is given, as it is, to whoever may see the field's class.
    Pass,
}

/// By hand, because serde's untagged enums lose the places of what stands inside them.
impl<'de> Deserialize<'de> for FieldEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = FieldEntry;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a class, or a table")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<FieldEntry, E> {
                let name: StrDeserializer<'_, E> = name.into_deserializer();
                String::deserialize(name).map(FieldEntry::Class)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldEntry, A::Error> {
                let field = Field::deserialize(MapAccessDeserializer::new(map))?;
                Ok(FieldEntry::Detail(Box::new(field)))
            }
        }

        deserializer.deserialize_any(Entry)
    }
}

/// What `generalize` makes of a value: a unit of time, or one rule.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum To {
    Unit(Unit),
    Rule(Coarsening),
}

/// The unit that a date is cut to.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Year,
    Month,
}

/// Exactly one of the rules; `otherwise` belongs to `map`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coarsening {
    /// The first characters, as many.
    pub leading: Option<u32>,
    /// The nearest multiple.
    pub round: Option<u64>,
    /// A band of this width.
    pub band: Option<u64>,
    /// Each value to another.
    pub map: Option<BTreeMap<String, String>>,
    /// What every value becomes that `map` does not have.
    pub otherwise: Option<String>,
}
