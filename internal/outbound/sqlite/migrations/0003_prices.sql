-- charges: what a hold or an order costs or saves besides its places, as JSON; empty for nothing.
ALTER TABLE holds ADD COLUMN charges TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN charges TEXT NOT NULL DEFAULT '';
-- The code of the voucher that is counted for the order, or empty.
ALTER TABLE orders ADD COLUMN voucher TEXT NOT NULL DEFAULT '';

-- kind: 1 is a percentage (value is basis points), 2 an amount (minor units). tiers: a JSON list of
-- keys, empty for all. max_uses 0 is no limit; a late payment may lead used beyond it.
CREATE TABLE vouchers (
    event_id INTEGER NOT NULL,
    code     TEXT NOT NULL,
    kind     INTEGER NOT NULL,
    value    INTEGER NOT NULL,
    tiers    TEXT NOT NULL,
    from_ms  INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    used     INTEGER NOT NULL CHECK (used >= 0),
    disabled INTEGER NOT NULL,
    PRIMARY KEY (event_id, code)
) WITHOUT ROWID;
