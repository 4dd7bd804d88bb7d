package booking

import (
	"fmt"
	"slices"

	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

// returned are the places of an order whose tickets were given back one by one.
func (s *stage) returned(order ident.Key) map[PlaceRef]bool {
	places := make(map[PlaceRef]bool)
	for _, r := range s.refunds {
		if r.Order == order && r.Reason == ReasonTickets {
			for _, no := range r.Places {
				places[PlaceRef{r.Ref.Event, no}] = true
			}
		}
	}
	return places
}

// standing are the lines that an order still has a right to.
func (s *stage) standing(o Order) []Line {
	gone := s.returned(o.ID.Key)
	return slices.DeleteFunc(slices.Clone(o.Lines), func(l Line) bool {
		return gone[PlaceRef{o.ID.Event, l.Place}]
	})
}

// moneyAddsUp is I5.
func (s *stage) moneyAddsUp() error {
	refunds := make(map[PaymentRef]int64)
	forTickets := make(map[PaymentRef]int64)
	for _, r := range s.refunds {
		if r.State == RefundReversed {
			continue
		}
		refunds[r.Payment] += r.Amount.Minor()
		if r.Reason == ReasonTickets {
			forTickets[r.Payment] += r.Amount.Minor()
		}
		if (r.State == RefundDone) == r.DoneAt.IsZero() {
			return fmt.Errorf("I5: a refund is %v and was done at %v", r.State, r.DoneAt)
		}
	}
	uses := make(map[ident.Key]int)
	for ref, p := range s.payments {
		if err := s.paymentAddsUp(p, refunds[ref]); err != nil {
			return err
		}
		if p.Use == Applied {
			uses[p.Order]++
		}
	}
	for id, o := range s.orders {
		if o.Total.IsZero() || uses[id.Key] == 0 && o.State != Paid {
			continue
		}
		pay := s.payments[PaymentRef{id.Event, o.Provider, o.Transaction}]
		if uses[id.Key] != 1 || pay.Order != id.Key || pay.Use != Applied {
			return fmt.Errorf("I5: %d payments are used for an order, and it names %+v",
				uses[id.Key], pay)
		}
		standing := s.standing(o)
		worth := o.Rest(standing)
		if o.State == Paid && pay.Amount.Minor()-forTickets[pay.Ref] != worth {
			return fmt.Errorf("I5: of %v, %d came back for tickets, and the others are worth %d",
				pay.Amount, forTickets[pay.Ref], worth)
		}
	}
	return nil
}

func (s *stage) paymentAddsUp(p Payment, refunds int64) error {
	o, known := s.orders[OrderID{p.Ref.Event, p.Order}]
	switch {
	case refunds != p.Refunded.Minor() || p.Refunded.Minor() > p.Amount.Minor():
		return fmt.Errorf("I5: %d refunded of %v, the refunds say %d", p.Refunded.Minor(),
			p.Amount, refunds)
	case p.Use == Returned && p.Refunded != p.Amount:
		return fmt.Errorf("I5: %v came for nothing and %v goes back", p.Amount, p.Refunded)
	case p.Use == Applied && (!known || p.Amount != o.Total || o.State != Paid &&
		o.State != OrderCancelled):
		return fmt.Errorf("I5: %v is used for an order that is %v", p.Amount, o.State)
	}
	return nil
}

// accounts is what the journal should sum up to.
type accounts struct{ clearing, receivable, revenue, refunds, chargebacks int64 }

// booksAgree holds the journal against the payments and refunds: each entry balances, and the sums
// are what was captured, earned, owed and given back.
func (s *stage) booksAgree() error {
	var got, want accounts
	for _, e := range s.journal {
		if e.Balance() != 0 {
			return fmt.Errorf("the entry %+v is out of balance by %d", e, e.Balance())
		}
		got.clearing += e.Clearing
		got.receivable += e.Receivable
		got.revenue += e.Revenue + e.Fees + e.Tax
		got.refunds += e.Refunds
		got.chargebacks += e.Chargebacks
	}
	for _, p := range s.payments {
		want.clearing += p.Amount.Minor()
		if p.Use == Applied {
			want.revenue -= p.Amount.Minor()
		} else {
			want.receivable -= p.Amount.Minor()
		}
	}
	for _, r := range s.refunds {
		minor, sale := r.Amount.Minor(), s.payments[r.Payment].Use == Applied
		switch r.State {
		case RefundReversed:
			continue
		case RefundDone:
			want.clearing -= minor
		case RefundRequested, RefundFailed: // owed and not paid back
			want.receivable -= minor
		}
		switch {
		case !sale:
			want.receivable += minor
		case r.Reason == ReasonDispute:
			want.chargebacks += minor
		default:
			want.refunds += minor
		}
	}
	if got != want {
		return fmt.Errorf("the journal says %+v, payments and refunds %+v", got, want)
	}
	return nil
}

// moneyTold holds the facts of money against the rows: each change was told as often as it
// happened.
func (s *stage) moneyTold() error {
	type about struct {
		kind fact.Kind
		ref  string
	}
	told := make(map[about]int)
	for _, f := range s.facts {
		told[about{f.Kind, f.Ref}]++
	}
	for ref, r := range s.refunds {
		asked, done := told[about{fact.RefundRequested, ref.Key}],
			told[about{fact.RefundDone, ref.Key}]
		failed := told[about{fact.RefundFailed, ref.Key}]
		if !r.owed() {
			continue
		}
		if asked != 1+r.Retries || r.State == RefundDone && done == 0 ||
			r.State == RefundFailed && failed == 0 || failed < r.Retries {
			return fmt.Errorf("I6: %+v was requested %d times, done %d and failed %d", r, asked,
				done, failed)
		}
	}
	returned := make(map[string]int) // two gateways may use one name
	for ref, p := range s.payments {
		if p.Use == Returned {
			returned[ref.Transaction]++
		}
	}
	for ref := range s.payments {
		if n := told[about{fact.PaymentReturned, ref.Transaction}]; n != returned[ref.Transaction] {
			return fmt.Errorf("I6: %d payments %q were returned, %d facts say so",
				returned[ref.Transaction], ref.Transaction, n)
		}
	}
	return nil
}
