-- name: rules
SELECT uuid, name, kinds, type, days, revision FROM retention WHERE org = :org ORDER BY uuid;

-- name: put_rule
INSERT INTO retention (org, uuid, name, kinds, type, days) VALUES (:org, :uuid, :name, :kinds, :type, :days)
ON CONFLICT (org, uuid) DO UPDATE SET name = excluded.name, kinds = excluded.kinds, type = excluded.type,
  days = excluded.days, revision = revision + 1;

-- name: drop_rule
DELETE FROM retention WHERE org = :org AND uuid = :uuid RETURNING 1;

-- name: due_count
-- How many events would go, how old the oldest is, how new the newest.
SELECT count(*), min(occurred), max(occurred) FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred < :before AND class IN carray(:classes) AND seq <= :followed;

-- name: due
SELECT seq, stream, occurred, class FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred < :before AND class IN carray(:classes) AND seq <= :followed
ORDER BY occurred, seq LIMIT :limit;

-- name: slowest_follower
SELECT min(seq) FROM followers WHERE org = :org;

-- name: versions_of
SELECT stream, version FROM events WHERE org = :org AND seq IN carray(:seqs);

-- name: remove_events
DELETE FROM events WHERE org = :org AND seq IN carray(:seqs);

-- name: remove_personal
DELETE FROM personal WHERE org = :org AND seq IN carray(:seqs);

-- name: forget_keys
-- Keys of repeats whose event is gone, in one slice of all keys.
DELETE FROM keys_seen WHERE org = :org AND key >= :since AND key < :before
  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.org = keys_seen.org AND e.seq = keys_seen.seq);

-- name: range_before
-- The removed range that ends right before this number, to be lengthened.
SELECT first FROM removed WHERE org = :org AND stream = :stream AND first <= :number AND last = :number - 1
ORDER BY first DESC LIMIT 1;

-- name: range_after
SELECT last FROM removed WHERE org = :org AND stream = :stream AND first = :number + 1;

-- name: put_range
INSERT INTO removed (org, stream, first, last, by_seq) VALUES (:org, :stream, :first, :last, :by_seq)
ON CONFLICT (org, stream, first) DO UPDATE SET last = max(last, excluded.last), by_seq = excluded.by_seq;

-- name: drop_range
DELETE FROM removed WHERE org = :org AND stream = :stream AND first = :first;

-- name: removed_of
SELECT first, last, by_seq FROM removed WHERE org = :org AND stream = :stream ORDER BY first;

-- name: free_pages
SELECT freelist_count FROM pragma_freelist_count;
