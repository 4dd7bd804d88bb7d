package contract

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/picking"
)

// Sizes of the machine: small, so that its commands meet.
const (
	machinePlaces   = 7
	machineBatch    = 4
	machineBuyers   = 3
	machineLimit    = 4
	machinePerOrder = 3
	machineExtends  = 1
	machineShows    = 8 // on one engine
)

// Machine runs random commands in random batches against an engine and against a model, and
// compares everything that is committed after each batch.
func Machine(t *testing.T, open Factory) {
	t.Helper()
	rapid.Check(t, machineOn(t, open))
}

// machineTries bounds how often a machine looks for what is broken on purpose: it plays dice, and
// may pass by a fault once.
const machineTries = 6

// RecordMachine runs the machine against an engine that is broken on purpose, until it sees that,
// and returns what it says.
func RecordMachine(open Factory) (said string) {
	for try := 0; try < machineTries && said == ""; try++ {
		said = recorded(func(t T) {
			rapid.Check(proof{t.(*recorder)}, machineOn(t, open))
		})
	}
	return said
}

func machineOn(t T, open Factory) func(*rapid.T) {
	clock := NewClock()
	var engine *Engine
	shows := 0
	return func(rt *rapid.T) {
		if shows++; shows%machineShows == 1 { // looks at a full ledger take long
			engine = open(t, clock.Now)
		}
		s := newStage(rt, engine, clock)
		w := s.show(terms{places: machinePlaces, perBuyer: machineLimit,
			perOrder: machinePerOrder, extensions: machineExtends})
		m := &machine{show: w, model: &model{now: clock.Now(),
			places: make([]modelPlace, machinePlaces), payments: make(map[string]*modelPayment),
			refunds: make(map[string]*modelRefund), price: w.terms.price,
			buyers: make(map[string]int), told: []fact.Kind{fact.EventPublished},
			limit: machineLimit, perOrder: machinePerOrder, extended: machineExtends}}
		rt.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"batch":   m.batch,
			"more":    m.batch, // as often as the rest together
			"best":    m.best,
			"advance": m.advance,
		})
	}
}

// machine plays commands to an engine and to a model.
type machine struct {
	*show
	model    *model
	tickets  []booking.Ticket // as they were committed
	payments []*booking.RecordPayment
}

// expectation is a command with the answer that the model gives.
type expectation struct {
	command Command
	want    error
	after   func(t *rapid.T) // looks at the command's result; may be nil
}

func (m *machine) batch(t *rapid.T) {
	var expected []expectation
	var batch []Command
	for range rapid.IntRange(1, machineBatch).Draw(t, "commands") {
		if e, ok := m.draw(t); ok {
			expected = append(expected, e)
			batch = append(batch, e.command)
		}
	}
	if len(batch) == 0 {
		return
	}
	failures := m.run(batch...)
	for i, e := range expected {
		if !errors.Is(failures[i], e.want) {
			t.Fatalf("%T, number %d of %d: got %q, want %q", e.command, i, len(batch),
				text(failures[i]), text(e.want))
		}
		if e.after != nil {
			e.after(t)
		}
	}
}

// draw makes a command and tells it to the model.
func (m *machine) draw(t *rapid.T) (expectation, bool) {
	w := m.model
	kind := rapid.SampledFrom([]string{"hold", "hold", "hold", "order", "order", "pay", "pay",
		"extend", "release", "amend", "amend", "expire hold", "cancel", "expire order", "scan",
		"scan", "pass on", "block", "refund", "refund", "return", "told", "retry", "pay again",
		"hold again", "order again", "rarely"}).Draw(t, "kind")
	switch kind {
	case "hold":
		c := m.hold(somePlaces(t, "places", 1)...)
		return expectation{command: c, want: w.hold(c)}, true
	case "block":
		c := m.block(catalog.PlaceNo(rapid.IntRange(0, machinePlaces-1).Draw(t, "place")))
		c.Unblock = rapid.Bool().Draw(t, "unblock")
		return expectation{command: c, want: w.block(c.Places[0], c.Unblock)}, true
	case "scan", "pass on":
		return m.drawOfTicket(t, kind)
	case "pay again":
		if len(m.payments) == 0 {
			return expectation{}, false
		}
		c := *rapid.SampledFrom(m.payments).Draw(t, "payment")
		return expectation{&c, nil, func(t *rapid.T) {
			same(T(t), "outcome of a repeated payment", c.Outcome, booking.PaymentRepeated)
		}}, true
	case "return", "told", "retry":
		return m.drawOfMoney(t, kind)
	case "rarely":
		if m.terms.draft || rapid.IntRange(0, 9).Draw(t, "cancel the event") > 0 {
			return expectation{}, false
		}
		w.cancelEvent()
		return expectation{command: &booking.SetStatus{Event: m.id,
			Status: catalog.Cancelled}}, true
	case "order", "extend", "release", "amend", "expire hold", "hold again":
		if len(w.holds) == 0 {
			return expectation{}, false
		}
		return m.drawOfHold(t, kind, rapid.SampledFrom(w.holds).Draw(t, "hold")), true
	default:
		if len(w.orders) == 0 {
			return expectation{}, false
		}
		return m.drawOfOrder(t, kind, rapid.SampledFrom(w.orders).Draw(t, "order")), true
	}
}

// somePlaces are different places, at least so many.
func somePlaces(t *rapid.T, label string, atLeast int) []catalog.PlaceNo {
	return rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, machinePlaces-1),
		func(i int) catalog.PlaceNo { return catalog.PlaceNo(i) }), atLeast, machinePerOrder+1,
		rapid.ID).Draw(t, label)
}

