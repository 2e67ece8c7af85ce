-- Refusals of nobody known: they belong to the installation, not to an organisation.  Equal ones of a minute fold.

CREATE TABLE refusals (
  minute  INTEGER NOT NULL,
  address TEXT    NOT NULL,
  route   TEXT    NOT NULL,
  status  INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (minute, address, route, status)
) STRICT, WITHOUT ROWID;
