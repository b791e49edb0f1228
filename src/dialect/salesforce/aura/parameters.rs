//! The parameters of an action that the UI API has too: read into its resource, and written again
//! from it.

use super::controller::Kind;
use super::{Action, malformed};
use crate::dialect::salesforce::door::{Door, name};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::ui::{ListPart, Parameter, Ui, View, What, view_named};
use crate::model::{Code, Refusal};
use crate::wire::json::{self, Document, Edits, NodeId, Value, encode_into};

/// How many records one action may name; the API's own limit is 200.
const MOST: usize = 200;

/// The resource that an action asks for. A record that it writes is read elsewhere.
pub(super) fn read(
    kind: Kind,
    document: &Document<'_>,
    params: Option<NodeId>,
) -> Result<Ui, Refusal> {
    let what = Subjects { document, params }.what(kind)?;
    let mut ui = Ui {
        what,
        parameters: vec![],
    };
    for (key, node) in params.into_iter().flat_map(|node| document.members(node)) {
        if kind.subjects().contains(&key.as_ref()) {
            continue;
        }
        if kind.inner() == Some(key.as_ref()) {
            if document.kind(node) == json::Kind::Null {
                continue;
            }
            expect_object(document, node)?;
            for (key, node) in document.members(node) {
                parameter(kind, document, (&key, node), &mut ui)?;
            }
        } else {
            parameter(kind, document, (&key, node), &mut ui)?;
        }
    }
    Ok(ui)
}

fn expect_object(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    match document.kind(node) {
        json::Kind::Object => Ok(()),
        _ => Err(malformed("a parameter of the action must be an object")),
    }
}

fn parameter(
    kind: Kind,
    document: &Document<'_>,
    (key, node): (&str, NodeId),
    ui: &mut Ui,
) -> Result<(), Refusal> {
    let name = spelled(key);
    // A name is text of the client's, whatever stands under it.
    if !kind.parameters().contains(&name) {
        return Err(wrong_parameter());
    }
    if document.kind(node) == json::Kind::Null {
        return Ok(());
    }
    let found = Parameter::read(name, &plain(document, node)?);
    let found = found.filter(|(name, _)| kind.parameters().contains(name));
    let (name, parameter) = found.ok_or_else(wrong_parameter)?;
    if ui.parameters.iter().any(|(known, _)| *known == name) {
        return Err(malformed("a parameter of the action stands twice"));
    }
    // What is looked for may have commas of its own.
    if matches!(parameter, Parameter::Term(_)) && document.kind(node) != json::Kind::String {
        return Err(wrong_parameter());
    }
    ui.parameters.push((name, parameter));
    Ok(())
}

/// What stands in the URL as a list may stand here in the singular.
fn spelled(key: &str) -> &str {
    match key {
        "layoutType" => "layoutTypes",
        "mode" => "modes",
        "pageParam" => "page",
        "sortParam" => "sortBy",
        other => other,
    }
}

/// A value as the URL would have it: a list with commas.
fn plain(document: &Document<'_>, node: NodeId) -> Result<String, Refusal> {
    match document.kind(node) {
        json::Kind::Array => {
            let items = document.elements(node).map(|item| document.text(item));
            let items: Option<Vec<_>> = items.collect();
            Ok(items.ok_or_else(wrong_parameter)?.join(","))
        }
        json::Kind::String => Ok(document.text(node).unwrap_or_default().into_owned()),
        json::Kind::Number | json::Kind::Bool => Ok(document.raw(node).to_owned()),
        json::Kind::Object | json::Kind::Null => Err(wrong_parameter()),
    }
}

/// The parameters that say which record, object or list is meant.
struct Subjects<'d, 'b> {
    document: &'d Document<'b>,
    params: Option<NodeId>,
}

