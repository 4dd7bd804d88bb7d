package contract

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// stage is where a case plays: an engine, its clock, and a box office in front of it.
type stage struct {
	t      T
	engine *Engine
	clock  *Clock
	venue  catalog.VenueID
	boards *board.Boards
	desk   *command.Desk
	office *command.Office
}

func newStage(t T, engine *Engine, clock *Clock) *stage {
	t.Helper()
	s := &stage{t: t, clock: clock}
	s.take(engine, engine.Ledger)
	return s
}

// take puts a box office in front of an engine. ledger is the engine's, or one that wraps it.
func (s *stage) take(engine *Engine, ledger command.Ledger) {
	s.engine = engine
	offers := query.NewOffers(engine.Shelf, readPlan)
	s.boards = board.NewBoards(offers, s.clock.Now)
	s.desk = command.NewDesk(ledger, 1, s.boards.Changed)
	s.t.Cleanup(s.desk.Close)
	// A box office numbers what it makes by its clock, which in real life never shows the same
	// time to two of them: the lock of the data folder sees to that.
	ahead := time.Duration(s.clock.offices.Add(1)) * time.Second
	s.office = command.NewOffice(command.Config{Desk: s.desk, Offers: offers, Boards: s.boards,
		Bookings: engine.Bookings, Store: engine.Catalogue, Random: rand.Reader,
		Clock:  func() time.Time { return s.clock.Now().Add(ahead) },
		Secret: []byte("a secret of the contract suite")})
}

// crash kills the engine and opens it again.
func (s *stage) crash() {
	s.t.Helper()
	s.desk.Close()
	engine := s.engine.Probe.Crash(s.t)
	engine.Decide = s.engine.Decide
	s.take(engine, engine.Ledger)
}

// terms are what a case wants of its event; zero fields get a usual value.
type terms struct {
	places, perOrder, perBuyer, extensions int
	price                                  int64
	draft                                  bool
	strict                                 bool // no single seat may be left alone
	pricing                                pricing.Rules
}

// times of every event of the suite.
const (
	holdTime = 10 * time.Minute
	payTime  = 20 * time.Minute
	saleTime = 1000 * 24 * time.Hour
)

// free is the price of places that cost nothing.
const free = -1

var euro = money.Currency{'E', 'U', 'R'}

// readPlan makes the suite's plan: rows of ten seats, and one of the rest. Its document is the
// number of places.
func readPlan(document []byte) (*catalog.Plan, error) {
	places, err := strconv.Atoi(string(document))
	if err != nil {
		return nil, err
	}
	section := catalog.SectionSpec{Name: "Stalls", Category: "all"}
	for row := int32(0); places > 0; row++ {
		seats := min(places, 10)
		places -= seats
		y := 200 + 100*row
		section.Rows = append(section.Rows, catalog.RowSpec{
			Label: strconv.Itoa(int(row) + 1), Seats: seats,
			From: catalog.Point{X: 0, Y: y},
			To:   catalog.Point{X: 60 * int32(max(seats-1, 1)), Y: y},
		})
	}
	return catalog.NewPlan(catalog.PlanSpec{Name: "Contract",
		Categories: []catalog.Category{{Name: "all"}}, Sections: []catalog.SectionSpec{section}})
}

// show is one event that a case sells.
type show struct {
	*stage
	id    catalog.EventID
	offer *catalog.Offer
	terms terms
}

// show stores an event and publishes it, unless it is to stay a draft.
func (s *stage) show(w terms) *show {
	s.t.Helper()
	if w.places == 0 {
		w.places = 10
	}
	if w.perOrder == 0 {
		w.perOrder = catalog.MaxPlacesPerOrder
	}
	switch w.price {
	case 0:
		w.price = 4_900
	case free:
		w.price = 0
	}
	offer := s.store(w)
	made := &show{stage: s, id: offer.Event().ID, offer: offer, terms: w}
	if !w.draft {
		made.must(&booking.SetStatus{Event: made.id, Status: catalog.Published})
	}
	return made
}

