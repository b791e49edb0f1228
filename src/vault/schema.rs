//! The tables: `keys.db` has wrapped keys and nothing else, `vault.db` everything sealed by them.

use crate::store::{Log, Schema};

/// Kept apart, so that its backups can be short-lived: once the last copy of a subject's key is
/// gone, what it sealed is gone from every backup of the vault too.
pub const KEYS: Schema = Schema {
    application: 0x736c_6b31, // "slk1"
    log: Log::Long,
    migrations: &["
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE mark (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE system_key (name TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE subject_key (
            subject INTEGER NOT NULL, version INTEGER NOT NULL, wrapped BLOB NOT NULL,
            PRIMARY KEY (subject, version)
        ) STRICT, WITHOUT ROWID;
    "],
};

/// `pending` is one record of one write whose answer is not known; `token.pending` and the like
/// name it and are NULL once the CRM has agreed. `settled` is the highest `pending.id` there was
/// when the row was agreed to: a later write may replace only what was settled before it was made.
/// `pending.record` is known of writes whose answer comes in a later exchange, and is found by it.
/// Classes, objects and fields are numbers of `name`. `note` is what a door must know again in a
/// later request; nothing of a client's stands there.
pub const VAULT: Schema = Schema {
    application: 0x736c_7631, // "slv1"
    log: Log::Long,
    migrations: &["
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE mark (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE subject (
            id INTEGER PRIMARY KEY, key_version INTEGER NOT NULL, made INTEGER NOT NULL,
            exchange BLOB
        ) STRICT;
        CREATE INDEX subject_exchange ON subject (exchange) WHERE exchange IS NOT NULL;
        CREATE TABLE identity (
            class INTEGER NOT NULL, term BLOB NOT NULL, subject INTEGER NOT NULL, exchange BLOB,
            PRIMARY KEY (class, term)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_subject ON identity (subject);
        CREATE INDEX identity_exchange ON identity (exchange) WHERE exchange IS NOT NULL;
        CREATE TABLE record (
            object INTEGER NOT NULL, record TEXT NOT NULL, subject INTEGER NOT NULL,
            PRIMARY KEY (object, record)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX record_subject ON record (subject);
        CREATE TABLE pending (
            id INTEGER PRIMARY KEY AUTOINCREMENT, exchange BLOB NOT NULL, unit INTEGER NOT NULL,
            subject INTEGER NOT NULL, former INTEGER, object INTEGER NOT NULL,
            first_row INTEGER NOT NULL, last_row INTEGER NOT NULL, made INTEGER NOT NULL,
            UNIQUE (exchange, unit)
        ) STRICT;
        CREATE TABLE cleared (
            pending INTEGER NOT NULL, field INTEGER NOT NULL, PRIMARY KEY (pending, field)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE token (
            row INTEGER PRIMARY KEY, subject INTEGER NOT NULL, key_version INTEGER NOT NULL,
            class INTEGER NOT NULL, object INTEGER NOT NULL, field INTEGER NOT NULL, record TEXT,
            stable INTEGER NOT NULL, pending INTEGER, settled INTEGER,
            form INTEGER NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL
        ) STRICT;
        CREATE INDEX token_subject ON token (subject);
        CREATE INDEX token_place ON token (record, object, field) WHERE record IS NOT NULL;
        CREATE TABLE place (
            id INTEGER PRIMARY KEY, row INTEGER NOT NULL, object INTEGER NOT NULL,
            field INTEGER NOT NULL, record TEXT, pending INTEGER, settled INTEGER
        ) STRICT;
        CREATE INDEX place_row ON place (row);
        CREATE INDEX place_record ON place (record, object, field) WHERE record IS NOT NULL;
        CREATE INDEX place_pending ON place (pending) WHERE pending IS NOT NULL;
        CREATE TABLE term (
            class INTEGER NOT NULL, term BLOB NOT NULL, row INTEGER NOT NULL,
            stable INTEGER NOT NULL, PRIMARY KEY (class, term, row)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX term_stable ON term (class, term) WHERE stable = 1;
        CREATE INDEX term_row ON term (row);
        CREATE TABLE held (
            row INTEGER PRIMARY KEY, subject INTEGER NOT NULL, key_version INTEGER NOT NULL,
            class INTEGER NOT NULL, object INTEGER NOT NULL, field INTEGER NOT NULL, record TEXT,
            pending INTEGER, settled INTEGER, form INTEGER NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL
        ) STRICT;
        CREATE INDEX held_place ON held (record, object, field) WHERE record IS NOT NULL;
        CREATE INDEX held_subject ON held (subject);
        CREATE INDEX held_pending ON held (pending) WHERE pending IS NOT NULL;
        CREATE TABLE credential (name TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE tombstone (subject INTEGER PRIMARY KEY, made INTEGER NOT NULL) STRICT;
    ", "
        CREATE TABLE quarantine (
            id TEXT PRIMARY KEY, row INTEGER NOT NULL UNIQUE, subject INTEGER NOT NULL,
            key_version INTEGER NOT NULL, class INTEGER NOT NULL, object INTEGER NOT NULL,
            field INTEGER NOT NULL, record TEXT, pending INTEGER, refused INTEGER NOT NULL,
            client TEXT NOT NULL, categories TEXT NOT NULL, made INTEGER NOT NULL,
            fate INTEGER NOT NULL, form INTEGER NOT NULL, nonce BLOB NOT NULL,
            ciphertext BLOB NOT NULL, decided INTEGER, decided_by TEXT, second TEXT,
            reason_nonce BLOB, reason BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE quarantine_view (
            view INTEGER PRIMARY KEY, id TEXT NOT NULL, seen INTEGER NOT NULL,
            seen_by TEXT NOT NULL, nonce BLOB NOT NULL, reason BLOB NOT NULL
        ) STRICT;
        CREATE INDEX quarantine_view_id ON quarantine_view (id);
        CREATE INDEX quarantine_subject ON quarantine (subject);
        CREATE INDEX quarantine_pending ON quarantine (pending) WHERE pending IS NOT NULL;
    ", "
        ALTER TABLE token ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0;
    ", "
        CREATE TABLE note (
            name TEXT PRIMARY KEY, text TEXT NOT NULL, made INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX note_made ON note (made);
        ALTER TABLE pending ADD COLUMN record TEXT;
        CREATE INDEX pending_record ON pending (record) WHERE record IS NOT NULL;
    "],
};
