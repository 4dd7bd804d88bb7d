package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Limits of comparing the books.
const (
	reconcilePage     = 500
	maxReconcilePages = 20_000
	maxDifferences    = 100 // that are named; more are counted
	reconcileInterval = 10 * time.Minute
)

// ErrNoStatement says that a gateway doesn't show its book.
var ErrNoStatement = errs.New(errs.NotFound, "no_statement",
	"This payment provider has no book that could be compared.")

// Reconciliation is both books side by side, after what was missing in ours was added.
type Reconciliation struct {
	Provider    string
	Theirs      []query.BookTotal
	Ours        []query.BookTotal
	Repaired    int          // payments, refunds and disputes that we had not heard of
	Differences []Difference // what couldn't be repaired, the first ones
	Differing   int          // all of them
	Equal       bool
}

// Difference is a payment about which the books disagree.
type Difference struct {
	Transaction string
	Key         string
	What        string
}

// Reconcile reads a gateway's book from its beginning, applies what we haven't heard of, and
// compares the sums. While something is on its way, the sums may differ for a moment; it is safe to
// reconcile again, at any time.
func (c *Cashier) Reconcile(ctx context.Context, provider string) (Reconciliation, error) {
	r := Reconciliation{Provider: provider}
	gateway, err := c.providers.Get(provider)
	if err != nil {
		return r, err
	}
	book, ok := gateway.(payment.Statement)
	if !ok {
		return r, ErrNoStatement
	}
	theirs := make(map[money.Currency]*query.BookTotal)
	after := ""
	for range maxReconcilePages {
		page, next, err := book.Payments(ctx, after, reconcilePage)
		if err != nil {
			return r, err
		}
		for i := range page {
			if page[i].Transaction == "" || page[i].State == payment.Declined ||
				page[i].State == payment.Pending {
				continue
			}
			addTo(theirs, &page[i])
			if err := c.compare(ctx, &page[i], &r); err != nil {
				return r, err
			}
		}
		if after = next; after == "" {
			break
		}
	}
	if r.Ours, err = c.money.BookTotals(ctx, provider); err != nil {
		return r, err
	}
	r.Theirs, r.Equal = sums(theirs, r.Ours)
	r.Equal = r.Equal && r.Differing == 0
	return r, nil
}

func addTo(totals map[money.Currency]*query.BookTotal, s *payment.Status) {
	currency := s.Amount.Currency()
	t := totals[currency]
	if t == nil {
		t = &query.BookTotal{Currency: currency}
		totals[currency] = t
	}
	t.Payments++
	t.Captured += s.Amount.Minor()
	t.Refunded += s.Refunded.Minor()
	t.Disputed += s.Disputed.Minor()
}

// sums puts their totals in the order of ours and tells whether all are equal.
func sums(
	theirs map[money.Currency]*query.BookTotal, ours []query.BookTotal,
) (list []query.BookTotal, equal bool) {
	equal = true
	for _, our := range ours {
		their := theirs[our.Currency]
		if their == nil {
			their = &query.BookTotal{Currency: our.Currency}
		}
		list = append(list, *their)
		equal = equal && sameBook(their, &our)
		delete(theirs, our.Currency)
	}
	for _, their := range theirs {
		list = append(list, *their)
		equal = false
	}
	return list, equal
}

// sameBook compares sums. What a buyer's bank has taken may have settled a refund that was owed, so
// that the two are told apart in one book only.
func sameBook(their, our *query.BookTotal) bool {
	return their.Payments == our.Payments && their.Captured == our.Captured &&
		their.Refunded+their.Disputed == our.Refunded+our.Disputed
}