func (s *stage) store(w terms) *catalog.Offer {
	s.t.Helper()
	ctx := s.t.Context()
	document := []byte(strconv.Itoa(w.places))
	plan, err := readPlan(document)
	s.noError(err)
	if s.venue == 0 {
		s.venue, err = s.engine.Catalogue.AddVenue(ctx, catalog.Venue{Name: "House",
			City: "Town", Country: "DE", TimeZone: "Europe/Berlin"})
		s.noError(err)
	}
	number, err := s.engine.Catalogue.AddPlan(ctx, s.venue, plan, document)
	s.noError(err)
	price, err := money.New(w.price, euro)
	s.noError(err)
	now := s.clock.Now()
	event := catalog.Event{Venue: s.venue, Plan: number, Title: "Concert",
		TimeZone: "Europe/Berlin", StartsAt: now.Add(saleTime), Status: catalog.Draft,
		Terms: catalog.Terms{OpensAt: now.Add(-time.Hour), ClosesAt: now.Add(saleTime),
			MaxPerOrder: w.perOrder, MaxPerBuyer: w.perBuyer, HoldTime: holdTime,
			PayTime: payTime, MaxExtensions: w.extensions, NoOrphans: w.strict},
		Tiers:   []catalog.Tier{{Key: "all", Name: "All", Price: price}},
		Rules:   []catalog.Rule{{Tier: "all", Categories: []string{"all"}}},
		Pricing: w.pricing}
	event.ID, err = s.engine.Catalogue.AddEvent(ctx, event, plan.Places())
	s.noError(err)
	offer, err := catalog.NewOffer(event, plan)
	s.noError(err)
	return offer
}

func (s *stage) noError(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("unexpected failure: %v", err)
	}
}

// key makes a key that no other row has: its serial number has the highest bit of the counter set,
// which no box office of the suite ever reaches.
func (s *stage) key() (k ident.Key) {
	const half = 1 << 15
	n := s.clock.keys.Add(1)
	serial := uint64(s.clock.Now().UnixMilli())<<16 | half | n%half
	binary.BigEndian.PutUint64(k[:8], serial)
	binary.BigEndian.PutUint64(k[ident.KeyBytes-8:], n)
	return k
}

// digest is a fingerprint of a text.
func digest(text string) booking.Fingerprint {
	sum := sha256.Sum256([]byte(text))
	return booking.Fingerprint(sum[:booking.FingerprintBytes])
}

// Together decides the commands of a batch one after another, each on what those before it have
// left, as the desk does.
func Together(b *booking.Book, batch []Command) []error {
	failures := make([]error, len(batch))
	for i, c := range batch {
		failures[i] = b.Try(c.Decide)
	}
	return failures
}

// run commits commands as one batch and returns each one's answer.
func (s *stage) run(batch ...Command) []error {
	failures, err := s.commit(s.t.Context(), batch...)
	if err != nil {
		return slices.Repeat([]error{err}, len(batch))
	}
	return failures
}

func (s *stage) commit(ctx context.Context, batch ...Command) ([]error, error) {
	keys := &booking.Keys{}
	for _, c := range batch {
		keys.Add(c.Keys())
	}
	decide := s.engine.Decide
	if decide == nil {
		decide = Together
	}
	var book *booking.Book
	var failures []error
	err := s.engine.Ledger.Update(ctx, keys, func(b *booking.Book) error {
		book, failures = b, decide(b, batch)
		return nil
	})
	if err == nil {
		s.boards.Changed(book)
	}
	return failures, err
}

// must runs commands one by one, and ends the case if one is refused.
func (s *stage) must(commands ...Command) {
	s.t.Helper()
	for _, c := range commands {
		if err := s.run(c)[0]; err != nil {
			s.t.Fatalf("%T was refused: %v", c, err)
		}
	}
}

// refused runs commands one by one: each must fail with want and change nothing.
func (w *show) refused(want error, commands ...Command) {
	w.t.Helper()
	for _, c := range commands {
		before := w.rows()
		w.is(w.run(c)[0], want, fmt.Sprintf("%T", c))
		w.unchanged(before)
	}
}

// is compares a failure with the one that was wanted; want may be nil.
func (s *stage) is(got, want error, what string) {
	s.t.Helper()
	if !errors.Is(got, want) {
		s.t.Errorf("%s: got %q, want %q", what, text(got), text(want))
	}
}

func text(err error) string {
	if err == nil {
		return "yes"
	}
	return err.Error()
}

// rows is the committed state of the event.
func (w *show) rows() Rows {
	w.t.Helper()
	rows, err := w.engine.Probe.Rows(w.t.Context(), w.id)
	w.noError(err)
	return rows
}

// unchanged compares the committed state with what it was.
func (w *show) unchanged(before Rows) {
	w.t.Helper()
	if diff := difference(before, w.rows()); diff != "" {
		w.t.Errorf("the ledger has changed (-before +after):\n%s", diff)
	}
}

func difference(a, b Rows) string {
	return cmp.Diff(a, b, cmp.Comparer(func(a, b money.Money) bool { return a == b }))
}

// same compares two numbers, states or keys.
func same[V comparable](t T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
