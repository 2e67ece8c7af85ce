-- Tokens that were issued, and the sessions of browsers: whose they are, so that they end with what they were given for.

CREATE TABLE issued_tokens (
  jti      BLOB    PRIMARY KEY,
  org      INTEGER NOT NULL,
  kind     TEXT    NOT NULL,  -- of the holder: user, service, key or device
  holder   BLOB    NOT NULL,  -- its UUID
  audience TEXT    NOT NULL,
  issued   INTEGER NOT NULL,
  ends     INTEGER NOT NULL   -- believed no longer
) STRICT, WITHOUT ROWID;
CREATE INDEX issued_tokens_by_holder ON issued_tokens (holder);
CREATE INDEX issued_tokens_by_end ON issued_tokens (ends);

CREATE TABLE sessions (
  hash    BLOB    PRIMARY KEY,      -- of the session's secret, which only the browser holds
  id      BLOB    NOT NULL UNIQUE,  -- by which its owner may end it
  org     INTEGER NOT NULL,
  user    BLOB    NOT NULL,         -- the user's UUID
  created INTEGER NOT NULL,
  seen    INTEGER NOT NULL,
  address TEXT    NOT NULL,
  agent   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user, created);
CREATE INDEX sessions_by_creation ON sessions (created);

-- Whatever was begun with the old password, or before the user was disabled, ends in the same transaction.
CREATE TRIGGER users_shut_out AFTER UPDATE OF password_changed, disabled ON users
  WHEN NEW.password_changed IS NOT OLD.password_changed OR (NEW.disabled IS NOT NULL AND OLD.disabled IS NULL)
BEGIN
  DELETE FROM sessions WHERE user = NEW.uuid;
  INSERT INTO revoked_tokens (jti, expires)
    SELECT jti, ends FROM issued_tokens
    WHERE holder = NEW.uuid AND kind = 'user' AND jti NOT IN (SELECT jti FROM revoked_tokens);
  DELETE FROM refresh_tokens WHERE holder = 'user/' || lower(
    substr(hex(NEW.uuid), 1, 8) || '-' || substr(hex(NEW.uuid), 9, 4) || '-' || substr(hex(NEW.uuid), 13, 4) || '-' ||
    substr(hex(NEW.uuid), 17, 4) || '-' || substr(hex(NEW.uuid), 21));
END;
CREATE TRIGGER users_gone AFTER DELETE ON users
BEGIN
  DELETE FROM sessions WHERE user = OLD.uuid;
END;
