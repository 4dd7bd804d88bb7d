package postgres

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// Sizes of the shared sale.
const (
	sharedPlaces  = 60
	sharedOffices = 3
	sharedBuyers  = 8 // at each office
	sharedVisits  = 12
)

// branch is one instance of a box office on a ledger that it shares with others.
type branch struct {
	t      *testing.T
	store  *Store
	config command.Config
	office *command.Office
	serial *atomic.Int64 // of all branches
}

func openBranch(t *testing.T, address string, serial *atomic.Int64) *branch {
	t.Helper()
	return openBranchAt(t, address, serial, nil)
}

// openBranchAt opens one whose ledger has a clock of its own.
func openBranchAt(
	t *testing.T, address string, serial *atomic.Int64, clock func() time.Time,
) *branch {
	t.Helper()
	store := opened(t, address, clock)
	offers := query.NewOffers(store, planfile.DecodeJSON)
	boards := board.NewBoards(offers, time.Now)
	desk := command.NewDesk(store, 2, boards.Changed)
	t.Cleanup(desk.Close)
	o := &branch{t: t, store: store, serial: serial, config: command.Config{Desk: desk,
		Offers: offers, Boards: boards, Bookings: store, Store: store, Once: store,
		Clock: time.Now, Random: rand.Reader, Secret: []byte("secret")}}
	o.office = command.NewOffice(o.config)
	return o
}

func (o *branch) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *branch) key() command.Idempotency {
	return command.Idempotency{Key: fmt.Sprint(o.serial.Add(1))}
}

// open publishes an event of sharedPlaces places.
func (o *branch) open() catalog.EventID {
	o.t.Helper()
	ctx := o.t.Context()
	plan, err := catalog.NewPlan(catalog.PlanSpec{
		Name: "Hall", Categories: []catalog.Category{{Name: "Seats"}},
		Sections: []catalog.SectionSpec{{Name: "Stalls", Category: "Seats",
			Rows: []catalog.RowSpec{{Label: "A", Seats: sharedPlaces,
				To: catalog.Point{X: sharedPlaces * 60}}}}}})
	o.must(err)
	document, err := planfile.EncodeJSON(plan)
	o.must(err)
	venue, err := o.office.CreateVenue(ctx, catalog.Venue{Name: "House", City: "Town",
		TimeZone: "UTC"}, o.key())
	o.must(err)
	number, err := o.office.CreatePlan(ctx, venue, plan, document, o.key())
	o.must(err)
	price, err := money.New(4_900, money.Currency{'E', 'U', 'R'})
	o.must(err)
	now := time.Now()
	id, err := o.office.CreateEvent(ctx, catalog.Event{Venue: venue, Plan: number,
		Title: "Evening", TimeZone: "UTC", StartsAt: now.AddDate(0, 1, 0),
		Terms: catalog.Terms{OpensAt: now.Add(-time.Hour), ClosesAt: now.AddDate(0, 1, 0),
			MaxPerOrder: 4, MaxPerBuyer: 4, HoldTime: time.Hour, PayTime: time.Hour,
			MaxExtensions: 1},
		Tiers: []catalog.Tier{{Key: "full", Name: "Full", Price: price}},
		Rules: []catalog.Rule{{Tier: "full", Categories: []string{"Seats"}}}}, o.key())
	o.must(err)
	o.must(o.office.PublishEvent(ctx, id))
	return id
}

