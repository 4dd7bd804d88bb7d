package contract

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// check compares everything that is committed with the model.
func (m *machine) check(t *rapid.T) {
	rows := m.conserved()
	for i, want := range m.model.places {
		got := rows.Places[i]
		same(T(t), fmt.Sprint("state of place ", i), got.State, want.state)
		same(T(t), fmt.Sprint("holder of place ", i), got.Holder, want.key())
		if want.state == booking.Held {
			same(T(t), fmt.Sprint("end of place ", i), got.Until, want.until)
		}
	}
	m.checkHolds(t, rows)
	m.checkOrders(t, rows)
	m.checkMoney(t, rows)
	for name, want := range m.model.buyers {
		hash := digest(booking.Buyer{Email: name + "@example.org"}.LimitKey())
		same(T(t), "places of "+name, rows.Buyers[hash], want)
	}
	if got := rows.kinds(); !slices.Equal(got, m.model.told) {
		t.Errorf("facts: got %v, want %v", got, m.model.told)
	}
	if t.Failed() {
		t.FailNow()
	}
	m.tickets = rows.Tickets
}

func (m *machine) checkHolds(t *rapid.T, rows Rows) {
	same(T(t), "holds", len(rows.Holds), len(m.model.holds))
	for _, want := range m.model.holds {
		id := want.command.ID
		i := slices.IndexFunc(rows.Holds, func(h booking.Hold) bool { return h.ID == id })
		if i < 0 {
			t.Fatalf("the hold %v is missing", id)
		}
		got := rows.Holds[i]
		same(T(t), "state of a hold", got.State, want.state)
		same(T(t), "end of a hold", got.ExpiresAt, want.expires)
		same(T(t), "extensions of a hold", got.Extensions, want.extended)
		same(T(t), "total of a hold", got.Total.Minor(), m.terms.price*int64(len(want.places)))
	}
}

func (m *machine) checkOrders(t *rapid.T, rows Rows) {
	same(T(t), "orders", len(rows.Orders), len(m.model.orders))
	type ticketKey struct {
		order booking.OrderID
		place catalog.PlaceNo
	}
	tickets := make(map[ticketKey]booking.TicketState)
	passed := 0
	for _, ticket := range rows.Tickets {
		if ticket.State == booking.TicketTransferred {
			passed++
			continue
		}
		id := booking.OrderID{Event: m.id, Key: ticket.Order}
		tickets[ticketKey{id, ticket.ID.Place}] = ticket.State
	}
	same(T(t), "tickets by order and place", len(tickets)+passed, len(rows.Tickets))
	for _, want := range m.model.orders {
		id := want.command.ID
		i := slices.IndexFunc(rows.Orders, func(o booking.Order) bool { return o.ID == id })
		if i < 0 {
			t.Fatalf("the order %v is missing", id)
		}
		same(T(t), "state of an order", rows.Orders[i].State, want.state)
		for place, state := range want.tickets {
			same(T(t), "state of a ticket", tickets[ticketKey{id, place}], state)
			delete(tickets, ticketKey{id, place})
			passed -= want.passed[place]
		}
	}
	same(T(t), "tickets that nobody passed on", passed, 0)
	same(T(t), "tickets that nobody was given", len(tickets), 0)
}

// proof is a recorder for rapid.
type proof struct{ *recorder }

var _ rapid.TB = proof{}

// Name is how rapid names a file of a failure.
func (p proof) Name() string { return "control" }

// Logf, and its siblings down to Skip, are for people who watch.
func (p proof) Logf(string, ...any) {}

// Log does nothing.
func (p proof) Log(...any) {}

// Skipf ends the check.
func (p proof) Skipf(format string, args ...any) { p.Fatalf(format, args...) }

// Skip ends the check.
func (p proof) Skip(args ...any) { p.Fatal(args...) }

// SkipNow ends the check.
func (p proof) SkipNow() { p.Fatalf("skipped") }

// Error writes a failure down.
func (p proof) Error(args ...any) { p.Errorf("%s", fmt.Sprint(args...)) }

// Fatal writes a failure down and ends the check.
func (p proof) Fatal(args ...any) { p.Fatalf("%s", fmt.Sprint(args...)) }

// FailNow ends the check.
func (p proof) FailNow() { p.Fatalf("failed") }

// Fail writes a failure down.
func (p proof) Fail() { p.Errorf("failed") }

// Failed tells whether anything was written down.
func (p proof) Failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.failures) > 0
}
