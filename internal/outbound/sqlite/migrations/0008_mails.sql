-- Mails to be sent, and what became of them: what each is about, not what it says nor to which address
-- it goes. state: 1 waits, 2 was sent, 3 was given up, 4 had nothing left to say.
CREATE TABLE mails (
    mail      TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    role      INTEGER NOT NULL,
    event_id  INTEGER NOT NULL,
    order_key BLOB NOT NULL,
    place     INTEGER NOT NULL,
    fence     INTEGER NOT NULL,
    amount    INTEGER NOT NULL,
    currency  TEXT NOT NULL,
    at_ms     INTEGER NOT NULL,
    due_ms    INTEGER NOT NULL,
    tries     INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    why       TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX mails_due ON mails (due_ms) WHERE state = 1;
CREATE INDEX mails_failed ON mails (at_ms) WHERE state = 3;
