-- +goose Up

-- The ledger of the cluster profile. Times are milliseconds since 1970 in UTC, money is minor units,
-- keys are raw bytes.
--
-- Migrations go forward only, and follow expand/contract: the release before must keep working on
-- the tables of this one while a deployment is under way. So a migration adds what the old program
-- doesn't need to know (a table, a column with a default, an index made CONCURRENTLY in a file of
-- its own); data is moved in batches afterwards; what nobody reads any more is dropped by a later
-- release.
--
-- Keys of hot tables begin with the event, so that they can be distributed by it
-- (docs/adr/0010-one-ledger-many-instances.md). Hot tables leave room in each page: an update that
-- changes no indexed column then finds it there, touches no index, and is cleaned up in passing.
-- No column that changes in a checkout is indexed, therefore. They are also vacuumed and analysed
-- after a fixed number of changes, not after a share of a table that only grows.

CREATE TABLE settings (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE venues (
    venue_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      text NOT NULL,
    address   text NOT NULL,
    city      text NOT NULL,
    country   text NOT NULL,
    time_zone text NOT NULL
);

-- A plan is never changed once it is stored: its document is cached for ever.
CREATE TABLE plans (
    plan_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id bigint NOT NULL REFERENCES venues,
    name     text NOT NULL,
    places   integer NOT NULL,
    document bytea NOT NULL
);

CREATE TABLE events (
    event_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id      bigint NOT NULL REFERENCES venues,
    plan_id       bigint NOT NULL REFERENCES plans,
    status        smallint NOT NULL,
    revision      bigint NOT NULL,
    title         text NOT NULL,
    description   text NOT NULL,
    time_zone     text NOT NULL,
    starts_ms     bigint NOT NULL,
    doors_ms      bigint NOT NULL,
    opens_ms      bigint NOT NULL,
    closes_ms     bigint NOT NULL,
    max_per_order integer NOT NULL,
    max_per_buyer integer NOT NULL,
    hold_ms       bigint NOT NULL,
    pay_ms        bigint NOT NULL,
    max_extensions integer NOT NULL,
    prices        text NOT NULL
);
CREATE INDEX events_by_start ON events (starts_ms, event_id);

-- One row per place per event: capacity can only be exceeded by losing a row, never by arithmetic.
CREATE TABLE places (
    event_id bigint NOT NULL,
    place    bigint NOT NULL,
    state    smallint NOT NULL,
    holder   bytea,
    fence    bigint NOT NULL,
    until_ms bigint NOT NULL,
    PRIMARY KEY (event_id, place)
) WITH (fillfactor = 45, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);

-- lines: place, fence, tier and price of the first place, then of the next, …
CREATE TABLE holds (
    event_id   bigint NOT NULL,
    hold       bytea NOT NULL,
    state      smallint NOT NULL,
    created_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    extensions integer NOT NULL,
    total      bigint NOT NULL,
    currency   text NOT NULL,
    lines      bigint[] NOT NULL,
    order_key  bytea,
    PRIMARY KEY (event_id, hold)
) WITH (fillfactor = 45, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);
-- For the sweeper. Not only of live holds: then the end of each hold would change the index.
CREATE INDEX holds_by_expiry ON holds (expires_ms);

CREATE TABLE orders (
    event_id    bigint NOT NULL,
    order_key   bytea NOT NULL,
    hold        bytea NOT NULL,
    state       smallint NOT NULL,
    placed_ms   bigint NOT NULL,
    expires_ms  bigint NOT NULL,
    paid_ms     bigint NOT NULL,
    total       bigint NOT NULL,
    currency    text NOT NULL,
    lines       bigint[] NOT NULL,
    buyer_name  text NOT NULL,
    buyer_email text NOT NULL,
    buyer       bytea NOT NULL,
    return_url  text NOT NULL,
    provider    text NOT NULL,
    transaction_id text NOT NULL,
    PRIMARY KEY (event_id, order_key)
) WITH (fillfactor = 45, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);
CREATE INDEX orders_by_expiry ON orders (expires_ms);

-- The second wall, which doesn't know the places table: voided is 0 for the one ticket of a place
-- that is not void, and the ticket's fence for those that are, so that the key itself keeps a
-- second living ticket of a place out.
CREATE TABLE tickets (
    event_id  bigint NOT NULL,
    place     bigint NOT NULL,
    voided    bigint NOT NULL,
    fence     bigint NOT NULL,
    secret    bytea NOT NULL,
    order_key bytea NOT NULL,
    state     smallint NOT NULL,
    used_ms   bigint NOT NULL,
    gate      text NOT NULL,
    PRIMARY KEY (event_id, place, voided)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);

-- A gateway's names are unique at the gateway: one payment pays for one order, of one event. These
-- two keys can't begin with the event, because they hold across events.
CREATE TABLE payments (
    event_id       bigint NOT NULL,
    provider       text NOT NULL,
    transaction_id text NOT NULL,
    order_key      bytea NOT NULL,
    amount         bigint NOT NULL,
    currency       text NOT NULL,
    captured_ms    bigint NOT NULL,
    used_for       smallint NOT NULL,
    refunded       bigint NOT NULL,
    PRIMARY KEY (provider, transaction_id),
    CONSTRAINT payments_refunded CHECK (refunded BETWEEN 0 AND amount)
) WITH (fillfactor = 90, autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 20000);

CREATE TABLE notices (
    event_id   bigint NOT NULL,
    provider   text NOT NULL,
    notice     text NOT NULL,
    applied_ms bigint NOT NULL,
    PRIMARY KEY (provider, notice)
) WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);

