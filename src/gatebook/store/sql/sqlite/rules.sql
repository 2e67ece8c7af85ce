-- name: rule_by_uuid
SELECT uuid, name, enabled, body, author_kind, author, author_key, reach, since, revision, changed
FROM rules WHERE org = :org AND uuid = :ref;

-- name: rule_by_name
SELECT uuid, name, enabled, body, author_kind, author, author_key, reach, since, revision, changed
FROM rules WHERE org = :org AND name = :ref COLLATE NOCASE;

-- name: rules_after
SELECT uuid, name, enabled, body, author_kind, author, author_key, reach, since, revision, changed
FROM rules WHERE org = :org AND uuid > :after ORDER BY uuid LIMIT :limit;

-- name: insert_rule
INSERT INTO rules (org, uuid, name, enabled, body, author_kind, author, author_key, reach, since, revision, changed)
VALUES (:org, :uuid, :name, :enabled, :body, :author_kind, :author, :author_key, :reach, :since, :revision, :changed);

-- name: change_rule
UPDATE rules SET name = :name, enabled = :enabled, body = :body, author_kind = :author_kind, author = :author,
  author_key = :author_key, reach = :reach, since = :since, revision = :revision, changed = :changed
WHERE org = :org AND uuid = :uuid;

-- name: remove_rule
DELETE FROM rules WHERE org = :org AND uuid = :uuid;

-- name: rules_count
SELECT count(*) FROM rules WHERE org = :org;

-- name: revisions_of
SELECT revision, name, enabled, body, author_kind, author, changed
FROM rule_revisions WHERE org = :org AND rule = :rule ORDER BY revision;

-- name: active
-- The rules that look at events now; few, read anew for each batch.
SELECT uuid, name, enabled, body, author_kind, author, author_key, reach, since, revision, changed
FROM rules WHERE org = :org AND enabled = 1 ORDER BY uuid;

-- name: zone_of
SELECT zone FROM organisations WHERE org = :org;

-- name: clock
SELECT clock FROM rule_clocks WHERE org = :org;

-- name: set_clock
INSERT INTO rule_clocks (org, clock) VALUES (:org, :clock)
ON CONFLICT (org) DO UPDATE SET clock = max(clock, excluded.clock);

-- name: memory_of
SELECT occurred, seq, steps FROM rule_memory WHERE org = :org AND rule = :rule AND grp = :grp ORDER BY occurred, seq;

-- name: group_of
SELECT fired FROM rule_groups WHERE org = :org AND rule = :rule AND grp = :grp;

-- name: drop_memory
DELETE FROM rule_memory WHERE org = :org AND rule = :rule AND grp = :grp;

-- name: drop_seen
DELETE FROM rule_memory WHERE org = ? AND rule = ? AND grp = ? AND occurred = ? AND seq = ?;

-- name: insert_seen
INSERT INTO rule_memory (org, rule, grp, occurred, seq, steps) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (org, rule, grp, occurred, seq) DO UPDATE SET steps = excluded.steps;

-- name: put_group
INSERT INTO rule_groups (org, rule, grp, fired, due) VALUES (:org, :rule, :grp, :fired, :due)
ON CONFLICT (org, rule, grp) DO UPDATE SET fired = excluded.fired, due = excluded.due;

-- name: drop_group
DELETE FROM rule_groups WHERE org = :org AND rule = :rule AND grp = :grp;

-- name: due_groups
SELECT due, rule, grp FROM rule_groups WHERE org = :org AND due < :clock ORDER BY due, rule, grp;

-- name: organisations_due
-- Where an absence has become a fact, or the minute has passed for a rule by the clock.
SELECT org FROM rule_groups WHERE due < :clock
UNION
SELECT r.org FROM rules r LEFT JOIN rule_clocks k ON k.org = r.org
WHERE r.enabled = 1 AND r.body ->> 'at' IS NOT NULL
  AND coalesce(k.clock, 0) / 60000000000 < :clock / 60000000000;

