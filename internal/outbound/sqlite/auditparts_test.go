package sqlite_test

import (
	"strings"
	"testing"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// fillParts has refunds reduced to what can still go, since somebody has given a part back by hand.
func fillParts(h *auditedHouse, event catalog.EventID) {
	h.t.Helper()
	o := h.sell(event, 2, 3)
	tickets, rest := h.give(o, 'p', 0, 3), h.give(o, 'q', 0)
	for _, ref := range []booking.RefundRef{tickets, rest} {
		h.decide(&booking.RecordRefund{Refund: ref, Failed: true})
	}
	by := &booking.RecordGatewayRefund{Order: o.ID, Amount: eurosOf(1_000), GatewayRef: "some",
		Payment: booking.PaymentRef{Event: event, Provider: "simpay",
			Transaction: "t-" + event.String() + "-2"}}
	h.decide(by) // the rest of the whole order goes by itself
	h.decide(&booking.RecordRefund{Refund: rest})
	by.GatewayRef = "more"
	h.decide(by) // the rest of the tickets is for people

	h.pay(o, "t-late", booking.PaymentGivenBack)
	late := booking.RefundRef{Event: event, Key: "late_payment:simpay:t-late"}
	h.decide(&booking.RecordRefund{Refund: late, Failed: true})
	by.GatewayRef, by.Payment.Transaction, by.Dispute = "bank", "t-late", true
	h.decide(by) // what had bought nothing
	h.decide(&booking.RecordRefund{Refund: late})
}

// TestAuditOfParts: a refund that was reduced is right with its parts, and wrong without.
func TestAuditOfParts(t *testing.T) {
	const part = " WHERE refund LIKE 'ref%:part:1' AND reason = 'tickets'"
	for _, c := range []corruption{
		{},
		{"I5", "is of 4899, and its tickets were 4900", "UPDATE refunds SET amount = 999" + part},
		{"I5", "is a part of one that doesn't exist",
			"UPDATE refunds SET refund = 'cancelled' || substr(refund, 5)" + part},
		{"I5", "is a part of one that doesn't exist",
			"UPDATE refunds SET reason = 'goodwill'" + part},
		{"I4", "or shouldn't have any", "UPDATE refunds SET places = '[3]'" + part},
		{"I6", "was requested by 0 facts", `DELETE FROM facts WHERE kind = 'refund_requested'
AND body LIKE '%:part:1%'`},
	} {
		h := openAuditedHouse(t)
		fillParts(h, h.openEvent(auditedPlaces))
		now := h.clock()
		h.close()
		if c.sql != "" {
			breakLedger(t, h.dir, c.sql)
		}
		r := auditDir(t, h.dir, now)
		if text := asText(t, r); r.OK != (c.sql == "") || !strings.Contains(text, c.names) {
			t.Errorf("%s: want %q in\n%s", c.sql, c.names, text)
		}
	}
}
