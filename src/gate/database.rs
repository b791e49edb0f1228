//! The gate's own SQLite file and the steps of its schema.

use std::path::Path;

use rusqlite::Connection;

use crate::gate::Error;
use crate::store::{self, Log, Schema};

const SCHEMA: Schema = Schema {
    application: 0x736c_6731, // "slg1"
    log: Log::Short,
    migrations: &[
        include_str!("schema/001-clients-and-tokens.sql"),
        include_str!("schema/002-staff.sql"),
        include_str!("schema/003-sign-ins.sql"),
        include_str!("schema/004-events.sql"),
        include_str!("schema/005-new-codes.sql"),
        include_str!("schema/006-identities.sql"),
        include_str!("schema/007-console.sql"),
        include_str!("schema/008-proposals.sql"),
        include_str!("schema/009-fields-of-clients.sql"),
    ],
};

/// Opens the file as the store holds every database: its owner's alone, durable, with nothing left
/// of deleted rows. A code or an assertion counts as used only once that is on disk.
pub(in crate::gate) fn open(path: &Path) -> Result<Connection, Error> {
    let connection = store::open(path, &SCHEMA)?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_of_a_newer_program_is_refused_and_the_known_one_opens_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.db");
        drop(open(&path).unwrap());
        let again = open(&path).unwrap();
        again.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            open(&path),
            Err(Error::Store(store::Error::Newer { found: 99, .. }))
        ));
    }

    #[test]
    fn what_is_deleted_leaves_nothing_and_what_is_committed_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let gate = open(&folder.path().join("gate.db")).unwrap();
        for (pragma, wanted) in [
            ("secure_delete", 1),
            ("synchronous", 2),
            ("foreign_keys", 1),
        ] {
            let set: i64 = gate
                .pragma_query_value(None, pragma, |row| row.get(0))
                .unwrap();
            assert_eq!(set, wanted, "{pragma}");
        }
    }
}
