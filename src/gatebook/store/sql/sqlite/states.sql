-- name: follow
-- A late event does not take the place of a newer one.
INSERT INTO latest_states (org, class, stream, occurred, seq, id)
SELECT org, class, stream, occurred, seq, id FROM events
WHERE org = :org AND seq > :after AND seq <= :upto AND class IN carray(:classes)
ON CONFLICT (org, class, stream) DO UPDATE SET occurred = excluded.occurred, seq = excluded.seq, id = excluded.id
WHERE (excluded.occurred, excluded.seq) > (latest_states.occurred, latest_states.seq);

-- name: grouped_types
SELECT uuid, state_group FROM event_types WHERE org = :org AND state_group IS NOT NULL;

-- name: latest
SELECT class, stream, occurred, seq, id FROM latest_states WHERE org = ? {conditions};

-- name: newer
-- What the follower has yet to come to; of a log that is very far ahead of it, the end.
SELECT class, stream, occurred, seq, id FROM events
WHERE org = ?1
AND seq > max(coalesce((SELECT seq FROM followers WHERE org = ?1 AND name = ?2), 0),
              coalesce((SELECT last FROM heads WHERE org = ?1 AND stream = 0), 0) - ?3)
AND class IN carray(?4) {conditions};

-- name: present
-- Streams of devices that are still there.
SELECT stream FROM devices WHERE org = :org AND removed = 0;
