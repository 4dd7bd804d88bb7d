package simpay

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/payment"
)

// untilNotice moves the clock past every pause each time somebody starts to wait.
func (c *handClock) untilNotice(t *testing.T, notices <-chan payment.Notice) payment.Notice {
	t.Helper()
	for {
		select {
		case n := <-notices:
			return n
		case <-c.changed:
			c.advance(maxPause)
		case <-time.After(20 * time.Second):
			t.Fatal("no webhook came")
		}
	}
}

func TestFailedWebhooksAreRepeated(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.office.script(500, 503, 302, 404, 204)
	r.sim.Start()
	answered := make(chan map[string]any, 1)
	go func() {
		_, answer := r.decide(r.begin("ord_1:1", 4900), "paid")
		answered <- answer
	}()
	first := clock.untilNotice(t, r.office.notices)
	for range 4 {
		if n := clock.untilNotice(t, r.office.notices); n != first {
			t.Errorf("repeated as %+v, first %+v", n, first)
		}
	}
	if answer := <-answered; answer["state"] != "paid" {
		t.Errorf("%v", answer)
	}
	r.untilAcknowledged()
	r.closeAndCheck(0)
}

// untilAcknowledged waits for all webhooks that somebody delivers.
func (r *rig) untilAcknowledged() {
	b := r.sim.book
	b.mu.Lock()
	var parcels []parcel
	for _, e := range b.entries {
		parcels = append(parcels, parcel{entry: e})
		for _, c := range e.changes {
			parcels = append(parcels, parcel{e, c})
		}
	}
	b.mu.Unlock()
	for _, p := range parcels {
		if done := b.awaited(p); done != nil {
			<-done
		}
	}
}

// closeAndCheck closes the simulator and tells how many webhooks a next start would repeat.
func (r *rig) closeAndCheck(want int) {
	r.t.Helper()
	if err := r.sim.Close(); err != nil {
		r.t.Fatal(err)
	}
	b := openTestBook(r.t, filepath.Join(r.folder, journalFile))
	defer func() { _ = b.close() }()
	if left, _ := b.claim(maxQueued); len(left) != want {
		r.t.Errorf("%d webhooks are left, want %d", len(left), want)
	}
}

func TestTheBuyerIsNotKeptWaiting(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.office.script(500)
	answered := make(chan map[string]any, 1)
	go func() {
		_, answer := r.decide(r.begin("ord_1:1", 4900), "paid")
		answered <- answer
	}()
	<-r.office.notices
	<-clock.changed // the answer waits, and nobody repeats: the simulator was not started
	clock.advance(maxAckWait)
	if answer := <-answered; answer["state"] != "paid" {
		t.Errorf("%v", answer)
	}
	r.closeAndCheck(1)
}

func TestDoublePostWaitsForTheFirst(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	hold := make(chan struct{})
	r.office.hold = hold
	page := r.begin("ord_1:1", 4900)
	answered := make(chan map[string]any, 2)
	for range 2 {
		go func() {
			_, answer := r.decide(page, "paid")
			answered <- answer
		}()
	}
	<-clock.changed // the second post has found the first one's webhook on its way
	close(hold)
	if a, b := <-answered, <-answered; a["payment"] != b["payment"] {
		t.Errorf("%v and %v", a, b)
	}
	<-r.office.notices
	r.noMoreNotices()
}

func TestGoneStopsRepeating(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	r.office.script(http.StatusGone)
	r.decide(r.begin("ord_1:1", 4900), "paid")
	<-r.office.notices
	if parcels, _ := r.sim.book.claim(1); len(parcels) != 0 || len(r.sim.courier.queue) != 0 {
		t.Error("it would be sent again")
	}
	r.closeAndCheck(1) // the next start asks again
}

