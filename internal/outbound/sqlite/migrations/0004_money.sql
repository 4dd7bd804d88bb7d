-- What became of money that isn't simply for an order, and the journal of all money.

-- Attempts to pay that have failed for certain: the next one has a key of its own.
ALTER TABLE orders ADD COLUMN declined INTEGER NOT NULL DEFAULT 0;

-- The gateway's key of the attempt, where it isn't the order's first.
ALTER TABLE payments ADD COLUMN attempt TEXT NOT NULL DEFAULT '';

-- places: [place, …] whose tickets were returned, empty for a whole order.
ALTER TABLE refunds ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refunds ADD COLUMN places TEXT NOT NULL DEFAULT '';

-- Messages of gateways as they came. State 1 is applied, 2 is kept: why tells the reason, and an
-- operator may replay it.
ALTER TABLE notices ADD COLUMN state INTEGER NOT NULL DEFAULT 1;
ALTER TABLE notices ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN payload TEXT NOT NULL DEFAULT '';

-- One row is one entry, with a column for each account in minor units, debits positive: so an entry
-- can't be half there, and none that doesn't balance can be written. Nothing changes or deletes one.
CREATE TABLE journal (
    entry       INTEGER PRIMARY KEY,
    event_id    INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    order_key   BLOB NOT NULL,
    provider    TEXT NOT NULL,
    ref         TEXT NOT NULL,
    currency    TEXT NOT NULL,
    clearing    INTEGER NOT NULL,
    receivable  INTEGER NOT NULL,
    revenue     INTEGER NOT NULL,
    fees        INTEGER NOT NULL,
    tax         INTEGER NOT NULL,
    refunds     INTEGER NOT NULL,
    chargebacks INTEGER NOT NULL,
    CHECK (clearing + receivable + revenue + fees + tax + refunds + chargebacks = 0)
);
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'entries of the journal are never changed'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'entries of the journal are never deleted'); END;

-- For what an operator looks for. The last three are of the few rows that are still open.
CREATE INDEX refunds_by_payment ON refunds (event_id, provider, transaction_id);
CREATE INDEX refunds_open ON refunds (requested_ms) WHERE state IN (1, 3);
CREATE INDEX payments_doubtful ON payments (captured_ms) WHERE used_for = 3;
CREATE INDEX notices_kept ON notices (applied_ms) WHERE state = 2;
