-- What organisers' requests have created, by a hash of their idempotency key. made is the number of
-- the venue, plan or event; the hash is over its kind, too.
CREATE TABLE creations (
    creation BLOB PRIMARY KEY,
    request  BLOB NOT NULL,
    made     INTEGER NOT NULL,
    made_ms  INTEGER NOT NULL
) WITHOUT ROWID;
