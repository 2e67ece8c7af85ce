-- Who may ask: users, services, API keys and device tokens; and the credentials that people carry.

CREATE TABLE users (
  org              INTEGER NOT NULL,
  user             INTEGER NOT NULL,
  uuid             BLOB    NOT NULL,
  login            TEXT    NOT NULL,
  name             TEXT    NOT NULL,
  password         TEXT,                 -- argon2id, in its own encoded form; NULL: cannot sign in by password
  must_change      INTEGER NOT NULL DEFAULT 0,
  person           INTEGER,
  scopes           TEXT    NOT NULL,
  sites            TEXT,                 -- a JSON array of numbers; NULL in both: everything
  devices          TEXT,
  purpose          TEXT,
  created          INTEGER NOT NULL,
  expires          INTEGER,
  disabled         INTEGER,
  password_changed INTEGER,
  last_used        INTEGER,
  revision         INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, user),
  UNIQUE (uuid)
) STRICT, WITHOUT ROWID;
-- A vendor's client sends a name alone: it must say the organisation, too.
CREATE UNIQUE INDEX users_by_login ON users (login COLLATE NOCASE);

CREATE TABLE services (
  org       INTEGER NOT NULL,
  service   INTEGER NOT NULL,
  uuid      BLOB    NOT NULL UNIQUE,
  client_id TEXT    NOT NULL UNIQUE,
  hash      BLOB    NOT NULL,
  name      TEXT    NOT NULL,
  scopes    TEXT    NOT NULL,
  purpose   TEXT,
  created   INTEGER NOT NULL,
  expires   INTEGER,
  disabled  INTEGER,
  last_used INTEGER,
  revision  INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, service)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_tokens (
  id        BLOB    PRIMARY KEY,
  org       INTEGER NOT NULL,
  device    INTEGER NOT NULL,
  hash      BLOB    NOT NULL UNIQUE,
  prefix    TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  created   INTEGER NOT NULL,
  expires   INTEGER,
  revoked   INTEGER,
  last_used INTEGER,
  revision  INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE INDEX device_tokens_by_org ON device_tokens (org, id);
CREATE INDEX device_tokens_by_device ON device_tokens (org, device);

ALTER TABLE api_keys ADD COLUMN purpose TEXT;
ALTER TABLE api_keys ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
CREATE INDEX api_keys_by_org ON api_keys (org, id);

-- What a person carries.
CREATE TABLE credentials (
  org         INTEGER NOT NULL,
  credential  INTEGER NOT NULL,
  uuid        BLOB    NOT NULL UNIQUE,
  person      INTEGER NOT NULL,
  method      TEXT    NOT NULL,
  value       TEXT    NOT NULL,
  label       TEXT    NOT NULL DEFAULT '',
  valid_from  INTEGER,
  valid_until INTEGER,
  revision    INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, credential)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX credentials_by_value ON credentials (org, method, value);
CREATE INDEX credentials_by_person ON credentials (org, person);

-- The highest number that a removed row had: no number is ever given to another.
CREATE TABLE numbers (
  org  INTEGER NOT NULL,
  noun TEXT    NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (org, noun)
) STRICT, WITHOUT ROWID;

-- What history may name stays when it is removed, and is marked.
ALTER TABLE people        ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sites         ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event_types   ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
-- The revision of the organisation's own settings; the other one rises with every change of its directory.
ALTER TABLE organisations ADD COLUMN settings_revision INTEGER NOT NULL DEFAULT 1;

-- One number that rises with every change of who may do what: a remembered principal holds as long as it stands.
CREATE TABLE access (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO access VALUES (1, 1);

CREATE TRIGGER users_changed AFTER UPDATE OF login, password, must_change, person, scopes, sites, devices, purpose,
  expires, disabled ON users BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER users_removed AFTER DELETE ON users BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER services_changed AFTER UPDATE OF client_id, hash, scopes, purpose, expires, disabled ON services
  BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER services_removed AFTER DELETE ON services BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER keys_changed AFTER UPDATE OF hash, scopes, sites, devices, purpose, expires, revoked ON api_keys
  BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER keys_removed AFTER DELETE ON api_keys BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER device_tokens_changed AFTER UPDATE OF hash, expires, revoked ON device_tokens
  BEGIN UPDATE access SET revision = revision + 1; END;
CREATE TRIGGER device_tokens_removed AFTER DELETE ON device_tokens
  BEGIN UPDATE access SET revision = revision + 1; END;

CREATE TRIGGER organisations_changed AFTER UPDATE OF parent, purpose_required ON organisations
  BEGIN UPDATE access SET revision = revision + 1; END;
