-- Rules, what they remember between two events, what they did, and what is to be done outside because of them.
CREATE TABLE rules (
  org         INTEGER NOT NULL,
  uuid        BLOB    NOT NULL,
  name        TEXT    NOT NULL,
  enabled     INTEGER NOT NULL,
  body        TEXT    NOT NULL,   -- JSON: conditions, schedule, window, groups, actions
  author_kind TEXT    NOT NULL,   -- with whose rights it acts: whoever changed it last
  author      BLOB    NOT NULL,
  author_key  BLOB,               -- the API key that bounded them
  reach       TEXT    NOT NULL,   -- JSON: the author's grant when it was written
  since       INTEGER NOT NULL,   -- it looks at events beyond this seq
  revision    INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rules_by_name ON rules (org, name COLLATE NOCASE);

CREATE TABLE rule_revisions (
  org         INTEGER NOT NULL,
  rule        BLOB    NOT NULL,
  revision    INTEGER NOT NULL,
  name        TEXT    NOT NULL,
  enabled     INTEGER NOT NULL,
  body        TEXT    NOT NULL,
  author_kind TEXT    NOT NULL,
  author      BLOB    NOT NULL,
  changed     INTEGER NOT NULL,
  PRIMARY KEY (org, rule, revision)
) STRICT, WITHOUT ROWID;

-- Windows as far as they are filled; due: the clock must be past it for an absence to be a fact.
CREATE TABLE rule_memory (
  org      INTEGER NOT NULL,
  rule     BLOB    NOT NULL,
  grp      TEXT    NOT NULL,
  occurred INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  steps    INTEGER NOT NULL,
  PRIMARY KEY (org, rule, grp, occurred, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_groups (
  org   INTEGER NOT NULL,
  rule  BLOB    NOT NULL,
  grp   TEXT    NOT NULL,
  fired INTEGER,
  due   INTEGER,
  PRIMARY KEY (org, rule, grp)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_groups_due ON rule_groups (org, due) WHERE due IS NOT NULL;

-- The greatest time of receipt that was met.
CREATE TABLE rule_clocks (org INTEGER PRIMARY KEY, clock INTEGER NOT NULL) STRICT;

CREATE TABLE rule_firings (
  org      INTEGER NOT NULL,
  rule     BLOB    NOT NULL,
  n        INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  cause    INTEGER NOT NULL,
  grp      TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  fired    INTEGER NOT NULL,
  events   TEXT    NOT NULL,   -- JSON: seqs
  done     TEXT    NOT NULL,   -- JSON: what was done, or why not
  PRIMARY KEY (org, rule, n),
  UNIQUE (org, rule, cause, grp, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_refusals (
  org      INTEGER NOT NULL,
  rule     BLOB    NOT NULL,
  revision INTEGER NOT NULL,
  why      TEXT    NOT NULL,
  n        INTEGER NOT NULL,
  first    INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  cause    INTEGER NOT NULL,
  PRIMARY KEY (org, rule, revision, why)
) STRICT, WITHOUT ROWID;

-- Events that rules derived, and what followed from those: by which rules, 16 bytes each.
CREATE TABLE rule_derived (
  org   INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  chain BLOB    NOT NULL,
  PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;
-- Events of which the sender said that no rule is to look at them.
CREATE TABLE unruled (
  org INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;

-- What is to be done outside, at least once each; key tells repeats of one effect apart from two effects.
CREATE TABLE outbox (
  effect   INTEGER PRIMARY KEY AUTOINCREMENT,
  org      INTEGER NOT NULL,
  kind     TEXT    NOT NULL,   -- command, webhook, email
  target   TEXT    NOT NULL,
  seq      INTEGER NOT NULL,   -- of the event that led to it
  payload  TEXT    NOT NULL,   -- JSON
  key      BLOB    NOT NULL,
  rule     BLOB    NOT NULL,
  revision INTEGER NOT NULL,
  created  INTEGER NOT NULL,
  due      INTEGER NOT NULL,
  deadline INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  state    TEXT    NOT NULL DEFAULT 'waiting',   -- waiting, done, failed, late
  error    TEXT,
  UNIQUE (org, key)
) STRICT;
CREATE INDEX outbox_due ON outbox (due, effect) WHERE state = 'waiting';
CREATE INDEX outbox_by_deadline ON outbox (deadline) WHERE state = 'waiting' AND deadline IS NOT NULL;

-- Every revision stays; what a rule remembered was for its conditions as they were.
CREATE TRIGGER rule_added AFTER INSERT ON rules BEGIN
  INSERT INTO rule_revisions
  VALUES (NEW.org, NEW.uuid, NEW.revision, NEW.name, NEW.enabled, NEW.body, NEW.author_kind, NEW.author, NEW.changed);
END;
CREATE TRIGGER rule_changed AFTER UPDATE ON rules BEGIN
  INSERT INTO rule_revisions
  VALUES (NEW.org, NEW.uuid, NEW.revision, NEW.name, NEW.enabled, NEW.body, NEW.author_kind, NEW.author, NEW.changed);
  DELETE FROM rule_memory WHERE org = NEW.org AND rule = NEW.uuid;
  DELETE FROM rule_groups WHERE org = NEW.org AND rule = NEW.uuid;
END;
CREATE TRIGGER rule_gone AFTER DELETE ON rules BEGIN
  DELETE FROM rule_memory WHERE org = OLD.org AND rule = OLD.uuid;
  DELETE FROM rule_groups WHERE org = OLD.org AND rule = OLD.uuid;
END;
