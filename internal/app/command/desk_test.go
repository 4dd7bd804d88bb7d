package command_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Limits of the desk, as its documentation says them.
const (
	batchCommands  = 512
	queuedCommands = 16_384
	updateTries    = 5
)

// house is a box office with one event, on a real ledger.
type house struct {
	*testing.T
	now    *atomic.Int64 // the clock, in seconds since it was opened
	boards *board.Boards
	store  *sqlite.Store
	desk   *command.Desk
	office *command.Office
	event  catalog.EventID
	plan   *catalog.Plan
	config func(command.SeatLock) command.Config // of another office over the same desk
}

const housePlaces = 600

// open puts a box office in front of a new ledger; wrap may stand between the two.
func open(
	t *testing.T, wrap func(command.Ledger) command.Ledger, options ...command.DeskOption,
) *house {
	t.Helper()
	h := &house{T: t, now: new(atomic.Int64)}
	clock := func() time.Time {
		return time.Date(2026, 3, 2, 9, 0, int(h.now.Load()), 0, time.UTC)
	}
	var err error
	h.store, err = sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{Clock: clock})
	h.check(err)
	t.Cleanup(func() { h.check(h.store.Close()) })
	h.plan, err = catalog.NewPlan(catalog.PlanSpec{Name: "Field",
		Categories: []catalog.Category{{Name: "all"}},
		Sections: []catalog.SectionSpec{{Name: "Field", Category: "all", Standing: housePlaces,
			Outline: []catalog.Point{{X: 0, Y: 100}, {X: 900, Y: 100}, {X: 900, Y: 900}}}}})
	h.check(err)
	offers := query.NewOffers(h.store, func([]byte) (*catalog.Plan, error) { return h.plan, nil })
	h.boards = board.NewBoards(offers, clock)
	h.desk = command.NewDesk(wrap(h.store), 1, h.boards.Changed, options...)
	t.Cleanup(h.desk.Close)
	ahead := time.Duration(0)
	h.config = func(lock command.SeatLock) command.Config {
		// This ledger numbers holds by the office's clock: no two may show the same time.
		ahead += time.Second
		clock := func(by time.Duration) func() time.Time {
			return func() time.Time { return clock().Add(by) }
		}(ahead)
		return command.Config{Desk: h.desk, Offers: offers, Boards: h.boards, Bookings: h.store,
			Store: h.store, Clock: clock, Random: rand.Reader, Secret: []byte("a secret"),
			Lock: lock}
	}
	h.office = command.NewOffice(h.config(nil))
	h.event = h.sell(clock())
	return h
}

func (h *house) check(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) sell(now time.Time) catalog.EventID {
	h.Helper()
	ctx := h.Context()
	venue, err := h.store.AddVenue(ctx, catalog.Venue{Name: "Field", TimeZone: "Europe/Berlin"})
	h.check(err)
	plan, err := h.store.AddPlan(ctx, venue, h.plan, []byte("a document"))
	h.check(err)
	price, err := money.New(2_500, money.Currency{'E', 'U', 'R'})
	h.check(err)
	event, err := h.store.AddEvent(ctx, catalog.Event{Venue: venue, Plan: plan, Title: "Concert",
		TimeZone: "Europe/Berlin", StartsAt: now.Add(time.Hour), Status: catalog.Published,
		Terms: catalog.Terms{OpensAt: now, ClosesAt: now.Add(time.Hour), MaxPerOrder: 10,
			HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "all", Name: "All", Price: price}},
		Rules: []catalog.Rule{{Tier: "all", Categories: []string{"all"}}}}, housePlaces)
	h.check(err)
	return event
}

// hold asks for one place under a key that stands for it.
func (h *house) hold(ctx context.Context, place int) (command.HoldMade, error) {
	return h.office.HoldPlaces(ctx, h.wish(fmt.Sprint("place ", place), place))
}

// wish asks for places under a key.
func (h *house) wish(key string, places ...int) command.HoldWish {
	w := command.HoldWish{Event: h.event, Idempotency: command.Idempotency{Key: key}}
	for _, p := range places {
		w.Places = append(w.Places, catalog.PlaceNo(p))
	}
	return w
}

// held is how many places aren't free.
func (h *house) held() (n int) {
	h.Helper()
	states, err := h.store.PlaceStates(h.Context(), h.event)
	h.check(err)
	for _, s := range states {
		if s != byte(booking.Free) {
			n++
		}
	}
	return n
}

// gate is a ledger that waits before each transaction until it is let on.
type gate struct {
	command.Ledger
	entered, goOn chan struct{}
}

func (g *gate) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	g.entered <- struct{}{}
	<-g.goOn
	return g.Ledger.Update(ctx, keys, decide)
}

