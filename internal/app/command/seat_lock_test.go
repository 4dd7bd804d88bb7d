package command_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
)

// steeredLock says what the test wants it to, and writes down what it was asked.
type steeredLock struct {
	mu       sync.Mutex
	number   uint32
	taken    map[catalog.PlaceNo]bool
	hints    []uint32
	times    []time.Duration
	asked    [][]catalog.PlaceNo
	unlocked []catalog.PlaceNo
	between  func() // runs once, behind the lock and before the ledger
}

func (l *steeredLock) Lock(
	_ context.Context, _ booking.HoldID, places []catalog.PlaceNo, ttl time.Duration, hint uint32,
) (uint32, []catalog.PlaceNo) {
	l.mu.Lock()
	l.times = append(l.times, ttl)
	l.hints = append(l.hints, hint)
	l.asked = append(l.asked, places)
	var taken []catalog.PlaceNo
	for _, p := range places {
		if l.taken[p] {
			taken = append(taken, p)
		}
	}
	number, between := l.number, l.between
	l.between = nil
	l.mu.Unlock()
	if between != nil {
		between()
	}
	if taken != nil {
		return 0, taken
	}
	return number, nil
}

func (l *steeredLock) Unlock(_ booking.HoldID, places []catalog.PlaceNo, _ uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unlocked = append(l.unlocked, places...)
}

// behind puts a second box office over the same ledger, with a lock in front of it: as if it were
// another instance.
func (h *house) behind(lock command.SeatLock) *house {
	other := *h
	other.office = command.NewOffice(h.config(lock))
	return &other
}

func (h *house) fence(place int) uint32 {
	h.Helper()
	_, fences, err := h.store.PlaceFences(h.Context(), h.event)
	h.check(err)
	return fences[place]
}

func (h *house) commands() int64 { return h.desk.Stats().Commands.Load() }

func TestLockRefusesBeforeTheLedger(t *testing.T) {
	h := open(t, plain)
	lock := &steeredLock{taken: map[catalog.PlaceNo]bool{3: true}}
	_, err := h.behind(lock).hold(t.Context(), 3)
	refusal, _ := errors.AsType[*errs.Error](err)
	if !errors.Is(err, booking.ErrPlaceTaken) || fmt.Sprint(refusal.Fields()["taken"]) != "[3]" {
		t.Errorf("a locked place: %v, %v", err, refusal)
	}
	if n := h.commands(); n != 0 {
		t.Errorf("%d commands reached the ledger", n)
	}
}

// TestLockLetsARepeatedRequestThrough: its own lock, or anybody's, doesn't hinder the answer that
// was given before.
func TestLockLetsARepeatedRequestThrough(t *testing.T) {
	h := open(t, plain)
	lock := &steeredLock{number: 5}
	b := h.behind(lock)
	first, err := b.hold(t.Context(), 3)
	h.check(err)
	h.check(h.office.ReleaseHold(t.Context(), first.Hold.ID)) // the board shows the place as free
	again, err := b.hold(t.Context(), 3)
	if err != nil || again.Hold.ID != first.Hold.ID {
		t.Errorf("the same request: %v, %v", again.Hold.ID, err)
	}
	if len(lock.unlocked) != 1 {
		t.Errorf("a repeated answer keeps its lock: %v", lock.unlocked)
	}
	lock.taken = map[catalog.PlaceNo]bool{3: true}
	again, err = b.hold(t.Context(), 3)
	if err != nil || again.Hold.ID != first.Hold.ID {
		t.Errorf("the same request, with the place locked: %v, %v", again.Hold.ID, err)
	}
}

func TestLocksNumberIsTheFence(t *testing.T) {
	h := open(t, plain)
	lock := &steeredLock{number: 41}
	b := h.behind(lock)
	_, err := b.hold(t.Context(), 3)
	h.check(err)
	if f := h.fence(3); f != 41 {
		t.Errorf("fence %d, want the lock's number 41", f)
	}
	lock.number = 42
	_, err = b.hold(t.Context(), 4)
	h.check(err)
	if fmt.Sprint(lock.hints) != "[0 41]" || len(lock.unlocked) != 0 {
		t.Errorf("hints %v, unlocked %v", lock.hints, lock.unlocked)
	}
}

