package command_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// amendment is a wish to change a hold, under a key.
func amendment(key string, made command.HoldMade, add, remove []catalog.PlaceNo) command.AmendWish {
	return command.AmendWish{Hold: made.Hold.ID, Add: add, Remove: remove,
		Idempotency: command.Idempotency{Key: key}}
}

type places = []catalog.PlaceNo

// TestAmendHoldLocksWhatItAdds, and nothing that the hold has already: such a lock would outlive
// the grant.
func TestAmendHoldLocksWhatItAdds(t *testing.T) {
	h := open(t, plain)
	lock := &steeredLock{number: 41}
	b := h.behind(lock)
	made, err := b.hold(t.Context(), 3)
	h.check(err)
	lock.number = 42
	made, err = b.office.AmendHold(t.Context(), amendment("a", made, places{3, 5, 4}, nil))
	h.check(err)
	if fmt.Sprint(lock.asked) != "[[3] [5 4]]" || h.fence(5) != 42 || h.fence(3) != 41 {
		t.Errorf("asked for %v; the fences are %d and %d", lock.asked, h.fence(3), h.fence(5))
	}
	lock.taken = map[catalog.PlaceNo]bool{6: true}
	_, err = b.office.AmendHold(t.Context(), amendment("b", made, places{6}, places{3}))
	if !errors.Is(err, booking.ErrPlaceTaken) || len(lock.unlocked) != 0 {
		t.Errorf("a locked place: %v, unlocked %v", err, lock.unlocked)
	}
	asked := len(lock.asked)
	_, err = b.office.AmendHold(t.Context(), amendment("c", made, nil, places{3}))
	h.check(err)
	if len(lock.asked) != asked {
		t.Errorf("giving back asks for a lock: %v", lock.asked)
	}
}

// TestABoardRefusesAnAmendmentEarly, before the ledger is asked, but not for the buyer's own.
func TestABoardRefusesAnAmendmentEarly(t *testing.T) {
	h := open(t, plain)
	made, err := h.hold(t.Context(), 3)
	h.check(err)
	_, err = h.hold(t.Context(), 4)
	h.check(err)
	before := h.commands()
	_, err = h.office.AmendHold(t.Context(), amendment("a", made, places{3, 4}, nil))
	if !errors.Is(err, booking.ErrPlaceTaken) || h.commands() != before {
		t.Errorf("%v after %d commands", err, h.commands()-before)
	}
	made, err = h.office.AmendHold(t.Context(), amendment("b", made, places{3, 5}, nil))
	if err != nil || len(made.Hold.Lines) != 2 {
		t.Errorf("%v, %+v", err, made.Hold)
	}
}

// TestAnAmendmentIsBounded, before anything is looked for: the board is locked for who walks it.
func TestAnAmendmentIsBounded(t *testing.T) {
	h := open(t, plain)
	made, err := h.hold(t.Context(), 3)
	h.check(err)
	many := make(places, catalog.MaxPlacesPerOrder+1)
	for i := range many {
		many[i] = catalog.PlaceNo(i)
	}
	most := many[:catalog.MaxPlacesPerOrder]
	nobody := made
	nobody.Hold.ID.Key = booking.HoldID{}.Key
	for i, c := range []struct {
		made        command.HoldMade
		add, remove places
		want        error
	}{
		{made, nil, many, booking.ErrTooManyPlaces},
		{made, many, nil, booking.ErrTooManyPlaces},
		{nobody, nil, many, booking.ErrTooManyPlaces},
		{nobody, many, nil, booking.ErrTooManyPlaces},
		{nobody, nil, most, booking.ErrHoldNotFound},
		{made, nil, most, nil},
	} {
		wish := amendment(fmt.Sprint("key ", i), c.made, c.add, c.remove)
		if _, err := h.office.AmendHold(t.Context(), wish); !errors.Is(err, c.want) {
			t.Errorf("%d: %v, want %v", i, err, c.want)
		}
	}
}

// TestTheBestComeToAHold, with the reason for these.
func TestTheBestComeToAHold(t *testing.T) {
	h := open(t, plain)
	made, err := h.hold(t.Context(), 3)
	h.check(err)
	wish := amendment("best", made, nil, places{3})
	wish.Best = &picking.Wish{Count: 3, Tier: picking.AnyTier, Section: picking.AnySection}
	for range 2 {
		made, err = h.office.AmendHold(t.Context(), wish)
		h.check(err)
		if len(made.Hold.Lines) != 3 || made.Why == nil || len(made.Why.Stretches) != 1 ||
			!made.Why.SideBySide || len(made.Why.Stretches[0].Places) != 3 {
			t.Errorf("%+v, because %+v", made.Hold.Lines, made.Why)
		}
	}
	if h.held() != 3 {
		t.Errorf("%d places are held", h.held())
	}
}

// TestAdvice: which places are lost, and the nearest as good ones.
func TestAdvice(t *testing.T) {
	h := open(t, plain)
	_, err := h.office.HoldPlaces(t.Context(), h.wish("first", 11, 12))
	h.check(err)
	wish := h.wish("second", 10, 11)
	_, failure := h.office.HoldPlaces(t.Context(), wish)
	a, ok := h.office.Advise(t.Context(), h.event, wish.Places, nil, failure)
	if !ok || len(a.Lost) != 1 || a.Lost[0].Place != 11 || a.Lost[0].State != booking.Held ||
		a.Lost[0].Label != h.plan.Label(11) {
		t.Fatalf("lost: %+v", a.Lost)
	}
	instead := []catalog.PlaceNo{}
	for _, l := range a.Instead {
		instead = append(instead, l.Place)
		if l.Price != 2_500 {
			t.Errorf("a price of %d", l.Price)
		}
	}
	wish.Places, wish.Key = instead, "third"
	if len(instead) != 2 || slices.Contains(instead, 11) {
		t.Errorf("instead: %v", instead)
	}
	_, err = h.office.HoldPlaces(t.Context(), wish)
	h.check(err)
	for _, other := range []error{nil, booking.ErrSaleNotOpen, command.ErrNotEnough} {
		if _, ok := h.office.Advise(t.Context(), h.event, wish.Places, nil, other); ok {
			t.Errorf("advice on %v", other)
		}
	}
	// Where nothing is free, nothing is offered.
	if a, ok = h.office.Advise(t.Context(), h.event, wish.Places, &picking.Wish{Count: 1_000,
		Tier: picking.AnyTier, Section: picking.AnySection}, booking.ErrPlaceTaken); !ok ||
		len(a.Instead) != 0 {
		t.Errorf("instead: %v", a.Instead)
	}
}
