//! The rows, in one SQLite database in memory: a table for each object, a column for each field.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params_from_iter};
use serde_json::Value;

use crate::demo::crm::bulk::Jobs;
use crate::demo::crm::cometd::Events;
use crate::demo::crm::fault::Outcome;
use crate::demo::crm::schema::{Field, Kind, Object, Schema};
use crate::demo::crm::{files, id};

/// A record: one value for each field of its object, in the schema's order.
pub type Row = Vec<Value>;

/// Everything of the stand-in that changes.
pub struct Store {
    db: Connection,
    next: Cell<u64>,
    pub cases: Cell<u64>,
    pub cursors: RefCell<HashMap<String, Vec<Value>>>,
    pub events: RefCell<Events>,
    pub jobs: RefCell<Jobs>,
}

/// A condition that the database can decide by an index: the field is one of the values.
pub struct OneOf {
    pub field: usize,
    pub values: Vec<String>,
}

/// How much of a table to read.
#[derive(Default)]
pub struct Scan {
    /// The fields to read; the others stay null.
    pub fields: Vec<usize>,
    pub narrow: Vec<OneOf>,
    pub deleted: bool,
    pub limit: Option<usize>,
}

impl Store {
    /// # Errors
    /// When SQLite cannot make the tables.
    pub fn new(schema: &Schema) -> Result<Self, rusqlite::Error> {
        let db = Connection::open_in_memory()?;
        db.set_prepared_statement_cache_capacity(256);
        for object in schema.objects() {
            db.execute_batch(&table(object))?;
        }
        db.execute_batch(files::TABLE)?;
        Ok(Self {
            db,
            next: Cell::new(1),
            cases: Cell::new(1000),
            cursors: RefCell::default(),
            events: RefCell::default(),
            jobs: RefCell::default(),
        })
    }

    /// Keeps the content of a record's file.
    pub fn put_file(&self, id: &str, content: &[u8]) -> Outcome<()> {
        let sql = "INSERT OR REPLACE INTO file (id, content) VALUES (?1, ?2)";
        self.db.prepare_cached(sql)?.execute((id, content))?;
        Ok(())
    }

    pub fn file(&self, id: &str) -> Outcome<Option<Vec<u8>>> {
        let sql = "SELECT content FROM file WHERE id = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    pub fn new_id(&self, object: &Object) -> String {
        self.new_id_with(&object.prefix)
    }

    pub fn new_id_with(&self, prefix: &str) -> String {
        let number = self.next.get();
        self.next.set(number + 1);
        id::make(prefix, number)
    }

