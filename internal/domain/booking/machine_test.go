package booking

import (
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/effort"
)

// draw makes a random command. Most of them are about things that exist.
func (s *stage) draw(t *rapid.T) decision {
	buyer := byte(rapid.IntRange(1, 2).Draw(t, "buyer"))
	switch rapid.IntRange(0, 31).Draw(t, "command") {
	case 0, 1, 2, 3:
		return s.hold(drawPlaces(t)...)
	case 4, 5, 6:
		return s.order(drawOne(t, s.holdIDs()), buyer)
	case 7, 8, 9:
		return s.drawPayment(t)
	case 10:
		return &ExtendHold{ID: drawOne(t, s.holdIDs()), Answer: answerRef(s.key())}
	case 11:
		return &ReleaseHold{ID: drawOne(t, s.holdIDs())}
	case 12:
		return &ExpireHold{ID: drawOne(t, s.holdIDs())}
	case 13:
		return &ExpireOrder{ID: drawOne(t, s.orderIDs())}
	case 14:
		return &CancelOrder{ID: drawOne(t, s.orderIDs()), KeepMoney: drawRarely(t, "keep money"),
			Block: drawRarely(t, "block"), Unpaid: drawRarely(t, "unpaid")}
	case 15:
		return &BlockPlaces{Event: theEvent, Places: drawPlaces(t),
			Unblock: rapid.Bool().Draw(t, "unblock")}
	case 16:
		if rapid.IntRange(0, 30).Draw(t, "end") == 0 {
			return &SetStatus{Event: theEvent, Status: catalog.Cancelled}
		}
		return s.drawRefunded(t)
	case 17, 18, 19, 20, 21, 22, 23, 24:
		return s.drawMoney(t)
	case 25, 26, 27:
		return s.drawAmendment(t)
	case 28, 29:
		return s.transfer(drawOne(t, s.ticketIDs()))
	default:
		c := &CheckIn{Ticket: drawOne(t, s.ticketIDs()), Gate: "north"}
		if rapid.Bool().Draw(t, "keyed") {
			c.Answer = answerRef(s.key())
		}
		return c
	}
}

// drawPayment is a new payment, mostly of the right amount, or news of an old one.
func (s *stage) drawPayment(t *rapid.T) *RecordPayment {
	order := drawOne(t, s.orderIDs())
	amount := s.orders[order].Total.Minor()
	if rapid.IntRange(0, 9).Draw(t, "wrong amount") == 0 {
		amount++
	}
	c := s.payment(order, amount)
	c.Again = drawRarely(t, "replayed")
	c.Attempt = rapid.IntRange(0, 2).Draw(t, "attempt")
	if old := s.paymentRefs(); len(old) > 0 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
		c.Payment = drawOne(t, old)
		c.Payment.Event = theEvent
	}
	if rapid.IntRange(0, 4).Draw(t, "asked") == 0 {
		c.Notice = NoticeRef{}
	}
	return c
}

