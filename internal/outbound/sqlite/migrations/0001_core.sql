-- Times are milliseconds since 1970 in UTC, money is minor units, keys are raw bytes.
--
-- Tables that are changed in every checkout have one integer as their key: SQLite finds and
-- overwrites such rows at half the cost of any other key. What the integer stands for is said
-- beside it; other tables are WITHOUT ROWID, so that each is one tree.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE venues (
    venue_id  INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    address   TEXT NOT NULL,
    city      TEXT NOT NULL,
    country   TEXT NOT NULL,
    time_zone TEXT NOT NULL
);

-- A plan is never changed once it is stored: its document is cached for ever.
CREATE TABLE plans (
    plan_id  INTEGER PRIMARY KEY,
    venue_id INTEGER NOT NULL REFERENCES venues,
    name     TEXT NOT NULL,
    places   INTEGER NOT NULL,
    document BLOB NOT NULL
);

CREATE TABLE events (
    event_id      INTEGER PRIMARY KEY,
    venue_id      INTEGER NOT NULL REFERENCES venues,
    plan_id       INTEGER NOT NULL REFERENCES plans,
    status        INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    title         TEXT NOT NULL,
    description   TEXT NOT NULL,
    time_zone     TEXT NOT NULL,
    starts_ms     INTEGER NOT NULL,
    doors_ms      INTEGER NOT NULL,
    opens_ms      INTEGER NOT NULL,
    closes_ms     INTEGER NOT NULL,
    max_per_order INTEGER NOT NULL,
    max_per_buyer INTEGER NOT NULL,
    hold_ms       INTEGER NOT NULL,
    pay_ms        INTEGER NOT NULL,
    max_extensions INTEGER NOT NULL,
    prices        TEXT NOT NULL
);
CREATE INDEX events_by_start ON events (starts_ms, event_id);

-- One row per place per event: capacity can only be exceeded by losing a row, never by arithmetic.
CREATE TABLE places (
    place_key INTEGER PRIMARY KEY, -- event_id * 2^32 + place
    state     INTEGER NOT NULL,
    holder    BLOB,
    fence     INTEGER NOT NULL,
    until_ms  INTEGER NOT NULL,
    event_id  INTEGER NOT NULL GENERATED ALWAYS AS (place_key >> 32) VIRTUAL,
    place     INTEGER NOT NULL GENERATED ALWAYS AS (place_key & 4294967295) VIRTUAL
);

-- lines: [[place, fence, tier, price], …]
CREATE TABLE holds (
    hold_no    INTEGER PRIMARY KEY, -- the first eight bytes of hold: it grows with time
    event_id   INTEGER NOT NULL,
    hold       BLOB NOT NULL,
    state      INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    extensions INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    currency   TEXT NOT NULL,
    lines      TEXT NOT NULL,
    order_key  BLOB
);

CREATE TABLE orders (
    order_no    INTEGER PRIMARY KEY, -- the first eight bytes of order_key: it grows with time
    event_id    INTEGER NOT NULL,
    order_key   BLOB NOT NULL,
    hold        BLOB NOT NULL,
    state       INTEGER NOT NULL,
    placed_ms   INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,
    paid_ms     INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    currency    TEXT NOT NULL,
    lines       TEXT NOT NULL,
    buyer_name  TEXT NOT NULL,
    buyer_email TEXT NOT NULL,
    buyer       BLOB NOT NULL,
    return_url  TEXT NOT NULL,
    provider    TEXT NOT NULL,
    transaction_id TEXT NOT NULL
);

-- The second wall, which doesn't know the places table: voided is 0 for the one ticket of a place
-- that is not void, and the ticket's fence for those that are, so that the key itself keeps a
-- second living ticket of a place out.
CREATE TABLE tickets (
    event_id  INTEGER NOT NULL,
    place     INTEGER NOT NULL,
    voided    INTEGER NOT NULL,
    fence     INTEGER NOT NULL,
    secret    BLOB NOT NULL,
    order_key BLOB NOT NULL,
    state     INTEGER NOT NULL,
    used_ms   INTEGER NOT NULL,
    gate      TEXT NOT NULL,
    PRIMARY KEY (event_id, place, voided)
) WITHOUT ROWID;

-- A gateway's names are unique at the gateway: one payment pays for one order, of one event.
CREATE TABLE payments (
    event_id       INTEGER NOT NULL,
    provider       TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    order_key      BLOB NOT NULL,
    amount         INTEGER NOT NULL,
    currency       TEXT NOT NULL,
    captured_ms    INTEGER NOT NULL,
    used_for       INTEGER NOT NULL,
    refunded       INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (provider, transaction_id)
) WITHOUT ROWID;

CREATE TABLE notices (
    event_id   INTEGER NOT NULL,
    provider   TEXT NOT NULL,
    notice     TEXT NOT NULL,
    applied_ms INTEGER NOT NULL,
    PRIMARY KEY (provider, notice)
) WITHOUT ROWID;

CREATE TABLE refunds (
    event_id       INTEGER NOT NULL,
    refund         TEXT NOT NULL,
    provider       TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    order_key      BLOB NOT NULL,
    amount         INTEGER NOT NULL,
    currency       TEXT NOT NULL,
    reason         TEXT NOT NULL,
    state          INTEGER NOT NULL,
    requested_ms   INTEGER NOT NULL,
    done_ms        INTEGER NOT NULL,
    gateway_ref    TEXT NOT NULL,
    PRIMARY KEY (event_id, refund)
) WITHOUT ROWID;

CREATE TABLE buyers (
    event_id INTEGER NOT NULL,
    buyer    BLOB NOT NULL,
    places   INTEGER NOT NULL,
    PRIMARY KEY (event_id, buyer)
) WITHOUT ROWID;

-- A log: the writer keeps an index of its last day in memory (answers.go says why).
CREATE TABLE answers (
    answer_seq INTEGER PRIMARY KEY,
    event_id   INTEGER NOT NULL,
    answer     BLOB NOT NULL,
    request    BLOB NOT NULL,
    subject    BLOB NOT NULL,
    until_ms   INTEGER NOT NULL,
    made_ms    INTEGER NOT NULL
);

-- The fact log, in commit order: one writer at a time gives positions without gaps.
CREATE TABLE facts (
    position INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    body     TEXT NOT NULL
);

-- How far each subscriber has come, and what it has applied.
CREATE TABLE cursors (
    subscriber TEXT PRIMARY KEY,
    position   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE inbox (
    subscriber TEXT NOT NULL,
    position   INTEGER NOT NULL,
    applied_ms INTEGER NOT NULL,
    PRIMARY KEY (subscriber, position)
) WITHOUT ROWID;
