-- What a dialect tells of rules that were made in its words, and hours that several of them go by; and polled lists of
-- alarms.
CREATE TABLE portrayals (
  org        INTEGER NOT NULL,
  collection TEXT    NOT NULL,   -- as its dialect calls it
  uuid       BLOB    NOT NULL,
  name       TEXT    NOT NULL,
  told       TEXT    NOT NULL,   -- JSON of its dialect
  hours      BLOB,               -- the portrayal whose hours its rules go by
  modified   INTEGER NOT NULL,
  revision   INTEGER NOT NULL,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX portrayals_by_collection ON portrayals (org, collection, uuid);
CREATE INDEX portrayals_by_hours ON portrayals (org, hours) WHERE hours IS NOT NULL;

-- The rules that do what is told.
CREATE TABLE portrayed_rules (
  org       INTEGER NOT NULL,
  rule      BLOB    NOT NULL,
  portrayal BLOB    NOT NULL,
  place     INTEGER NOT NULL,
  PRIMARY KEY (org, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX portrayed_rules_by_portrayal ON portrayed_rules (org, portrayal, place);

CREATE TRIGGER portrayal_gone AFTER DELETE ON portrayals BEGIN
  DELETE FROM portrayed_rules WHERE org = OLD.org AND portrayal = OLD.uuid;
END;
-- A rule that was changed or removed by other words is no longer what was told.
CREATE TRIGGER rule_unlike AFTER UPDATE OF body ON rules WHEN NEW.body <> OLD.body BEGIN
  DELETE FROM portrayals
  WHERE org = NEW.org AND uuid IN (SELECT portrayal FROM portrayed_rules WHERE org = NEW.org AND rule = NEW.uuid);
END;
CREATE TRIGGER rule_unportrayed AFTER DELETE ON rules BEGIN
  DELETE FROM portrayals
  WHERE org = OLD.org AND uuid IN (SELECT portrayal FROM portrayed_rules WHERE org = OLD.org AND rule = OLD.uuid);
END;

CREATE TRIGGER rule_renamed AFTER UPDATE OF name ON rules WHEN NEW.name <> OLD.name BEGIN
  UPDATE portrayals SET name = NEW.name
  WHERE org = NEW.org
    AND uuid IN (SELECT portrayal FROM portrayed_rules WHERE org = NEW.org AND rule = NEW.uuid AND place = 0);
END;

-- Rules by the clock, which are looked for every second.
CREATE INDEX rules_by_clock ON rules (org) WHERE body ->> 'at' IS NOT NULL;

CREATE TABLE alarm_sessions (
  session  INTEGER PRIMARY KEY,
  uuid     BLOB    NOT NULL UNIQUE,
  org      INTEGER NOT NULL,
  holder   TEXT    NOT NULL,            -- kind/uuid of the principal
  question BLOB    NOT NULL,            -- as the client sent it
  used     INTEGER NOT NULL,
  turn     INTEGER NOT NULL DEFAULT 0   -- rises with every poll: of two at once one begins again
) STRICT;
CREATE INDEX alarm_sessions_by_holder ON alarm_sessions (org, holder);

-- What was told: the revision of each alarm of the set.
CREATE TABLE alarm_session_members (
  session  INTEGER NOT NULL,
  alarm    INTEGER NOT NULL,
  id       BLOB    NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (session, alarm)
) STRICT, WITHOUT ROWID;