func (m *machine) drawOfHold(t *rapid.T, kind string, h *modelHold) expectation {
	id := h.command.ID
	switch kind {
	case "order":
		buyer := rapid.IntRange(1, machineBuyers).Draw(t, "buyer")
		c := m.order(id, fmt.Sprint("buyer", buyer))
		return expectation{command: c, want: m.model.order(h, c)}
	case "extend":
		c := m.extend(id)
		return expectation{command: c, want: m.model.extend(h)}
	case "release":
		return expectation{command: m.release(id), want: m.model.release(h)}
	case "amend":
		c := m.amend(id, somePlaces(t, "add", 0), somePlaces(t, "remove", 0))
		return expectation{command: c, want: m.model.amend(h, c)}
	case "expire hold":
		m.model.expireHold(h)
		return expectation{command: &booking.ExpireHold{ID: id}}
	default:
		c := *h.command
		c.ID.Key = m.key()
		return expectation{&c, nil, func(t *rapid.T) {
			same(T(t), "a repeated hold", c.Made.ID, id)
		}}
	}
}

func (m *machine) drawOfOrder(t *rapid.T, kind string, o *modelOrder) expectation {
	order := booking.Order{ID: o.command.ID}
	switch kind {
	case "cancel":
		c := m.cancel(order)
		c.KeepMoney, c.Block = rarely(t, "keep money"), rarely(t, "block")
		c.Unpaid = rarely(t, "unpaid")
		return expectation{command: c, want: m.model.cancel(o, c)}
	case "refund":
		return m.drawRefund(t, o)
	case "expire order":
		m.model.expireOrder(o)
		return expectation{command: &booking.ExpireOrder{ID: order.ID}}
	case "order again":
		c := *o.command
		c.ID.Key = m.key()
		return expectation{&c, nil, func(t *rapid.T) {
			same(T(t), "a repeated order", c.Made.ID, order.ID)
		}}
	default:
		amount := o.total
		if rapid.IntRange(0, 9).Draw(t, "wrong amount") == 0 {
			amount++
		}
		order.Total = euros(t, amount)
		c := m.pay(order, fmt.Sprint("tx", len(m.payments)))
		m.payments = append(m.payments, c)
		want := m.model.pay(o, c.Payment.Transaction, amount)
		return expectation{c, nil, func(t *rapid.T) {
			same(T(t), "outcome of a payment", c.Outcome, want)
		}}
	}
}

func (m *machine) drawOfTicket(t *rapid.T, kind string) (expectation, bool) {
	if len(m.tickets) == 0 {
		return expectation{}, false
	}
	ticket := rapid.SampledFrom(m.tickets).Draw(t, "ticket")
	i := slices.IndexFunc(m.model.orders, func(o *modelOrder) bool {
		return o.command.ID.Key == ticket.Order
	})
	o := m.model.orders[i]
	if m.model.cancelled && o.tickets[ticket.ID.Place] == booking.TicketVoid {
		return expectation{}, false // refused for one reason or the other
	}
	if kind == "pass on" {
		return expectation{command: m.transfer(ticket), want: m.model.transfer(o, ticket)}, true
	}
	return expectation{command: m.scan(ticket, "gate"), want: m.model.scan(o, ticket)}, true
}

// best lets the box office choose.
func (m *machine) best(t *rapid.T) {
	n := rapid.IntRange(1, machinePerOrder).Draw(t, "places")
	wish := m.wish(int(m.clock.keys.Add(1)))
	wish.Best = &picking.Wish{Count: n, Tier: picking.AnyTier, Section: picking.AnySection,
		SplitAllowed: true}
	made, err := m.office.HoldPlaces(m.t.Context(), wish)
	free := 0
	for _, p := range m.model.places {
		if p.state == booking.Free { // the board doesn't know that a hold is past its time
			free++
		}
	}
	switch {
	case free < n:
		m.is(err, command.ErrNotEnough, "the best of too few places")
	case m.model.cancelled:
		m.is(err, booking.ErrEventCancelled, "the best places of a cancelled event")
	case err != nil:
		t.Fatalf("the best %d of %d free places: %v", n, free, err)
	default:
		places := make([]catalog.PlaceNo, 0, n)
		for _, l := range made.Hold.Lines {
			places = append(places, l.Place)
		}
		c := m.hold(places...)
		c.ID = made.Hold.ID
		if err := m.model.hold(c); err != nil || len(places) != n {
			t.Fatalf("the best %d places are %v: %v", n, places, err)
		}
		last := m.model.holds[len(m.model.holds)-1]
		last.command = c
		c.Answer, c.Request = m.answerOf(made.Hold.ID)
	}
}

// answerOf finds the answer that the box office has stored with a hold.
func (m *machine) answerOf(id booking.HoldID) (booking.AnswerRef, booking.Fingerprint) {
	rows := m.rows()
	for key, a := range rows.Answers {
		if a.Subject == id.Key {
			return booking.AnswerRef{Event: m.id, Key: key}, a.Request
		}
	}
	m.t.Errorf("no answer for the hold %v", id)
	return booking.AnswerRef{}, booking.Fingerprint{}
}

func (m *machine) advance(t *rapid.T) {
	m.clock.Advance(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Minute, holdTime,
		holdTime + time.Millisecond, payTime, payTime + booking.PayGrace + time.Millisecond,
	}).Draw(t, "wait"))
	m.model.now = m.clock.Now()
}
