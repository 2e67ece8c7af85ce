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

-- name: present
-- Streams of devices that are still there.
SELECT stream FROM devices WHERE org = :org AND removed = 0;
