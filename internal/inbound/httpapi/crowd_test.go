package httpapi_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/httpapi"
)

// picture is what a page shows.
type picture struct {
	version uint64
	states  []byte
}

// look takes a snapshot.
func (h *house) look() *picture {
	h.tb.Helper()
	r := h.call(http.MethodGet, "/v1/events/"+h.event.String()+"/availability", "",
		"Accept-Encoding", "identity")
	r.want(http.StatusOK, "")
	p := &picture{version: binary.BigEndian.Uint64(r.body[8:])}
	for i := range int(binary.BigEndian.Uint32(r.body[4:])) {
		p.states = append(p.states, r.body[16+i/4]>>(i%4*2)&3)
	}
	if told := r.header.Get("State-Hash"); told != fmt.Sprint(p.hash()) {
		h.tb.Errorf("the snapshot's hash is %d, it says %s", p.hash(), told)
	}
	return p
}

// hash is what docs/live-map.md says.
func (p *picture) hash() (hash uint32) {
	for place, state := range p.states {
		if state == 0 {
			continue
		}
		x := uint32(place*4 + int(state))
		x = (x ^ x>>16) * 0x85ebca6b
		x = (x ^ x>>13) * 0xc2b2ae35
		hash ^= x ^ x>>16
	}
	return hash
}

// follow brings the next delta in.
func (p *picture) follow(v *viewer) {
	v.tb.Helper()
	c, states := v.delta()
	if c.From > p.version || c.To <= p.version {
		v.tb.Fatalf("at %d comes a delta from %d to %d", p.version, c.From, c.To)
	}
	for place, state := range states {
		p.states[place] = byte(state)
	}
	if p.version = c.To; p.hash() != c.Hash {
		v.tb.Fatalf("the hash at %d is %d, the delta says %d", p.version, p.hash(), c.Hash)
	}
}

// stadium puts an event on sale whose deltas are large, and makes it the house's.
func (h *house) stadium() {
	h.tb.Helper()
	plan, err := catalog.NewPlan(demo.Stadium())
	if err != nil {
		h.tb.Fatal(err)
	}
	text, err := planfile.EncodeJSON(plan)
	if err != nil {
		h.tb.Fatal(err)
	}
	var made httpapi.PlanMade
	h.asOrganiser(http.MethodPost, "/v1/plans?venue=ven_1", string(text)).into(&made)
	var e httpapi.EventDetail
	h.asOrganiser(http.MethodPost, "/v1/events",
		strings.Replace(newEvent, "pln_1", made.ID, 1)).into(&e)
	h.asOrganiser(http.MethodPost, e.Links.Self+"/publish", "").want(http.StatusOK, "")
	if h.event, err = catalog.ParseEventID(e.ID); err != nil {
		h.tb.Fatal(err)
	}
}

// flip changes every place of the stadium.
func (h *house) flip(state booking.PlaceState) {
	changes := make([]board.Change, demo.StadiumPlaces)
	for i := range changes {
		changes[i] = board.Change{Place: catalog.PlaceNo(i), State: state}
	}
	h.boards.Apply(h.event, changes)
}

// lazy opens a stream and doesn't read it.
func (h *house) lazy() (*bufio.Reader, net.Conn) {
	h.tb.Helper()
	c, err := (&net.Dialer{}).DialContext(h.tb.Context(), "tcp",
		strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.tb.Fatal(err)
	}
	h.tb.Cleanup(func() { c.Close() })
	if _, err := fmt.Fprintf(c, "GET /v1/events/%s/changes HTTP/1.1\r\nHost: here\r\n\r\n",
		h.event); err != nil {
		h.tb.Fatal(err)
	}
	return bufio.NewReader(c), c
}

func (h *house) metric(name string) int {
	h.tb.Helper()
	r := h.call(http.MethodGet, "/metrics", "")
	for line := range strings.Lines(string(r.body)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.Atoi(strings.TrimSpace(rest))
			if err != nil {
				h.tb.Fatal(err)
			}
			return n
		}
	}
	h.tb.Fatalf("there is no metric %s", name)
	return 0
}

