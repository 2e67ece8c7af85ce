-- Webhooks: where events are sent, under which secrets, how far each has come, and what waits to be sent.
CREATE TABLE webhooks (
  org         INTEGER NOT NULL,
  uuid        BLOB    NOT NULL,
  name        TEXT    NOT NULL,
  url         TEXT    NOT NULL,
  filter      TEXT    NOT NULL,   -- JSON: conditions as a rule has them
  sends       TEXT    NOT NULL,   -- events: all that pass the filter; rules: what rules send alone
  ordered     INTEGER NOT NULL,   -- one after another for each stream
  format      TEXT    NOT NULL,
  enabled     INTEGER NOT NULL,
  why         TEXT    NOT NULL,   -- why Gatebook disabled it; empty where it did not
  author_kind TEXT    NOT NULL,   -- with whose rights events are chosen and shown: whoever changed it last
  author      BLOB    NOT NULL,
  author_key  BLOB,
  reach       TEXT    NOT NULL,   -- JSON: the author's grant when it was written
  revision    INTEGER NOT NULL,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX webhooks_by_name ON webhooks (org, name COLLATE NOCASE);

CREATE TABLE webhook_secrets (
  org     INTEGER NOT NULL,
  webhook BLOB    NOT NULL,
  made    INTEGER NOT NULL,
  sealed  BLOB    NOT NULL,       -- encrypted under the server's key
  ends    INTEGER,
  PRIMARY KEY (org, webhook, made, sealed)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_states (
  org           INTEGER NOT NULL,
  webhook       BLOB    NOT NULL,
  seq           INTEGER NOT NULL, -- how far in the log it has come
  succeeded     INTEGER,
  failing_since INTEGER,
  failures      INTEGER NOT NULL DEFAULT 0,   -- in a row
  error         TEXT,
  PRIMARY KEY (org, webhook)
) STRICT, WITHOUT ROWID;

-- message is told to the receiver and stays the same, however often it is sent.
CREATE TABLE deliveries (
  delivery INTEGER PRIMARY KEY AUTOINCREMENT,
  org      INTEGER NOT NULL,
  webhook  BLOB    NOT NULL,
  message  TEXT    NOT NULL,
  seq      INTEGER NOT NULL,
  stream   INTEGER,               -- where order counts
  rule     BLOB,
  payload  TEXT,                  -- JSON: what the rule says beside
  created  INTEGER NOT NULL,
  due      INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state    TEXT    NOT NULL DEFAULT 'waiting',   -- waiting, done, failed
  error    TEXT,
  UNIQUE (org, webhook, message)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (org, webhook, due, delivery) WHERE state = 'waiting';
CREATE INDEX deliveries_in_order ON deliveries (org, webhook, stream, seq, delivery)
  WHERE state = 'waiting' AND stream IS NOT NULL;

CREATE TRIGGER webhook_gone AFTER DELETE ON webhooks BEGIN
  DELETE FROM webhook_secrets WHERE org = OLD.org AND webhook = OLD.uuid;
  DELETE FROM webhook_states WHERE org = OLD.org AND webhook = OLD.uuid;
  DELETE FROM deliveries WHERE org = OLD.org AND webhook = OLD.uuid;
END;
