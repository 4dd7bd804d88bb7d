-- What became of money that isn't simply for an order, and the journal of all money. Expand only:
-- the release before this one goes on working on these tables; its payments post no entries.

-- +goose Up

-- Attempts to pay that have failed for certain: the next one has a key of its own.
ALTER TABLE orders ADD COLUMN declined integer NOT NULL DEFAULT 0;

-- The gateway's key of the attempt, where it isn't the order's first.
ALTER TABLE payments ADD COLUMN attempt text NOT NULL DEFAULT '';

-- places: [place, …] whose tickets were returned, empty for a whole order.
ALTER TABLE refunds ADD COLUMN retries integer NOT NULL DEFAULT 0,
    ADD COLUMN places text NOT NULL DEFAULT '';

-- Messages of gateways as they came. State 1 is applied, 2 is kept: why tells the reason, and an
-- operator may replay it.
ALTER TABLE notices ADD COLUMN state smallint NOT NULL DEFAULT 1,
    ADD COLUMN why text NOT NULL DEFAULT '',
    ADD COLUMN payload text NOT NULL DEFAULT '';

-- One row is one entry, with a column for each account in minor units, debits positive: so an entry
-- can't be half there, and none that doesn't balance can be written. Nothing changes or deletes one.
CREATE TABLE journal (
    entry       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    bigint NOT NULL,
    kind        text NOT NULL,
    at_ms       bigint NOT NULL,
    order_key   bytea NOT NULL,
    provider    text NOT NULL,
    ref         text NOT NULL,
    currency    text NOT NULL,
    clearing    bigint NOT NULL,
    receivable  bigint NOT NULL,
    revenue     bigint NOT NULL,
    fees        bigint NOT NULL,
    tax         bigint NOT NULL,
    refunds     bigint NOT NULL,
    chargebacks bigint NOT NULL,
    CONSTRAINT journal_balances
        CHECK (clearing + receivable + revenue + fees + tax + refunds + chargebacks = 0)
) WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);

-- +goose StatementBegin
CREATE FUNCTION journal_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the journal are never changed or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_final();
