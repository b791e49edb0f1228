-- Who a person is at an OpenID provider. An operator links the two; an address of mail never does.

CREATE TABLE identity (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    person  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_by_person ON identity (person);

-- Sign-ins at the provider that wait for its answer: one use, ten minutes, bound to the browser by a
-- cookie of their own.
CREATE TABLE journey (
    hash     BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    state    TEXT    NOT NULL,
    nonce    TEXT    NOT NULL,
    verifier TEXT    NOT NULL, -- PKCE, RFC 7636
    host     TEXT    NOT NULL, -- of ours, that it began at
    next     TEXT    NOT NULL,
    expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
