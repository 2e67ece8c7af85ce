-- Alarms as they stand now.  Each step of one is an event in the log; alarm_steps says which.
CREATE TABLE alarms (
  org           INTEGER NOT NULL,
  alarm         INTEGER NOT NULL,
  uuid          BLOB    NOT NULL,
  stream        INTEGER NOT NULL,
  device        INTEGER,
  rule          BLOB,
  rule_revision INTEGER,
  key           TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  priority      INTEGER NOT NULL,   -- 1 is the most urgent
  category      TEXT    NOT NULL,
  state         TEXT    NOT NULL,
  assignee      BLOB,
  assignee_name TEXT,
  n             INTEGER NOT NULL,
  raised        INTEGER NOT NULL,
  last          INTEGER NOT NULL,
  updated       INTEGER NOT NULL,
  cause         INTEGER,
  seq           INTEGER NOT NULL,   -- of its alarm.raised, where its message lies with the personal parts
  clearing      INTEGER NOT NULL,
  cleared       INTEGER,
  escalates     INTEGER,
  escalated     INTEGER,
  reason        TEXT,
  revision      INTEGER NOT NULL,
  PRIMARY KEY (org, alarm),
  UNIQUE (org, uuid)
) STRICT, WITHOUT ROWID;
-- One open alarm for each rule, device and key.
CREATE UNIQUE INDEX alarms_open ON alarms (org, rule, stream, key) WHERE state <> 'closed' AND rule IS NOT NULL;
CREATE INDEX alarms_by_urgency  ON alarms (org, priority, raised, alarm) WHERE state <> 'closed';
CREATE INDEX alarms_by_time     ON alarms (org, raised, alarm);
CREATE INDEX alarms_by_device   ON alarms (org, device, raised, alarm);
CREATE INDEX alarms_to_escalate ON alarms (escalates) WHERE escalates IS NOT NULL;

CREATE TABLE alarm_steps (
  org   INTEGER NOT NULL,
  alarm INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY (org, alarm, seq)
) STRICT, WITHOUT ROWID;
