//! The fields of a body as values: checked, with references that lead somewhere.

use serde_json::{Map, Value};

use crate::demo::crm::check;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, is_deleted, value};
use crate::demo::crm::schema::{Field, Kind, Object};
use crate::demo::crm::store::Row;

impl Org<'_> {
    /// The fields of a body as checked values.
    ///
    /// # Errors
    /// When a field is unknown, without that right, or wrong.
    pub fn changes(
        &self,
        object: &Object,
        body: &Map<String, Value>,
        right: &str,
    ) -> Outcome<Vec<(usize, Value)>> {
        let mut changes = Vec::with_capacity(body.len());
        for (name, value) in body {
            if name == "attributes" {
                continue;
            }
            let known = object.position(name).zip(object.field(name));
            let (at, field, value) = match known {
                Some((at, field)) => {
                    let value = match field.is(right) {
                        true => check::accept(self.schema, field, value)?,
                        false => return Err(read_only(field)),
                    };
                    (at, field, value)
                }
                None => self.related(object, name, value)?,
            };
            self.exists(field, &value)?;
            changes.push((at, value));
        }
        Ok(changes)
    }

    /// The reference that a nested external id stands for: `"Account": {"Ext_Id__c": "A1"}`.
    fn related<'o>(
        &self,
        object: &'o Object,
        name: &str,
        value: &Value,
    ) -> Outcome<(usize, &'o Field, Value)> {
        let unknown = || Fault::no_column(name, &object.name);
        let (at, field) = object.relationship(name).ok_or_else(unknown)?;
        let Value::Object(keys) = value else {
            return if value.is_null() {
                Ok((at, field, Value::Null))
            } else {
                Err(unknown())
            };
        };
        let named = keys.get("attributes").and_then(|a| a.get("type")?.as_str());
        let target = named.or(field.reference_to.first().map(String::as_str));
        let target = target.filter(|name| field.reference_to.iter().any(|to| to == name));
        let target = target.and_then(|name| self.schema.object(name));
        let target = target.ok_or_else(unknown)?;
        let mut given = keys.iter().filter(|(key, _)| *key != "attributes");
        let (Some((key, wanted)), None) = (given.next(), given.next()) else {
            let message = format!("The relationship {name} must be given by one external ID field");
            return Err(Fault::bad("INVALID_FIELD", message).on_none());
        };
        let key = target.field(key).filter(|key| key.lookup());
        let key = key.ok_or_else(unknown)?;
        match self.find_by(target, key, wanted)?.as_slice() {
            [id] => Ok((at, field, Value::String(id.clone()))),
            found => {
                let shown = wanted.as_str().unwrap_or_default();
                let message = if found.is_empty() {
                    format!(
                        "Foreign key external ID: {} not found for field {} in entity {}",
                        shown.to_lowercase(),
                        key.name,
                        target.name
                    )
                } else {
                    format!(
                        "More than one record found for external id field: {}",
                        key.name
                    )
                };
                Err(Fault::bad("INVALID_FIELD", message).on_none())
            }
        }
    }

    /// A reference must lead to a record that is not deleted.
    fn exists(&self, field: &Field, value: &Value) -> Outcome<()> {
        if field.kind != Kind::Reference {
            return Ok(());
        }
        let Some(id) = value.as_str() else {
            return Ok(());
        };
        let Some(object) = self.schema.of_id(id) else {
            return Ok(());
        };
        match self.store.find(object, id)? {
            Some(row) if is_deleted(object, &row) => Err(Fault::deleted(400)),
            Some(_) => Ok(()),
            None => {
                let fault = Fault::bad(
                    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                    format!("insufficient access rights on cross-reference id: {id}"),
                );
                Err(fault.on_none())
            }
        }
    }

    /// No other record may have the value of a unique field.
    ///
    /// # Errors
    /// DUPLICATE_VALUE when one has.
    pub fn unique(&self, object: &Object, row: &Row, id: &str) -> Outcome<()> {
        for field in object.fields.iter().filter(|field| field.is("unique")) {
            let value = value(object, row, &field.name);
            if value.is_null() {
                continue;
            }
            let found = self.find_by(object, field, value)?;
            if let Some(other) = found.iter().find(|other| *other != id) {
                let message = format!(
                    "duplicate value found: {} duplicates value on record with id: {other}",
                    field.name
                );
                return Err(Fault::bad("DUPLICATE_VALUE", message).on_none());
            }
        }
        Ok(())
    }
}

fn read_only(field: &Field) -> Fault {
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and \
         verify that it is read/write for your profile or permission set.",
        field.name
    );
    Fault::bad("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(&field.name)
}