// busy makes a house whose desk is busy with a first command, for place 0, until the gate is let
// go.
func busy(
	t *testing.T, wrap func(command.Ledger) command.Ledger, options ...command.DeskOption,
) (*house, *gate, *sync.WaitGroup) {
	t.Helper()
	g := &gate{entered: make(chan struct{}), goOn: make(chan struct{})}
	h := open(t, func(l command.Ledger) command.Ledger {
		g.Ledger = wrap(l)
		return g
	}, options...)
	all := &sync.WaitGroup{}
	all.Go(func() {
		if _, err := h.hold(t.Context(), 0); err != nil {
			t.Errorf("the first command: %v", err)
		}
	})
	<-g.entered
	return h, g, all
}

// queue asks for n places from number 1 on, and returns when all commands wait.
func (h *house) queue(all *sync.WaitGroup, n int) []error {
	h.Helper()
	failures := make([]error, n)
	for i := range n {
		all.Go(func() { _, failures[i] = h.hold(h.Context(), i+1) })
	}
	for h.desk.Waiting() < n {
		runtime.Gosched()
	}
	return failures
}

// letGo opens the gate for good; end closes it when the desk is idle.
func (g *gate) letGo() (end func()) {
	stop := make(chan struct{})
	go func() {
		g.goOn <- struct{}{}
		for {
			select {
			case <-g.entered:
				g.goOn <- struct{}{}
			case <-stop:
				return
			}
		}
	}()
	return func() { close(stop) }
}

func plain(l command.Ledger) command.Ledger { return l }

func TestBatchIsWhatArrivedMeanwhile(t *testing.T) {
	const n = batchCommands + 60
	h, g, all := busy(t, plain)
	failures := h.queue(all, n)
	end := g.letGo()
	defer end()
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Error(err)
	}
	stats := h.desk.Stats()
	if b, c := stats.Batches.Load(), stats.Commands.Load(); b != 3 || c != n+1 {
		t.Errorf("%d commands in %d batches, want %d in 3: one, %d and the rest", c, b, n+1,
			batchCommands)
	}
	if got := h.held(); got != n+1 {
		t.Errorf("%d places are held, want %d", got, n+1)
	}
}

func TestCommandAloneWaitsForNobody(t *testing.T) {
	h := open(t, plain)
	for i := range 5 {
		if _, err := h.hold(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	if b := h.desk.Stats().Batches.Load(); b != 5 {
		t.Errorf("5 commands, one after another, took %d batches", b)
	}
}

// leaving is the context of a client that goes away as soon as its command is taken on.
type leaving struct{ context.Context }

func (leaving) Done() <-chan struct{} {
	gone := make(chan struct{})
	close(gone)
	return gone
}

func TestQueueIsBounded(t *testing.T) {
	h, g, all := busy(t, plain)
	unknown := booking.HoldID{Event: h.event}
	for i := range queuedCommands {
		err := h.office.ReleaseHold(leaving{t.Context()}, unknown)
		if !errors.Is(err, command.ErrUnknown) {
			t.Fatalf("command %d: %v", i, err)
		}
	}
	for range 3 {
		err := h.office.ReleaseHold(t.Context(), unknown)
		if !errors.Is(err, command.ErrOverloaded) {
			t.Errorf("a command too many: %v", err)
		}
	}
	if got := h.desk.Stats().Refused.Load(); got != 3 {
		t.Errorf("%d commands were refused, want 3", got)
	}
	end := g.letGo()
	defer end()
	all.Wait()
	h.desk.Close() // all that was taken on is done
	if got := h.desk.Stats().Commands.Load(); got != queuedCommands+1 {
		t.Errorf("%d commands were decided, want %d", got, queuedCommands+1)
	}
}

func TestCloseAnswersEverything(t *testing.T) {
	const n = 100
	h, g, all := busy(t, plain)
	failures := h.queue(all, n)
	closed := make(chan struct{})
	go func() {
		h.desk.Close()
		close(closed)
	}()
	// Whoever comes from now on is sent away; the desk may need a moment to notice.
	unknown := booking.HoldID{Event: h.event}
	late := 0
	for {
		err := h.office.ReleaseHold(leaving{t.Context()}, unknown)
		if errors.Is(err, command.ErrClosing) {
			break
		}
		late++
		runtime.Gosched()
	}
	select {
	case <-closed:
		t.Error("the desk was closed with commands in its queue")
	default:
	}
	end := g.letGo()
	defer end()
	all.Wait()
	<-closed
	if err := errors.Join(failures...); err != nil {
		t.Error(err)
	}
	if got, want := h.desk.Stats().Commands.Load(), int64(n+1+late); got != want {
		t.Errorf("%d commands were decided, want %d", got, want)
	}
	h.desk.Close()
	if _, err := h.hold(t.Context(), n+1); !errors.Is(err, command.ErrClosing) {
		t.Errorf("a command behind the end: %v", err)
	}
}
