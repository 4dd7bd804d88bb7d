package booking

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
)

var (
	noon  = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	me    = ident.Key{1}
	other = ident.Key{2}
)

// outcome is a state and whose the place is then, or the failure that forbids the transition.
type outcome struct {
	state  PlaceState
	holder ident.Key
	fence  uint32
	err    *errs.Error
}

func to(s PlaceState, holder ident.Key, fence uint32) outcome {
	return outcome{state: s, holder: holder, fence: fence}
}

func no(err *errs.Error) outcome { return outcome{err: err} }

// Each place below has had seven grants. A command of mine comes with the fence of the seventh.
const grants = 7

var placeMoves = []struct {
	name string
	try  func(Place) (Place, error)
}{
	{"hold", func(p Place) (Place, error) { return p.Hold(me, noon.Add(time.Minute), noon) }},
	{"extend", func(p Place) (Place, error) { return p.Extend(me, grants, noon.Add(time.Hour)) }},
	{"order", func(p Place) (Place, error) { return p.Order(me, grants, ident.Key{9}) }},
	{"sell", func(p Place) (Place, error) { return p.Sell(me, grants) }},
	{"retake", func(p Place) (Place, error) { return p.Retake(me, noon) }},
	{"release", func(p Place) (Place, error) { return p.Release(me, grants) }},
	{"block", func(p Place) (Place, error) { return p.Block(noon) }},
	{"unblock", func(p Place) (Place, error) { return p.Unblock() }},
}

func TestEveryTransitionOfAPlace(t *testing.T) {
	none, order := ident.Key{}, ident.Key{9}
	past, later := noon.Add(-time.Millisecond), noon.Add(time.Minute)
	taken, lost := no(ErrPlaceTaken), no(ErrPlaceLost)
	notFree, notBlocked := no(ErrPlaceNotFree), no(ErrPlaceNotBlocked)
	held, sold := to(Held, me, 8), to(Sold, me, 8)
	free, blocked := to(Free, none, 7), to(Blocked, none, 8)
	// In the order of placeMoves: hold, extend, order, sell, retake, release, block, unblock.
	for _, c := range []struct {
		name  string
		place Place
		want  [8]outcome
	}{
		{"free", Place{State: Free, Fence: 7},
			[8]outcome{held, lost, lost, lost, sold, lost, blocked, notBlocked}},
		{"held by me", Place{Held, me, 7, later},
			[8]outcome{taken, to(Held, me, 7), to(Ordered, order, 7), lost, taken, free, notFree,
				notBlocked}},
		{"held by me until this instant", Place{Held, me, 7, noon},
			[8]outcome{taken, to(Held, me, 7), to(Ordered, order, 7), lost, taken, free, notFree,
				notBlocked}},
		{"held by me past its time", Place{Held, me, 7, past},
			[8]outcome{held, to(Held, me, 7), to(Ordered, order, 7), lost, sold, free, blocked,
				notBlocked}},
		{"held by me with an older grant", Place{Held, me, 8, later},
			[8]outcome{taken, lost, lost, lost, taken, lost, notFree, notBlocked}},
		{"held by another", Place{Held, other, 7, later},
			[8]outcome{taken, lost, lost, lost, taken, lost, notFree, notBlocked}},
		{"held by another past its time", Place{Held, other, 7, past},
			[8]outcome{held, lost, lost, lost, sold, lost, blocked, notBlocked}},
		{"ordered by me", Place{State: Ordered, Holder: me, Fence: 7},
			[8]outcome{taken, lost, lost, to(Sold, me, 7), taken, free, notFree, notBlocked}},
		{"ordered by me with an older grant", Place{State: Ordered, Holder: me, Fence: 8},
			[8]outcome{taken, lost, lost, lost, taken, lost, notFree, notBlocked}},
		{"ordered by another", Place{State: Ordered, Holder: other, Fence: 7},
			[8]outcome{taken, lost, lost, lost, taken, lost, notFree, notBlocked}},
		{"sold to me", Place{State: Sold, Holder: me, Fence: 7},
			[8]outcome{taken, lost, lost, lost, taken, free, notFree, notBlocked}},
		{"sold to another", Place{State: Sold, Holder: other, Fence: 7},
			[8]outcome{taken, lost, lost, lost, taken, lost, notFree, notBlocked}},
		{"blocked", Place{State: Blocked, Fence: 7},
			[8]outcome{taken, lost, lost, lost, taken, lost, to(Blocked, none, 7), free}},
	} {
		for i, move := range placeMoves {
			checkMove(t, c.name+", "+move.name, c.place, move.try, c.want[i])
		}
	}
}