func TestRestartRepeatsWhatIsNotAcknowledged(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	for i := range 20 {
		r.decide(r.begin(fmt.Sprintf("ord_%d:1", i), 4900), "paid")
		<-r.office.notices
	}
	r.office.script(500, 500, 500)
	lost := map[string]payment.Notice{}
	for i := range 3 {
		page := r.begin(fmt.Sprintf("ord_lost%d:1", i), 4900)
		go r.decide(page, []string{"paid", "declined"}[i%2])
		n := <-r.office.notices
		lost[n.NoticeID] = n
		<-clock.changed
		clock.advance(maxAckWait)
	}
	if err := r.sim.Close(); err != nil {
		t.Fatal(err)
	}
	r.open()
	r.sim.Start()
	for range len(lost) {
		n := <-r.office.notices
		if lost[n.NoticeID] != n {
			t.Errorf("%+v was not lost", n)
		}
		delete(lost, n.NoticeID)
	}
	r.untilAcknowledged()
	r.closeAndCheck(0)
}

func TestKilledProcessForgetsNothing(t *testing.T) {
	r := newRig(t, WallClock{})
	r.decide(r.begin("ord_1:1", 4900), "paid")
	want, err := r.gateway.LookUp(t.Context(), "ord_1:1")
	if err != nil {
		t.Fatal(err)
	}
	// No Close: what a kill would leave is what another process can read now.
	killed := r.sim
	r.open()
	got, err := r.gateway.LookUp(t.Context(), "ord_1:1")
	if diff := cmp.Diff(want, got, moneys); err != nil || diff != "" {
		t.Error(diff, err)
	}
	if err := killed.Close(); err != nil {
		t.Error(err)
	}
}

// deadSender answers nothing and counts.
type deadSender struct {
	mu    sync.Mutex
	sends int
}

func (s *deadSender) send(message, time.Duration) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sends++
	return 0, errors.New("nobody there")
}

func (s *deadSender) close() {}

func testCourier(t *testing.T, clock Clock, s sender) *courier {
	t.Helper()
	b := openTestBook(t, filepath.Join(t.TempDir(), journalFile))
	c := newCourier(b, testSecrets(t).webhook, clock, slog.New(slog.DiscardHandler), s,
		rand.Reader)
	t.Cleanup(func() { c.close(); _ = b.close() })
	return c
}

