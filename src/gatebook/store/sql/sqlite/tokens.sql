-- name: insert_signing_key
INSERT INTO signing_keys (kid, alg, sealed, public, created) VALUES (:kid, :alg, :sealed, :public, :created);

-- name: signing_keys
SELECT kid, alg, sealed, public, created, retired, ends FROM signing_keys
WHERE ends IS NULL OR ends > :now ORDER BY created DESC, kid;

-- name: retire
UPDATE signing_keys SET retired = coalesce(retired, :now), ends = min(coalesce(ends, :ends), :ends)
WHERE kid <> :kid AND alg = :alg;

-- name: drop_ended
DELETE FROM signing_keys WHERE ends <= :now;

-- name: revoke
INSERT INTO revoked_tokens (jti, expires) VALUES (:jti, :expires) ON CONFLICT (jti) DO NOTHING;

-- name: is_revoked
SELECT 1 FROM revoked_tokens WHERE jti = :jti;

-- name: drop_expired
DELETE FROM revoked_tokens WHERE expires <= :now;

-- name: insert_refresh
INSERT INTO refresh_tokens (hash, family, org, holder, audience, scopes, created, expires)
VALUES (:hash, :family, :org, :holder, :audience, :scopes, :created, :expires);

-- name: refresh
SELECT family, org, holder, audience, scopes, expires, used FROM refresh_tokens WHERE hash = :hash;

-- name: spend_refresh
UPDATE refresh_tokens SET used = :now WHERE hash = :hash AND used IS NULL RETURNING 1;

-- name: end_family
DELETE FROM refresh_tokens WHERE family = :family;

-- name: insert_issued
-- One of an outside issuer is met again after a restart.
INSERT INTO issued_tokens (jti, org, kind, holder, audience, issued, ends, sign_in)
VALUES (:jti, :org, :kind, :holder, :audience, :issued, :ends, :sign_in)
ON CONFLICT (jti) DO NOTHING;

-- name: issued
SELECT jti, org, kind, holder, audience, issued, ends, sign_in FROM issued_tokens WHERE jti = :jti;

-- name: issued_of_sign_in
SELECT jti, org, kind, holder, audience, issued, ends, sign_in FROM issued_tokens WHERE sign_in = :sign_in;

-- name: held_after
-- Those of an organisation that hold, in the order in which they were issued, with their holders' names.
SELECT t.jti, t.org, t.kind, t.holder, t.audience, t.issued, t.ends, t.sign_in, coalesce(
  (SELECT u.name FROM users u WHERE u.uuid = t.holder AND t.kind = 'user'),
  (SELECT s.name FROM services s WHERE s.uuid = t.holder AND t.kind = 'service'),
  (SELECT k.name FROM api_keys k WHERE k.id = t.holder AND t.kind = 'key'), '')
FROM issued_tokens t INDEXED BY issued_tokens_by_org
WHERE t.org = :org AND t.jti > :after AND t.ends > :now AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = t.jti)
ORDER BY t.jti LIMIT :limit;

-- name: held_by_after
-- Those of one holder.
SELECT t.jti, t.org, t.kind, t.holder, t.audience, t.issued, t.ends, t.sign_in, ''
FROM issued_tokens t INDEXED BY issued_tokens_by_holder
WHERE t.holder = :holder AND t.kind = :kind AND t.jti > :after AND t.ends > :now
  AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = t.jti)
ORDER BY t.jti LIMIT :limit;

-- name: drop_issued
DELETE FROM issued_tokens WHERE ends <= :now;
