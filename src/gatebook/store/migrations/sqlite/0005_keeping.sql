-- How long events are kept, which are gone, and whose personal parts were erased.

-- What is kept no longer than so many days.  A rule without kinds and type is for every event.
CREATE TABLE retention (
  org      INTEGER NOT NULL,
  uuid     BLOB    NOT NULL,
  name     TEXT    NOT NULL,
  kinds    TEXT,             -- a JSON array of words; NULL: every kind
  type     BLOB,             -- one event type; NULL: every type
  days     INTEGER NOT NULL CHECK (days > 0),
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;

-- Events that were removed, as ranges of numbers that are in the log no more; `by_seq` is the event that says so.
CREATE TABLE removed (
  org    INTEGER NOT NULL,
  stream INTEGER NOT NULL,   -- 0: ranges of seq; else: ranges of that stream's version
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  by_seq INTEGER NOT NULL,
  PRIMARY KEY (org, stream, first)
) STRICT, WITHOUT ROWID;

-- Stands for erased personal parts in every proof: SHA-256 over the salt and the parts, taken before both went.
ALTER TABLE personal ADD COLUMN commitment BLOB;