// sell leads a buyer from two places to tickets, or tells why not. Some let go or cancel.
func (o *branch) sell(event catalog.EventID, n int) (paid string, err error) {
	ctx := o.t.Context()
	first := catalog.PlaceNo(n % sharedPlaces)
	made, err := o.office.HoldPlaces(ctx, command.HoldWish{Event: event, Idempotency: o.key(),
		Places: []catalog.PlaceNo{first, (first + 7) % sharedPlaces}})
	if err != nil {
		return "", err
	}
	if n%5 == 0 {
		return "", o.office.ReleaseHold(ctx, made.Hold.ID)
	}
	in := o.key()
	placed, err := o.office.PlaceOrder(ctx, command.OrderWish{Hold: made.Hold.ID,
		Buyer:       booking.Buyer{Name: "Buyer", Email: "b" + in.Key + "@example.org"},
		Idempotency: in})
	if err != nil {
		return "", err
	}
	_, err = o.office.RecordPayment(ctx, command.Paid{Order: placed.Order.ID,
		Provider: "simpay", Transaction: in.Key, Notice: "n" + in.Key, Amount: placed.Order.Total})
	if err == nil && n%3 == 0 {
		return "", o.office.CancelOrder(ctx, placed.Order.ID)
	}
	return placed.Order.ID.String(), err
}

