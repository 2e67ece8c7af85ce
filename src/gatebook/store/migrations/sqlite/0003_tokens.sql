-- The keys that sign tokens, and the tokens that are no longer good.

CREATE TABLE signing_keys (
  kid     TEXT    PRIMARY KEY,
  alg     TEXT    NOT NULL CHECK (alg IN ('RS256', 'EdDSA')),
  sealed  BLOB    NOT NULL,   -- the private key, encrypted under the server's secret
  public  TEXT    NOT NULL,   -- a JSON Web Key
  created INTEGER NOT NULL,
  retired INTEGER,            -- signs no more from here on
  ends    INTEGER             -- what it signed is no longer believed
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_tokens (
  jti     BLOB    PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires);

-- Tokens that fetch new tokens: kept as hashes, each good for one use.
CREATE TABLE refresh_tokens (
  hash     BLOB    PRIMARY KEY,
  family   BLOB    NOT NULL,  -- all that came from one sign-in; the use of a spent one ends them all
  org      INTEGER NOT NULL,
  holder   TEXT    NOT NULL,  -- kind/uuid of the principal
  audience TEXT    NOT NULL,
  scopes   TEXT    NOT NULL,
  created  INTEGER NOT NULL,
  expires  INTEGER,
  used     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);

CREATE TRIGGER signing_keys_made AFTER INSERT ON signing_keys
  BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER signing_keys_changed AFTER UPDATE ON signing_keys
  BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER tokens_revoked AFTER INSERT ON revoked_tokens
  BEGIN UPDATE access SET revision = revision + 1; END;
