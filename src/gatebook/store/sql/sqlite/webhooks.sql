-- name: webhook_by_uuid
SELECT uuid, name, url, filter, sends, ordered, format, enabled, why, author_kind, author, author_key, reach, revision
FROM webhooks WHERE org = :org AND uuid = :ref;

-- name: webhook_by_name
SELECT uuid, name, url, filter, sends, ordered, format, enabled, why, author_kind, author, author_key, reach, revision
FROM webhooks WHERE org = :org AND name = :ref COLLATE NOCASE;

-- name: webhooks_after
SELECT uuid, name, url, filter, sends, ordered, format, enabled, why, author_kind, author, author_key, reach, revision
FROM webhooks WHERE org = :org AND uuid > :after ORDER BY uuid LIMIT :limit;

-- name: insert_webhook
INSERT INTO webhooks (org, uuid, name, url, filter, sends, ordered, format, enabled, why, author_kind, author,
  author_key, reach, revision)
VALUES (:org, :uuid, :name, :url, :filter, :sends, :ordered, :format, :enabled, :why, :author_kind, :author,
  :author_key, :reach, :revision);

-- name: change_webhook
UPDATE webhooks SET name = :name, url = :url, filter = :filter, sends = :sends, ordered = :ordered, format = :format,
  enabled = :enabled, why = :why, author_kind = :author_kind, author = :author, author_key = :author_key,
  reach = :reach, revision = :revision
WHERE org = :org AND uuid = :uuid;

-- name: remove_webhook
DELETE FROM webhooks WHERE org = :org AND uuid = :uuid;

-- name: count
SELECT count(*) FROM webhooks WHERE org = :org;

-- name: busy
-- Webhooks that have something to do: (org, uuid, has events to look at, has something due).
SELECT w.org, w.uuid, w.sends = 'events' AND s.seq < :head, EXISTS (
  SELECT 1 FROM deliveries d WHERE d.org = w.org AND d.webhook = w.uuid AND d.state = 'waiting' AND d.due <= :now)
FROM webhooks w JOIN webhook_states s ON s.org = w.org AND s.webhook = w.uuid
WHERE w.org = :org AND w.enabled = 1;

-- name: waiting
SELECT count(*) FROM deliveries WHERE org = :org AND webhook = :webhook AND state = 'waiting';

-- name: start
INSERT INTO webhook_states (org, webhook, seq) VALUES (:org, :webhook, :seq)
ON CONFLICT (org, webhook) DO UPDATE SET seq = excluded.seq, failing_since = NULL, failures = 0, error = NULL;

-- name: move
UPDATE webhook_states SET seq = :seq WHERE org = :org AND webhook = :webhook;

-- name: state
SELECT seq, succeeded, failing_since, failures, error FROM webhook_states WHERE org = :org AND webhook = :webhook;

-- name: succeeded
UPDATE webhook_states SET succeeded = :now, failing_since = NULL, failures = 0, error = NULL
WHERE org = :org AND webhook = :webhook;

-- name: failed
UPDATE webhook_states SET failing_since = coalesce(failing_since, :now), failures = failures + 1, error = :error
WHERE org = :org AND webhook = :webhook;

-- name: hurry
-- What waits for a receiver that answers again waits no longer.
UPDATE deliveries SET due = :now WHERE org = :org AND webhook = :webhook AND state = 'waiting' AND due > :now;

-- name: put
INSERT INTO deliveries (org, webhook, message, seq, stream, rule, payload, created, due)
VALUES (:org, :webhook, :message, :seq, :stream, :rule, :payload, :now, :now)
ON CONFLICT (org, webhook, message) DO UPDATE SET state = 'waiting', attempts = 0, due = excluded.due
WHERE state = 'failed';

-- name: due
SELECT delivery, org, webhook, message, seq, stream, rule, payload, created, due, attempts, state, error
FROM deliveries AS d
WHERE org = :org AND webhook = :webhook AND state = 'waiting' AND due <= :now
  AND (stream IS NULL OR NOT EXISTS (
    SELECT 1 FROM deliveries AS b
    WHERE b.org = d.org AND b.webhook = d.webhook AND b.stream = d.stream AND b.state = 'waiting'
      AND b.stream IS NOT NULL AND (b.seq, b.delivery) < (d.seq, d.delivery)))
ORDER BY due, delivery LIMIT :limit;

-- name: settle
UPDATE deliveries SET state = :state, attempts = :attempts, due = :due, error = :error WHERE delivery = :delivery;

-- name: forget
-- What was delivered so long ago, the oldest first, a few at a time.
DELETE FROM deliveries WHERE delivery IN (
  SELECT delivery FROM deliveries WHERE state = 'done' AND created < :before ORDER BY delivery LIMIT :limit);

-- name: listed
SELECT delivery, org, webhook, message, seq, stream, rule, payload, created, due, attempts, state, error
FROM deliveries
WHERE org = :org AND webhook = :webhook AND delivery < :before AND (:state IS NULL OR state = :state)
ORDER BY delivery DESC LIMIT :limit;

-- name: replay
UPDATE deliveries SET state = 'waiting', attempts = 0, due = :now
WHERE org = :org AND webhook = :webhook AND (delivery = :delivery OR (:delivery IS NULL AND state = 'failed'))
RETURNING delivery;

-- name: put_secret
INSERT INTO webhook_secrets (org, webhook, made, sealed, ends) VALUES (:org, :webhook, :now, :sealed, NULL);

-- name: end_secrets
UPDATE webhook_secrets SET ends = :ends
WHERE org = :org AND webhook = :webhook AND (ends IS NULL OR ends > :ends);

-- name: drop_secrets
DELETE FROM webhook_secrets WHERE org = :org AND webhook = :webhook AND ends <= :now;

-- name: secrets
SELECT sealed FROM webhook_secrets
WHERE org = :org AND webhook = :webhook AND (ends IS NULL OR ends > :now) ORDER BY ends IS NOT NULL, made DESC;
