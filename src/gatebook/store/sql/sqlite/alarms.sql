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
SELECT * FROM alarms_shown WHERE org = :org AND alarm = :ref
  AND (:everything OR site IN carray(:sites) OR device IN carray(:devices));

-- name: alarm_by_uuid
SELECT * FROM alarms_shown WHERE org = :org AND uuid = :ref
  AND (:everything OR site IN carray(:sites) OR device IN carray(:devices));

-- name: open_alarm
SELECT * FROM alarms_shown WHERE org = :org AND rule = :rule AND stream = :stream AND key = :key AND state <> 'closed';

-- name: alarms_due
-- Of all organisations: whose time to be taken is over.
SELECT org, alarm FROM alarms WHERE escalates IS NOT NULL AND escalates <= :now ORDER BY escalates LIMIT :limit;

-- name: alarms_listed
-- The most urgent first, then the oldest; or by time.  What the grant does not show is not there.
SELECT * FROM alarms_shown
WHERE org = :org
  AND (:everything OR site IN carray(:sites) OR device IN carray(:devices))
  AND (:any_state OR state IN carray(:states))
  AND (:any_priority OR priority IN carray(:priorities))
  AND (:category IS NULL OR category = :category COLLATE NOCASE)
  AND (:device IS NULL OR device = :device)
  AND (:rule IS NULL OR rule = :rule)
  AND (:assignee IS NULL OR assignee = :assignee)
  AND raised >= :since AND raised < :until AND updated >= :updated_since
ORDER BY CASE :order WHEN 'urgency' THEN state = 'closed' END, CASE :order WHEN 'urgency' THEN priority END,
  CASE :order WHEN 'newest' THEN -raised ELSE raised END, CASE :order WHEN 'newest' THEN -alarm ELSE alarm END
LIMIT :limit OFFSET :offset;

-- name: alarms_counted
SELECT state, priority, count(*) FROM alarms_shown WHERE org = :org
  AND (:everything OR site IN carray(:sites) OR device IN carray(:devices))
GROUP BY state, priority;

-- name: steps_of
SELECT s.seq, e.id, e.received, e.cause, coalesce(p.data, e.data), p.message
FROM alarm_steps s JOIN events e ON e.org = s.org AND e.seq = s.seq
LEFT JOIN personal p ON p.org = s.org AND p.seq = s.seq
WHERE s.org = :org AND s.alarm = :alarm ORDER BY s.seq;

-- name: categories
SELECT category FROM alarms_shown WHERE org = :org AND category <> ''
  AND (:everything OR site IN carray(:sites) OR device IN carray(:devices))
UNION
SELECT a.value ->> '$.alarm.category' FROM rules r, json_each(r.body, '$.actions') a
WHERE r.org = :org AND :everything AND a.value ->> '$.alarm.category' <> ''
ORDER BY 1;
