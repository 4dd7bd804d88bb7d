package contract

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

// durability: what was answered with yes is there, whatever happens next.
func durability() []Case {
	return []Case{
		{"the last answer before a crash", true, crashLast},
		{"everything that was acknowledged", true, crashAll},
		{"what was refused isn't there", true, crashRefused},
		{"a crash in the middle of a transaction", true, crashMiddle},
	}
}

func crashLast(s *stage) {
	w := s.show(terms{places: 3})
	hold := w.hold(1)
	s.must(hold)
	s.crash()
	got, err := s.engine.Bookings.Hold(s.t.Context(), hold.ID)
	s.noError(err)
	same(s.t, "state", got.State, booking.HoldLive)
	w.refused(booking.ErrPlaceTaken, w.hold(1))
	s.must(w.order(hold.ID, "buyer"))
	s.crash()
	same(s.t, "orders", len(w.conserved().Orders), 1)
}

func crashAll(s *stage) {
	const buyers = 60
	w := s.show(terms{places: buyers})
	said := newSayings()
	together(buyers, func(i int) { w.checkout(i, said) })
	before := w.conserved()
	s.crash()
	w.unchanged(before)
	w.kept(said.lines())
}

func crashRefused(s *stage) {
	w := s.show(terms{places: 2})
	s.run(w.hold(0), w.hold(0), w.hold(0, 1))
	before := w.rows()
	s.crash()
	w.unchanged(before)
	w.told(fact.EventPublished, fact.HoldPlaced)
}

func crashMiddle(s *stage) {
	w := s.show(terms{places: 2})
	w.held(0)
	before := w.rows()
	gate := pause(s.engine.Ledger)
	hold := w.hold(1)
	done := make(chan error)
	go func() {
		done <- gate.Update(s.t.Context(), hold.Keys(), func(b *booking.Book) error {
			return b.Try(hold.Decide)
		})
	}()
	<-gate.entered
	engine := s.engine.Probe.Crash(s.t)
	gate.goOn <- struct{}{}
	s.noError(<-done) // the old process finishes, but its files are not ours any more
	s.desk.Close()
	s.take(engine, engine.Ledger)
	w.unchanged(before)
	s.must(w.hold(1))
	w.conserved()
}

// sayings are what buyers were told, one line for each yes.
type sayings struct {
	mu  sync.Mutex
	out io.Writer
	all strings.Builder
}

func newSayings() *sayings {
	s := &sayings{}
	s.out = &s.all
	return s
}

func (s *sayings) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, format+"\n", args...)
}

func (s *sayings) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Split(strings.TrimSuffix(s.all.String(), "\n"), "\n")
}

// checkout leads buyer i from a place to a ticket; every fifth one cancels.
func (w *show) checkout(i int, said *sayings) {
	ctx := w.t.Context()
	made, err := w.office.HoldPlaces(ctx, w.wish(i, w.seat(i)))
	if err != nil {
		w.t.Errorf("hold %d: %v", i, err)
		return
	}
	said.say("held %v", made.Hold.ID)
	ordered, err := w.office.PlaceOrder(ctx, w.wishOrder(i, made.Hold.ID))
	if err != nil {
		w.t.Errorf("order %d: %v", i, err)
		return
	}
	id := ordered.Order.ID
	said.say("ordered %v", id)
	tx := fmt.Sprint("tx", i)
	if _, err := w.office.RecordPayment(ctx, paid(ordered.Order, tx, tx)); err != nil {
		w.t.Errorf("pay %d: %v", i, err)
		return
	}
	said.say("paid %v", id)
	if i%5 != 0 {
		return
	}
	if err := w.office.CancelOrder(ctx, id); err != nil {
		w.t.Errorf("cancel %d: %v", i, err)
		return
	}
	said.say("cancelled %v", id)
}

// kept checks that the ledger knows everything that was said, and how far each order must be.
func (w *show) kept(said []string) {
	w.t.Helper()
	rows := w.conserved()
	holds := make(map[string]booking.HoldState)
	for _, h := range rows.Holds {
		holds[h.ID.String()] = h.State
	}
	orders := make(map[string]booking.OrderState)
	for _, o := range rows.Orders {
		orders[o.ID.String()] = o.State
	}
	for _, line := range said {
		what, id, _ := strings.Cut(line, " ")
		order, ok := orders[id]
		switch what {
		case "held":
			_, ok = holds[id]
		case "ordered":
		case "paid":
			ok = order == booking.Paid || order == booking.OrderCancelled
		case "cancelled":
			ok = order == booking.OrderCancelled
		default:
			ok = false
		}
		if !ok {
			w.t.Errorf("lost: %q was said, and now the order is %v", line, order)
		}
	}
}

// What a child process sells.
const (
	childPlaces  = 4_000
	childBuyers  = 8
	childAnswers = 250 // after which it is killed
)

// Sell opens an engine, sells an event, and writes a line to out after each yes, until it is killed
// or has sold out. It is the body of the child process of Killed.
func Sell(open Factory, out io.Writer) error {
	failures := recorded(func(t T) {
		clock := NewClock()
		s := newStage(t, open(t, clock.Now), clock)
		w := s.show(terms{places: childPlaces})
		said := &sayings{out: out}
		said.say("event %d", w.id)
		together(childBuyers, func(buyer int) {
			for i := buyer; i < childPlaces; i += childBuyers {
				w.checkout(i, said)
			}
		})
	})
	if failures != "" {
		return fmt.Errorf("sell in a child process: %s", failures)
	}
	return nil
}

// Killed starts child, which must run Sell, kills it in the middle of its sales, opens what is left
// with open, and checks that nothing is lost that was acknowledged.
func Killed(t T, child *exec.Cmd, open Factory) {
	t.Helper()
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatalf("start the child process: %v", err)
	}
	said := make([]string, 0, 2*childAnswers)
	reader := bufio.NewReader(out)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			break // a line that was cut off was told nobody
		}
		said = append(said, strings.TrimSuffix(line, "\n"))
		if len(said) == childAnswers {
			if err := child.Process.Kill(); err != nil {
				t.Errorf("kill the child process: %v", err)
			}
		}
	}
	_ = child.Wait() // it was killed, and says so
	if len(said) < childAnswers || len(said) >= 3*childPlaces {
		t.Fatalf("the child said %d lines; it was to be killed in the middle", len(said))
	}
	var event catalog.EventID
	if _, err := fmt.Sscanf(said[0], "event %d", &event); err != nil {
		t.Fatalf("the child's first line %q: %v", said[0], err)
	}
	clock := NewClock()
	clock.Advance(time.Minute) // a new process starts later than its predecessor
	s := newStage(t, open(t, clock.Now), clock)
	w := &show{stage: s, id: event, terms: terms{places: childPlaces}}
	w.kept(said[1:])

	// And the sale goes on, for those who ask again, too.
	ctx := t.Context()
	for i := range childBuyers {
		made, err := s.office.HoldPlaces(ctx, w.wish(i, w.seat(i)))
		if err != nil {
			t.Errorf("the first wish of buyer %d, repeated: %v", i, err)
		}
		same(t, "places", len(made.Hold.Lines), 1)
	}
	if _, err := s.office.HoldPlaces(ctx, w.wish(childPlaces, childPlaces-1)); err != nil {
		t.Errorf("a wish after the restart: %v", err)
	}
	w.conserved()
}
