-- What one administrator of the console wants done to somebody's access, until another one has
-- confirmed it. `wanted` is JSON: what, to whom, with which roles. `by` is what the ledger calls
-- whoever wants it.
CREATE TABLE proposal (
    id INTEGER PRIMARY KEY AUTOINCREMENT, wanted TEXT NOT NULL CHECK (json_valid(wanted)),
    by TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL
) STRICT;
