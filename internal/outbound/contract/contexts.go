package contract

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

// contexts: a request that ends early is told that the outcome is unknown, and the key finds out.
func contexts() []Case {
	return []Case{
		{"ended before: nothing happens", false, contextBefore},
		{"ended meanwhile: the command goes on", false, contextMeanwhile},
		{"a commit doesn't end with its context", false, contextCommit},
	}
}

// paused is a ledger that waits in each transaction until it is let on.
type paused struct {
	command.Ledger
	entered chan struct{} // one signal for each transaction that has begun
	goOn    chan struct{} // one for each that may go on
}

// pause wraps a ledger.
func pause(inner command.Ledger) *paused {
	return &paused{inner, make(chan struct{}), make(chan struct{})}
}

// Update waits between the load and the decision.
func (l *paused) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	return l.Ledger.Update(ctx, keys, func(b *booking.Book) error {
		l.entered <- struct{}{}
		<-l.goOn
		return decide(b)
	})
}

func contextBefore(s *stage) {
	w := s.show(terms{places: 2})
	hold := w.held(0)
	before := w.rows()
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	if _, err := s.commit(ctx, w.hold(1)); !errors.Is(err, context.Canceled) {
		s.t.Errorf("an update whose context has ended: %v", err)
	}
	s.is(s.office.ReleaseHold(ctx, hold.ID), command.ErrOverloaded, "a release")
	if _, err := s.office.HoldPlaces(ctx, w.wish(1, 1)); err == nil ||
		errors.Is(err, command.ErrUnknown) {
		s.t.Errorf("a wish whose context has ended: %v", err)
	}
	w.unchanged(before)
}

func contextMeanwhile(s *stage) {
	w := s.show(terms{places: 2})
	gate := pause(s.engine.Ledger)
	s.take(s.engine, gate)
	ctx, cancel := context.WithCancel(s.t.Context())
	told := make(chan error)
	go func() {
		_, err := s.office.HoldPlaces(ctx, w.wish(1, 0, 1))
		told <- err
	}()
	<-gate.entered
	cancel()
	s.is(<-told, command.ErrUnknown, "the buyer who left")
	gate.goOn <- struct{}{}

	// The same key finds out.
	go func() {
		<-gate.entered
		gate.goOn <- struct{}{}
	}()
	made, err := s.office.HoldPlaces(s.t.Context(), w.wish(1, 0, 1))
	s.noError(err)
	rows := w.conserved()
	same(s.t, "holds", len(rows.Holds), 1)
	same(s.t, "the hold", made.Hold.ID, rows.Holds[0].ID)
	w.told(fact.EventPublished, fact.HoldPlaced)
}

func contextCommit(s *stage) {
	w := s.show(terms{places: 1})
	ctx, cancel := context.WithCancel(s.t.Context())
	hold := w.hold(0)
	err := s.engine.Ledger.Update(ctx, hold.Keys(), func(b *booking.Book) error {
		cancel()
		return b.Try(hold.Decide)
	})
	s.noError(err)
	same(s.t, "holds", len(w.conserved().Holds), 1)
}

// reads: what isn't there has a name, and each look sees one committed state.
func reads() []Case {
	return []Case{
		{"what isn't there", false, readMissing},
		{"one committed state", false, readSnapshot},
		{"by kind and price", false, readListed},
	}
}

func readMissing(s *stage) {
	w := s.show(terms{places: 1})
	ctx, key := s.t.Context(), s.key()
	from := s.engine.Bookings
	_, err := from.Hold(ctx, booking.HoldID{Event: w.id, Key: key})
	s.is(err, booking.ErrHoldNotFound, "a hold")
	_, err = from.Order(ctx, booking.OrderID{Event: w.id, Key: key})
	s.is(err, booking.ErrOrderNotFound, "an order")
	_, _, err = from.OrderTickets(ctx, booking.OrderID{Event: w.id, Key: key})
	s.is(err, booking.ErrOrderNotFound, "an order's tickets")
	_, err = from.Ticket(ctx, booking.TicketID{Event: w.id})
	s.is(err, booking.ErrTicketNotFound, "a ticket")
	_, _, err = s.engine.Shelf.Event(ctx, w.id+1_000)
	s.is(err, booking.ErrEventNotFound, "an event")
	hold := w.hold(0)
	for _, want := range []bool{false, true} {
		answered, err := from.Answered(ctx, hold.Answer)
		s.noError(err)
		same(s.t, "answered", answered, want)
		if !want {
			s.must(hold)
		}
	}
}

func readSnapshot(s *stage) {
	const rounds = 20
	w := s.show(terms{places: 4})
	var latest atomic.Pointer[booking.Order]
	first := w.ordered("buyer", 0, 1, 2, 3)
	latest.Store(&first)
	var reader sync.WaitGroup
	var ended atomic.Bool
	reader.Go(func() {
		for !ended.Load() && w.consistent(latest.Load()) {
			continue
		}
	})
	for range rounds {
		order := *latest.Load()
		s.must(w.pay(order, order.ID.String()), w.cancel(order))
		next := w.ordered("buyer", 0, 1, 2, 3)
		latest.Store(&next)
	}
	ended.Store(true)
	reader.Wait()
	w.conserved()
}

// consistent looks at an order and at the places while others write, and tells whether each look
// showed one moment.
func (w *show) consistent(order *booking.Order) bool {
	ctx := w.t.Context()
	got, tickets, err := w.engine.Bookings.OrderTickets(ctx, order.ID)
	if err != nil {
		w.t.Errorf("read an order: %v", err)
		return false
	}
	valid, want := 0, 0
	for _, ticket := range tickets {
		if ticket.State == booking.TicketValid {
			valid++
		}
	}
	if got.State == booking.Paid {
		want = len(order.Lines)
	}
	states, err := w.engine.Shelf.PlaceStates(ctx, w.id)
	if err != nil {
		w.t.Errorf("read the places: %v", err)
		return false
	}
	alike := len(slices.Compact(slices.Clone(states))) == 1
	if valid != want || !alike {
		w.t.Errorf("an order that is %v has %d valid tickets; places are %v", got.State, valid,
			states)
		return false
	}
	return true
}
