-- Indexes for what an operator looks for. The last three are of the few rows that are still open.

-- +goose NO TRANSACTION
-- +goose Up

CREATE INDEX CONCURRENTLY IF NOT EXISTS refunds_by_payment
    ON refunds (event_id, provider, transaction_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS refunds_open ON refunds (requested_ms) WHERE state IN (1, 3);
CREATE INDEX CONCURRENTLY IF NOT EXISTS payments_doubtful ON payments (captured_ms)
    WHERE used_for = 3;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notices_kept ON notices (applied_ms) WHERE state = 2;