func checkMove(
	t *testing.T, name string, p Place, try func(Place) (Place, error), want outcome,
) {
	t.Helper()
	got, err := try(p)
	if want.err != nil {
		if !errors.Is(err, want.err) || got != p {
			t.Errorf("%s: %+v, %v; want no change and %q", name, got, err, want.err.Code())
		}
		return
	}
	if err != nil || got.State != want.state || got.Holder != want.holder ||
		got.Fence != want.fence {
		t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
	}
	if (got.State == Held) != !got.Until.IsZero() {
		t.Errorf("%s: a %v place ends at %v", name, got.State, got.Until)
	}
}

func TestStatesHaveStableNames(t *testing.T) {
	for want, got := range map[string]string{
		"free": Free.String(), "held": Held.String(), "sold": Sold.String(),
		"blocked": Blocked.String(), "ordered": Ordered.String(),
		"live": HoldLive.String(), "released": HoldReleased.String(),
		"awaiting_payment": AwaitingPayment.String(), "paid": Paid.String(),
		"cancelled": OrderCancelled.String(), "expired": OrderExpired.String(),
		"valid": TicketValid.String(), "used": TicketUsed.String(), "void": TicketVoid.String(),
		"unknown": PlaceState(99).String(),
	} {
		if got != want {
			t.Errorf("%s is written %s", want, got)
		}
	}
	if HoldOrdered.String() != "ordered" || HoldExpired.String() != "expired" ||
		HoldState(0).String() != "unknown" || OrderState(0).String() != "unknown" ||
		TicketState(0).String() != "unknown" {
		t.Error("a state is written with another name")
	}
}

func TestLocksNumberAgainstTheFence(t *testing.T) {
	later, past := noon.Add(time.Minute), noon.Add(-time.Millisecond)
	for _, c := range []struct {
		name   string
		place  Place
		number uint32
		want   outcome
	}{
		{"no lock", Place{State: Free, Fence: 7}, 0, to(Held, me, 8)},
		{"a newer lock", Place{State: Free, Fence: 7}, 8, to(Held, me, 8)},
		{"a much newer lock", Place{State: Free, Fence: 7}, 1 << 30, to(Held, me, 1<<30)},
		{"the last grant's number", Place{State: Free, Fence: 7}, 7, no(ErrLockStale)},
		{"an older lock", Place{State: Free, Fence: 7}, 1, no(ErrLockStale)},
		{"past its time, newer", Place{Held, other, 7, past}, 9, to(Held, me, 9)},
		{"past its time, older", Place{Held, other, 7, past}, 7, no(ErrLockStale)},
		{"taken, newer", Place{Held, other, 7, later}, 9, no(ErrPlaceTaken)},
		{"taken, older", Place{Held, other, 7, later}, 2, no(ErrPlaceTaken)},
		{"blocked, newer", Place{State: Blocked, Fence: 7}, 9, no(ErrPlaceTaken)},
	} {
		checkMove(t, c.name, c.place, func(p Place) (Place, error) {
			return p.HoldUnder(c.number, me, later, noon)
		}, c.want)
	}
}

// TestFencesGrowUnderAnyLocks: whatever numbers locks bring, in whatever order, each grant has a
// larger fence than the one before, and a lock's number is the fence or is refused.
func TestFencesGrowUnderAnyLocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Place
		for range rapid.IntRange(1, 30).Draw(t, "grants") {
			number := rapid.Uint32Range(0, 20).Draw(t, "number")
			next, err := p.HoldUnder(number, me, noon.Add(time.Minute), noon)
			switch {
			case err != nil:
				if !errors.Is(err, ErrLockStale) || number > p.Fence || next != p {
					t.Fatalf("number %d on fence %d: %+v, %v", number, p.Fence, next, err)
				}
				continue
			case next.Fence <= p.Fence, number != 0 && next.Fence != number:
				t.Fatalf("number %d on fence %d gave fence %d", number, p.Fence, next.Fence)
			}
			if p, err = next.Release(me, next.Fence); err != nil {
				t.Fatal(err)
			}
		}
	})
}
