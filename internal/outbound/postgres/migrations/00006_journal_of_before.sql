-- The journal begins with what was captured and given back before there was one. What an instance of
-- the release before still writes while this one is being deployed is missing in it: the audit
-- names such payments.

-- +goose Up

INSERT INTO journal (event_id, kind, at_ms, order_key, provider, ref, currency, clearing,
    receivable, revenue, fees, tax, refunds, chargebacks)
SELECT event_id, CASE used_for WHEN 1 THEN 'sale' ELSE 'deposit' END, captured_ms, order_key,
    provider, transaction_id, currency, amount, CASE used_for WHEN 1 THEN 0 ELSE -amount END,
    CASE used_for WHEN 1 THEN -amount ELSE 0 END, 0, 0, 0, 0
FROM payments p WHERE NOT EXISTS (SELECT FROM journal j WHERE j.event_id = p.event_id
    AND j.provider = p.provider AND j.ref = p.transaction_id) ORDER BY captured_ms;

INSERT INTO journal (event_id, kind, at_ms, order_key, provider, ref, currency, clearing,
    receivable, revenue, fees, tax, refunds, chargebacks)
SELECT r.event_id, 'refund_due', r.requested_ms, r.order_key, r.provider, r.refund, r.currency, 0,
    -r.amount, 0, 0, 0, r.amount, 0
FROM refunds r JOIN payments p USING (event_id, provider, transaction_id)
WHERE p.used_for = 1 AND NOT EXISTS (SELECT FROM journal j WHERE j.event_id = r.event_id
    AND j.ref = r.refund AND j.kind = 'refund_due') ORDER BY r.requested_ms;

INSERT INTO journal (event_id, kind, at_ms, order_key, provider, ref, currency, clearing,
    receivable, revenue, fees, tax, refunds, chargebacks)
SELECT event_id, 'refund_paid', done_ms, order_key, provider, refund, currency, -amount, amount,
    0, 0, 0, 0, 0
FROM refunds r WHERE state = 2 AND NOT EXISTS (SELECT FROM journal j WHERE j.event_id = r.event_id
    AND j.ref = r.refund AND j.kind = 'refund_paid') ORDER BY done_ms;