// TestASlowViewerDelaysNobody: it keeps its place for ten seconds, then it is cut off, and comes
// back to what it has missed.
func TestASlowViewerDelaysNobody(t *testing.T) {
	h := open(t)
	h.stadium()
	shown := h.look()
	quick := h.watch(fmt.Sprintf("?from=%d", shown.version))
	quick.start("ready")
	in, conn := h.lazy()
	h.wantViewers(2)
	if first, err := in.ReadString('\n'); err != nil || first != "HTTP/1.1 200 OK\r\n" {
		t.Fatalf("%q, %v", first, err)
	}
	const flips = 16 // each a hundred kilobytes or more
	for i := range flips {
		begun := time.Now()
		h.flip([]booking.PlaceState{booking.Held, booking.Free}[i%2])
		shown.follow(quick)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("the quick one waits %v for a change", took)
		}
	}
	if n := h.metric("ticketflow_board_slow_viewers_total"); n != 0 || h.boards.Viewers() != 2 {
		t.Fatalf("%d are cut off, %d watch", n, h.boards.Viewers())
	}
	h.clock.add(11 * time.Second)
	h.flip(booking.Sold)
	shown.follow(quick)
	h.flip(booking.Held)
	shown.follow(quick)
	if n := h.metric("ticketflow_board_slow_viewers_total"); n != 1 || h.boards.Viewers() != 1 {
		t.Errorf("%d are cut off, %d watch", n, h.boards.Viewers())
	}
	if n := h.metric("ticketflow_http_streams"); n != 1 {
		t.Errorf("%d streams", n)
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	last := lastID(string(rest))
	if last == "" || last == fmt.Sprint(shown.version) {
		t.Fatalf("the slow one has been sent %d bytes, as far as %q", len(rest), last)
	}
	back := h.watch("", "Last-Event-ID", last)
	back.start("ready")
	for c := (change{}); c.To < shown.version; {
		c, _ = back.delta()
	}
}

// lastID is the id of the last whole event of a stream.
func lastID(text string) (id string) {
	events := strings.Split(text, "\n\n")
	for _, event := range events[:len(events)-1] { // the last one may have been cut
		for line := range strings.Lines(event) {
			if rest, ok := strings.CutPrefix(line, "id: "); ok {
				id = strings.TrimSpace(rest)
			}
		}
	}
	return id
}

// TestASlowViewerCatchesUp: who reads again in time has missed nothing.
func TestASlowViewerCatchesUp(t *testing.T) {
	h := open(t)
	h.stadium()
	shown := h.look()
	quick := h.watch(fmt.Sprintf("?from=%d", shown.version))
	quick.start("ready")
	late := &picture{shown.version, slices.Clone(shown.states)}
	in, conn := h.lazy()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	slow := &viewer{t, answer.Body, bufio.NewReader(answer.Body)}
	slow.start("ready")
	for i := range 16 {
		h.flip([]booking.PlaceState{booking.Held, booking.Free}[i%2])
		shown.follow(quick)
	}
	for late.version < shown.version {
		late.follow(slow)
	}
	if late.hash() != shown.hash() || h.metric("ticketflow_board_slow_viewers_total") != 0 {
		t.Errorf("the slow one shows %d, the quick one %d", late.hash(), shown.hash())
	}
}

