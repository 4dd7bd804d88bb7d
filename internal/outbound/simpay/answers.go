package simpay

import (
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

var statesOfPayments = map[string]payment.State{"pending": payment.Pending, "paid": payment.Paid,
	"declined": payment.Declined, "refunded": payment.Refunded, "disputed": payment.Disputed}

var statesOfRefunds = map[string]payment.State{"pending": payment.Pending,
	"refunded": payment.Refunded, "declined": payment.Declined}

var statesOfDisputes = map[string]payment.State{"disputed": payment.Disputed,
	wonState: payment.Declined}

// readStatus reads the simulator's answer about a payment. Whatever doesn't make sense isn't ok.
func readStatus(doc *paymentDocument) (st payment.Status, ok bool) {
	state, known := statesOfPayments[doc.State]
	if !known || !validKey(doc.Key) || doc.Payment == "" {
		return st, false
	}
	st = payment.Status{Key: doc.Key, Transaction: doc.Payment, State: state}
	if state == payment.Pending {
		st.Transaction = "" // the port has none while nothing was captured
	}
	if state == payment.Declined && doc.Currency == "" {
		// It was closed before anybody told an amount.
		return st, doc.Amount == 0 && doc.Refunded == 0 && len(doc.Refunds) == 0
	}
	for _, part := range []struct {
		minor int64
		to    *money.Money
	}{{doc.Amount, &st.Amount}, {doc.Refunded, &st.Refunded}, {doc.Disputed, &st.Disputed}} {
		m, good := amountOf(part.minor, doc.Currency)
		if !good {
			return st, false
		}
		if !m.IsZero() {
			*part.to = m
		}
	}
	for i := range doc.Refunds {
		r, good := readRefund(&doc.Refunds[i])
		if !good || r.Transaction != doc.Payment {
			return st, false
		}
		st.Refunds = append(st.Refunds, r)
	}
	for _, d := range doc.Disputes {
		state, known := statesOfDisputes[d.State]
		amount, good := amountOf(d.Amount, doc.Currency)
		if !known || !good || amount.IsZero() || d.Dispute == "" {
			return st, false
		}
		st.Disputes = append(st.Disputes,
			payment.DisputeStatus{Dispute: d.Dispute, State: state, Amount: amount})
	}
	return st, true
}

// readRefund reads the simulator's answer about a refund.
func readRefund(doc *refundDocument) (st payment.RefundStatus, ok bool) {
	state, known := statesOfRefunds[doc.State]
	amount, good := amountOf(doc.Amount, doc.Currency)
	if !known || !good || doc.Refund == "" || doc.Payment == "" ||
		doc.RefundKey != "" && !validKey(doc.RefundKey) {
		return st, false
	}
	return payment.RefundStatus{RefundKey: doc.RefundKey, Refund: doc.Refund,
		Transaction: doc.Payment, State: state, Amount: amount}, true
}

func amountOf(minor int64, currency string) (money.Money, bool) {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		return money.Money{}, false
	}
	m, err := money.New(minor, c)
	return m, err == nil
}
