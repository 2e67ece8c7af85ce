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

-- Alarms with what they are shown with: the message, which lies with the personal parts, and names as they are now.
CREATE VIEW alarms_shown AS
SELECT a.org, a.alarm, a.uuid, a.stream, a.device, a.rule, a.rule_revision, a.key, a.name, a.priority, a.category,
  a.state, a.assignee, a.assignee_name, a.n, a.raised, a.last, a.updated, a.cause, a.seq, a.clearing, a.cleared,
  a.escalates, a.escalated, a.reason, a.revision,
  (SELECT p.message FROM personal p WHERE p.org = a.org AND p.seq = a.seq) AS message,
  d.uuid AS device_uuid, d.name AS device_name, d.site AS site, s.name AS site_name, s.zone AS zone,
  (SELECT e.id FROM events e WHERE e.org = a.org AND e.seq = a.cause) AS cause_id
FROM alarms a
LEFT JOIN devices d ON d.org = a.org AND d.device = a.device
LEFT JOIN sites s ON s.org = a.org AND s.site = d.site;