impl Subjects<'_, '_> {
    fn what(&self, kind: Kind) -> Result<What, Refusal> {
        Ok(match kind {
            Kind::Record => What::Record(self.id("recordId")?),
            Kind::Records => What::Records(self.ids()?),
            Kind::RecordUi => What::RecordUi(self.ids()?),
            Kind::Create => What::Create,
            Kind::Update => {
                self.options()?;
                What::Update(self.id("recordId")?)
            }
            Kind::Delete => What::Delete(self.id("recordId")?),
            Kind::CreateDefaults => What::CreateDefaults(self.name("objectApiName")?),
            Kind::CloneDefaults => What::CloneDefaults(self.id("recordId")?),
            Kind::Objects => What::Objects,
            Kind::ObjectInfo => What::ObjectInfo {
                objects: vec![self.name("objectApiName")?],
                batch: false,
            },
            Kind::ObjectInfos => What::ObjectInfo {
                objects: self.list("objectApiNames", |text| name(text).ok())?,
                batch: true,
            },
            Kind::Picklists => What::Picklists {
                object: self.name("objectApiName")?,
                record_type: self.id("recordTypeId")?,
                field: self.optional("fieldApiName")?,
            },
            Kind::Layout => What::Layout(self.name("objectApiName")?),
            Kind::List(part) => self.listed(part)?,
            Kind::Views => What::Views(self.name("objectApiName")?),
            Kind::Related => What::Related {
                parent: self.id("parentRecordId")?,
                relation: self.name("relatedListId")?,
                in_body: false,
            },
            Kind::Lookup => What::Lookup {
                object: self.name("objectApiName")?,
                field: self.name("fieldApiName")?,
                target: self.optional("targetApiName")?,
            },
            Kind::RecordActions => What::RecordActions(self.ids()?),
            Kind::ObjectActions => What::ObjectActions(self.name("objectApiName")?),
        })
    }

    fn listed(&self, part: ListPart) -> Result<What, Refusal> {
        let view = match self.text("listViewId") {
            Some(_) if self.text("listViewApiName").is_some() => return Err(wrong_parameter()),
            Some(_) => View::Id(self.id("listViewId")?),
            None => {
                let view = self.text("listViewApiName").ok_or_else(wrong_parameter)?;
                View::Named {
                    object: self.name("objectApiName")?,
                    name: view_named(&view)?,
                }
            }
        };
        Ok(What::List { part, view })
    }

    /// When the client last saw the record: a time, and nothing else.
    fn options(&self) -> Result<(), Refusal> {
        let Some(options) = self.node("clientOptions") else {
            return Ok(());
        };
        expect_object(self.document, options)?;
        for (key, node) in self.document.members(options) {
            let flag = matches!(key.as_ref(), "allowSaveOnDuplicate" | "useDefaultRule");
            let fits = match self.document.kind(node) {
                json::Kind::Null => flag || key == "ifUnmodifiedSince",
                json::Kind::Bool => flag,
                json::Kind::String if key == "ifUnmodifiedSince" => {
                    is_time(&self.document.text(node).unwrap_or_default())
                }
                _ => false,
            };
            if !fits {
                return Err(wrong_parameter());
            }
        }
        Ok(())
    }

    fn node(&self, member: &str) -> Option<NodeId> {
        let node = self.document.get(self.params?, member)?;
        (self.document.kind(node) != json::Kind::Null).then_some(node)
    }

    fn text(&self, member: &str) -> Option<String> {
        Some(self.document.text(self.node(member)?)?.into_owned())
    }

    fn id(&self, member: &str) -> Result<Id, Refusal> {
        let text = self.text(member).ok_or_else(wrong_parameter)?;
        Id::parse(&text).ok_or_else(wrong_parameter)
    }

    fn name(&self, member: &str) -> Result<String, Refusal> {
        let text = self.text(member).ok_or_else(wrong_parameter)?;
        name(&text).map_err(|_| wrong_parameter())
    }

    /// A name that may be left out, and nothing else than one.
    fn optional(&self, member: &str) -> Result<Option<String>, Refusal> {
        self.node(member).map(|_| self.name(member)).transpose()
    }

    fn ids(&self) -> Result<Vec<Id>, Refusal> {
        self.list("recordIds", Id::parse)
    }

