-- Who may pass where, and what stands at a gate.  All numbers are those of the directory.

CREATE TABLE passages (
  org         INTEGER NOT NULL,
  person      INTEGER NOT NULL,
  device      INTEGER NOT NULL,
  role        TEXT    NOT NULL,
  valid_from  INTEGER,
  valid_until INTEGER,
  label       TEXT    NOT NULL DEFAULT '',
  granted_by  TEXT    NOT NULL DEFAULT '',
  revision    INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, person, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX passages_by_device ON passages (org, device, person);

CREATE TABLE cameras (
  org               INTEGER NOT NULL,
  device            INTEGER NOT NULL,
  enabled           INTEGER NOT NULL,
  threshold         REAL    NOT NULL,
  level             TEXT    NOT NULL,
  direction         TEXT    NOT NULL,
  owner             INTEGER,
  model             TEXT    NOT NULL,
  http_url          TEXT    NOT NULL,
  rtsp_url          TEXT    NOT NULL,
  registration_code TEXT,
  revision          INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE camera_links (
  org    INTEGER NOT NULL,
  camera INTEGER NOT NULL,
  lock   INTEGER NOT NULL,
  PRIMARY KEY (org, camera, lock)
) STRICT, WITHOUT ROWID;
CREATE INDEX camera_links_by_lock ON camera_links (org, lock);

CREATE TABLE locks (
  org      INTEGER NOT NULL,
  device   INTEGER NOT NULL,
  owner    INTEGER,
  serial   TEXT,
  maker    TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE lock_keys (
  org      INTEGER NOT NULL,
  device   INTEGER NOT NULL,
  key      TEXT    NOT NULL,
  position INTEGER,
  person   INTEGER,
  PRIMARY KEY (org, device, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX lock_keys_by_person ON lock_keys (org, person, device);

CREATE TABLE residents (
  org    INTEGER NOT NULL,
  device INTEGER NOT NULL,
  person INTEGER NOT NULL,
  name   TEXT    NOT NULL,
  email  TEXT,
  phone  TEXT,
  PRIMARY KEY (org, device, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX residents_by_person ON residents (org, person);

CREATE TABLE contacts (
  org    INTEGER NOT NULL,
  person INTEGER NOT NULL,
  email  TEXT,
  phone  TEXT,
  PRIMARY KEY (org, person)
) STRICT, WITHOUT ROWID;

-- A plate is found however its holder wrote it.
CREATE INDEX credentials_by_plate ON credentials (org, replace(replace(value, '-', ''), ' ', '')) WHERE method = 'plate';

-- Whoever is taken out of the directory passes nowhere, and leaves no address; what is decommissioned opens to nobody.
CREATE TRIGGER person_gone AFTER UPDATE OF removed ON people WHEN NEW.removed = 1 BEGIN
  DELETE FROM passages  WHERE org = NEW.org AND person = NEW.person;
  DELETE FROM residents WHERE org = NEW.org AND person = NEW.person;
  DELETE FROM contacts  WHERE org = NEW.org AND person = NEW.person;
  UPDATE lock_keys SET person = NULL WHERE org = NEW.org AND person = NEW.person;
  UPDATE locks   SET owner = NULL, revision = revision + 1 WHERE org = NEW.org AND owner = NEW.person;
  UPDATE cameras SET owner = NULL, revision = revision + 1 WHERE org = NEW.org AND owner = NEW.person;
END;
CREATE TRIGGER device_gone AFTER UPDATE OF removed ON devices WHEN NEW.removed = 1 BEGIN
  DELETE FROM passages     WHERE org = NEW.org AND device = NEW.device;
  DELETE FROM camera_links WHERE org = NEW.org AND (camera = NEW.device OR lock = NEW.device);
  UPDATE cameras SET enabled = 0, revision = revision + 1 WHERE org = NEW.org AND device = NEW.device;
END;
