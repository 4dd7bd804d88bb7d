package sqlite_test

import (
	"os"
	"strings"
	"testing"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// decide commits one command, which must say yes.
func (h *auditedHouse) decide(c interface {
	Keys() *booking.Keys
	Decide(b *booking.Book) error
},
) {
	h.t.Helper()
	var failure error
	h.must(h.store.Update(h.t.Context(), c.Keys(), func(b *booking.Book) error {
		failure = b.Try(c.Decide)
		return nil
	}))
	h.must(failure)
}

// give asks for a refund of an order, whose key is a letter.
func (h *auditedHouse) give(
	o booking.Order, letter byte, goodwill int64, places ...catalog.PlaceNo,
) booking.RefundRef {
	h.t.Helper()
	c := &booking.RefundOrder{ID: o.ID, Refund: ident.Key{letter}, Places: places,
		Answer: booking.AnswerRef{Event: o.ID.Event, Key: booking.Fingerprint{letter}}}
	if goodwill > 0 {
		c.Goodwill = eurosOf(goodwill)
	}
	h.decide(c)
	return c.Made
}

// fillBooks brings money into every state: some tickets of an order go back, refunds are done, fail
// and are tried again, the gateway gives back and the bank takes.
func fillBooks(h *auditedHouse, event catalog.EventID) {
	h.t.Helper()
	news := func(name string) booking.News {
		return booking.News{Payload: "{}", Notice: booking.NoticeRef{Event: event,
			Provider: "simpay", Notice: name}}
	}
	part := h.sell(event, 2, 3)
	done := h.give(part, 'd', 0, 3)
	h.decide(&booking.RecordRefund{Refund: done, GatewayRef: "re_d", News: news("done")})
	h.passOn(part, 2)
	failed := h.give(part, 'f', 100)
	for range 2 {
		h.decide(&booking.RecordRefund{Refund: failed, Failed: true})
		h.decide(&booking.RetryRefund{Refund: failed})
	}
	h.decide(&booking.RecordRefund{Refund: failed})
	h.decide(&booking.RecordRefund{Refund: failed, Failed: true}) // it was wrong about that
	disputed := h.sell(event, 4)
	bank := &booking.RecordGatewayRefund{Order: disputed.ID, GatewayRef: "won", Dispute: true,
		Amount: eurosOf(auditedPrice), Payment: booking.PaymentRef{Event: event,
			Provider: "simpay", Transaction: "t-evt_2-4"}}
	h.decide(bank)
	bank.Won = true
	h.decide(bank)
	early := *bank
	early.GatewayRef = "early"
	h.decide(&early) // its beginning is never heard of
	early.GatewayRef, early.Won, early.Amount = "lost", false, eurosOf(300)
	h.decide(&early)
	theirs := early
	theirs.GatewayRef, theirs.Dispute = "by hand", false
	h.decide(&theirs)
	kept := h.sell(event, 5)
	h.decide(&booking.CancelOrder{ID: kept.ID, KeepMoney: true})

	open := h.order(event, 6)
	h.decide(&booking.RecordDecline{Order: open.ID, Attempt: 1, News: news("declined")})
	h.decide(&booking.KeepNotice{News: news("kept"), Why: "some_code"})
	stray := &booking.RecordPayment{Order: booking.OrderID{Event: event, Key: ident.Key{'s'}},
		Amount: eurosOf(5), Attempt: 2, Payment: booking.PaymentRef{Event: event,
			Provider: "simpay", Transaction: "t-stray"}}
	h.decide(stray)
	astray := *stray
	astray.Payment.Transaction = "t-astray"
	h.decide(&astray)
	h.decide(&booking.ReturnPayment{Payment: astray.Payment})
	wrong := *stray
	wrong.Order, wrong.Payment.Transaction = open.ID, "t-back"
	h.decide(&wrong)
	h.decide(&booking.ReturnPayment{Payment: wrong.Payment})
	h.refundDone("doubtful:simpay:t-back", event)
}

// passOn passes the ticket of a place on to somebody else.
func (h *auditedHouse) passOn(o booking.Order, place catalog.PlaceNo) {
	h.t.Helper()
	_, tickets, err := h.store.OrderTickets(h.t.Context(), o.ID)
	h.must(err)
	for _, ticket := range tickets {
		if ticket.ID.Place == place && ticket.State.Living() {
			h.decide(&booking.TransferTicket{Ticket: ticket.ID, Order: o.ID,
				To:     booking.Holder{Name: "Grace", Email: "grace@example.org"},
				Answer: booking.AnswerRef{Event: o.ID.Event, Key: booking.Fingerprint{'p'}}})
		}
	}
}

func (h *auditedHouse) refundDone(key string, event catalog.EventID) {
	h.t.Helper()
	h.decide(&booking.RecordRefund{Refund: booking.RefundRef{Event: event, Key: key}})
}

const (
	openJournal = "DROP TRIGGER journal_is_not_changed;DROP TRIGGER journal_is_not_deleted;"
	ofSale      = " WHERE kind = 'sale' AND ref = 't-evt_1-9'"
	ofTickets   = " WHERE reason = 'tickets'"
)

var journalCorruptions = []corruption{
	{"I5", "entry 1 is out of balance by 1", openJournal + "PRAGMA ignore_check_constraints = ON;" +
		"UPDATE journal SET clearing = clearing + 1 WHERE entry = 1"},
	{"I5", "in 0 entries, and should be {Clearing:9800",
		openJournal + "DELETE FROM journal" + ofSale},
	{"I5", "in 2 entries, and should be {Clearing:9800", `INSERT INTO journal SELECT NULL, event_id,
kind, at_ms, order_key, provider, ref, currency, clearing, receivable, revenue, fees, tax, refunds,
chargebacks FROM journal` + ofSale},
	{"I5", "is {Clearing:9799", openJournal +
		"UPDATE journal SET clearing = clearing - 1, revenue = revenue + 1" + ofSale},
	{"I5", "has an entry of another order", openJournal +
		"UPDATE journal SET order_key = randomblob(20)" + ofSale},
	{"I5", "currency or provider", openJournal + "UPDATE journal SET currency = 'USD'" + ofSale},
	{"I5", "has no currency", openJournal + "UPDATE journal SET currency = ''" + ofSale},
	{"I5", "which doesn't exist", openJournal + "UPDATE journal SET ref = 'x'" + ofSale},
	{"I5", `is about refund "x", which doesn't exist`, openJournal +
		"UPDATE journal SET ref = 'x' WHERE kind = 'refund_due'"},
	{"I5", "is of an unknown kind", openJournal + "UPDATE journal SET kind = 'x'" + ofSale},
	{"I5", "and should be {Clearing:0 Receivable:-4900",
		"UPDATE refunds SET state = 1, done_ms = 0" + ofTickets},
	{"I5", "and should be {Clearing:-300 Receivable:0 Revenue:0 Fees:0 Tax:0 Refunds:0 Charge",
		openJournal + "DELETE FROM journal WHERE kind = 'dispute' AND ref LIKE '%:lost'"},
	{"I5", "Refunds:300 Chargebacks:0}", openJournal +
		"DELETE FROM journal WHERE kind = 'gateway_refund'"},
	{"I5", "and should be {Clearing:5 Receivable:-5", openJournal +
		"DELETE FROM journal WHERE ref = 't-stray'"},
}

var returnCorruptions = []corruption{
	{"I4", "0 facts about it", "DELETE FROM facts WHERE kind = 'ticket_transferred'"},
	{"I4", "has 0 tickets that were passed on", "DELETE FROM tickets WHERE state = 4"},
	{"I4", "its last ticket says 0", "UPDATE tickets SET transfers = 0 WHERE transfers = 1"},
	{"I4", "by its key, not by both", "UPDATE tickets SET state = 1 WHERE state = 4"},
	{"I4", "which isn't its", `UPDATE facts SET body = replace(body, '"places":[2]', '"places":[7]')
WHERE kind = 'ticket_transferred'`},
	{"I4", "place 3 of ord_", `UPDATE tickets SET state = 1, voided = 0 WHERE event_id = 2
AND place = 3`},
	{"I4", "which has returned it", `UPDATE places SET state = 2, holder = (SELECT order_key
FROM orders WHERE transaction_id = 't-evt_2-2') WHERE place_key = 2 * 4294967296 + 3`},
	{"I4", "was returned 2 times", "UPDATE refunds SET places = '[3,3]'" + ofTickets},
	{"I4", "returns place 4 of ord_", "UPDATE refunds SET places = '[4]'" + ofTickets},
	{"I4", "places that can't be read", "UPDATE refunds SET places = 'x'" + ofTickets},
	{"I4", "or lacks them", "UPDATE refunds SET places = ''" + ofTickets},
	{"I4", "is paid and has 0 tickets for place 3", "UPDATE refunds SET places = ''" + ofTickets},
	{"I4", "or shouldn't have any", "UPDATE refunds SET places = '[2]' WHERE reason = 'goodwill'"},
	{"I5", "is of 4899, and its tickets were 4900", "UPDATE refunds SET amount = 4899" + ofTickets},
	{"I5", "4899 of it returned with tickets", "UPDATE refunds SET amount = 4899" + ofTickets},
	{"I5", "has an unknown reason", "UPDATE refunds SET reason = 'x'" + ofTickets},
	{"I5", "its payment has paid for nothing",
		"UPDATE refunds SET reason = 'goodwill' WHERE reason = 'doubtful'"},
	{"I5", "and it has paid for an order",
		"UPDATE refunds SET reason = 'doubtful' WHERE reason = 'goodwill'"},
	{"I5", "is reversed, and is no dispute",
		"UPDATE refunds SET reason = 'gateway' WHERE state = 4"},
	{"I5", "was tried too often", "UPDATE refunds SET retries = 100 WHERE retries = 2"},
	{"I5", "was made at the gateway's side, and isn't done",
		"UPDATE refunds SET state = 1, done_ms = 0 WHERE reason = 'gateway'"},
	{"I5", "of the attempt", "UPDATE payments SET attempt = 'x' WHERE transaction_id = 't-stray'"},
	{"I9", "has 1 places, and the count says 2",
		"UPDATE buyers SET places = 2 WHERE event_id = 2 AND places = 1"},
}

var tellingCorruptions = []corruption{
	{"I6", "was requested by 2 facts", "UPDATE refunds SET retries = 0 WHERE retries = 2;" +
		"DELETE FROM facts WHERE position = (SELECT max(position) FROM facts " +
		"WHERE kind = 'refund_requested' AND body LIKE '%' || (SELECT refund FROM refunds " +
		"WHERE reason = 'goodwill') || '%')"},
	{"I6", "has failed 3 times, and 2 facts say so", `DELETE FROM facts WHERE position =
(SELECT max(position) FROM facts WHERE kind = 'refund_failed')`},
	{"I6", "returned tickets 1 times, and 0 facts",
		"DELETE FROM facts WHERE kind = 'tickets_returned'"},
	{"I6", "was told by 0 facts", "DELETE FROM facts WHERE kind = 'gateway_refunded'"},
	{"I6", "and its end by 0", "DELETE FROM facts WHERE kind = 'dispute_won'"},
	{"I6", "is in quarantine, and no fact says so",
		"DELETE FROM facts WHERE kind = 'payment_doubtful'"},
	{"I6", "doubts payment", `UPDATE facts SET body = json_set(body, '$.ref', 'x')
WHERE kind = 'payment_doubtful'`},
	{"I6", "which isn't one of its order", `UPDATE facts SET body = json_set(body, '$.ref', 'x')
WHERE kind = 'payment_declined'`},
	{"I6", "was kept, and 0 facts say so", "DELETE FROM facts WHERE kind = 'notice_kept'"},
	{"I6", `keeps the message "x"`, `UPDATE facts SET body = json_set(body, '$.ref', 'x')
WHERE kind = 'notice_kept'`},
	{"I6", "is neither applied nor kept", "UPDATE notices SET state = 9 WHERE notice = 'kept'"},
	{"I6", "nor kept for a reason", "UPDATE notices SET why = '' WHERE notice = 'kept'"},
	{"I6", "was returned, and 0 facts say so", `DELETE FROM facts WHERE kind = 'payment_returned'
AND body LIKE '%t-back%'`},
	{"I7", "was answered and doesn't exist", "DELETE FROM refunds" + ofTickets},
	{"I7", "(refund_requested) is about an order that doesn't exist",
		"UPDATE payments SET order_key = randomblob(20) WHERE transaction_id LIKE 't-%stray'"},
}

// TestTheJournalBeginsWithWhatWasBefore empties the journal, as it was under the release before,
// and runs the migration that fills it.
func TestTheJournalBeginsWithWhatWasBefore(t *testing.T) {
	h := openAuditedHouse(t)
	event := h.openEvent(8)
	sold := h.sell(event, 0, 1)
	h.pay(sold, "t-twice", booking.PaymentGivenBack)
	for i, done := range []bool{true, false} {
		o := h.sell(event, catalog.PlaceNo(2+i))
		h.decide(&booking.CancelOrder{ID: o.ID})
		if done {
			h.refundDone("cancelled:simpay:t-evt_1-2", event)
		}
	}
	h.refundDone("late_payment:simpay:t-twice", event)
	now := h.clock()
	h.close()
	script, err := os.ReadFile("migrations/0005_journal_of_before.sql")
	if err != nil {
		t.Fatal(err)
	}
	breakLedger(t, h.dir, openJournal+"DELETE FROM journal")
	if r := auditDir(t, h.dir, now); r.OK {
		t.Fatal("the audit doesn't miss the journal")
	}
	breakLedger(t, h.dir, strings.TrimRight(string(script), ";\n"))
	if r := auditDir(t, h.dir, now); !r.OK {
		t.Errorf("the journal isn't what it would have been:\n%s", asText(t, r))
	}
}
