package policy

import (
	"context"
	"errors"
	"sync"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
)

// Limits of asking the gateways for buyers, whose pages ask again and again.
const (
	lookEvery = 3 * time.Second // for each attempt to pay, on average
	lookBurst = 4               // at once
	maxLooks  = 20_000          // attempts in each of the two generations that are remembered
)

// Doubt is what the gateways say about an order that awaits its payment.
type Doubt uint8

// What the gateways say. After Decided the order is to be read again.
const (
	Undecided Doubt = iota // a payment has begun, or it can't be told: don't ask for another one
	NotBegun               // nobody has tried to pay the current attempt
	Decided                // paid, or declined for certain
)

// Look asks the gateways about an order that awaits its payment and applies what they say. It
// closes nothing, so it may be done at any time. With a failure it is Undecided.
func (c *Cashier) Look(ctx context.Context, o booking.Order) (Doubt, error) {
	doubt := NotBegun
	_, err := c.asked(ctx, o, func(
		g payment.Gateway, ctx context.Context, key string,
	) (payment.Status, error) {
		status, err := g.LookUp(ctx, key)
		if errors.Is(err, payment.ErrNotFound) {
			return status, err
		}
		doubt = Decided
		switch {
		case err != nil || status.State == payment.Pending || status.State == payment.Unknown:
			doubt = Undecided
		case status.State == payment.Declined && status.Transaction != "":
			if o.Due(c.clock()) {
				break // we close its page: no other attempt follows
			}
			// Its message may have been lost; the buyer wants another attempt.
			err = c.office.RecordDecline(ctx, o.ID, o.CurrentAttempt(), status.Amount,
				booking.News{})
		}
		return status, err
	})
	if err != nil {
		return Undecided, err
	}
	return doubt, nil
}

// LookAgain is Look for who may ask as often as they like: too soon after the last times, it says
// what the gateways said then. The current attempt is asked about, so that a new one is asked
// about at once.
func (c *Cashier) LookAgain(ctx context.Context, o booking.Order) (Doubt, error) {
	at := c.looks.of(booking.AttemptKey(o.ID, o.CurrentAttempt()))
	if doubt, err, may := at.begin(c.clock()); !may {
		return doubt, err
	}
	doubt, err := c.Look(ctx, o)
	at.end(doubt, err)
	return doubt, err
}

// looks remembers what the gateways have said. When the young generation is full, it becomes the
// old one and the old one is forgotten.
type looks struct {
	mu         sync.Mutex
	young, old map[string]*looked
}

func (l *looks) of(attempt string) *looked {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.young[attempt]; at != nil {
		return at
	}
	at := l.old[attempt]
	if at == nil {
		at = &looked{}
	}
	if l.young == nil || len(l.young) >= maxLooks {
		l.old, l.young = l.young, make(map[string]*looked)
	}
	l.young[attempt] = at
	return at
}

// looked is what the gateways said of one attempt: nothing yet is Undecided.
type looked struct {
	mu    sync.Mutex
	doubt Doubt
	err   error
	spent time.Time // when all that was asked will have been paid off, one each lookEvery
}

// begin tells whether it may be asked now, and what is known if it may not.
func (l *looked) begin(now time.Time) (doubt Doubt, err error, may bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spent.Before(now) {
		l.spent = now
	}
	if l.spent.Sub(now) > (lookBurst-1)*lookEvery {
		return l.doubt, l.err, false
	}
	l.spent = l.spent.Add(lookEvery)
	return l.doubt, l.err, true
}

func (l *looked) end(doubt Doubt, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubt, l.err = doubt, err
}