func TestTriesAreBounded(t *testing.T) {
	clock := newHandClock()
	dead := &deadSender{}
	c := testCourier(t, clock, dead)
	v := invoice{Key: "ord_1:1", Amount: euros(t, 1), Expires: 1 << 31}
	e, _, _, err := c.book.settle(v, payment.Paid, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.first(parcel{entry: e}, nil)
	for next, _, ok := c.due(); len(c.queue) > 0 || ok; next, _, ok = c.due() {
		if ok {
			c.repeat(next)
		} else {
			clock.advance(firstPause)
		}
	}
	if dead.sends != maxTries || e.notice.progress != abandoned {
		t.Errorf("%d tries, progress %d", dead.sends, e.notice.progress)
	}
	if spent := clock.Now().Sub(time.UnixMilli(e.at)); spent < 15*time.Minute || spent > time.Hour {
		t.Errorf("given up after %v", spent)
	}
}

func TestPausesGrowAndAreJittered(t *testing.T) {
	c := testCourier(t, newHandClock(), &deadSender{})
	seen := map[time.Duration]bool{}
	for tries := 1; tries < 60; tries++ {
		d := c.pause(tries)
		full := maxPause
		if tries < 12 {
			full = min(firstPause<<(tries-1), maxPause)
		}
		if d < full/2 || d >= full {
			t.Errorf("after %d tries %v, want %v to %v", tries, d, full/2, full)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different pauses", len(seen))
	}
	c.random = strings.NewReader("")
	if d := c.pause(1); d != firstPause/2 {
		t.Errorf("without chance %v", d)
	}
}

func TestQueueSpillsIntoTheBook(t *testing.T) {
	clock := newHandClock()
	c := testCourier(t, clock, &deadSender{})
	c.queue = make(waiting, maxQueued)
	v := invoice{Key: "ord_1:1", Amount: euros(t, 1), Expires: 1 << 31}
	e, _, _, err := c.book.settle(v, payment.Paid, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.repeatLater(queued{parcel: parcel{entry: e}, tries: 2})
	if len(c.queue) != maxQueued || !c.spilled || e.notice.progress != idle {
		t.Fatalf("%d queued, spilled %v", len(c.queue), c.spilled)
	}
	c.queue = nil
	if next, _, ok := c.due(); !ok || next.parcel.entry != e || c.spilled {
		t.Errorf("not taken up again: %+v", next)
	}
}

// What waits for its hour doesn't keep those from their try that only found no room.
func TestLateWebhooksDontHoldUpOthers(t *testing.T) {
	clock := newHandClock()
	c := testCourier(t, clock, &deadSender{})
	var entries []*entry
	for _, key := range []string{"ord_1:1", "ord_2:1"} {
		v := invoice{Key: key, Amount: euros(t, 1), Expires: 1 << 31}
		e, _, _, err := c.book.settle(v, payment.Paid, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	c.later(parcel{entry: entries[0]}, &manner{wait: time.Hour})
	c.book.release(parcel{entry: entries[1]}, idle)
	c.spilled = true
	if next, _, ok := c.due(); !ok || next.parcel.entry != entries[1] {
		t.Errorf("due: %+v, %v", next, ok)
	}
	if _, wait, ok := c.due(); ok || wait != time.Hour {
		t.Errorf("then %v, %v", wait, ok)
	}
}

func TestLifeCycleInAnyOrder(t *testing.T) {
	clock := newHandClock()
	start, stop := (*Simulator).Start, func(s *Simulator) {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, steps := range [][]func(*Simulator){
		{stop}, {start, stop}, {stop, start}, {start, start, stop, stop, start}, {stop, stop},
	} {
		r := newRig(t, clock)
		page := r.begin("ord_1:1", 4900)
		for _, step := range steps {
			step(r.sim)
		}
		status, answer := r.decide(page, "paid")
		if status != http.StatusServiceUnavailable || answer["code"] != "simpay_closing" {
			t.Errorf("after the end: %d %v", status, answer)
		}
		if status, _, _ := r.page(page); status != http.StatusOK {
			t.Errorf("page after the end: %d", status)
		}
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	arrived := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			_, _ = conn.Read(make([]byte, 1)) // and never an answer
			arrived <- conn
		}
	}()
	r := newRig(t, WallClock{})
	o := r.options()
	o.Folder, o.NoticeURL = t.TempDir(), "http://"+listener.Addr().String()+"/hook"
	if r.sim, err = Open(o); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() {
		status, _ := r.decide(r.begin("ord_1:1", 4900), "paid")
		answered <- status
	}()
	conn := <-arrived
	defer conn.Close()
	r.folder = o.Folder
	r.closeAndCheck(1)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{Folder: t.TempDir(), NoticeURL: "http://127.0.0.1:1/x", Secrets: testSecrets(t),
		Clock: WallClock{}, Random: rand.Reader}
	for name, change := range map[string]func(*Options){
		"folder":   func(o *Options) { o.Folder = "" },
		"scheme":   func(o *Options) { o.NoticeURL = "ftp://127.0.0.1/x" },
		"relative": func(o *Options) { o.NoticeURL = "/x" },
		"user":     func(o *Options) { o.NoticeURL = "http://a:b@127.0.0.1/x" },
		"secrets":  func(o *Options) { o.Secrets = Secrets{} },
		"clock":    func(o *Options) { o.Clock = nil },
		"random":   func(o *Options) { o.Random = nil },
	} {
		o := good
		change(&o)
		if _, err := Open(o); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := DeriveSecrets(make([]byte, 15)); !errors.Is(err, ErrSecret) {
		t.Error(err)
	}
}
