-- name: keys_of
-- Which of these source keys have been seen.
SELECT key, body, seq FROM keys_seen WHERE org = ? AND key IN carray(?);

-- name: heads_of
-- The last numbers of these streams; stream 0 is the organisation's seq.
SELECT stream, last FROM heads WHERE org = ? AND stream IN carray(?);

-- name: insert_events
INSERT INTO events (org, seq, id, stream, version, class, occurred, received, reported, cause, tag, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_personal
INSERT INTO personal (org, seq, salt, occurred, person, person_name, credential, message, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_keys
-- A key whose event was removed since is taken again.
INSERT INTO keys_seen (org, key, body, seq) VALUES (?, ?, ?, ?)
ON CONFLICT (org, key) DO UPDATE SET body = excluded.body, seq = excluded.seq;

-- name: raise_heads
INSERT INTO heads (org, stream, last) VALUES (?, ?, ?)
ON CONFLICT (org, stream) DO UPDATE SET last = excluded.last;

-- name: places_of
-- What is answered to a repeat: where the first one stands.
SELECT seq, id, stream, version, occurred, received FROM events WHERE org = ? AND seq IN carray(?);
