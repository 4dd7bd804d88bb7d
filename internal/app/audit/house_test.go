package audit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
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
	"ticketflow/internal/outbound/sqlite"
)

// Terms of the tests' events.
const (
	housePlaces   = 40 // places 0 to 39, the last four free of charge
	freeFrom      = 36
	seatPrice     = 4_900
	buyerLimit    = 6
	testProvider  = "simpay"
	houseHoldTime = 10 * time.Minute
	housePayTime  = 15 * time.Minute
)

var opening = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// house is a box office on a real ledger, with a clock that the test moves.
type house struct {
	t      testing.TB
	dir    string
	store  *sqlite.Store
	desk   *command.Desk
	office *command.Office
	event  catalog.EventID
	other  catalog.EventID

	mu      sync.Mutex
	now     time.Time
	serial  int
	refunds []booking.RefundRef
	paid    []string // public ids of orders that were answered as paid
}

func openHouse(t testing.TB, dir string) *house {
	t.Helper()
	h := &house{t: t, dir: dir, now: opening}
	store, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	h.store = store
	offers := query.NewOffers(store, planfile.Unmarshal)
	boards := board.NewBoards(struct {
		*query.Offers
		*sqlite.Store
	}{offers, store}, h.clock)
	h.desk = command.NewDesk(store, 1, boards.Changed)
	h.office = command.NewOffice(command.Config{Desk: h.desk, Offers: offers, Boards: boards,
		Bookings: store, Store: store, Clock: h.clock, Random: newChance(), Secret: []byte("s")})
	return h
}
