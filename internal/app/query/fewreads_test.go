package query_test

import (
	"context"
	"errors"
	"testing"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

// slow is money that is read as slowly as a test wants.
type slow struct {
	query.Money
	begun, done chan struct{}
}

func (s slow) OrderMoney(
	context.Context, booking.OrderID,
) ([]booking.Payment, []booking.Refund, error) {
	s.begun <- struct{}{}
	<-s.done
	return make([]booking.Payment, 1), nil, nil
}

// TestFewOrdersMoneyIsReadAtOnce: one more is refused, until another one is done.
func TestFewOrdersMoneyIsReadAtOnce(t *testing.T) {
	const most = 4
	below := slow{begun: make(chan struct{}, most+1), done: make(chan struct{})}
	books := query.NewFewReads(below)
	failures := make(chan error)
	read := func() {
		payments, _, err := books.OrderMoney(t.Context(), booking.OrderID{})
		if err == nil && len(payments) != 1 {
			err = errors.New("what was read is lost")
		}
		failures <- err
	}
	for range most {
		go read()
		<-below.begun
	}
	go read()
	if err := <-failures; !errors.Is(err, query.ErrManyReads) {
		t.Errorf("one more fails with %v", err)
	}
	close(below.done)
	for range most {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	go read()
	if err := <-failures; err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
