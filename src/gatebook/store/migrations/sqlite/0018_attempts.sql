-- Wrong passwords, by a keyed hash of name and network or of a network alone, so that a restart does not forget them.
CREATE TABLE attempts (
  key  BLOB    PRIMARY KEY,
  last INTEGER NOT NULL,   -- when it was last tried
  body TEXT    NOT NULL    -- JSON, in seconds since 1970
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_last ON attempts (last);