CREATE TABLE refunds (
    event_id       bigint NOT NULL,
    refund         text NOT NULL,
    provider       text NOT NULL,
    transaction_id text NOT NULL,
    order_key      bytea NOT NULL,
    amount         bigint NOT NULL,
    currency       text NOT NULL,
    reason         text NOT NULL,
    state          smallint NOT NULL,
    requested_ms   bigint NOT NULL,
    done_ms        bigint NOT NULL,
    gateway_ref    text NOT NULL,
    PRIMARY KEY (event_id, refund)
) WITH (fillfactor = 90);

CREATE TABLE buyers (
    event_id bigint NOT NULL,
    buyer    bytea NOT NULL,
    places   integer NOT NULL,
    PRIMARY KEY (event_id, buyer)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);

CREATE TABLE answers (
    answer_seq bigint GENERATED ALWAYS AS IDENTITY,
    event_id   bigint NOT NULL,
    answer     bytea NOT NULL,
    request    bytea NOT NULL,
    subject    bytea NOT NULL,
    until_ms   bigint NOT NULL,
    made_ms    bigint NOT NULL,
    PRIMARY KEY (event_id, answer)
) WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);

-- The fact log. Several transactions number their facts at the same time and commit in any order,
-- so that a position may appear late, or never: log.go tells how a reader copes.
CREATE TABLE facts (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id bigint NOT NULL,
    kind     text NOT NULL,
    at_ms    bigint NOT NULL,
    body     text NOT NULL
) WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);

-- How far each subscriber has come, and what it has applied.
CREATE TABLE cursors (
    subscriber text PRIMARY KEY,
    position   bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE inbox (
    subscriber text NOT NULL,
    position   bigint NOT NULL,
    applied_ms bigint NOT NULL,
    PRIMARY KEY (subscriber, position)
);

-- A batch is written and committed in one round trip. A statement that didn't find each row as it
-- was read must therefore fail by itself, before the COMMIT that is already on its way.
-- +goose StatementBegin
CREATE FUNCTION expect_rows(got bigint, want bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF got IS DISTINCT FROM want THEN
        RAISE EXCEPTION 'a row was changed since it was read: % of % are as they were', got, want
            USING ERRCODE = 'TF001';
    END IF;
    RETURN true;
END $$;
-- +goose StatementEnd
