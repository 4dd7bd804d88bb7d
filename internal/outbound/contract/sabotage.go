package contract

import (
	"context"
	"errors"
	"slices"
	"sync"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

// What follows breaks an engine on purpose. Each is a negative control: with it, the suite must
// fail. Those that need the engine's own language are in the engine's tests.

// Apart decides each command of a batch as if it were alone: it sees the places as they were
// loaded, and not what those before it did to them.
func Apart(b *booking.Book, batch []Command) []error {
	failures := make([]error, len(batch))
	for i, c := range batch {
		for place := range b.ChangedPlaces() {
			b.LoadPlace(place.Key, place.Loaded)
		}
		failures[i] = b.Try(c.Decide)
	}
	return failures
}

// NoFences is an engine that doesn't compare fences: each hold and order that it loads is given the
// fences that its places have now.
func NoFences(e *Engine) *Engine {
	broken := *e
	broken.Ledger = noFences{e}
	return &broken
}

type noFences struct{ engine *Engine }

// Update decides on rows with the wrong fences.
func (l noFences) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	return l.engine.Ledger.Update(ctx, keys, func(b *booking.Book) error {
		for _, id := range keys.Holds {
			h, err := l.engine.Bookings.Hold(ctx, id)
			if err != nil {
				continue // it is made in this batch
			}
			rows, err := l.engine.Probe.Rows(ctx, id.Event)
			if err != nil {
				return err
			}
			h.Lines = refenced(h.Lines, rows.Places)
			b.LoadHold(h)
		}
		for _, id := range keys.Orders {
			o, err := l.engine.Bookings.Order(ctx, id)
			if err != nil {
				continue
			}
			rows, err := l.engine.Probe.Rows(ctx, id.Event)
			if err != nil {
				return err
			}
			o.Lines = refenced(o.Lines, rows.Places)
			b.LoadOrder(o)
		}
		return decide(b)
	})
}

func refenced(lines []booking.Line, places []booking.Place) []booking.Line {
	changed := make([]booking.Line, len(lines))
	for i, l := range lines {
		l.Fence = places[l.Place].Fence
		changed[i] = l
	}
	return changed
}

// NoAnswers is an engine that doesn't load idempotency rows.
func NoAnswers(e *Engine) *Engine {
	broken := *e
	broken.Ledger = noAnswers{e.Ledger}
	return &broken
}

type noAnswers struct{ command.Ledger }

// Update forgets the keys of the answers.
func (l noAnswers) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	hidden := *keys
	hidden.Answers = nil
	return l.Ledger.Update(ctx, &hidden, decide)
}

// NoReturns is an engine that loads a payment without its refunds.
func NoReturns(e *Engine) *Engine {
	broken := *e
	broken.Ledger = noReturns{e.Ledger}
	return &broken
}

type noReturns struct{ command.Ledger }

// Update asks for the payments alone.
func (l noReturns) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	hidden := *keys
	hidden.Payments = append(slices.Clone(keys.Payments), keys.Returns...)
	hidden.Returns = nil
	return l.Ledger.Update(ctx, &hidden, decide)
}

// WriteBehind is an engine that says yes before it has written: the last update is written with the
// next one, or never.
func WriteBehind(e *Engine) *Engine {
	broken := *e
	broken.Ledger = &writeBehind{inner: e.Ledger}
	return &broken
}

type writeBehind struct {
	inner command.Ledger

	mu     sync.Mutex
	keys   *booking.Keys
	decide func(*booking.Book) error
}

var errHeldBack = errors.New("held back")

// Update writes the update before, and decides this one without writing it.
func (l *writeBehind) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.decide != nil {
		if err := l.inner.Update(ctx, l.keys, l.decide); err != nil {
			return err
		}
	}
	l.keys = &booking.Keys{}
	l.keys.Add(keys)
	l.decide = decide
	err := l.inner.Update(ctx, keys, func(b *booking.Book) error {
		return errors.Join(decide(b), errHeldBack)
	})
	if errors.Is(err, errHeldBack) {
		return nil
	}
	return err
}
