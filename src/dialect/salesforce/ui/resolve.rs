//! From a method and the rest of a path to the resource.

use super::{ListPart, Parameter, Ui, View, What};
use crate::dialect::salesforce::door::name;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};

/// Views that every organisation has, whose names say nothing.
const VIEWS: &[&str] = &[
    "AllAccounts",
    "AllActivities",
    "AllCases",
    "AllContacts",
    "AllLeads",
    "AllOpenCases",
    "AllOpenLeads",
    "AllOpportunities",
    "MyAccounts",
    "MyCases",
    "MyContacts",
    "MyLeads",
    "MyOpenCases",
    "MyOpportunities",
    "MyUnreadLeads",
    "NewLastWeek",
    "NewThisWeek",
    "RecentlyViewed",
    "RecentlyViewedAccounts",
    "RecentlyViewedCases",
    "RecentlyViewedContacts",
    "RecentlyViewedLeads",
    "RecentlyViewedOpportunities",
    "TodaysLeads",
    "__Recent",
];

const SHOW: &[&str] = &[
    "fields",
    "optionalFields",
    "layoutTypes",
    "modes",
    "childRelationships",
    "pageSize",
    "updateMru",
];
const RECORD_UI: &[&str] = &[
    "optionalFields",
    "layoutTypes",
    "modes",
    "formFactor",
    "childRelationships",
    "pageSize",
    "updateMru",
];
const DEFAULTS: &[&str] = &["optionalFields", "formFactor", "recordTypeId"];
const LIST: &[&str] = &[
    "fields",
    "optionalFields",
    "pageSize",
    "pageToken",
    "sortBy",
];
const LOOKUP: &[&str] = &["q", "searchType", "page", "pageSize", "sourceRecordId"];
const LAYOUT: &[&str] = &["formFactor", "layoutTypes", "modes", "recordTypeId"];
const VIEWS_ASKED: &[&str] = &["pageSize", "pageToken", "recentListsOnly"];
const ACTIONS: &[&str] = &["formFactor", "actionTypes"];

/// Finds the resource behind `ui-api/`, with its parameters.
pub(in crate::dialect::salesforce) fn resolve(
    method: &str,
    rest: &[&str],
    target: &Target,
) -> Result<Ui, Refusal> {
    let (what, known) = what(method, rest)?;
    let mut parameters = Vec::with_capacity(target.parameters.len());
    for (name, value) in &target.parameters {
        let found = Parameter::read(name, value).filter(|(name, _)| known.contains(name));
        parameters.push(found.ok_or_else(wrong_parameter)?);
    }
    Ok(Ui { what, parameters })
}

fn what(method: &str, rest: &[&str]) -> Result<(What, &'static [&'static str]), Refusal> {
    let get = |what, known| match method {
        "GET" => Ok((what, known)),
        _ => Err(wrong_method()),
    };
    match *rest {
        ["records"] => match method {
            "POST" => Ok((What::Create, &[])),
            _ => Err(wrong_method()),
        },
        ["records", "batch", all] => get(What::Records(ids(all)?), SHOW),
        ["records", one] => {
            let id = id(one)?;
            match method {
                "GET" => Ok((What::Record(id), SHOW)),
                "PATCH" => Ok((What::Update(id), &[])),
                "DELETE" => Ok((What::Delete(id), &[])),
                _ => Err(wrong_method()),
            }
        }
        ["record-ui", all] => get(What::RecordUi(ids(all)?), RECORD_UI),
        ["record-defaults", "create", object] => get(What::CreateDefaults(name(object)?), DEFAULTS),
        ["record-defaults", "clone", one] => get(What::CloneDefaults(id(one)?), DEFAULTS),
        ["object-info"] => get(What::Objects, &[]),
        ["object-info", "batch", all] => get(object_info(all, true)?, &[]),
        ["object-info", object] => get(object_info(object, false)?, &[]),
        ["object-info", object, "picklist-values", record_type] => {
            get(picklists(object, record_type, None)?, &[])
        }
        ["object-info", object, "picklist-values", record_type, field] => {
            get(picklists(object, record_type, Some(field))?, &[])
        }
        ["layout", object] => get(What::Layout(name(object)?), LAYOUT),
        ["list-ui", view] if Id::parse(view).is_none() => {
            get(What::Views(name(view)?), VIEWS_ASKED)
        }
        [
            part @ ("list-records" | "list-ui" | "list-info"),
            ref view @ ..,
        ] => {
            let (part, known): (_, &'static [&'static str]) = match part {
                "list-records" => (ListPart::Records, LIST),
                "list-ui" => (ListPart::Ui, LIST),
                _ => (ListPart::Info, &[]),
            };
            let view = self::view(view)?;
            get(What::List { part, view }, known)
        }
        ["related-list-records", parent, relation] => related(method, parent, relation),
        ["lookups", object, field] => get(lookup(object, field, None)?, LOOKUP),
        ["lookups", object, field, target] => get(lookup(object, field, Some(target))?, LOOKUP),
        ["actions", "object", object] => get(What::ObjectActions(name(object)?), ACTIONS),
        ["actions", "record", all] => get(What::RecordActions(ids(all)?), ACTIONS),
        _ => Err(unknown()),
    }
}

