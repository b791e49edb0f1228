//! From the resource back to a path, for the CRM.

use super::{ListPart, Ui, View, What};
use crate::dialect::salesforce::id::Id;
use crate::wire::percent;

impl Ui {
    /// The path behind `ui-api/`, with its parameters: nothing of the client's bytes is copied.
    #[must_use]
    pub fn target(&self) -> String {
        let mut out = String::new();
        for segment in self.segments() {
            out.push('/');
            out.push_str(&percent::encode_segment(&segment));
        }
        for (at, (name, parameter)) in self.parameters.iter().enumerate() {
            out.push(if at == 0 { '?' } else { '&' });
            out.push_str(name);
            out.push('=');
            percent::push(&mut out, &parameter.text());
        }
        out
    }

    fn segments(&self) -> Vec<String> {
        let of = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect();
        match &self.what {
            What::Record(id) | What::Update(id) | What::Delete(id) => of(&["records", id.as_str()]),
            What::Records(ids) => of(&["records", "batch", &join(ids)]),
            What::Create => of(&["records"]),
            What::RecordUi(ids) => of(&["record-ui", &join(ids)]),
            What::CreateDefaults(object) => of(&["record-defaults", "create", object]),
            What::CloneDefaults(id) => of(&["record-defaults", "clone", id.as_str()]),
            What::Objects => of(&["object-info"]),
            What::ObjectInfo { objects, batch } => match batch {
                true => of(&["object-info", "batch", &objects.join(",")]),
                false => of(&["object-info", &objects.join(",")]),
            },
            What::Picklists {
                object,
                record_type,
                field,
            } => {
                let path = [
                    "object-info",
                    object,
                    "picklist-values",
                    record_type.as_str(),
                ];
                let mut path: Vec<String> = of(&path);
                path.extend(field.clone());
                path
            }
            What::Layout(object) => of(&["layout", object]),
            What::Views(object) => of(&["list-ui", object]),
            What::List { part, view } => {
                let part = match part {
                    ListPart::Records => "list-records",
                    ListPart::Ui => "list-ui",
                    ListPart::Info => "list-info",
                };
                match view {
                    View::Id(id) => of(&[part, id.as_str()]),
                    View::Named { object, name } => of(&[part, object, name]),
                }
            }
            What::Related {
                parent, relation, ..
            } => of(&["related-list-records", parent.as_str(), relation]),
            What::Lookup {
                object,
                field,
                target,
            } => {
                let mut path: Vec<String> = of(&["lookups", object, field]);
                path.extend(target.clone());
                path
            }
            What::ObjectActions(object) => of(&["actions", "object", object]),
            What::RecordActions(ids) => of(&["actions", "record", &join(ids)]),
        }
    }
}

fn join(ids: &[Id]) -> String {
    ids.iter().map(Id::as_str).collect::<Vec<_>>().join(",")
}
