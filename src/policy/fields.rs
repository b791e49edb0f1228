//! The CRM's objects and fields as its describe states them: what a policy is checked against.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

use crate::policy::names::Names;
use crate::policy::{Error, suggest};

/// Salesforce's standard objects, trimmed from recorded describes.
const SALESFORCE: &str = include_str!("../../policies/salesforce.fields.json");

/// Objects and their fields, found by name in any case.
#[derive(Clone, Debug, Default)]
pub struct FieldTable {
    objects: Vec<TableObject>,
    by_name: Names,
}

/// One object of the table.
#[derive(Clone, Debug)]
pub struct TableObject {
    pub name: String,
    /// The first three characters of each record's id.
    pub key_prefix: Option<String>,
    pub fields: Vec<TableField>,
    by_name: Names,
}

/// One field as its describe states it.
#[derive(Clone, Debug)]
pub struct TableField {
    pub name: String,
    pub kind: FieldType,
    /// The most characters that the field takes, where its type has a length.
    pub length: Option<u32>,
    /// Whether a client can write it, on creation or later.
    pub writable: bool,
    /// Whether the CRM takes no record without it; false where its describe does not say so.
    pub demanded: bool,
    /// The CRM computes it by a formula.
    pub calculated: bool,
    /// The compound field that this one is a part of, such as `MailingAddress`.
    pub compound: Option<String>,
    pub reference_to: Vec<String>,
    pub relationship: Option<String>,
    /// Upsert may name it as the key.
    pub external_id: bool,
}

impl FieldTable {
    /// Salesforce's standard objects as the product knows them.
    ///
    /// # Errors
    /// Never with the file that the product is built with; a test holds that.
    pub fn salesforce() -> Result<Self, Error> {
        Self::parse(SALESFORCE)
    }

    /// Reads `{"Contact": {"keyPrefix": "003", "fields": {"Email": {"type": "email", …}}}}`, where
    /// a field has the properties of Salesforce's describe.
    ///
    /// # Errors
    /// When the JSON is of another form, or names an object or a field twice in different case.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let raw: BTreeMap<String, RawObject> = serde_json::from_str(json)?;
        let objects = raw
            .into_iter()
            .map(|(name, object)| TableObject::new(name, object))
            .collect::<Result<Vec<_>, _>>()?;
        let names = objects.iter().map(|object| object.name.as_str());
        if let Some(twice) = suggest::twice(names.clone()) {
            return Err(Error::FieldTwice(twice.to_owned()));
        }
        let by_name = Names::new(names);
        Ok(Self { objects, by_name })
    }

    /// The table of these objects.
    pub(in crate::policy) fn of(objects: Vec<TableObject>) -> Self {
        let by_name = Names::new(objects.iter().map(|object| object.name.as_str()));
        Self { objects, by_name }
    }

    /// This table with the objects of `other` added; where both have an object, `other`'s stands.
    #[must_use]
    pub fn overlaid(mut self, other: Self) -> Self {
        self.objects
            .retain(|object| other.object(&object.name).is_none());
        self.objects.extend(other.objects);
        self.by_name = Names::new(self.objects.iter().map(|object| object.name.as_str()));
        self
    }

    #[must_use]
    pub fn object(&self, name: &str) -> Option<&TableObject> {
        self.objects.get(self.by_name.find(name)?)
    }

    pub fn objects(&self) -> impl Iterator<Item = &TableObject> {
        self.objects.iter()
    }

    pub(in crate::policy) fn objects_mut(&mut self) -> impl Iterator<Item = &mut TableObject> {
        self.objects.iter_mut()
    }
}

impl TableObject {
    fn new(name: String, raw: RawObject) -> Result<Self, Error> {
        let fields: Vec<TableField> = raw
            .fields
            .into_iter()
            .map(|(name, field)| TableField::new(name, field))
            .collect();
        let names = fields.iter().map(|field| field.name.as_str());
        if let Some(twice) = suggest::twice(names.clone()) {
            return Err(Error::FieldTwice(format!("{name}.{twice}")));
        }
        let by_name = Names::new(names);
        Ok(Self {
            name,
            key_prefix: raw.key_prefix,
            fields,
            by_name,
        })
    }

    /// An object of these fields.
    pub(in crate::policy) fn of(name: String, fields: Vec<TableField>) -> Self {
        let by_name = Names::new(fields.iter().map(|field| field.name.as_str()));
        Self {
            name,
            key_prefix: None,
            fields,
            by_name,
        }
    }

    #[must_use]
    pub fn field(&self, name: &str) -> Option<&TableField> {
        self.fields.get(self.by_name.find(name)?)
    }

    /// Adds fields that it does not have.
    pub(in crate::policy) fn add(&mut self, fields: Vec<TableField>) {
        if fields.is_empty() {
            return;
        }
        self.fields.extend(fields);
        self.by_name = Names::new(self.fields.iter().map(|field| field.name.as_str()));
    }
}

