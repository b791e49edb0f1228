-- What the ledger is to have: a row is written in the transaction that did what it tells, and goes
-- when the ledger has it. So nobody signs in unrecorded, whoever had the file open.

CREATE TABLE event (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    BLOB    NOT NULL CHECK (length(name) = 16), -- random: the same event twice is known by it
    time    INTEGER NOT NULL,
    act     TEXT    NOT NULL,
    who     TEXT    NOT NULL, -- a person or client, as the ledger calls them
    roles   TEXT    NOT NULL CHECK (json_type(roles) = 'array'),
    how     TEXT    NOT NULL, -- the factors; empty where there are none
    by      TEXT              -- the operator, where it was not they themselves
) STRICT;