// compare brings one payment of the gateway's book into ours.
func (c *Cashier) compare(ctx context.Context, s *payment.Status, r *Reconciliation) error {
	order, attempt, err := booking.ParseAttemptKey(s.Key)
	if err != nil {
		// Somebody else's payment, or of a box office that shared the account: nothing of ours.
		return r.applied(s, "its key is none of ours", err)
	}
	ours, known, err := c.money.Payment(ctx, r.Provider, s.Transaction)
	if errors.Is(err, booking.ErrPaymentNotFound) {
		var outcome booking.PaymentOutcome
		outcome, err = c.office.RecordPayment(ctx, command.Paid{Order: order, Attempt: attempt,
			Provider: r.Provider, Transaction: s.Transaction, Amount: s.Amount})
		if err != nil {
			return r.applied(s, "it can't be recorded", err)
		}
		r.Repaired++
		c.count(taken(outcome))
		ours, known, err = c.money.Payment(ctx, r.Provider, s.Transaction)
	}
	if err != nil {
		return err
	}
	if ours.Amount != s.Amount {
		r.differs(s, fmt.Sprintf("it captured %v, and we have %v", s.Amount, ours.Amount))
		return nil
	}
	// A refund of ours that has failed may make room for what was given back in its place, and a
	// dispute that is over for the next one.
	if err := c.compareRefunds(ctx, order, known, s, r, true); err != nil {
		return err
	}
	if err := c.compareDisputes(ctx, order, known, s, r); err != nil {
		return err
	}
	return c.compareRefunds(ctx, order, known, s, r, false)
}

// compareRefunds books what has become of refunds, either of those that we asked for or of those
// that were made at the gateway's side.
func (c *Cashier) compareRefunds(
	ctx context.Context, order booking.OrderID, known []booking.Refund, s *payment.Status,
	r *Reconciliation, asked bool,
) error {
	done := make(map[string]booking.Refund)
	for _, k := range known {
		done[k.GatewayKey()] = k
		done[k.GatewayRef] = k
	}
	for _, their := range s.Refunds {
		if asked != (their.RefundKey != "") {
			continue
		}
		our, found := done[their.RefundKey]
		if their.RefundKey == "" {
			our, found = done[their.Refund]
		}
		var err error
		switch {
		case their.State == payment.Refunded && found && our.State == booking.RefundDone:
			continue
		case their.State == payment.Refunded && their.RefundKey != "":
			err = c.office.RecordRefund(ctx, booking.RecordRefund{GatewayRef: their.Refund,
				Refund: booking.RefundRef{Event: order.Event,
					Key: booking.RefundKey(their.RefundKey)}})
		case their.State == payment.Refunded:
			err = c.office.RecordGatewayRefund(ctx, booking.RecordGatewayRefund{Order: order,
				Payment: paymentRef(order, r.Provider, s.Transaction), GatewayRef: their.Refund,
				Amount: their.Amount})
		case their.State == payment.Declined && found && our.State == booking.RefundRequested:
			err = c.office.RecordRefund(ctx, booking.RecordRefund{GatewayRef: their.Refund,
				Failed: true, Try: their.RefundKey, Refund: our.Ref})
		default:
			continue
		}
		if err := r.applied(s, "its refund "+their.Refund+" can't be applied", err); err != nil {
			return err
		}
	}
	return nil
}

// applied counts something that we hadn't heard of, and was given to the ledger. What that refuses
// is a difference; only a trouble that passes is returned.
func (r *Reconciliation) applied(s *payment.Status, refused string, err error) error {
	switch {
	case err == nil:
		r.Repaired++
	case refusal(err):
		r.differs(s, refused+": "+err.Error())
		err = nil
	}
	return err
}

func (r *Reconciliation) differs(s *payment.Status, what string) {
	r.Differing++
	if len(r.Differences) < maxDifferences {
		r.Differences = append(r.Differences, Difference{s.Transaction, s.Key, what})
	}
}

// RunReconcile compares the books with all gateways that show theirs, again and again until ctx
// ends, whenever it is this instance's turn.
func (c *Cashier) RunReconcile(ctx context.Context, turns *Turns) {
	turns.each(ctx, "compare the books", reconcileInterval, c.reconcileAll, func(err error) {
		c.logger.WarnContext(ctx, "the books could not be compared", "error", err)
	})
}

func (c *Cashier) reconcileAll(ctx context.Context) error {
	var failures []error
	for _, name := range c.providers.Names() {
		r, err := c.Reconcile(ctx, name)
		switch {
		case errors.Is(err, ErrNoStatement):
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		case !r.Equal:
			c.logger.ErrorContext(ctx, "the gateway's book differs from ours",
				"provider", name, "differing", r.Differing, "repaired", r.Repaired)
		case r.Repaired > 0:
			c.logger.WarnContext(ctx, "payments were missing here and were added",
				"provider", name, "repaired", r.Repaired)
		}
	}
	return errors.Join(failures...)
}
