-- name: next_alarm
SELECT coalesce(max(alarm), 0) + 1 FROM alarms WHERE org = :org;

-- name: insert_alarm
INSERT INTO alarms (org, alarm, uuid, stream, device, rule, rule_revision, key, name, priority, category, state,
  assignee, assignee_name, n, raised, last, updated, cause, seq, clearing, cleared, escalates, escalated, reason, revision)
VALUES (:org, :alarm, :uuid, :stream, :device, :rule, :rule_revision, :key, :name, :priority, :category, :state,
  :assignee, :assignee_name, :n, :raised, :last, :updated, :cause, :seq, :clearing, :cleared, :escalates, :escalated,
  :reason, :revision);

-- name: change_alarm
UPDATE alarms SET priority = :priority, category = :category, state = :state, assignee = :assignee,
  assignee_name = :assignee_name, n = :n, last = :last, updated = :updated, cleared = :cleared,
  escalates = :escalates, escalated = :escalated, reason = :reason, revision = :revision
WHERE org = :org AND alarm = :alarm;

-- name: insert_step
INSERT INTO alarm_steps (org, alarm, seq) VALUES (:org, :alarm, :seq);

-- name: alarm_by_number
SELECT a.alarm, a.uuid, a.stream, a.device, a.rule, a.rule_revision, a.key, a.name, a.priority, a.category, a.state,
  a.assignee, a.assignee_name, a.n, a.raised, a.last, a.updated, a.cause, a.seq, a.clearing, a.cleared, a.escalates,
  a.escalated, a.reason, a.revision,
  (SELECT p.message FROM personal p WHERE p.org = a.org AND p.seq = a.seq)
FROM alarms a WHERE a.org = :org AND a.alarm = :ref
  AND (:everything OR a.device IN (SELECT d.device FROM devices d
    WHERE d.org = a.org AND (d.site IN carray(:sites) OR d.device IN carray(:devices))));

-- name: alarm_by_uuid
SELECT a.alarm, a.uuid, a.stream, a.device, a.rule, a.rule_revision, a.key, a.name, a.priority, a.category, a.state,
  a.assignee, a.assignee_name, a.n, a.raised, a.last, a.updated, a.cause, a.seq, a.clearing, a.cleared, a.escalates,
  a.escalated, a.reason, a.revision,
  (SELECT p.message FROM personal p WHERE p.org = a.org AND p.seq = a.seq)
FROM alarms a WHERE a.org = :org AND a.uuid = :ref
  AND (:everything OR a.device IN (SELECT d.device FROM devices d
    WHERE d.org = a.org AND (d.site IN carray(:sites) OR d.device IN carray(:devices))));

-- name: open_alarm
SELECT a.alarm, a.uuid, a.stream, a.device, a.rule, a.rule_revision, a.key, a.name, a.priority, a.category, a.state,
  a.assignee, a.assignee_name, a.n, a.raised, a.last, a.updated, a.cause, a.seq, a.clearing, a.cleared, a.escalates,
  a.escalated, a.reason, a.revision,
  (SELECT p.message FROM personal p WHERE p.org = a.org AND p.seq = a.seq)
FROM alarms a WHERE a.org = :org AND a.rule = :rule AND a.stream = :stream AND a.key = :key AND a.state <> 'closed';

-- name: alarms_due
-- Of all organisations: whose time to be taken is over.
SELECT org, alarm FROM alarms WHERE escalates IS NOT NULL AND escalates <= :now ORDER BY escalates LIMIT :limit;

-- name: alarms_listed
-- The most urgent first, then the oldest; or by time, newest first.  What the grant does not show is not there.
SELECT a.alarm, a.uuid, a.stream, a.device, a.rule, a.rule_revision, a.key, a.name, a.priority, a.category, a.state,
  a.assignee, a.assignee_name, a.n, a.raised, a.last, a.updated, a.cause, a.seq, a.clearing, a.cleared, a.escalates,
  a.escalated, a.reason, a.revision,
  (SELECT p.message FROM personal p WHERE p.org = a.org AND p.seq = a.seq)
FROM alarms a
WHERE a.org = :org
  AND (:everything OR a.device IN (SELECT d.device FROM devices d
    WHERE d.org = a.org AND (d.site IN carray(:sites) OR d.device IN carray(:devices))))
  AND (:any_state OR a.state IN carray(:states))
  AND (:any_priority OR a.priority IN carray(:priorities))
  AND (:category IS NULL OR a.category = :category COLLATE NOCASE)
  AND (:device IS NULL OR a.device = :device)
  AND (:rule IS NULL OR a.rule = :rule)
  AND (:assignee IS NULL OR a.assignee = :assignee)
  AND a.raised >= :since AND a.raised < :until AND a.updated >= :updated_since
ORDER BY CASE :order WHEN 'urgency' THEN a.state = 'closed' END, CASE :order WHEN 'urgency' THEN a.priority END,
  CASE :order WHEN 'newest' THEN -a.raised ELSE a.raised END, CASE :order WHEN 'newest' THEN -a.alarm ELSE a.alarm END
LIMIT :limit OFFSET :offset;

-- name: alarms_counted
SELECT a.state, a.priority, count(*)
FROM alarms a
WHERE a.org = :org
  AND (:everything OR a.device IN (SELECT d.device FROM devices d
    WHERE d.org = a.org AND (d.site IN carray(:sites) OR d.device IN carray(:devices))))
GROUP BY a.state, a.priority;

-- name: steps_of
SELECT s.seq, e.id, e.received, e.cause, coalesce(p.data, e.data), p.message
FROM alarm_steps s JOIN events e ON e.org = s.org AND e.seq = s.seq
LEFT JOIN personal p ON p.org = s.org AND p.seq = s.seq
WHERE s.org = :org AND s.alarm = :alarm ORDER BY s.seq;