    fn list<T>(&self, member: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Refusal> {
        let node = self.node(member).ok_or_else(wrong_parameter)?;
        let text = plain(self.document, node)?;
        let items: Option<Vec<T>> = text.split(',').map(|item| read(item.trim())).collect();
        let items = items.ok_or_else(wrong_parameter)?;
        match items.len() {
            0..=MOST => Ok(items),
            _ => Err(Refusal::new(
                Code::BodyTooLarge,
                "the action names too many records",
            )),
        }
    }
}

/// `2026-01-31T09:00:00.000Z`, or the date of a header field in its form of RFC 9110.
fn is_time(text: &str) -> bool {
    let mask: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let iso = [
        "0000-00-00T00:00:00.000Z",
        "0000-00-00T00:00:00.000+0000",
        "0000-00-00T00:00:00Z",
    ];
    iso.contains(&mask.as_str()) || httpdate(text)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn httpdate(text: &str) -> bool {
    const DAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: &[&str] = &[
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let parts: Vec<&str> = text.split(' ').collect();
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let [day, date, month, year, time, "GMT"] = parts.as_slice() else {
        return false;
    };
    let time: Vec<&str> = time.split(':').collect();
    day.strip_suffix(',').is_some_and(|day| DAYS.contains(&day))
        && digits(date, 2)
        && MONTHS.contains(month)
        && digits(year, 4)
        && time.len() == 3
        && time.iter().all(|part| digits(part, 2))
}

/// Writes an action's parameters from its resource, so that nothing of the client's is copied.
pub fn write(
    action: &Action,
    door: &Door,
    document: &Document<'_>,
    edits: &mut Edits,
) -> Result<(), Refusal> {
    if let Some(calling) = action.calling {
        edits.replace(calling, Value::Text("UNKNOWN".to_owned()));
    }
    let Door::Ui(ui) = door else {
        return Ok(()); // Looked through, and left as it is.
    };
    let members = action.params.into_iter();
    for (key, node) in members.flat_map(|node| document.members(node)) {
        match key.as_ref() {
            // Its fields are values, which protection has replaced.
            "recordInput" | "clientOptions" => {}
            "listRecordsQuery" | "requestParams" => {
                for (key, node) in document.members(node) {
                    member(ui, document, (&key, node), edits)?;
                }
            }
            key => member(ui, document, (key, node), edits)?,
        }
    }
    Ok(())
}

fn member(
    ui: &Ui,
    document: &Document<'_>,
    (key, node): (&str, NodeId),
    edits: &mut Edits,
) -> Result<(), Refusal> {
    let kind = document.kind(node);
    if kind == json::Kind::Null {
        return Ok(());
    }
    let texts = subject(&ui.what, key).or_else(|| {
        let mut parameters = ui.parameters.iter();
        let (_, parameter) = parameters.find(|(name, _)| *name == spelled(key))?;
        Some(match parameter {
            Parameter::Fields(texts) | Parameter::Children(texts) | Parameter::Sort(texts) => {
                texts.clone()
            }
            Parameter::Words(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            other => vec![other.text()],
        })
    });
    // What was read is what is written; there is no other.
    let texts = texts.ok_or_else(|| malformed("the action could not be written again"))?;
    edits.replace(node, value(kind, &texts));
    Ok(())
}

/// Texts in the form in which the client gave them.
fn value(kind: json::Kind, texts: &[String]) -> Value {
    match kind {
        json::Kind::Array => {
            let mut out = vec![b'['];
            for (at, text) in texts.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                encode_into(&mut out, text);
            }
            out.push(b']');
            Value::Raw(String::from_utf8_lossy(&out).into_owned())
        }
        json::Kind::Number | json::Kind::Bool => Value::Raw(texts.join(",")),
        json::Kind::String | json::Kind::Null | json::Kind::Object => Value::Text(texts.join(",")),
    }
}

/// What a parameter says of what is asked for, as it is spelled by now.
fn subject(what: &What, key: &str) -> Option<Vec<String>> {
    let ids = |ids: &[Id]| ids.iter().map(Id::to_string).collect();
    let one = |text: &str| Some(vec![text.to_owned()]);
    match (what, key) {
        (
            What::Record(id) | What::Update(id) | What::Delete(id) | What::CloneDefaults(id),
            "recordId",
        ) => one(id.as_str()),
        (What::Records(all) | What::RecordUi(all) | What::RecordActions(all), "recordIds") => {
            Some(ids(all))
        }
        (
            What::CreateDefaults(object)
            | What::Layout(object)
            | What::Views(object)
            | What::ObjectActions(object)
            | What::Picklists { object, .. }
            | What::Lookup { object, .. }
            | What::List {
                view: View::Named { object, .. },
                ..
            },
            "objectApiName",
        ) => one(object),
        (What::ObjectInfo { objects, .. }, "objectApiName" | "objectApiNames") => {
            Some(objects.clone())
        }
        (What::Picklists { record_type, .. }, "recordTypeId") => one(record_type.as_str()),
        (What::Picklists { field, .. }, "fieldApiName") => field.clone().map(|name| vec![name]),
        (
            What::List {
                view: View::Id(id), ..
            },
            "listViewId",
        ) => one(id.as_str()),
        (
            What::List {
                view: View::Named { name, .. },
                ..
            },
            "listViewApiName",
        ) => one(name),
        (What::Related { parent, .. }, "parentRecordId") => one(parent.as_str()),
        (What::Related { relation, .. }, "relatedListId") => one(relation),
        (What::Lookup { field, .. }, "fieldApiName") => one(field),
        (What::Lookup { target, .. }, "targetApiName") => target.clone().map(|name| vec![name]),
        _ => None,
    }
}

fn wrong_parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a parameter of the action is missing, unknown or malformed",
    )
}