// drawAmendment adds places to a hold and takes some of its own away, now and then others or all.
func (s *stage) drawAmendment(t *rapid.T) *AmendHold {
	id := drawOne(t, s.holdIDs())
	c := s.amend(id, nil, nil)
	for _, l := range s.holds[id].Lines {
		if rapid.Bool().Draw(t, "remove") {
			c.Remove = append(c.Remove, l.Place)
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "add") > 0 {
		c.Add = drawPlaces(t)
	}
	if drawRarely(t, "old prices") {
		c.Revision = 0
	}
	if drawRarely(t, "again") && s.keys > 1 {
		c.Answer = answerRef(ident.Key{7, byte(rapid.IntRange(1, int(s.keys)).Draw(t, "key"))})
	}
	return c
}

// drawPlaces is mostly what can be had: a few neighbours.
func drawPlaces(t *rapid.T) (places []catalog.PlaceNo) {
	if rapid.IntRange(0, 4).Draw(t, "sane") > 0 {
		first := rapid.IntRange(0, notForSale-1).Draw(t, "first")
		for n := range rapid.IntRange(1, min(4, notForSale-first)).Draw(t, "count") {
			places = append(places, catalog.PlaceNo(first+n))
		}
		return places
	}
	return rapid.SliceOfN(rapid.Map(rapid.IntRange(0, stagePlaces), func(i int) catalog.PlaceNo {
		return catalog.PlaceNo(i)
	}), 0, 5).Draw(t, "places")
}

// drawOne takes one of some, or now and then something unknown.
func drawOne[T any](t *rapid.T, some []T) (unknown T) {
	if len(some) == 0 {
		return unknown
	}
	if rapid.IntRange(0, 19).Draw(t, "known") == 19 {
		return unknown
	}
	// The newest are the most interesting: they are still alive.
	return some[len(some)-1-rapid.IntRange(0, len(some)-1).Draw(t, "age")]
}

// The things that a stage has, in the order in which they were made: a map's order would make a
// failure hard to repeat.
func (s *stage) holdIDs() (ids []HoldID) {
	for n := range s.keys {
		id := HoldID{theEvent, ident.Key{7, n + 1}}
		if _, ok := s.holds[id]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s *stage) orderIDs() (ids []OrderID) {
	for n := range s.keys {
		id := OrderID{theEvent, ident.Key{7, n + 1}}
		if _, ok := s.orders[id]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s *stage) paymentRefs() (refs []PaymentRef) {
	for n := range s.keys {
		ref := s.paymentRef(ident.Key{7, n + 1})
		if _, ok := s.payments[ref]; ok {
			refs = append(refs, ref)
		}
	}
	return refs
}

func (s *stage) ticketIDs() (ids []TicketID) {
	for no := range catalog.PlaceNo(stagePlaces) {
		for fence := range uint32(s.keys) + 1 {
			if t, ok := s.tickets[TicketRef{theEvent, no, fence}]; ok {
				ids = append(ids, t.ID)
			}
		}
	}
	return ids
}

// advance lets time pass: mostly a little, now and then past the end of holds, orders or the sale.
func (s *stage) advance(t *rapid.T) {
	waits := []time.Duration{0, 0, 0, 0, 0, 0, time.Second, time.Second, time.Minute, time.Minute,
		time.Minute, 10 * time.Minute, 31 * time.Minute, 3 * time.Hour}
	s.wait(rapid.SampledFrom(waits).Draw(t, "wait"))
}

func TestMain(m *testing.M) {
	effort.OfProperties()
	os.Exit(m.Run())
}

// wanted are the commands that the machine must have got through at least once. A machine that
// never gets anywhere proves nothing.
var wanted = []string{"HoldPlaces", "PlaceOrder", "RecordPayment", "ExtendHold", "ReleaseHold",
	"ExpireHold", "AmendHold", "ExpireOrder", "CancelOrder", "BlockPlaces", "CheckIn",
	"RecordRefund", "RefundOrder", "ReturnPayment", "RetryRefund", "RecordGatewayRefund",
	"RecordDecline", "KeepNotice", "TransferTicket"}

// machineRuns bounds how often the machine is run again for the rarest of them: it plays dice, and
// under the race detector not for long.
const machineRuns = 5

func TestInvariantsHoldAfterEveryCommand(t *testing.T) {
	said := make(map[string]int)
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(wanted), func(command string) bool {
			return said["*booking."+command+" yes"] > 0
		})
	}
	for run := 0; run < machineRuns && len(missing()) > 0 && !t.Failed(); run++ {
		rapid.Check(t, func(t *rapid.T) { everyCommand(t, said) })
	}
	if m := missing(); len(m) > 0 {
		t.Errorf("%v never said yes: %v", m, said)
	}
}

// everyCommand runs commands one after another, looks at all rows after each, and counts in said.
func everyCommand(t *rapid.T, said map[string]int) {
	t.Helper()
	s := newStage(t)
	for range rapid.IntRange(30, 120).Draw(t, "commands") {
		s.advance(t)
		c := s.draw(t)
		before := s.copy()
		err := s.run(c)[0]
		if breach := s.check(); breach != nil {
			t.Fatalf("after %T %+v (%v): %v", c, c, err, breach)
		}
		if diff := sameRows(before, s); err != nil && diff != "" {
			t.Fatalf("%T said %v and left behind: %s", c, err, diff)
		}
		said[kind(c, err)]++
	}
}

func TestABatchIsItsCommandsOneAfterAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStage(t)
		for range rapid.IntRange(1, 12).Draw(t, "batches") {
			s.advance(t)
			single, again := s.copy(), s.copy()
			var batch []decision
			for range rapid.IntRange(1, 8).Draw(t, "size") {
				// Drawn on what the commands before have done, so that they meet within the batch.
				single.keys = s.keys
				c := single.draw(t)
				s.keys, again.keys = single.keys, single.keys
				batch = append(batch, c)
				single.run(c)
			}
			first := s.run(batch...)
			if breach := s.check(); breach != nil {
				t.Fatalf("after %+v: %v", batch, breach)
			}
			if diff := sameRows(single, s); diff != "" {
				t.Fatalf("one by one and as a batch: %s", diff)
			}
			// A transaction that lost is decided again, on a fresh book.
			second := again.run(batch...)
			if diff := sameRows(s, again); diff != "" {
				t.Fatalf("a second run: %s", diff)
			}
			for i := range first {
				if (first[i] == nil) != (second[i] == nil) {
					t.Fatalf("%+v said %v and then %v", batch[i], first[i], second[i])
				}
			}
		}
	})
}
