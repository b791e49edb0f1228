-- Each sign-in has a random name, which stays when its session gets a new cookie at a step-up: what
-- the CRM gives the browser is bound to it. Sessions that are open have none, so they end.

DROP TABLE session;

CREATE TABLE session (
    hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    person  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    sign_in BLOB    NOT NULL CHECK (length(sign_in) = 16),
    first   TEXT    NOT NULL,
    second  TEXT,               -- none: only a password was shown, and that opens nothing
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL,   -- the last request, give or take a minute
    expires INTEGER NOT NULL,
    proven  INTEGER,            -- when the second factor was last shown
    CHECK (second IS NULL OR second <> first),
    CHECK ((second IS NULL) = (proven IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_expiry ON session (expires);