-- name: log_firing
INSERT INTO rule_firings (org, rule, n, revision, cause, grp, at, fired, events, done)
VALUES (:org, :rule, 1 + coalesce((SELECT max(n) FROM rule_firings WHERE org = :org AND rule = :rule), 0),
  :revision, :cause, :grp, :at, :fired, :events, :done)
ON CONFLICT (org, rule, cause, grp, at) DO NOTHING RETURNING n;

-- name: forget_firings
DELETE FROM rule_firings WHERE org = :org AND rule = :rule AND n <= :n;

-- name: log_refusal
INSERT INTO rule_refusals (org, rule, revision, why, n, first, last, cause)
VALUES (:org, :rule, :revision, :why, 1, :now, :now, :cause)
ON CONFLICT (org, rule, revision, why) DO UPDATE SET n = n + 1, last = excluded.last, cause = excluded.cause;

-- name: firings_of
SELECT n, revision, at, fired, grp, events, done,
  (SELECT e.id FROM events e WHERE e.org = f.org AND e.seq = f.cause)
FROM rule_firings f WHERE org = :org AND rule = :rule AND n < :before ORDER BY n DESC LIMIT :limit;

-- name: refusals_of
SELECT revision, why, n, first, last FROM rule_refusals WHERE org = :org AND rule = :rule ORDER BY last DESC LIMIT 100;

-- name: derived_in
SELECT seq, chain FROM rule_derived WHERE org = :org AND seq > :after AND seq <= :upto;

-- name: insert_derived
INSERT INTO rule_derived (org, seq, chain) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: unruled_in
SELECT seq FROM unruled WHERE org = :org AND seq > :after AND seq <= :upto;

-- name: insert_unruled
INSERT INTO unruled (org, seq) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: put_effect
INSERT INTO outbox (org, kind, target, seq, payload, key, rule, revision, created, due, deadline)
VALUES (:org, :kind, :target, :seq, :payload, :key, :rule, :revision, :created, :due, :deadline)
ON CONFLICT (org, key) DO NOTHING;

-- name: effects_due
SELECT effect, org, kind, target, seq, payload, key, rule, revision, created, due, deadline, attempts, state, error
FROM outbox WHERE state = 'waiting' AND due <= :now AND kind IN carray(:kinds) ORDER BY due, effect LIMIT :limit;

-- name: effects_of
SELECT effect, org, kind, target, seq, payload, key, rule, revision, created, due, deadline, attempts, state, error
FROM outbox WHERE org = :org AND rule = :rule ORDER BY effect DESC LIMIT :limit;

-- name: settle_effect
UPDATE outbox SET state = :state, error = :error, attempts = :attempts, due = :due WHERE effect = :effect;

-- name: forget_effects
-- What was settled so long ago, the oldest first, a few at a time.
DELETE FROM outbox WHERE effect IN (
  SELECT effect FROM outbox WHERE state <> 'waiting' AND created < :before ORDER BY effect LIMIT :limit);

-- name: has_lapsed
SELECT 1 FROM outbox WHERE state = 'waiting' AND deadline IS NOT NULL AND deadline <= :now LIMIT 1;

-- name: lapse_effects
UPDATE outbox SET state = 'late', error = 'its deadline had passed' WHERE state = 'waiting' AND deadline IS NOT NULL AND deadline <= :now;

-- name: part_end
-- When the event occurred that comes so many after the first of a stretch of time.
SELECT occurred FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred >= :since AND occurred < :until ORDER BY occurred LIMIT 1 OFFSET :n;

-- name: span_of
-- The first and the last seq of what occurred in a stretch of time.
SELECT min(seq), max(seq), count(*) FROM events INDEXED BY events_by_time
WHERE org = ? AND occurred >= ? AND occurred < ? {conditions};

-- name: tried
-- Events in order of seq, for a rule that is tried on history.
SELECT {columns} FROM {joined} WHERE e.org = ? AND e.seq > ? AND e.seq <= ? AND e.occurred >= ? AND e.occurred < ?
AND NOT EXISTS (SELECT 1 FROM unruled u WHERE u.org = e.org AND u.seq = e.seq) {conditions}
ORDER BY e.seq LIMIT ?;