impl TableField {
    fn new(name: String, raw: RawField) -> Self {
        Self {
            name,
            kind: raw.kind,
            length: raw.length.filter(|length| *length > 0),
            writable: raw.createable || raw.updateable,
            demanded: raw.createable && !raw.nillable && !raw.defaulted_on_create,
            calculated: raw.calculated,
            compound: raw.compound,
            reference_to: raw.reference_to,
            relationship: raw.relationship,
            external_id: raw.external_id,
        }
    }
}

#[derive(Deserialize)]
struct RawObject {
    #[serde(rename = "keyPrefix")]
    key_prefix: Option<String>,
    fields: BTreeMap<String, RawField>,
}

/// A describe has many more properties than these, so unknown ones are no error here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawField {
    #[serde(rename = "type")]
    kind: FieldType,
    length: Option<u32>,
    #[serde(default)]
    createable: bool,
    #[serde(default)]
    updateable: bool,
    #[serde(default = "is_so")]
    nillable: bool,
    #[serde(default)]
    defaulted_on_create: bool,
    #[serde(default)]
    calculated: bool,
    #[serde(rename = "compoundFieldName")]
    compound: Option<String>,
    #[serde(default)]
    reference_to: Vec<String>,
    #[serde(rename = "relationshipName")]
    relationship: Option<String>,
    #[serde(default)]
    external_id: bool,
}

/// A table that was trimmed does not say of each field that it may be empty.
fn is_so() -> bool {
    true
}

/// The types of Salesforce's describe (SOAP API, `FieldType`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    Address,
    AnyType,
    Base64,
    Boolean,
    Combobox,
    Currency,
    Date,
    Datetime,
    Double,
    Email,
    EncryptedString,
    Id,
    Int,
    Location,
    Long,
    Multipicklist,
    Percent,
    Phone,
    Picklist,
    Reference,
    String,
    Textarea,
    Time,
    Url,
}

impl FieldType {
    /// Whether the field takes any text, so that a token can stand in it. A phone field does by
    /// API; an e-mail field takes the token as the local part of an address.
    #[must_use]
    pub fn holds_text(self) -> bool {
        match self {
            Self::Combobox
            | Self::Email
            | Self::EncryptedString
            | Self::Phone
            | Self::String
            | Self::Textarea
            | Self::Url => true,
            Self::Address
            | Self::AnyType
            | Self::Base64
            | Self::Boolean
            | Self::Currency
            | Self::Date
            | Self::Datetime
            | Self::Double
            | Self::Id
            | Self::Int
            | Self::Location
            | Self::Long
            | Self::Multipicklist
            | Self::Percent
            | Self::Picklist
            | Self::Reference
            | Self::Time => false,
        }
    }

    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Currency | Self::Double | Self::Int | Self::Long | Self::Percent
        )
    }

    /// Whether the type has few enough values for equality of tokens to tell which is which.
    #[must_use]
    pub fn is_small(self) -> bool {
        matches!(
            self,
            Self::Boolean | Self::Date | Self::Multipicklist | Self::Picklist | Self::Time
        )
    }

    /// Salesforce's own word for the type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::AnyType => "anytype",
            Self::Base64 => "base64",
            Self::Boolean => "boolean",
            Self::Combobox => "combobox",
            Self::Currency => "currency",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Double => "double",
            Self::Email => "email",
            Self::EncryptedString => "encryptedstring",
            Self::Id => "id",
            Self::Int => "int",
            Self::Location => "location",
            Self::Long => "long",
            Self::Multipicklist => "multipicklist",
            Self::Percent => "percent",
            Self::Phone => "phone",
            Self::Picklist => "picklist",
            Self::Reference => "reference",
            Self::String => "string",
            Self::Textarea => "textarea",
            Self::Time => "time",
            Self::Url => "url",
        }
    }
}

impl Display for FieldType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_crm_demands_is_what_it_neither_lets_be_empty_nor_fills_itself() {
        let table = FieldTable::parse(
            r#"{"A": {"fields": {
                "Demanded": {"type": "string", "createable": true, "nillable": false, "defaultedOnCreate": false},
                "Filled": {"type": "boolean", "createable": true, "nillable": false, "defaultedOnCreate": true},
                "Optional": {"type": "string", "createable": true, "nillable": true},
                "Own": {"type": "id", "createable": false, "nillable": false},
                "Untold": {"type": "string", "createable": true}
            }}}"#,
        );
        let table = table.expect("a table");
        let fields = table.object("A").map(|object| &object.fields);
        let demanded = fields.into_iter().flatten().filter(|field| field.demanded);
        let names: Vec<&str> = demanded.map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Demanded"]);
        let ours = FieldTable::salesforce().expect("the built-in table");
        let contact = ours.object("Contact").expect("contacts");
        assert!(
            contact
                .field("LastName")
                .is_some_and(|field| field.demanded)
        );
        assert!(contact.field("Email").is_some_and(|field| !field.demanded));
    }
}
