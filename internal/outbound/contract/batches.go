package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// batches: many commands in one transaction answer as if each had been alone.
func batches() []Case {
	return []Case{
		{"commands see what those before them did", false, batchSeen},
		{"a release and a hold in one batch", false, batchRelease},
		{"a refused command leaves nothing", false, batchRefused},
		{"a refused batch leaves nothing", false, batchConflict},
		{"a failed decision leaves nothing", false, batchFailure},
		{"a decision may run twice", false, batchTwice},
		{"one poisoned command fails alone", false, batchPoisoned},
		{"cancel and late payment in one batch", false, batchHandOver},
		{"paid and cancelled in one batch", false, batchUndone},
		{"as many commands as a batch takes", false, batchLarge},
	}
}

// count checks how many of a batch's answers are yes; the rest must be want.
func (s *stage) count(failures []error, yes int, want error) {
	s.t.Helper()
	for _, err := range failures {
		if err == nil {
			yes--
			continue
		}
		s.is(err, want, "a refused command")
	}
	if yes != 0 {
		s.t.Errorf("%d commands too few were granted (negative: too many)", yes)
	}
}

func batchSeen(s *stage) {
	w := s.show(terms{places: 3})
	failures := s.run(w.hold(0), w.hold(0), w.hold(0, 1), w.hold(1), w.hold(1, 2), w.hold(2))
	s.count(failures, 3, booking.ErrPlaceTaken)
	s.is(failures[0], nil, "the first for place 0")
	s.is(failures[3], nil, "the first for place 1")
	s.is(failures[5], nil, "the first for place 2")
	same(s.t, "holds", len(w.conserved().Holds), 3)
}

func batchRelease(s *stage) {
	w := s.show(terms{places: 1})
	first := w.held(0)
	second, third := w.hold(0), w.hold(0)
	failures := s.run(w.release(first.ID), second, third)
	s.count(failures, 2, booking.ErrPlaceTaken)
	s.is(failures[1], nil, "the hold behind the release")
	same(s.t, "holder", w.conserved().Places[0].Holder, second.ID.Key)

	// Everything about a place within one batch, and its grant survives.
	order := w.order(second.ID, "buyer")
	failures = s.run(order, w.release(second.ID), &booking.ExpireHold{ID: second.ID}, w.hold(0),
		w.order(second.ID, "another"))
	s.is(failures[0], nil, "the order")
	s.is(failures[1], booking.ErrHoldOrdered, "a release behind it")
	s.is(failures[2], nil, "an expiry behind it")
	s.is(failures[3], booking.ErrPlaceTaken, "a hold behind it")
	s.is(failures[4], booking.ErrHoldOrdered, "a second order behind it")
	same(s.t, "holder", w.conserved().Places[0].Holder, order.ID.Key)
}

func batchRefused(s *stage) {
	w := s.show(terms{places: 6})
	w.held(5)
	before := w.rows()
	failures := s.run(w.hold(0, 1, 5), w.hold(2, 3, 9), w.hold(4, 4))
	s.is(failures[0], booking.ErrPlaceTaken, "a wish with a taken place")
	s.is(failures[1], booking.ErrNoSuchPlace, "a wish beyond the plan")
	s.is(failures[2], booking.ErrPlaceTwice, "a wish that names a place twice")
	w.unchanged(before)

	// Between two that are granted, too.
	failures = s.run(w.hold(0), w.hold(1, 5), w.hold(1))
	s.count(failures, 2, booking.ErrPlaceTaken)
	rows := w.conserved()
	same(s.t, "holds", len(rows.Holds), 3)
	same(s.t, "facts", len(rows.Facts), len(before.Facts)+2)
	same(s.t, "answers", len(rows.Answers), len(before.Answers)+2)
}

func batchConflict(s *stage) {
	w := s.show(terms{places: 4})
	w.held(3)
	before := w.rows()
	bad := stale{w.hold(3), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id, Place: 3}, booking.Place{})
	}}
	for _, err := range s.run(w.hold(0), w.hold(1), bad, w.hold(2)) {
		s.is(err, command.ErrConflict, "a command of a refused batch")
	}
	w.unchanged(before)
}

var errOnPurpose = errors.New("failed on purpose")

func batchFailure(s *stage) {
	w := s.show(terms{places: 2})
	before := w.rows()
	hold := w.hold(0)
	err := s.engine.Ledger.Update(s.t.Context(), hold.Keys(), func(b *booking.Book) error {
		s.is(b.Try(hold.Decide), nil, "the hold before the failure")
		return errOnPurpose
	})
	s.is(err, errOnPurpose, "the failed update")
	w.unchanged(before)
	s.must(w.hold(0)) // and the engine goes on
	w.conserved()
}

// twice is a ledger that loses each transaction once, just before its commit.
type twice struct{ command.Ledger }

// Update decides on a book that comes to nothing, and then once more.
func (l twice) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	err := l.Ledger.Update(ctx, keys, func(b *booking.Book) error {
		return errors.Join(decide(b), errOnPurpose)
	})
	if !errors.Is(err, errOnPurpose) {
		return err
	}
	return l.Ledger.Update(ctx, keys, decide)
}

