//! Creates, changes and deletes records as Salesforce does.

use serde_json::{Map, Value};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::schema::{Field, Kind, Object, Schema};
use crate::demo::crm::store::{OneOf, Row, Scan, Store};
use crate::demo::crm::{check, cometd, derive, files, id, moment};

/// The organisation as one request sees it.
#[derive(Clone, Copy)]
pub struct Org<'a> {
    pub schema: &'a Schema,
    pub store: &'a Store,
    /// Milliseconds since the epoch.
    pub now: i64,
    /// The version of the interface that was asked for, such as `60.0`.
    pub version: &'a str,
    /// The organisation's id.
    pub id: &'a str,
    /// The id of the user who asks.
    pub user: &'a str,
    /// How many requests were answered so far.
    pub calls: u32,
}

/// What happened to a record that was addressed by an external id.
pub struct Upserted {
    pub id: String,
    pub created: bool,
}

impl<'a> Org<'a> {
    /// # Errors
    /// When there is no such object.
    pub fn object(&self, name: &str) -> Outcome<&'a Object> {
        self.schema.object(name).ok_or_else(Fault::not_found)
    }

    /// A record that is not deleted.
    ///
    /// # Errors
    /// When the id is of another object, unknown, or of a deleted record.
    pub fn record(&self, object: &Object, id: &str) -> Outcome<Row> {
        let Some(canonical) = id::canonical(id) else {
            let message =
                format!("Provided external ID field does not exist or is not accessible: {id}");
            return Err(Fault::new(404, "NOT_FOUND", message));
        };
        if !canonical.starts_with(&object.prefix) {
            return Err(Fault::not_found());
        }
        let row = self.store.find(object, &canonical)?;
        let row = row.ok_or_else(Fault::not_found)?;
        if is_deleted(object, &row) {
            return Err(Fault::deleted(404));
        }
        Ok(row)
    }

    /// Stores a new record and tells its id.
    ///
    /// # Errors
    /// When a field is unknown, not createable, missing or wrong.
    pub fn create(&self, object: &Object, body: &Map<String, Value>) -> Outcome<String> {
        if body.keys().any(|key| key.eq_ignore_ascii_case("id")) {
            let message = "cannot specify Id in an insert call";
            return Err(Fault::bad("INVALID_FIELD_FOR_INSERT_UPDATE", message).on("Id"));
        }
        let changes = self.changes(object, body, "createable")?;
        let mut row: Row = object.fields.iter().map(initial).collect();
        apply(&mut row, changes);
        let id = self.store.new_id(object);
        let stamp = Value::String(moment::datetime(self.now));
        let user = Value::String(self.user.to_owned());
        for (name, value) in [
            ("Id", Value::String(id.clone())),
            ("CreatedDate", stamp.clone()),
            ("CreatedById", user.clone()),
            ("LastModifiedDate", stamp.clone()),
            ("LastModifiedById", user.clone()),
            ("SystemModstamp", stamp),
        ] {
            put(object, &mut row, name, value);
        }
        if value(object, &row, "OwnerId").is_null() {
            put(object, &mut row, "OwnerId", user);
        }
        files::keep(self, object, &mut row)?;
        derive::fill(self, object, &mut row)?;
        missing(object, &row)?;
        self.unique(object, &row, &id)?;
        self.store.insert(object, &row)?;
        files::link(self, object, &row)?;
        cometd::changed(self, object, (None, &row), "CREATE");
        Ok(id)
    }

    /// # Errors
    /// When there is no such record or a field is unknown, not updateable or wrong.
    pub fn update(&self, object: &Object, id: &str, body: &Map<String, Value>) -> Outcome<()> {
        let before = self.record(object, id)?;
        let mut row = before.clone();
        apply(&mut row, self.changes(object, body, "updateable")?);
        files::keep(self, object, &mut row)?;
        derive::fill(self, object, &mut row)?;
        missing(object, &row)?;
        let stamp = Value::String(moment::datetime(self.now));
        put(object, &mut row, "LastModifiedDate", stamp.clone());
        put(object, &mut row, "SystemModstamp", stamp);
        let user = Value::String(self.user.to_owned());
        put(object, &mut row, "LastModifiedById", user);
        let id = text(object, &row, "Id").to_owned();
        self.unique(object, &row, &id)?;
        let pairs = before.iter().zip(&row).enumerate();
        let changed = pairs.filter(|(_, (old, new))| old != new);
        let changed: Vec<(usize, Value)> =
            changed.map(|(at, (_, new))| (at, new.clone())).collect();
        self.store.update(object, &id, &changed)?;
        cometd::changed(self, object, (Some(&before), &row), "UPDATE");
        derive::spread(self, object, &row)
    }

    /// Moves a record to the recycle bin.
    ///
    /// # Errors
    /// When there is no such record.
    pub fn delete(&self, object: &Object, id: &str) -> Outcome<()> {
        let row = self.record(object, id)?;
        let Some(flag) = object.position("IsDeleted") else {
            let message = format!("entity type {} does not support delete", object.name);
            return Err(Fault::bad("INSUFFICIENT_ACCESS_OR_READONLY", message).on_none());
        };
        let changes = [(flag, Value::Bool(true))];
        self.store
            .update(object, text(object, &row, "Id"), &changes)
    }

    /// Updates the one record with that external id, or creates it.
    ///
    /// # Errors
    /// When the field is no external id, or several records have the value.
    pub fn upsert(
        &self,
        object: &Object,
        key: &Field,
        value: &Value,
        body: &Map<String, Value>,
    ) -> Outcome<Upserted> {
        let found = match value {
            Value::Null => Vec::new(),
            value => self.find_by(object, key, value)?,
        };
        match found.as_slice() {
            [id] => {
                self.update(object, id, body)?;
                Ok(Upserted {
                    id: id.clone(),
                    created: false,
                })
            }
            [] if key.kind == Kind::Id && !value.is_null() => Err(Fault::not_found()),
            [] => {
                let mut body = body.clone();
                if key.kind != Kind::Id {
                    body.insert(key.name.clone(), value.clone());
                }
                let id = self.create(object, &body)?;
                Ok(Upserted { id, created: true })
            }
            several => Err(Fault::bad(
                "DUPLICATE_EXTERNAL_ID",
                format!(
                    "{}: more than one record found for external id field: [{}]",
                    key.name,
                    several.join(", ")
                ),
            )
            .on_none()),
        }
    }

    /// The field if records of the object can be found by it.
    ///
    /// # Errors
    /// When it is unknown or no external id.
    pub fn key(&self, object: &'a Object, name: &str) -> Outcome<&'a Field> {
        let field = object.field(name).filter(|field| field.lookup());
        field.ok_or_else(|| {
            let message =
                format!("Provided external ID field does not exist or is not accessible: {name}");
            Fault::new(404, "NOT_FOUND", message)
        })
    }

    /// The ids of the records whose external id is `value`, in any case.
    ///
    /// # Errors
    /// When the value cannot be one of the field.
    pub fn find_by(&self, object: &Object, key: &Field, value: &Value) -> Outcome<Vec<String>> {
        let value = check::accept(self.schema, key, value)?;
        let (Some(at), Some(id)) = (object.position(&key.name), object.position("Id")) else {
            return Ok(Vec::new());
        };
        let Some(value) = value.as_str() else {
            return Ok(Vec::new());
        };
        let scan = Scan {
            fields: vec![id],
            narrow: vec![OneOf {
                field: at,
                values: vec![value.to_owned()],
            }],
            ..Scan::default()
        };
        let rows = self.store.scan(object, &scan)?;
        let ids = rows.iter().filter_map(|row| row.get(id)?.as_str());
        Ok(ids.map(str::to_owned).collect())
    }
}

