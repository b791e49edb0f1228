-- The secret of one-time codes that a person is about to take, until they show a code of it.

CREATE TABLE new_codes (
    person      INTEGER NOT NULL PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    totp_sealed BLOB    NOT NULL,
    expires     INTEGER NOT NULL
) STRICT;