// TestLockThatEndedMeanwhile: while a process sleeps behind its lock, the lock ends, somebody else
// is granted the place and gives it back. The fence refuses the sleeper's write; asked without a
// lock the ledger grants, and the next number comes after.
func TestLockThatEndedMeanwhile(t *testing.T) {
	h := open(t, plain)
	var fence uint32
	lock := &steeredLock{number: 7, between: func() {
		made, err := h.behind(&steeredLock{number: 8}).hold(t.Context(), 3)
		h.check(err)
		h.check(h.office.ReleaseHold(t.Context(), made.Hold.ID))
		fence = h.fence(3)
	}}
	b := h.behind(lock)
	made, err := b.office.HoldPlaces(t.Context(), h.wish("sleeper", 3))
	h.check(err)
	if fence != 8 || made.Hold.Lines[0].Fence != 9 {
		t.Errorf("the fence was %d and is %d", fence, made.Hold.Lines[0].Fence)
	}
	_, err = b.hold(t.Context(), 5)
	h.check(err)
	if fmt.Sprint(lock.hints) != "[0 8]" {
		t.Errorf("hints %v: the ledger's fence isn't passed on", lock.hints)
	}
	lock.between = func() { // this time the other one keeps the place
		_, err := h.behind(&steeredLock{number: 60}).hold(t.Context(), 6)
		h.check(err)
	}
	lock.number = 50
	_, err = b.office.HoldPlaces(t.Context(), h.wish("second sleeper", 6))
	if !errors.Is(err, booking.ErrPlaceTaken) {
		t.Errorf("a place that another has: %v", err)
	}
}

func TestRefusedHoldsGiveTheirLockBack(t *testing.T) {
	h := open(t, plain)
	lock := &steeredLock{number: 7, between: func() {
		_, err := h.hold(t.Context(), 3)
		h.check(err)
	}}
	_, err := h.behind(lock).office.HoldPlaces(t.Context(), h.wish("late", 2, 3))
	if !errors.Is(err, booking.ErrPlaceTaken) || fmt.Sprint(lock.unlocked) != "[2 3]" {
		t.Errorf("%v, unlocked %v", err, lock.unlocked)
	}
}

// TestUnknownKeepsTheLock: who can't tell whether the hold was granted must not unlock it. The
// lock's own time ends it, which is shorter than the hold's.
func TestUnknownKeepsTheLock(t *testing.T) {
	h, g, all := busy(t, plain)
	lock := &steeredLock{number: 7}
	ctx, leave := context.WithCancel(t.Context())
	all.Go(func() {
		for h.desk.Waiting() == 0 {
			runtime.Gosched()
		}
		leave()
	})
	_, err := h.behind(lock).hold(ctx, 3)
	if !errors.Is(err, command.ErrUnknown) || len(lock.unlocked) != 0 {
		t.Errorf("%v, unlocked %v", err, lock.unlocked)
	}
	if lock.times[0] > 10*time.Second { // a place that nobody has is back on sale before long
		t.Errorf("locked for %v", lock.times[0])
	}
	end := g.letGo()
	defer end()
	all.Wait()
	h.desk.Close() // the command that nobody waited for is done
}

// TestBestPlacesRoundLockedOnes: other instances have the best places, and this one's board hasn't
// heard of it.
func TestBestPlacesRoundLockedOnes(t *testing.T) {
	h := open(t, plain)
	lock := &steeredLock{number: 1, taken: make(map[catalog.PlaceNo]bool)}
	wish := command.HoldWish{Event: h.event, Idempotency: command.Idempotency{Key: "best"},
		Best: &picking.Wish{Count: 2, Tier: picking.AnyTier, Section: picking.AnySection}}
	first, err := h.office.HoldPlaces(t.Context(), wish)
	h.check(err)
	h.check(h.office.ReleaseHold(t.Context(), first.Hold.ID))
	for i := range catalog.PlaceNo(12) {
		lock.taken[first.Hold.Lines[0].Place+i] = true
	}
	wish.Key = "best behind a lock"
	made, err := h.behind(lock).office.HoldPlaces(t.Context(), wish)
	h.check(err)
	for _, l := range made.Hold.Lines {
		if lock.taken[l.Place] {
			t.Errorf("place %d is locked", l.Place)
		}
	}
	seats, err := h.boards.Get(t.Context(), h.event)
	h.check(err)
	again, ok := seats.Suggest(*wish.Best)
	if !ok || again.Places[0] != first.Hold.Lines[0].Place {
		t.Errorf("after the refusals %v is suggested: marks are left", again)
	}
}
