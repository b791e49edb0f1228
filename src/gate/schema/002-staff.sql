-- Staff: people who sign in by a browser. Times and hashes as in the first step.

CREATE TABLE person (
    id                INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: ids of users are made of it
    version           INTEGER NOT NULL DEFAULT 1,        -- rises with every change that ends a sign-in under way
    handle            BLOB    NOT NULL UNIQUE CHECK (length(handle) = 16), -- WebAuthn's user handle, random
    login             TEXT    NOT NULL UNIQUE,
    display           TEXT    NOT NULL,
    purpose           TEXT    NOT NULL,
    roles             TEXT    NOT NULL CHECK (json_type(roles) = 'array'),
    enabled           INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    password          TEXT,                              -- argon2id, as a PHC string
    totp_sealed       BLOB,
    totp_step         INTEGER NOT NULL DEFAULT -1,       -- the last accepted one
    totp_failures     INTEGER NOT NULL DEFAULT 0,        -- in a row
    totp_locked_until INTEGER NOT NULL DEFAULT 0,
    created           INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    -- A password is one factor: it cannot be written down without its one-time codes.
    CHECK ((password IS NULL) = (totp_sealed IS NULL))
) STRICT;

-- A passkey is two factors: the device, and the PIN or fingerprint that it asked for.
CREATE TABLE passkey (
    id         INTEGER PRIMARY KEY,
    person     INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    credential BLOB    NOT NULL UNIQUE,
    key        TEXT    NOT NULL,
    label      TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    used       INTEGER
) STRICT;

CREATE INDEX passkey_by_person ON passkey (person);

-- A recovery code stands in for a one-time code, once: its row goes when it is used.
CREATE TABLE recovery_code (
    hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX recovery_code_by_person ON recovery_code (person);

-- A link with which a person chooses their factors, once: its row goes when it is used.
CREATE TABLE enrolment (
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    person      INTEGER NOT NULL UNIQUE REFERENCES person (id) ON DELETE CASCADE,
    totp_sealed BLOB    NOT NULL, -- becomes the person's when they have shown a code of it
    expires     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    person  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
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

-- Challenges to passkeys that wait for their answer: one use, five minutes.
CREATE TABLE ceremony (
    hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    kind    TEXT    NOT NULL CHECK (kind IN ('sign-in', 'register')),
    person  INTEGER REFERENCES person (id) ON DELETE CASCADE,
    state   TEXT    NOT NULL,
    expires INTEGER NOT NULL,
    CHECK ((kind = 'register') = (person IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX ceremony_by_end ON ceremony (expires);