    pub fn insert(&self, object: &Object, row: &Row) -> Outcome<()> {
        let stored = || object.fields.iter().zip(row).filter(|(f, _)| f.stored());
        let names: Vec<String> = stored().map(|(f, _)| format!("\"{}\"", f.name)).collect();
        let marks = vec!["?"; names.len()].join(",");
        let sql = format!(
            "INSERT INTO \"{}\" ({}) VALUES ({marks})",
            object.name,
            names.join(",")
        );
        let values = stored().map(|(_, value)| Bound(value));
        self.db
            .prepare_cached(&sql)?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    /// Writes the changed fields of one record.
    pub fn update(&self, object: &Object, id: &str, changes: &[(usize, Value)]) -> Outcome<()> {
        let columns = changes
            .iter()
            .filter_map(|(at, _)| Some(format!("\"{}\"=?", object.fields.get(*at)?.name)));
        let columns: Vec<String> = columns.collect();
        if columns.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE \"{}\" SET {} WHERE \"Id\"=?",
            object.name,
            columns.join(",")
        );
        let key = Value::String(id.to_owned());
        let values = changes.iter().map(|(_, value)| Bound(value));
        let values = values.chain([Bound(&key)]);
        self.db
            .prepare_cached(&sql)?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    pub fn find(&self, object: &Object, id: &str) -> Outcome<Option<Row>> {
        let all: Vec<usize> = (0..object.fields.len()).collect();
        let sql = format!(
            "SELECT {} FROM \"{}\" WHERE \"Id\"=?",
            columns(object, &all),
            object.name
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let row = statement.query_row([id], |row| read(object, &all, row));
        Ok(row.optional()?)
    }

    pub fn scan(&self, object: &Object, scan: &Scan) -> Outcome<Vec<Row>> {
        let mut sql = format!(
            "SELECT {} FROM \"{}\" WHERE 1",
            columns(object, &scan.fields),
            object.name
        );
        if !scan.deleted && object.field("IsDeleted").is_some() {
            sql.push_str(" AND \"IsDeleted\"=0");
        }
        let mut values: Vec<&str> = Vec::new();
        for narrow in &scan.narrow {
            let Some(field) = object.fields.get(narrow.field) else {
                continue;
            };
            let marks = vec!["?"; narrow.values.len()].join(",");
            sql.push_str(&format!(" AND \"{}\" IN ({marks})", field.name));
            values.extend(narrow.values.iter().map(String::as_str));
        }
        sql.push_str(" ORDER BY rowid");
        if let Some(limit) = scan.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            read(object, &scan.fields, row)
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many records of the object there are, deleted ones too or not.
    pub fn count(&self, object: &Object, deleted: bool) -> Outcome<u64> {
        let alive = if !deleted && object.field("IsDeleted").is_some() {
            "WHERE \"IsDeleted\"=0"
        } else {
            ""
        };
        let sql = format!("SELECT count(*) FROM \"{}\" {alive}", object.name);
        let mut statement = self.db.prepare_cached(&sql)?;
        let count: i64 = statement.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Runs `work` and undoes what it wrote if it fails.
    pub fn atomically<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.db.execute_batch("SAVEPOINT step")?;
        let result = work();
        let end = if result.is_ok() {
            "RELEASE step"
        } else {
            "ROLLBACK TO step; RELEASE step"
        };
        self.db.execute_batch(end)?;
        result
    }

    /// Rolls back what is open, which only a panic leaves behind.
    pub fn recover(&self) {
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the laptop CRM could not undo a broken request");
        }
    }

    /// The bytes of the whole database, as they would be in its file.
    pub fn image(&mut self) -> Result<Vec<u8>, rusqlite::Error> {
        Ok(self.db.serialize("main")?.to_vec())
    }
}

/// A JSON value on its way into a column.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Bool(flag) => ToSqlOutput::from(i64::from(*flag)),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => ToSqlOutput::from(whole),
                None => ToSqlOutput::from(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                ToSqlOutput::Borrowed(ValueRef::Null)
            }
        })
    }
}

fn table(object: &Object) -> String {
    let columns: Vec<String> = object
        .fields
        .iter()
        .filter(|field| field.stored())
        .map(column)
        .collect();
    let mut sql = format!("CREATE TABLE \"{}\" ({});", object.name, columns.join(","));
    let indexed = |field: &&Field| {
        field.kind == Kind::Reference || field.kind == Kind::Email || field.lookup()
    };
    for field in object.fields.iter().filter(indexed) {
        sql.push_str(&format!(
            "CREATE INDEX \"{0}.{1}\" ON \"{0}\" (\"{1}\");",
            object.name, field.name
        ));
    }
    sql
}

fn column(field: &Field) -> String {
    let kind = match field.kind {
        Kind::Boolean | Kind::Int => "INTEGER",
        Kind::Double | Kind::Currency | Kind::Percent => "REAL",
        kind if kind.is_text() || kind.is_id() => "TEXT COLLATE NOCASE",
        _ => "TEXT",
    };
    format!("\"{}\" {kind}", field.name)
}

fn columns(object: &Object, fields: &[usize]) -> String {
    let names = fields.iter().filter_map(|at| {
        let field = object.fields.get(*at).filter(|field| field.stored())?;
        Some(format!("\"{}\"", field.name))
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        "1".to_owned()
    } else {
        names.join(",")
    }
}

fn read(object: &Object, fields: &[usize], row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let mut out = vec![Value::Null; object.fields.len()];
    let mut column = 0;
    for at in fields {
        let Some(field) = object.fields.get(*at).filter(|field| field.stored()) else {
            continue;
        };
        let value = match row.get_ref(column)? {
            ValueRef::Null | ValueRef::Blob(_) => Value::Null,
            ValueRef::Integer(flag) if field.kind == Kind::Boolean => Value::Bool(flag != 0),
            ValueRef::Integer(number) => Value::from(number),
            ValueRef::Real(number) => Value::from(number),
            ValueRef::Text(text) => Value::String(String::from_utf8_lossy(text).into_owned()),
        };
        if let Some(slot) = out.get_mut(*at) {
            *slot = value;
        }
        column += 1;
    }
    Ok(out)
}
