-- Times are milliseconds since 1970-01-01T00:00:00Z. Hashes are SHA-256.

CREATE TABLE client (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: ids of users are made of it
    version             INTEGER NOT NULL DEFAULT 1,        -- rises with every change by an administrator
    client_id           TEXT    NOT NULL UNIQUE,
    name                TEXT    NOT NULL UNIQUE,
    purpose             TEXT    NOT NULL,
    roles               TEXT    NOT NULL CHECK (json_type(roles) = 'array'),
    enabled             INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    pair                TEXT    NOT NULL,
    secret_hash         BLOB    CHECK (length(secret_hash) = 32),
    certificate         BLOB    CHECK (length(certificate) = 32),
    key_algorithm       TEXT,
    key_pem             TEXT,
    totp_sealed         BLOB,
    totp_step           INTEGER NOT NULL DEFAULT -1,       -- the last accepted one
    totp_failures       INTEGER NOT NULL DEFAULT 0,        -- in a row
    totp_locked_until   INTEGER NOT NULL DEFAULT 0,
    requests_per_second INTEGER NOT NULL CHECK (requests_per_second > 0),
    burst               INTEGER NOT NULL CHECK (burst > 0),
    created             INTEGER NOT NULL,
    changed             INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
    hash          BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    client        INTEGER NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    kind          TEXT    NOT NULL CHECK (kind IN ('access', 'refresh', 'static')),
    family        BLOB    NOT NULL CHECK (length(family) = 16), -- one sign-in and all that was refreshed from it
    factors       TEXT    NOT NULL,
    certificate   BLOB    CHECK (length(certificate) = 32),     -- bound to it when set
    networks      TEXT    NOT NULL DEFAULT '',                  -- CIDR, separated by spaces; any when empty
    issued        INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    renewed_until INTEGER,                                      -- the second proof holds until then
    revoked       INTEGER,
    -- A static token is one proof; the second is a certificate, or a code renewed from a known network.
    CHECK (kind <> 'static' OR certificate IS NOT NULL OR (networks <> '' AND renewed_until IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX token_by_client ON token (client);
CREATE INDEX token_by_family ON token (family);
CREATE INDEX token_by_expiry ON token (expires);

-- Assertions that were accepted, until they would be refused as expired anyway.
CREATE TABLE assertion (
    client INTEGER NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    used   BLOB    NOT NULL CHECK (length(used) = 32),
    until  INTEGER NOT NULL,
    PRIMARY KEY (client, used)
) STRICT, WITHOUT ROWID;

CREATE INDEX assertion_by_end ON assertion (until);
