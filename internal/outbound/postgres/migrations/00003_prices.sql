-- Expand only: the release before this one goes on working on these tables.

-- +goose Up

-- charges: what a hold or an order costs or saves besides its places, as JSON; empty for nothing.
-- With a constant default no row is written anew.
ALTER TABLE holds ADD COLUMN charges text NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN charges text NOT NULL DEFAULT '';
-- The code of the voucher that is counted for the order, or empty.
ALTER TABLE orders ADD COLUMN voucher text NOT NULL DEFAULT '';

-- kind: 1 is a percentage (value is basis points), 2 an amount (minor units). tiers: a JSON list of
-- keys, empty for all. max_uses 0 is no limit; a late payment may lead used beyond it. used changes
-- with each order that names the voucher, so there is room beside the row.
CREATE TABLE vouchers (
    event_id bigint NOT NULL,
    code     text COLLATE "C" NOT NULL,
    kind     smallint NOT NULL,
    value    bigint NOT NULL,
    tiers    text NOT NULL,
    from_ms  bigint NOT NULL,
    until_ms bigint NOT NULL,
    max_uses bigint NOT NULL,
    used     bigint NOT NULL,
    disabled smallint NOT NULL,
    PRIMARY KEY (event_id, code),
    CONSTRAINT vouchers_used CHECK (used >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