// sellTogether lets all branches sell the same places, and returns the orders that are paid.
func sellTogether(branches []*branch, event catalog.EventID) (paid []string) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, o := range branches {
		for buyer := range sharedBuyers {
			all.Go(func() {
				for visit := range sharedVisits {
					id, err := o.sell(event, 17*visit+5*buyer+i)
					if err != nil && !errors.Is(err, booking.ErrPlaceTaken) {
						o.t.Errorf("branch %d: %v", i, err)
						return
					}
					mu.Lock()
					if id != "" {
						paid = append(paid, id)
					}
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	return paid
}

// sums checks what organisers and browsers see of a sale with so many paid orders of two places.
func (o *branch) sums(event catalog.EventID, paid int) {
	o.t.Helper()
	ctx := o.t.Context()
	rows, err := o.store.TierSales(ctx, event)
	o.must(err)
	states, fences, err := o.store.PlaceFences(ctx, event)
	o.must(err)
	for i, state := range states {
		if state != byte(booking.Free) && fences[i] == 0 {
			o.t.Errorf("place %d was granted without a fence", i)
		}
	}
	if len(states) != sharedPlaces || len(fences) != sharedPlaces {
		o.t.Errorf("%d states and %d fences", len(states), len(fences))
	}
	sold, cancelled := 0, 0
	for _, r := range rows {
		if r.Minor != int64(r.Places)*4_900 || r.Tier != 0 {
			o.t.Errorf("places and their prices: %+v", r)
		}
		switch r.State { //nolint:exhaustive // the others are not looked for
		case booking.Paid:
			sold += r.Places
		case booking.OrderCancelled:
			cancelled += r.Places
		}
	}
	if sold != 2*paid || cancelled == 0 {
		o.t.Errorf("%d places are sold and %d cancelled, after %d orders", sold, cancelled, paid)
	}
	if returned, err := o.store.Returned(ctx, event); err != nil ||
		returned != int64(cancelled)*4_900 {
		o.t.Errorf("%d are returned of %d places, %v", returned, cancelled, err)
	}
	for text, want := range map[string]int{"": 1, "EVEN": 1, "morning": 0} {
		list, err := o.store.Events(ctx, query.EventFilter{Text: text, Place: "town", Limit: 9})
		if err != nil || len(list) != want || want == 1 && list[0].City != "Town" {
			o.t.Errorf("events with %q: %+v, %v", text, list, err)
		}
	}
}

func audited(t *testing.T, store *Store, paid []string) audit.Report {
	t.Helper()
	report, err := audit.Run(t.Context(), store, audit.Options{Acknowledged: paid})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func reportText(t *testing.T, r audit.Report) string {
	t.Helper()
	var out strings.Builder
	if err := r.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestInstancesShareTheLedger lets three instances sell the same places at once, audits the ledger
// beside them and afterwards, and then breaks copies of it: the audit must name the damage.
func TestInstancesShareTheLedger(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	branches := make([]*branch, sharedOffices)
	serial := &atomic.Int64{}
	for i := range branches {
		branches[i] = openBranch(t, address, serial)
	}
	event := branches[0].open()
	selling := make(chan []string)
	go func() { selling <- sellTogether(branches, event) }()
	if r := audited(t, branches[1].store, nil); !r.OK {
		t.Errorf("beside the sale:\n%s", reportText(t, r))
	}
	paid := <-selling
	o := branches[0]
	o.sums(event, len(paid))
	o.must(o.store.Handled(t.Context(), "refunds", 5))
	o.must(o.store.Advance(t.Context(), "refunds", 7))
	// A rolled back transaction has used up a position: that is no lost fact.
	execute(t, address, "BEGIN; "+logRecord+"; ROLLBACK")
	if _, err := o.sell(event, 1); err != nil && !errors.Is(err, booking.ErrPlaceTaken) {
		t.Error(err)
	}
	if r := audited(t, o.store, paid); !r.OK || len(paid) == 0 {
		t.Fatalf("after %d paid orders:\n%s", len(paid), reportText(t, r))
	}
	t.Run("the journal begins with what was before", func(t *testing.T) {
		before := h.database(t)
		duplicate(t, address, before)
		execute(t, before, "DROP TRIGGER journal_is_final ON journal; DELETE FROM journal")
		if r := audited(t, opened(t, before, nil), paid); r.OK {
			t.Error("the audit doesn't miss the journal")
		}
		script, err := migrationFiles.ReadFile("migrations/00006_journal_of_before.sql")
		if err != nil {
			t.Fatal(err)
		}
		execute(t, before, string(script))
		execute(t, before, string(script)) // the second time nothing is missing
		if r := audited(t, opened(t, before, nil), paid); !r.OK {
			t.Errorf("the audit says:\n%s", reportText(t, r))
		}
	})
	for _, c := range auditControls {
		t.Run(c.name, func(t *testing.T) {
			broken := h.database(t)
			duplicate(t, address, broken)
			execute(t, broken, c.script)
			r := audited(t, opened(t, broken, nil), paid)
			if said := reportText(t, r); r.OK || !strings.Contains(said, c.says) {
				t.Errorf("the audit says:\n%s", said)
			}
		})
	}
}

// auditControls break a sound ledger.
var auditControls = []struct{ name, says, script string }{
	{"a place is lost", "I2", "DELETE FROM places WHERE place = 3"},
	{"a place's fence is another one", "I4", "UPDATE places SET fence = fence + 1 WHERE state = 2"},
	{"lines are cut", "can't be read", "UPDATE orders SET lines = lines[1:3]"},
	{"a ticket is lost", "I4", "DELETE FROM tickets WHERE state = 1"},
	{"a payment is smaller", "I5", "UPDATE payments SET amount = amount - 1 WHERE refunded = 0"},
	{"a payment was refunded in secret", "I5",
		"UPDATE payments SET refunded = 1 WHERE refunded = 0"},
	{"an entry is gone", "in 0 entries, and should be",
		"DROP TRIGGER journal_is_final ON journal; DELETE FROM journal WHERE kind = 'sale'"},
	{"a refund's places can't be read", "that can't be read", "UPDATE refunds SET places = 'x'"},
	{"a refund's reason is unknown", "has an unknown reason", "UPDATE refunds SET reason = 'x'"},
	{"an attempt is another order's", "isn't one of its order",
		"UPDATE payments SET attempt = 'x'"},
	{"a message is in no state", "is neither applied nor kept", "UPDATE notices SET state = 9"},
	{"a fact is gone", "I3", "DELETE FROM facts WHERE kind = 'hold_placed'"},
	{"a cursor is ahead", "the log ends at", "UPDATE cursors SET position = 1000000"},
	{"a buyer's count is wrong", "I9", "UPDATE buyers SET places = places + 1"},
	{"an answer is about nothing", "was answered and doesn't exist",
		"UPDATE answers SET subject = decode(repeat('07', 20), 'hex')"},
}
