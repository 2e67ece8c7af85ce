-- name: sealed
SELECT sealed FROM ntlm_accounts WHERE user = :user;

-- name: put
INSERT INTO ntlm_accounts (user, org, sealed, created) VALUES (:user, :org, :sealed, :now)
ON CONFLICT (user) DO UPDATE SET sealed = excluded.sealed, created = excluded.created;

-- name: remove
DELETE FROM ntlm_accounts WHERE user = :user RETURNING user;
