-- name: count_refusal
INSERT INTO refusals (minute, address, route, status, n) VALUES (:minute, :address, :route, :status, :n)
ON CONFLICT (minute, address, route, status) DO UPDATE SET n = n + excluded.n;

-- name: forget_refusals
DELETE FROM refusals WHERE minute < :before;

-- name: refusals
SELECT minute, address, route, status, n FROM refusals ORDER BY minute DESC, n DESC LIMIT :limit;

-- name: attempts
SELECT key, last, body FROM attempts WHERE last >= :since ORDER BY last DESC LIMIT :limit;

-- name: put_attempts
INSERT INTO attempts (key, last, body) VALUES (:key, :last, :body)
ON CONFLICT (key) DO UPDATE SET last = excluded.last, body = excluded.body;

-- name: drop_attempts
DELETE FROM attempts WHERE key = :key;

-- name: forget_attempts
DELETE FROM attempts WHERE last < :before;
