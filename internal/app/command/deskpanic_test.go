package command_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// panicking is a ledger in whose transactions commands panic if bad says so, and which itself
// panics behind the commit if late does.
type panicking struct {
	command.Ledger
	bad, late func(*booking.Keys) bool
}

func (p *panicking) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	err := p.Ledger.Update(ctx, keys, func(b *booking.Book) error {
		if p.bad == nil || !p.bad(keys) {
			return decide(b)
		}
		return decide(nil) // no command can decide on that
	})
	if err == nil && p.late != nil && p.late(keys) {
		panic("on purpose, behind the commit")
	}
	return err
}

func names(keys *booking.Keys, place catalog.PlaceNo) bool {
	return slices.ContainsFunc(keys.Places, func(ref booking.PlaceRef) bool {
		return ref.Place == place
	})
}

func TestPanicFailsAlone(t *testing.T) {
	const n, bad = 64, 40
	var log bytes.Buffer
	h, g, all := busy(t, func(l command.Ledger) command.Ledger {
		return &panicking{Ledger: l,
			bad: func(keys *booking.Keys) bool { return names(keys, bad) }}
	}, command.LogTo(slog.New(slog.NewTextHandler(&log, nil))))
	failures := h.queue(all, n)
	end := g.letGo()
	defer end()
	all.Wait()
	for i, err := range failures {
		if (err != nil) != (i+1 == bad) {
			t.Errorf("command %d: %v", i+1, err)
		}
	}
	if err := failures[bad-1]; errors.Is(err, command.ErrUnknown) ||
		errs.KindOf(err) != errs.Internal {
		t.Errorf("the command that panicked: %v", err)
	}
	if got := h.held(); got != n {
		t.Errorf("%d places are held, want %d", got, n)
	}
	if got := h.desk.Stats().Panics.Load(); got != 1 {
		t.Errorf("%d panics are counted", got)
	}
	h.desk.Close()
	for _, want := range []string{"HoldPlaces", h.event.String(), "commit.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log says nothing of %s:\n%s", want, log.String())
		}
	}
}

// TestPanicBehindTheCommit: nobody may be told no, and nothing may be decided twice.
func TestPanicBehindTheCommit(t *testing.T) {
	var broken atomic.Bool
	h := open(t, func(l command.Ledger) command.Ledger {
		return &panicking{Ledger: l, late: func(*booking.Keys) bool { return broken.Load() }}
	})
	broken.Store(true)
	_, err := h.hold(t.Context(), 1)
	if !errors.Is(err, command.ErrUnknown) || h.desk.Stats().Splits.Load() != 0 {
		t.Errorf("%v", err)
	}
	broken.Store(false)
	if _, err := h.hold(t.Context(), 1); err != nil || h.held() != 1 {
		t.Errorf("%v, %d places", err, h.held())
	}
}

func TestALoneConflictMayBeRepeated(t *testing.T) {
	h := open(t, failBefore(func(*booking.Keys) error { return command.ErrConflict }))
	_, err := h.hold(t.Context(), 1)
	if errs.KindOf(err) != errs.Unavailable || !errors.Is(err, command.ErrConflict) ||
		!errors.Is(err, command.ErrContended) {
		t.Errorf("a command that the ledger refused: %v", err)
	}
	if got := h.desk.Stats().Conflicts.Load(); got != 1 {
		t.Errorf("%d conflicts are counted", got)
	}
}

func TestBusyPausesGrow(t *testing.T) {
	var left atomic.Int64
	var pauses []time.Duration
	h := open(t, failBefore(func(*booking.Keys) error {
		if left.Add(-1) >= 0 {
			return command.ErrBusy
		}
		return nil
	}), command.PauseWhenBusy(func() float64 { return 0.5 },
		func(d time.Duration) { pauses = append(pauses, d) }))
	if _, err := h.hold(t.Context(), 1); err != nil || len(pauses) != 0 {
		t.Errorf("without need: %v, %v", err, pauses)
	}
	left.Store(updateTries)
	if _, err := h.hold(t.Context(), 2); !errors.Is(err, command.ErrOverloaded) {
		t.Errorf("busy for good: %v", err)
	}
	const first = 2 * time.Millisecond
	want := []time.Duration{first, 2 * first, 4 * first, 8 * first}
	if !slices.Equal(pauses, want) {
		t.Errorf("pauses of %v, want %v", pauses, want)
	}
}

// TestDoubtIsTold: after a commit of unknown outcome the board is brought up to the ledger, and its
// viewers stay.
func TestDoubtIsTold(t *testing.T) {
	var broken atomic.Bool
	var doubted []catalog.EventID
	h := open(t, failAfter(func(*booking.Keys) error {
		if broken.Load() {
			return command.ErrUnknown
		}
		return nil
	}), command.WhenInDoubt(func(id catalog.EventID) { doubted = append(doubted, id) }))
	seats, err := h.boards.Get(t.Context(), h.event)
	h.check(err)
	broken.Store(true)
	if _, err := h.hold(t.Context(), 1); !errors.Is(err, command.ErrUnknown) {
		t.Fatal(err)
	}
	if !slices.Equal(doubted, []catalog.EventID{h.event}) {
		t.Fatalf("doubted: %v", doubted)
	}
	h.boards.Refresh(t.Context(), h.event)
	again, err := h.boards.Get(t.Context(), h.event)
	h.check(err)
	if _, total, _, _ := seats.Summary(); again != seats || total.Held != 1 {
		t.Errorf("the board shows %+v", total)
	}
}