fn object_info(all: &str, batch: bool) -> Result<What, Refusal> {
    let objects = all.split(',').map(|object| name(object.trim()));
    Ok(What::ObjectInfo {
        objects: objects.collect::<Result<_, _>>()?,
        batch,
    })
}

fn picklists(object: &str, record_type: &str, field: Option<&str>) -> Result<What, Refusal> {
    Ok(What::Picklists {
        object: name(object)?,
        record_type: id(record_type)?,
        field: field.map(name).transpose()?,
    })
}

fn lookup(object: &str, field: &str, target: Option<&str>) -> Result<What, Refusal> {
    Ok(What::Lookup {
        object: name(object)?,
        field: name(field)?,
        target: target.map(name).transpose()?,
    })
}

fn related(
    method: &str,
    parent: &str,
    relation: &str,
) -> Result<(What, &'static [&'static str]), Refusal> {
    let (in_body, known): (_, &'static [&'static str]) = match method {
        "GET" => (false, LIST),
        "POST" => (true, &[]),
        _ => return Err(wrong_method()),
    };
    let what = What::Related {
        parent: id(parent)?,
        relation: name(relation)?,
        in_body,
    };
    Ok((what, known))
}

fn view(rest: &[&str]) -> Result<View, Refusal> {
    match *rest {
        [one] => id(one).map(View::Id),
        [object, view] => Ok(View::Named {
            object: name(object)?,
            name: view_named(view)?,
        }),
        _ => Err(unknown()),
    }
}

/// The name of a list view that every organisation has.
pub(in crate::dialect::salesforce) fn view_named(view: &str) -> Result<&'static str, Refusal> {
    let mut known = VIEWS.iter().copied();
    let name = known.find(|known| known.eq_ignore_ascii_case(view));
    name.ok_or_else(|| {
        Refusal::new(
            Code::EndpointUnknown,
            "a list view of your own is asked for by its id, since its name may be anything",
        )
    })
}

fn id(text: &str) -> Result<Id, Refusal> {
    Id::parse(text).ok_or_else(unknown)
}

/// How many records one request may name; the API's own limit is 200.
const MOST: usize = 200;

fn ids(text: &str) -> Result<Vec<Id>, Refusal> {
    let ids: Vec<Id> = text.split(',').map(id).collect::<Result<_, _>>()?;
    match ids.len() {
        0..=MOST => Ok(ids),
        _ => Err(Refusal::new(
            Code::BodyTooLarge,
            "the request names too many records",
        )),
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "this resource of the UI API is not among those that the border knows",
    )
}

fn wrong_method() -> Refusal {
    Refusal::new(
        Code::MethodUnknown,
        "this resource does not take that method",
    )
}

fn wrong_parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a URL parameter is unknown or malformed for this resource",
    )
}
