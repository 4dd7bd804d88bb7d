package audit

import (
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
)

func (a Accounts) plus(b Accounts) Accounts {
	return Accounts{a.Clearing + b.Clearing, a.Receivable + b.Receivable, a.Revenue + b.Revenue,
		a.Fees + b.Fees, a.Tax + b.Tax, a.Refunds + b.Refunds, a.Chargebacks + b.Chargebacks}
}

func (a Accounts) balance() int64 {
	return a.Clearing + a.Receivable + a.Revenue + a.Fees + a.Tax + a.Refunds + a.Chargebacks
}

// earned puts all that was earned into one account: how it is divided is the order's affair.
func (a Accounts) earned() Accounts {
	a.Revenue, a.Fees, a.Tax = a.Revenue+a.Fees+a.Tax, 0, 0
	return a
}

// addEntry adds an entry to the payment or the refund that it is about, for I5.
func (l *ledger) addEntry(r *EntryRow) {
	l.checked(i5)
	if sum := r.Accounts.balance(); sum != 0 {
		l.breach(i5, "entry %d is out of balance by %d", r.Number, sum)
	}
	if _, err := money.ParseCurrency(r.Currency); err != nil {
		l.breach(i5, "entry %d has no currency", r.Number)
	}
	switch r.Kind {
	case booking.EntrySale, booking.EntryDeposit, booking.EntryDepositApplied:
		p := l.payments[booking.PaymentRef{Event: r.Event, Provider: r.Provider,
			Transaction: r.Ref}]
		if p == nil {
			l.breach(i5, "entry %d is about payment %q, which doesn't exist", r.Number, r.Ref)
			return
		}
		p.posted.add(r, p.row.Order == r.Order && p.row.Currency == r.Currency)
	case booking.EntryRefundDue, booking.EntryRefundPaid, booking.EntryGatewayRefund,
		booking.EntryDispute, booking.EntryDisputeWon:
		told := l.refunds[booking.RefundRef{Event: r.Event, Key: r.Ref}]
		if told == nil {
			l.breach(i5, "entry %d is about refund %q, which doesn't exist", r.Number, r.Ref)
			return
		}
		from := told.row.Payment.Provider == r.Provider ||
			r.Kind == booking.EntryRefundPaid && r.Provider == booking.StaffProvider // settled
		told.posted.add(r, told.row.Order == r.Order && told.row.Currency == r.Currency && from)
	default:
		l.breach(i5, "entry %d is of an unknown kind", r.Number)
	}
}

func (p *posted) add(r *EntryRow, fits bool) {
	p.Accounts = p.plus(r.Accounts)
	p.entries++
	p.foreign = p.foreign || !fits
}

// checkJournal is the part of I5 about the journal: it says of each payment and refund what they
// say of themselves.
func (l *ledger) checkJournal() {
	for _, p := range l.received {
		want := Accounts{Clearing: p.row.Amount, Receivable: -p.row.Amount}
		if p.row.Use == int64(booking.Applied) {
			want = Accounts{Clearing: p.row.Amount, Revenue: -p.row.Amount}
		}
		l.checkPosted(paymentName(p.row.Ref), p.posted, want)
	}
	for _, r := range l.asked {
		if r.payment != nil {
			l.checkPosted("refund \""+r.row.Ref.Key+"\" of "+r.row.Ref.Event.String(), r.posted,
				r.accounts())
		}
	}
}

func (l *ledger) checkPosted(name string, got posted, want Accounts) {
	if got.foreign {
		l.breach(i5, "%s has an entry of another order, currency or provider", name)
	}
	if got.earned() != want {
		l.breach(i5, "%s is %+v in %d entries, and should be %+v", name, got.earned(),
			got.entries, want)
	}
}

// accounts is what the entries of a refund should sum up to.
func (r *refund) accounts() (a Accounts) {
	switch r.row.State {
	case int64(booking.RefundReversed):
		return a
	case int64(booking.RefundDone):
		a.Clearing = -r.row.Amount
	default: // still owed
		a.Receivable = -r.row.Amount
	}
	switch {
	case !r.ofSale():
		a.Receivable += r.row.Amount // the payment itself was owed
	case r.row.Reason == booking.ReasonDispute:
		a.Chargebacks = r.row.Amount
	default:
		a.Refunds = r.row.Amount
	}
	return a
}
