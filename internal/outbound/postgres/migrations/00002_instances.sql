-- Expand only: the release before this one goes on working on these tables.

-- +goose Up

-- What organisers' requests have created, by a hash of their idempotency key. made is the number of
-- the venue, plan or event; the hash is over its kind, too.
CREATE TABLE creations (
    creation bytea PRIMARY KEY,
    request  bytea NOT NULL,
    made     bigint NOT NULL,
    made_ms  bigint NOT NULL
);

-- Who of several instances does what only one should do at a time. The database's own clock is
-- written and compared. Nothing is fenced by it: outbox.Forwarder says why that does no harm.
CREATE TABLE leases (
    name  text PRIMARY KEY,
    owner text NOT NULL,
    until timestamptz NOT NULL
) WITH (fillfactor = 50);
