-- Expand only: the release before this one goes on working on these tables.

-- +goose Up

-- What buyers have asked for: state 1 is open, 2 was refunded, 3 declined. A wish changes no money.
CREATE TABLE refund_requests (
    event_id    bigint NOT NULL,
    order_key   bytea NOT NULL,
    state       smallint NOT NULL,
    reason      text NOT NULL,
    asked_ms    bigint NOT NULL,
    answer      text NOT NULL,
    answered_ms bigint NOT NULL,
    PRIMARY KEY (event_id, order_key)
);
CREATE INDEX refund_requests_open ON refund_requests (asked_ms) WHERE state = 1;
