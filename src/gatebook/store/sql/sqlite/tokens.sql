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
INSERT INTO issued_tokens (jti, org, kind, holder, audience, issued, ends)
VALUES (:jti, :org, :kind, :holder, :audience, :issued, :ends);

-- name: issued
SELECT org, kind, holder, audience, issued, ends FROM issued_tokens WHERE jti = :jti;

-- name: drop_issued
DELETE FROM issued_tokens WHERE ends <= :now;
