-- name: count_refusal
INSERT INTO refusals (minute, address, route, status, n) VALUES (:minute, :address, :route, :status, :n)
ON CONFLICT (minute, address, route, status) DO UPDATE SET n = n + excluded.n;

-- name: forget_refusals
DELETE FROM refusals WHERE minute < :before;

-- name: refusals
SELECT minute, address, route, status, n FROM refusals ORDER BY minute DESC, n DESC LIMIT :limit;