// TestTheSameOverHTTP2: a connection that is shared can't be taken over, and all is as ever.
func TestTheSameOverHTTP2(t *testing.T) {
	h := open(t)
	server := httptest.NewUnstartedServer(h.api)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	h.url, h.client = server.URL, server.Client()
	shown := h.look()
	v := h.watch(fmt.Sprintf("?from=%d", shown.version))
	v.start("ready")
	made := h.hold(2, "a")
	shown.follow(v)
	if p := made.Places[0].Place; shown.states[p] != 1 || h.boards.Viewers() != 1 {
		t.Errorf("the held place is %d, %d watch", shown.states[p], h.boards.Viewers())
	}
	before := h.metric("ticketflow_board_resyncs_total")
	h.boards.Forget(h.event)
	if m, ok := v.next(); !ok || m.event != "resync" {
		t.Errorf("at the end comes %+v", m)
	}
	if m, ok := v.next(); ok {
		t.Errorf("after the end comes %+v", m)
	}
	if n := h.metric("ticketflow_board_resyncs_total"); n != before+1 {
		t.Errorf("%d resyncs, before %d", n, before)
	}
}

// TestWhoLeavesIsNotCounted: nothing has to change for that.
func TestWhoLeavesIsNotCounted(t *testing.T) {
	h := open(t)
	v := h.watch("")
	v.start("ready")
	h.wantViewers(1)
	v.body.Close()
	h.wantViewers(0)
	if n := h.metric("ticketflow_http_streams"); n != 0 {
		t.Errorf("%d streams", n)
	}
}

// wantViewers waits until so many are counted, less long than until a write would tell. A viewer
// who has read "ready" need not be counted yet.
func (h *house) wantViewers(want int) {
	h.tb.Helper()
	for end := time.After(15 * time.Second); h.boards.Viewers() != want; {
		select {
		case <-end:
			h.tb.Fatalf("%d watch, want %d", h.boards.Viewers(), want)
		case <-time.After(time.Millisecond):
		}
	}
}

// TestACrowdThatWasHeldUp has missed more than its own channel holds, and everybody gets it all the
// same, without a new snapshot.
func TestACrowdThatWasHeldUp(t *testing.T) {
	h := open(t)
	shown := h.look()
	v := h.watch(fmt.Sprintf("?from=%d", shown.version))
	v.start("ready")
	h.wantViewers(1)
	seats, err := h.boards.Get(t.Context(), h.event)
	if err != nil {
		t.Fatal(err)
	}
	release := h.api.Stall(seats)
	end := time.After(time.Minute)
	for n := 0; h.boards.Viewers() > 0; n++ { // until the board has given it up
		h.boards.Apply(h.event, []board.Change{{Place: catalog.PlaceNo(n % hallPlaces),
			State: booking.Sold}})
		for sent := uint64(0); sent != seats.Version(); sent, _ = seats.Sent() {
			select {
			case <-end:
				release()
				t.Fatal("nothing is sent")
			case <-time.After(time.Millisecond):
			}
		}
	}
	release()
	for shown.version < seats.Version() {
		shown.follow(v)
	}
	h.wantViewers(1)
	h.hold(2, "a")
	shown.follow(v)
}

// TestAPanicIsOneCrowdsOwn: its viewers are sent away, and can come back.
func TestAPanicIsOneCrowdsOwn(t *testing.T) {
	h := open(t)
	h.stadium()
	h.api.SetCrowdClock(func() time.Time { panic("the clock stands still") })
	quick := h.watch("")
	quick.start("ready")
	in, conn := h.lazy()
	h.wantViewers(2)
	for i := 0; h.boards.Viewers() > 0; i++ { // until the slow one can't take more
		h.flip([]booking.PlaceState{booking.Held, booking.Free}[i%2])
		if _, ok := quick.next(); !ok {
			break
		}
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Errorf("the slow one: %v", err)
	}
	for _, ok := quick.next(); ok; _, ok = quick.next() {
	}
	h.wantViewers(0)
	for _, word := range []string{`"kind":"crowd"`, "stands still", "crowd.go"} {
		if !strings.Contains(h.log.String(), word) {
			t.Errorf("the log says nothing of %s", word)
		}
	}
	shown := h.look()
	back := h.watch(fmt.Sprintf("?from=%d", shown.version))
	back.start("ready")
	h.flip(booking.Sold)
	shown.follow(back)
}