func batchTwice(s *stage) {
	s.take(s.engine, twice{s.engine.Ledger})
	w := s.show(terms{places: 6, perBuyer: 2})
	ctx := s.t.Context()
	made, err := s.office.HoldPlaces(ctx, w.wish(1, 0, 1))
	s.noError(err)
	ordered, err := s.office.PlaceOrder(ctx, w.wishOrder(1, made.Hold.ID))
	s.noError(err)
	outcome, err := s.office.RecordPayment(ctx, paid(ordered.Order, "tx", "note"))
	s.noError(err)
	same(s.t, "outcome", outcome, booking.PaymentApplied)
	_, tickets, err := s.engine.Bookings.OrderTickets(ctx, ordered.Order.ID)
	s.noError(err)
	same(s.t, "tickets", len(tickets), 2)
	s.noError(s.office.CancelOrder(ctx, ordered.Order.ID))
	rows := w.conserved()
	same(s.t, "facts", len(rows.Facts), 6) // published … cancelled, each once
	same(s.t, "a place's fence", rows.Places[0].Fence, 1)
}

func batchPoisoned(s *stage) {
	const buyers = 64
	w := s.show(terms{places: buyers})
	poisoned := w.sold("first", 7)
	free := booking.Place{State: booking.Free, Fence: 1}
	ref := booking.PlaceRef{Event: w.id, Place: 7}
	s.noError(s.engine.Probe.Overwrite(s.t.Context(), ref, free))
	orders := make([]booking.Order, buyers)
	for i := range orders {
		orders[i] = w.ordered(fmt.Sprint("buyer", i), catalog.PlaceNo(i))
	}
	var failed atomic.Int64
	together(buyers, func(i int) {
		tx := fmt.Sprint("tx", i)
		outcome, err := s.office.RecordPayment(s.t.Context(), paid(orders[i], tx, tx))
		switch {
		case i == 7:
			s.is(err, command.ErrConflict, "the poisoned payment")
			failed.Add(1)
		case err != nil || outcome != booking.PaymentApplied:
			s.t.Errorf("payment %d: %v, %v", i, outcome, err)
		}
	})
	same(s.t, "failed payments", failed.Load(), 1)
	same(s.t, "tickets of the first", len(w.tickets(poisoned)), 1)
	same(s.t, "tickets", len(w.rows().Tickets), buyers)
}

func batchUndone(s *stage) {
	w := s.show(terms{places: 1})
	first := w.ordered("first", 0)
	for _, err := range s.run(w.pay(first, "tx"), w.cancel(first)) {
		s.noError(err)
	}
	// A ticket that was void when it was written doesn't keep the place from the next buyer.
	w.sold("second", 0)
	same(s.t, "tickets", len(w.conserved().Tickets), 2)
}

func batchHandOver(s *stage) {
	w := s.show(terms{places: 1})
	late := w.ordered("late", 0)
	s.clock.Advance(payTime + booking.PayGrace + time.Millisecond)
	s.must(&booking.ExpireOrder{ID: late.ID})
	second := w.sold("second", 0)
	pay := w.pay(late, "tx late")
	for _, err := range s.run(w.cancel(second), pay) {
		s.noError(err)
	}
	same(s.t, "outcome", pay.Outcome, booking.PaymentTookBack)
	same(s.t, "tickets", len(w.conserved().Tickets), 2)
}

func batchLarge(s *stage) {
	const places = 512
	w := s.show(terms{places: places})
	batch := make([]Command, 0, places)
	for i := range places {
		batch = append(batch, w.hold(catalog.PlaceNo(i)))
	}
	s.count(s.run(batch...), places, nil)
	same(s.t, "holds", len(w.conserved().Holds), places)
}

// inOneBatch keeps the desk busy with one command until f has been called n times at once and all
// of its commands wait; then these make one batch.
func (s *stage) inOneBatch(n int, busy func() error, f func(i int)) {
	gate := pause(s.engine.Ledger)
	s.take(s.engine, gate)
	ended := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := busy(); err != nil {
			s.t.Errorf("the command before the batch: %v", err)
		}
	})
	<-gate.entered
	all.Go(func() { together(n, f) })
	until(s.t, "all commands of a batch", func() bool { return s.desk.Waiting() == n })
	go func() {
		gate.goOn <- struct{}{}
		for {
			select {
			case <-gate.entered:
				gate.goOn <- struct{}{}
			case <-ended:
				return
			}
		}
	}()
	all.Wait()
	close(ended)
}

// Unreadable checks that a row which can't be read fails only those commands that name it. spoil
// breaks the row of a hold.
func Unreadable(t T, e *Engine, clock *Clock, spoil func(id booking.HoldID) error) {
	t.Helper()
	const holds, bad = 8, 3
	s := newStage(t, e, clock)
	w := s.show(terms{places: holds + 1})
	ids := make([]booking.HoldID, holds)
	for i := range ids {
		ids[i] = w.held(w.seat(i)).ID
	}
	s.noError(spoil(ids[bad]))
	s.inOneBatch(holds, func() error {
		_, err := s.office.HoldPlaces(t.Context(), w.wish(1, holds))
		return err
	}, func(i int) {
		var want error
		if i == bad {
			want = command.ErrConflict
		}
		s.is(s.office.ReleaseHold(t.Context(), ids[i]), want, fmt.Sprint("release ", i))
	})
	states, err := e.Shelf.PlaceStates(t.Context(), w.id)
	s.noError(err)
	for i, state := range states[:holds] {
		same(t, fmt.Sprint("place ", i, " is held"), state == byte(booking.Held), i == bad)
	}
	same(t, "batches that were cut", s.desk.Stats().Splits.Load() > 0, true)
}
