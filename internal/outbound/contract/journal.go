package contract

import (
	"fmt"
	"slices"

	"ticketflow/internal/domain/booking"
)

// journal: all money is written down twice, in the transaction that moves it, and for ever.
func journal() []Case {
	return []Case{
		{"each entry as it was posted", false, journalEntries},
		{"a refusal posts nothing", false, journalRefusal},
		{"survives a crash", true, journalCrash},
		{"nothing is changed or deleted", false, journalFinal},
		{"nothing without a balance", false, journalBalance},
	}
}

func journalEntries(s *stage) {
	w := s.show(terms{places: 3, price: 1_000})
	order := w.sold("buyer", 0, 1)
	at := s.clock.Now()
	c := w.refund(order, 0)
	s.must(c)
	s.must(&booking.RecordRefund{Refund: c.Made, GatewayRef: "re"})
	pay := w.doubtful(w.ordered("other", 2), 70)
	s.must(w.atGateway(order, "dashboard", 30))
	of := func(kind booking.EntryKind, ref string) booking.Entry {
		return booking.Entry{Kind: kind, Event: w.id, Order: order.ID.Key, At: at, Ref: ref,
			Provider: provider, Currency: euro}
	}
	sale := of(booking.EntrySale, named(w.id, "paid "+order.ID.String()))
	sale.Clearing, sale.Revenue = 2_000, -2_000
	due := of(booking.EntryRefundDue, c.Made.Key)
	due.Refunds, due.Receivable = 1_000, -1_000
	gone := of(booking.EntryRefundPaid, c.Made.Key)
	gone.Receivable, gone.Clearing = 1_000, -1_000
	deposit := of(booking.EntryDeposit, pay.Payment.Transaction)
	deposit.Order, deposit.Clearing, deposit.Receivable = pay.Order.Key, 70, -70
	rows := w.conserved()
	theirs := of(booking.EntryGatewayRefund, rows.Journal[len(rows.Journal)-1].Ref)
	theirs.Refunds, theirs.Clearing = 30, -30
	want := []booking.Entry{sale, due, gone, deposit, theirs}
	if !slices.Equal(rows.Journal, want) {
		s.t.Errorf("the journal is %+v, want %+v", rows.Journal, want)
	}
}

func journalRefusal(s *stage) {
	w := s.show(terms{places: 2})
	order := w.sold("buyer", 0)
	before := w.conserved()
	failures := s.run(w.goodwill(order, order.Total.Minor()+1), w.goodwill(order, 1),
		w.atGateway(order, "dashboard", order.Total.Minor()))
	same(s.t, "answers", fmt.Sprint(failures), fmt.Sprint([]error{booking.ErrRefundTooMuch, nil,
		booking.ErrRefundPending}))
	same(s.t, "entries", len(w.conserved().Journal), len(before.Journal)+1)
}

func journalCrash(s *stage) {
	w := s.show(terms{places: 1})
	s.must(w.refund(w.sold("buyer", 0)))
	before := w.conserved()
	same(s.t, "entries", len(before.Journal), 2)
	s.crash()
	w.unchanged(before)
	w.conserved()
}

func journalFinal(s *stage) {
	w := s.show(terms{places: 1})
	w.sold("buyer", 0)
	before := w.conserved()
	for _, statement := range []string{
		"UPDATE journal SET clearing = clearing + 1, revenue = revenue - 1",
		"UPDATE journal SET at_ms = at_ms + 1",
		"DELETE FROM journal",
	} {
		if err := s.engine.Probe.Meddle(s.t.Context(), statement); err == nil {
			s.t.Errorf("%s: the engine lets it happen", statement)
		}
	}
	w.unchanged(before)
}

func journalBalance(s *stage) {
	w := s.show(terms{places: 1})
	before := w.conserved()
	entry := func(clearing, receivable, chargebacks int) string {
		return fmt.Sprintf(`INSERT INTO journal (event_id, kind, at_ms, order_key, provider, ref,
currency, clearing, receivable, revenue, fees, tax, refunds, chargebacks)
VALUES (%d, 'sale', 0, '', '', '', 'EUR', %d, %d, 0, 0, 0, 0, %d)`, w.id, clearing, receivable,
			chargebacks)
	}
	for _, statement := range []string{entry(1, 0, 0), entry(1, -2, 0), entry(0, 0, 1)} {
		if err := s.engine.Probe.Meddle(s.t.Context(), statement); err == nil {
			s.t.Errorf("%s: the engine lets it happen", statement)
		}
	}
	w.unchanged(before)
}
