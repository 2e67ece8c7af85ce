-- The sign-in that a token came of, where others come of the same one: whoever ends a token ends all of them.
ALTER TABLE issued_tokens ADD COLUMN sign_in BLOB;
CREATE INDEX issued_tokens_by_sign_in ON issued_tokens (sign_in) WHERE sign_in IS NOT NULL;
CREATE INDEX issued_tokens_by_org ON issued_tokens (org, jti);
