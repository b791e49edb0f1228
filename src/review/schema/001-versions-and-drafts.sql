-- `meta` and `head` as every book has them (src/ledger/book.rs).
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;

-- What was in force. `body` is JSON with hashes of the texts; `hash` covers it and all before it.
CREATE TABLE version (
    number INTEGER PRIMARY KEY, body BLOB NOT NULL, policy TEXT NOT NULL, cases TEXT NOT NULL,
    hash BLOB NOT NULL, mac BLOB NOT NULL
) STRICT;
CREATE TRIGGER version_kept BEFORE DELETE ON version
    BEGIN SELECT raise(ABORT, 'versions are only added'); END;
CREATE TRIGGER version_fixed BEFORE UPDATE ON version
    BEGIN SELECT raise(ABORT, 'versions are only added'); END;
CREATE TRIGGER version_last BEFORE INSERT ON version
    WHEN new.number <> (SELECT coalesce(max(number), 0) + 1 FROM version)
    BEGIN SELECT raise(ABORT, 'versions have no gaps'); END;

-- Who has looked at an emergency change since.
CREATE TABLE signature (
    version INTEGER PRIMARY KEY REFERENCES version (number), body BLOB NOT NULL, mac BLOB NOT NULL
) STRICT;

-- `body` is JSON: who wrote it, on which version it stands, how far it is.
CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, mac BLOB NOT NULL
) STRICT;
-- Every text that a draft had, so that nothing of two editors is lost.
CREATE TABLE revision (
    draft INTEGER NOT NULL REFERENCES draft (id), revision INTEGER NOT NULL,
    policy TEXT NOT NULL, cases TEXT NOT NULL, mac BLOB NOT NULL,
    PRIMARY KEY (draft, revision)
) STRICT, WITHOUT ROWID;

-- What was done to drafts, for the ledgers of the nodes.
CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, mac BLOB NOT NULL)
    STRICT;
