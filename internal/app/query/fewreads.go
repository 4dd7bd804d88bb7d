package query

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
)

// maxMoneyReads bounds how many orders' money is read at once: no index leads to payments that
// weren't used for their order.
const maxMoneyReads = 4

// ErrManyReads says that the money of enough orders is being read.
var ErrManyReads = errs.New(errs.Unavailable, "overloaded",
	"Too many requests at this moment. Please try again in a second.")

// FewReads is Money that many ask for: the money of few orders is read at once. Buyers and
// organisers have one each. It is safe for concurrent use.
type FewReads struct {
	Money
	places chan struct{} // one for each order's money that is being read
}

// NewFewReads stands in front of what keeps the money.
func NewFewReads(m Money) *FewReads {
	return &FewReads{Money: m, places: make(chan struct{}, maxMoneyReads)}
}

// OrderMoney implements Money. It fails with ErrManyReads at once, rather than wait.
func (f *FewReads) OrderMoney(
	ctx context.Context, id booking.OrderID,
) ([]booking.Payment, []booking.Refund, error) {
	select {
	case f.places <- struct{}{}:
		defer func() { <-f.places }()
	default:
		return nil, nil, ErrManyReads
	}
	return f.Money.OrderMoney(ctx, id)
}