/// The value of a field by its name; null when the object has no such field.
pub fn value<'r>(object: &Object, row: &'r Row, name: &str) -> &'r Value {
    let at = object.position(name);
    at.and_then(|at| row.get(at)).unwrap_or(&Value::Null)
}

/// The text of a field by its name; empty when it is null.
pub fn text<'r>(object: &Object, row: &'r Row, name: &str) -> &'r str {
    value(object, row, name).as_str().unwrap_or_default()
}

pub fn put(object: &Object, row: &mut Row, name: &str, value: Value) {
    if let Some(slot) = object.position(name).and_then(|at| row.get_mut(at)) {
        *slot = value;
    }
}

pub fn is_deleted(object: &Object, row: &Row) -> bool {
    value(object, row, "IsDeleted") == &Value::Bool(true)
}

/// What a field of a new record holds when nobody says otherwise.
pub fn initial(field: &Field) -> Value {
    match (&field.default, field.kind) {
        (Some(default), _) => default.clone(),
        (None, Kind::Boolean) => Value::Bool(false),
        (None, _) => Value::Null,
    }
}

fn apply(row: &mut Row, changes: Vec<(usize, Value)>) {
    for (at, value) in changes {
        if let Some(slot) = row.get_mut(at) {
            *slot = value;
        }
    }
}

fn missing(object: &Object, row: &Row) -> Outcome<()> {
    let pairs = object.fields.iter().zip(row);
    let empty = pairs.filter(|(field, value)| field.required() && value.is_null());
    let names: Vec<String> = empty.map(|(field, _)| field.name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!("Required fields are missing: [{}]", names.join(", "));
    let mut fault = Fault::bad("REQUIRED_FIELD_MISSING", message);
    fault.fields = Some(names);
    Err(fault)
}
