//! The controllers whose actions are resources of the UI API in another spelling, by descriptor.
//!
//! Source: the bundle of Lightning Data Service; a name that is not here is an action that we know
//! nothing of.

use crate::dialect::salesforce::ui::ListPart;

/// Which resource an action asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Record,
    Records,
    RecordUi,
    Create,
    Update,
    Delete,
    CreateDefaults,
    CloneDefaults,
    Objects,
    ObjectInfo,
    ObjectInfos,
    Picklists,
    Layout,
    /// A list view by its id or by its name.
    List(ListPart),
    Views,
    Related,
    Lookup,
    RecordActions,
    ObjectActions,
}

/// The parameters that stand in a body or a query of the UI API, by what they belong to.
const SHOW: &[&str] = &[
    "fields",
    "optionalFields",
    "layoutTypes",
    "modes",
    "childRelationships",
    "pageSize",
    "updateMru",
    "formFactor",
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
const VIEWS: &[&str] = &["pageSize", "pageToken", "recentListsOnly"];
const ACTIONS: &[&str] = &["formFactor", "actionTypes"];

/// Controller and action of each.
const TABLE: &[(&str, &str, Kind)] = &[
    ("RecordUi", "getRecordWithFields", Kind::Record),
    ("RecordUi", "getRecordWithLayouts", Kind::Record),
    ("RecordUi", "getRecordsWithFields", Kind::Records),
    ("RecordUi", "getRecordsWithLayouts", Kind::Records),
    ("RecordUi", "getRecordUis", Kind::RecordUi),
    ("RecordUi", "createRecord", Kind::Create),
    ("RecordUi", "updateRecord", Kind::Update),
    ("RecordUi", "deleteRecord", Kind::Delete),
    ("RecordUi", "getRecordCreateDefaults", Kind::CreateDefaults),
    (
        "RecordUi",
        "getRecordDefaultsTemplateForCreate",
        Kind::CreateDefaults,
    ),
    (
        "RecordUi",
        "getRecordDefaultsTemplateForClone",
        Kind::CloneDefaults,
    ),
    ("RecordUi", "getObjectInfoDirectory", Kind::Objects),
    ("RecordUi", "getObjectInfo", Kind::ObjectInfo),
    ("RecordUi", "getObjectInfos", Kind::ObjectInfos),
    ("RecordUi", "getPicklistValues", Kind::Picklists),
    ("RecordUi", "getPicklistValuesByRecordType", Kind::Picklists),
    ("RecordUi", "getLayout", Kind::Layout),
    ("RecordUi", "getLayoutUserState", Kind::Layout),
    (
        "ListUi",
        "getListRecordsById",
        Kind::List(ListPart::Records),
    ),
    (
        "ListUi",
        "getListRecordsByName",
        Kind::List(ListPart::Records),
    ),
    (
        "ListUi",
        "postListRecordsById",
        Kind::List(ListPart::Records),
    ),
    (
        "ListUi",
        "postListRecordsByName",
        Kind::List(ListPart::Records),
    ),
    ("ListUi", "getListUiById", Kind::List(ListPart::Ui)),
    ("ListUi", "getListUiByName", Kind::List(ListPart::Ui)),
    ("ListUi", "getListInfoById", Kind::List(ListPart::Info)),
    ("ListUi", "getListInfoByName", Kind::List(ListPart::Info)),
    ("ListUi", "getListsByObjectName", Kind::Views),
    ("RelatedListUi", "getRelatedListRecords", Kind::Related),
    ("RelatedListUi", "postRelatedListRecords", Kind::Related),
    ("Lookup", "getLookupRecords", Kind::Lookup),
    ("Actions", "getRecordActions", Kind::RecordActions),
    ("Actions", "getObjectCreateActions", Kind::ObjectActions),
];

/// The resource that a descriptor names: `aura://RecordUiController/ACTION$getRecordWithFields`.
pub(super) fn known(descriptor: &str) -> Option<Kind> {
    let (controller, action) = descriptor
        .strip_prefix("aura://")?
        .split_once("Controller/ACTION$")?;
    let mut table = TABLE.iter();
    table
        .find(|(name, known, _)| *name == controller && *known == action)
        .map(|(_, _, kind)| *kind)
}

/// Controllers of records, whose answers are read by what is known of the UI API: each of their
/// actions is one of the table, or refused.
const RECORDS: &[&str] = &[
    "recordui",
    "listui",
    "mrulistui",
    "relatedlistui",
    "lookup",
    "actions",
];

/// Whether a descriptor names an action of such a controller. The CRM may resolve names in any case.
pub(super) fn is_of_records(descriptor: &str) -> bool {
    // A class of the customer's own may have any name.
    let path = descriptor.split_once("://");
    let path = path.and_then(|(scheme, rest)| (scheme != "apex").then_some(rest));
    let path = path.and_then(|rest| rest.split('/').next());
    let name = path.and_then(|path| path.rsplit('.').next());
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix("controller");
    name.is_some_and(|name| RECORDS.contains(&name))
}

/// Apex by the controller that all methods share.
pub(super) const APEX: &str = "aura://ApexActionController/ACTION$execute";

/// Whether a text has the form of a descriptor: `serviceComponent://ui.force.XController/ACTION$m`.
pub(super) fn is_descriptor(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let Some((scheme, (path, method))) = text
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.split_once("/ACTION$")?)))
    else {
        return false;
    };
    text.len() <= 255 && plain(scheme) && path.split('.').all(plain) && plain(method)
}

impl Kind {
    /// The parameters that it has beside those that say which record, object or list.
    pub(super) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Record | Self::Records | Self::RecordUi => SHOW,
            Self::CreateDefaults | Self::CloneDefaults => DEFAULTS,
            Self::List(ListPart::Info) => &[],
            Self::List(_) | Self::Related => LIST,
            Self::Lookup => LOOKUP,
            Self::Layout => LAYOUT,
            Self::Views => VIEWS,
            Self::RecordActions | Self::ObjectActions => ACTIONS,
            Self::Create
            | Self::Update
            | Self::Delete
            | Self::Objects
            | Self::ObjectInfo
            | Self::ObjectInfos
            | Self::Picklists => &[],
        }
    }

    /// The parameters that say what is asked for.
    pub(super) fn subjects(self) -> &'static [&'static str] {
        match self {
            Self::Record | Self::Delete | Self::CloneDefaults => &["recordId"],
            Self::Records | Self::RecordUi | Self::RecordActions => &["recordIds"],
            Self::Create => &["recordInput"],
            Self::Update => &["recordId", "recordInput", "clientOptions"],
            Self::CreateDefaults
            | Self::ObjectInfo
            | Self::Layout
            | Self::Views
            | Self::ObjectActions => &["objectApiName"],
            Self::ObjectInfos => &["objectApiNames"],
            Self::Objects => &[],
            Self::Picklists => &["objectApiName", "recordTypeId", "fieldApiName"],
            Self::List(_) => &["listViewId", "objectApiName", "listViewApiName"],
            Self::Related => &["parentRecordId", "relatedListId"],
            Self::Lookup => &["objectApiName", "fieldApiName", "targetApiName"],
        }
    }

    /// The object that some of its parameters may stand in.
    pub(super) fn inner(self) -> Option<&'static str> {
        match self {
            Self::List(_) | Self::Related => Some("listRecordsQuery"),
            Self::Lookup => Some("requestParams"),
            _ => None,
        }
    }
}
