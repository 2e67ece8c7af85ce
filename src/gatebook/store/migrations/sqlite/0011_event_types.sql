-- What vendors' clients tell of an event type beyond its name, and the groups of states that are made at run time.

ALTER TABLE event_types ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE event_types ADD COLUMN sources TEXT NOT NULL DEFAULT '[]';  -- a JSON array of words
ALTER TABLE event_types ADD COLUMN modified INTEGER;                    -- nanoseconds; NULL: not known

CREATE TABLE state_groups (
  org      INTEGER NOT NULL,
  uuid     BLOB    NOT NULL,
  name     TEXT    NOT NULL,
  states   TEXT    NOT NULL,   -- a JSON array of words
  modified INTEGER NOT NULL,   -- nanoseconds
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;
