-- What buyers have asked for: state 1 is open, 2 was refunded, 3 declined. A wish changes no money.
CREATE TABLE refund_requests (
    order_no    INTEGER PRIMARY KEY, -- that of the order
    event_id    INTEGER NOT NULL,
    order_key   BLOB NOT NULL,
    state       INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    asked_ms    INTEGER NOT NULL,
    answer      TEXT NOT NULL,
    answered_ms INTEGER NOT NULL
);
CREATE INDEX refund_requests_open ON refund_requests (asked_ms) WHERE state = 1;
