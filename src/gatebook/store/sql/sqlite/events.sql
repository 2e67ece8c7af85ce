-- name: columns
-- What rows.event_of reads, in its order.
e.seq, e.id, e.stream, e.version, e.class, e.occurred, e.received, e.reported, e.cause, e.tag, e.data,
p.person, p.person_name, p.credential, p.message, p.data, coalesce(p.erased, 0)

-- name: joined
events e LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq

-- name: by_time
-- Places in one stretch of time, read off the index alone.
SELECT seq, occurred FROM events INDEXED BY events_by_time
WHERE org = ? AND occurred >= ? AND occurred < ? {conditions}
ORDER BY occurred {order}, seq {order} LIMIT ? OFFSET ?;

-- name: page_by_time
-- Whole events of one stretch of time, found and read at once.
SELECT {columns} FROM (
  SELECT seq, occurred FROM events INDEXED BY events_by_time
  WHERE org = ? AND occurred >= ? AND occurred < ? {conditions}
  ORDER BY occurred {order}, seq {order} LIMIT ?
) x CROSS JOIN events e ON e.org = ? AND e.seq = x.seq LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq
ORDER BY x.occurred {order}, x.seq {order};

-- name: nearest
-- When the event happened that ends a stretch of so many events.
SELECT occurred FROM events INDEXED BY events_by_time
WHERE org = ? AND occurred >= ? AND occurred < ? ORDER BY occurred {order}, seq {order} LIMIT 1 OFFSET ?;

-- name: by_stream
SELECT seq, occurred FROM events INDEXED BY events_by_stream
WHERE org = ? AND stream IN carray(?) AND occurred >= ? AND occurred < ? {conditions}
ORDER BY occurred {order}, seq {order} LIMIT ? OFFSET ?;

-- name: by_one_stream
SELECT seq, occurred FROM events INDEXED BY events_by_stream
WHERE org = ? AND stream = ? AND occurred >= ? AND occurred < ? {conditions}
ORDER BY occurred {order}, seq {order} LIMIT ? OFFSET ?;

-- name: searched
-- Places in one stretch of time that pass a condition which must be looked at event by event.
SELECT e.seq, e.occurred FROM events e INDEXED BY {index} LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq
WHERE e.org = ? {conditions} AND e.occurred >= ? AND e.occurred < ?
ORDER BY e.occurred {order}, e.seq {order} LIMIT ?;

-- name: by_person
SELECT e.seq, e.occurred FROM personal p INDEXED BY personal_by_person
CROSS JOIN events e ON e.org = p.org AND e.seq = p.seq
WHERE p.org = ? AND p.person IN carray(?) {conditions}
ORDER BY p.occurred {order}, p.seq {order} LIMIT ? OFFSET ?;

-- name: by_credential
SELECT e.seq, e.occurred FROM personal p INDEXED BY personal_by_credential
CROSS JOIN events e ON e.org = p.org AND e.seq = p.seq
WHERE p.org = ? AND p.credential COLLATE NOCASE IN carray(?) {conditions}
ORDER BY p.occurred {order}, p.seq {order} LIMIT ? OFFSET ?;

-- name: by_tag
SELECT e.seq, e.occurred FROM events e INDEXED BY events_by_tag LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq
WHERE e.org = ? AND e.tag COLLATE NOCASE IN carray(?) {conditions}
ORDER BY e.occurred {order}, e.seq {order} LIMIT ? OFFSET ?;

-- name: by_key
SELECT e.seq, e.occurred FROM events e LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq
WHERE e.org = ? {conditions}
ORDER BY e.occurred {order}, e.seq {order} LIMIT ? OFFSET ?;

-- name: rows_of
-- Whole events by their places.
SELECT {columns} FROM {joined} WHERE e.org = ? AND e.seq IN carray(?);

-- name: event_by_id
SELECT {columns} FROM {joined} WHERE e.org = ? AND e.id = ?;

-- name: event_by_seq
SELECT {columns} FROM {joined} WHERE e.org = ? AND e.seq = ?;

-- name: versions
-- One stream's events by version: the page of a lock is arithmetic.
SELECT {columns} FROM events e INDEXED BY events_by_version LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq
WHERE e.org = ? AND e.stream = ? AND e.version >= ? AND e.version < ? ORDER BY e.version;

-- name: log_after
-- The next events for whoever follows the log; seq is in commit order.
SELECT {columns} FROM {joined} WHERE e.org = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?;

-- name: newest
SELECT max(occurred) FROM events WHERE org = ?;

-- name: heads_of_all
SELECT org, last FROM heads WHERE stream = 0;
