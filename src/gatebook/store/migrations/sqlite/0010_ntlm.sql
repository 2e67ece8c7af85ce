-- Users who may sign in by NTLM, because they were let in to it one by one.

CREATE TABLE ntlm_accounts (
  user    BLOB    PRIMARY KEY,  -- the user's UUID
  org     INTEGER NOT NULL,
  sealed  BLOB    NOT NULL,     -- the NT hash of the password, encrypted under the server's secret
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Another password is proved by another hash, which nobody but its owner could make.
CREATE TRIGGER users_password_no_longer_ntlm AFTER UPDATE OF password_changed ON users
  WHEN NEW.password_changed IS NOT OLD.password_changed
  BEGIN DELETE FROM ntlm_accounts WHERE user = NEW.uuid; END;
CREATE TRIGGER users_gone_from_ntlm AFTER DELETE ON users
  BEGIN DELETE FROM ntlm_accounts WHERE user = OLD.uuid; END;
