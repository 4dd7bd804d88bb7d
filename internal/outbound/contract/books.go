package contract

import (
	"slices"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// standing are the lines that an order still has a right to: those whose ticket wasn't returned.
func (r Rows) standing(o booking.Order) []booking.Line {
	var gone []catalog.PlaceNo
	for _, refund := range r.Refunds {
		if refund.Order == o.ID.Key && refund.Reason == booking.ReasonTickets {
			gone = append(gone, refund.Places...)
		}
	}
	return slices.DeleteFunc(slices.Clone(o.Lines), func(l booking.Line) bool {
		return slices.Contains(gone, l.Place)
	})
}

// conservedMoney checks that each order has its tickets and its money, each payment its refunds,
// and that the journal says the same.
func (w *show) conservedMoney(rows Rows) {
	w.t.Helper()
	valid := make(map[booking.OrderID]int)
	for _, ticket := range rows.Tickets {
		if ticket.State.Living() {
			valid[booking.OrderID{Event: w.id, Key: ticket.Order}]++
		}
	}
	applied := w.conservedPayments(rows)
	buyers := make(map[booking.Fingerprint]int)
	for _, o := range rows.Orders {
		tickets := 0
		if o.State == booking.Paid {
			standing := rows.standing(o)
			tickets = len(standing)
			same(w.t, "money for the tickets of "+o.ID.String(), applied[o.ID], o.Rest(standing))
		}
		same(w.t, "tickets of "+o.ID.String(), valid[o.ID], tickets)
		if o.State == booking.AwaitingPayment || o.State == booking.OrderExpired {
			same(w.t, "money for "+o.ID.String(), applied[o.ID], 0)
		}
		if o.State == booking.Paid || o.State == booking.AwaitingPayment {
			buyers[o.BuyerHash] += len(rows.standing(o))
		}
	}
	for hash, n := range rows.Buyers {
		same(w.t, "places of a buyer", n, buyers[hash])
	}
	same(w.t, "tickets of unknown orders", len(valid) <= len(rows.Orders), true)
	w.conservedJournal(rows)
}

// conservedPayments checks each payment against its refunds, and returns what orders have paid for
// the tickets that they still have.
func (w *show) conservedPayments(rows Rows) map[booking.OrderID]int64 {
	w.t.Helper()
	applied := make(map[booking.OrderID]int64)
	for _, p := range rows.Payments {
		id := booking.OrderID{Event: w.id, Key: p.Order}
		refunded := int64(0)
		if p.Use == booking.Applied {
			applied[id] += p.Amount.Minor()
		}
		for _, r := range rows.Refunds {
			if r.Payment != p.Ref || r.State == booking.RefundReversed {
				continue
			}
			refunded += r.Amount.Minor()
			if r.Reason == booking.ReasonTickets {
				applied[id] -= r.Amount.Minor()
			}
		}
		same(w.t, "refunds of "+p.Ref.Transaction, refunded, p.Refunded.Minor())
		if p.Use == booking.Returned {
			same(w.t, "what was returned of "+p.Ref.Transaction, refunded, p.Amount.Minor())
		}
	}
	return applied
}

// accounts are the sums of the journal.
type accounts struct{ clearing, receivable, earned, refunds, chargebacks int64 }

// conservedJournal checks that each entry balances, and that their sums are what was captured,
// earned, owed and given back.
func (w *show) conservedJournal(rows Rows) {
	w.t.Helper()
	var got, want accounts
	for _, e := range rows.Journal {
		same(w.t, "the balance of an entry", e.Balance(), 0)
		got.clearing += e.Clearing
		got.receivable += e.Receivable
		got.earned += e.Revenue + e.Fees + e.Tax
		got.refunds += e.Refunds
		got.chargebacks += e.Chargebacks
	}
	sales := make(map[booking.PaymentRef]bool)
	for _, p := range rows.Payments {
		want.clearing += p.Amount.Minor()
		if sales[p.Ref] = p.Use == booking.Applied; sales[p.Ref] {
			want.earned -= p.Amount.Minor()
		} else {
			want.receivable -= p.Amount.Minor()
		}
	}
	for _, r := range rows.Refunds {
		minor := r.Amount.Minor()
		switch r.State {
		case booking.RefundReversed:
			continue
		case booking.RefundDone:
			want.clearing -= minor
		case booking.RefundRequested, booking.RefundFailed:
			want.receivable -= minor
		}
		switch {
		case !sales[r.Payment]:
			want.receivable += minor
		case r.Reason == booking.ReasonDispute:
			want.chargebacks += minor
		default:
			want.refunds += minor
		}
	}
	same(w.t, "the journal", got, want)
}
