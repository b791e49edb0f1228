-- An hour's key, wrapped: with it go all exchanges of its hour.
CREATE TABLE hour (
    hour INTEGER PRIMARY KEY,  -- since 1970-01-01T00:00Z
    key  BLOB NOT NULL
) STRICT;

CREATE TABLE exchange (
    id     INTEGER PRIMARY KEY,
    hour   INTEGER NOT NULL REFERENCES hour (hour) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX exchange_by_hour ON exchange (hour);
