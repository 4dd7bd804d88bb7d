-- Expand only: the release before this one goes on working on these tables.

-- +goose Up

-- Mails to be sent, and what became of them: what each is about, not what it says nor to which address
-- it goes. state: 1 waits, 2 was sent, 3 was given up, 4 had nothing left to say.
CREATE TABLE mails (
    mail      text COLLATE "C" PRIMARY KEY,
    kind      text NOT NULL,
    role      smallint NOT NULL,
    event_id  bigint NOT NULL,
    order_key bytea NOT NULL,
    place     bigint NOT NULL,
    fence     bigint NOT NULL,
    amount    bigint NOT NULL,
    currency  text NOT NULL,
    at_ms     bigint NOT NULL,
    due_ms    bigint NOT NULL,
    tries     integer NOT NULL,
    state     smallint NOT NULL,
    why       text NOT NULL
);
CREATE INDEX mails_due ON mails (due_ms) WHERE state = 1;
CREATE INDEX mails_failed ON mails (at_ms) WHERE state = 3;
