//! The User Interface API (`D/ui-api/…`), by which Lightning pages read and write records.
//!
//! Source: User Interface API Developer Guide; recorded answers of lwc-recipes. Only resources and
//! parameters that stand here exist to the border. Names are the client's spelling until policy has
//! given its own.
//!
//! Read first: [`Ui`], [`What`], [`Parameter`].

pub mod answer;
mod parameter;
mod resolve;
mod write;

use super::id::Id;

pub use parameter::Parameter;
pub(super) use resolve::{resolve, view_named};

/// One resource with its parameters, each known by its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ui {
    pub what: What,
    pub parameters: Vec<(&'static str, Parameter)>,
}

/// What is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// `GET records/ID`
    Record(Id),
    /// `GET records/batch/ID,ID`
    Records(Vec<Id>),
    /// `POST records`
    Create,
    /// `PATCH records/ID`
    Update(Id),
    /// `DELETE records/ID`
    Delete(Id),
    /// `GET record-ui/ID,ID`
    RecordUi(Vec<Id>),
    /// `GET record-defaults/create/T`
    CreateDefaults(String),
    /// `GET record-defaults/clone/ID`
    CloneDefaults(Id),
    /// `GET object-info`
    Objects,
    /// `GET object-info/T`, or `object-info/batch/T,T`
    ObjectInfo {
        objects: Vec<String>,
        batch: bool,
    },
    /// `GET object-info/T/picklist-values/RECORDTYPE[/FIELD]`
    Picklists {
        object: String,
        record_type: Id,
        field: Option<String>,
    },
    /// `GET layout/T`
    Layout(String),
    /// `GET list-records/…`, `list-ui/…` and `list-info/…`
    List {
        part: ListPart,
        view: View,
    },
    /// `GET list-ui/T`: which list views there are
    Views(String),
    /// `GET|POST related-list-records/ID/REL`
    Related {
        parent: Id,
        relation: String,
        in_body: bool,
    },
    /// `GET lookups/T/FIELD[/TARGET]`
    Lookup {
        object: String,
        field: String,
        target: Option<String>,
    },
    /// `GET actions/object/T` and `actions/record/ID,ID`
    ObjectActions(String),
    RecordActions(Vec<Id>),
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListPart {
    Records,
    /// Records and what describes them.
    Ui,
    Info,
}

/// Which list view.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum View {
    Id(Id),
    /// One that every organisation has; any other name is the client's own word.
    Named {
        object: String,
        name: &'static str,
    },
}

impl Ui {
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.what {
            What::Create | What::Related { in_body: true, .. } => "POST",
            What::Update(_) => "PATCH",
            What::Delete(_) => "DELETE",
            _ => "GET",
        }
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.what {
            What::Record(_) | What::Records(_) => "ui-records",
            What::Create => "ui-create",
            What::Update(_) => "ui-update",
            What::Delete(_) => "ui-delete",
            What::RecordUi(_) => "ui-record-ui",
            What::CreateDefaults(_) | What::CloneDefaults(_) => "ui-defaults",
            What::Objects | What::ObjectInfo { .. } | What::Picklists { .. } => "ui-object-info",
            What::Layout(_) => "ui-layout",
            What::List { .. } | What::Views(_) => "ui-list",
            What::Related { .. } => "ui-related-list",
            What::Lookup { .. } => "ui-lookup",
            What::ObjectActions(_) | What::RecordActions(_) => "ui-actions",
        }
    }

    /// Whether the answer describes objects and has no records.
    #[must_use]
    pub fn is_metadata(&self) -> bool {
        matches!(
            &self.what,
            What::Objects
                | What::ObjectInfo { .. }
                | What::Picklists { .. }
                | What::Layout(_)
                | What::Views(_)
                | What::ObjectActions(_)
                | What::RecordActions(_)
                | What::List {
                    part: ListPart::Info,
                    ..
                }
        )
    }
}
