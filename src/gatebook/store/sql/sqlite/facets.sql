-- name: organisation_rows
-- Tallies of the whole organisation, by bucket and group.
SELECT bucket, {group}, {sum} FROM tallies
WHERE org = :org AND grain = :grain AND stream = 0 AND bucket >= :first AND bucket < :beyond {classes}
GROUP BY 1, 2;

-- name: stream_rows
-- The same of single streams and sites.
SELECT bucket, {group}, {sum} FROM tallies
WHERE org = :org AND grain = :grain AND stream IN carray(:streams) AND bucket >= :first AND bucket < :beyond {classes}
GROUP BY 1, 2;

-- name: stream_log
-- Streams that have no rows this fine, up to where the follower has counted.
SELECT occurred / :length, {group}, count(*) FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until AND seq <= :watermark
  {classes}
GROUP BY 1, 2;

-- name: piece_by_stream
-- A piece of time that no bucket matches, of the streams listed.
SELECT {group}, count(*) FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until AND seq <= :watermark
  {classes}
GROUP BY 1;

-- name: piece_by_time
-- A piece of time that no bucket matches, of the whole organisation.
SELECT {group}, count(*) FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred >= :since AND occurred < :until {streams} {classes}
GROUP BY 1;

-- name: but_streams
-- What is left out and counted already; the rest of what is left out is taken off at the end.
AND (stream NOT IN carray(:streams) OR seq > :watermark)

-- name: groups_of
SELECT seq, occurred, stream, class FROM events WHERE org = :org AND seq IN carray(:seqs);

-- name: by_nothing
0

-- name: by_class
class

-- name: by_stream
stream

-- name: each_class
AND class <> 0

-- name: each_of_some_classes
AND class IN carray(:classes)

-- name: each_of_other_classes
AND class <> 0 AND class NOT IN carray(:classes)
