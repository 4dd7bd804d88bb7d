package gallery

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hall     = 10
	waitTime = 20 * time.Second
)

// TestTheHashOfTheDocumentation is the example of docs/live-map.md.
func TestTheHashOfTheDocumentation(t *testing.T) {
	if got := mark(1, 1) ^ mark(2, 1) ^ mark(4, 2) ^ mark(9, 3) ^ mark(3, 0); got != 2752698177 {
		t.Errorf("%d", got)
	}
}

// forger serves a live map, truthfully or not.
type forger struct {
	mu      sync.Mutex
	version uint64
	states  [hall]uint32
	streams map[chan string]bool
	lie     string
}

func newForger() *forger { return &forger{version: 100, streams: map[chan string]bool{}} }

func (f *forger) hash() (hash uint32) {
	for p, s := range f.states {
		hash ^= mark(uint32(p), s)
	}
	return hash
}

func (f *forger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/availability"):
		f.snapshot(w)
	case strings.HasSuffix(r.URL.Path, "/changes"):
		f.stream(w, r)
	default:
		f.block(w, r)
	}
}

func (f *forger) snapshot(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	raw := make([]byte, headBytes+(hall+3)/4)
	copy(raw, magic)
	binary.BigEndian.PutUint32(raw[4:], hall)
	binary.BigEndian.PutUint64(raw[8:], f.version)
	for p, s := range f.states {
		raw[headBytes+p/4] |= byte(s << (p % 4 * 2))
	}
	w.Header().Set("Etag", fmt.Sprintf("%q", fmt.Sprint(f.version)))
	w.Header().Set("State-Hash", fmt.Sprint(f.hash()))
	_, _ = w.Write(raw)
}

// stream sends chunks, as net/http does by itself.
func (f *forger) stream(w http.ResponseWriter, r *http.Request) {
	news := make(chan string, 100)
	f.mu.Lock()
	_, _ = fmt.Fprintf(w, "retry: 10\n\nevent: ready\nid: %d\ndata: {}\n\n", f.version)
	if r.URL.Query().Get("from") != fmt.Sprint(f.version) {
		news <- "event: resync\nid\ndata: {}\n\n"
	}
	f.streams[news] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.streams, news)
	}()
	for {
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case text := <-news:
			_, _ = io.WriteString(w, text)
			if strings.Contains(text, "resync") || text == "" {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// block changes the place that is asked for, and tells all who watch.
func (f *forger) block(w http.ResponseWriter, r *http.Request) {
	var place uint32
	if _, err := fmt.Fscanf(r.Body, `{"places":[%d]}`, &place); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.states[place] = 3
	if strings.HasSuffix(r.URL.Path, "/unblock") {
		f.states[place] = 0
	}
	from, hash := f.version, f.hash()
	f.version++
	told := binary.AppendUvarint(nil, uint64(place)<<2|uint64(f.states[place]))
	switch f.lie {
	case "hash":
		hash++
	case "gap":
		from++
		f.version++
	case "place":
		told = binary.AppendUvarint(nil, uint64(place+1)%hall<<2|uint64(f.states[place]))
	case "lost":
		_, _ = io.WriteString(w, "{}")
		return
	}
	text := fmt.Sprintf("event: delta\nid: %d\ndata: {\"from\":%d,\"to\":%d,\"places\":%q,"+
		"\"hash\":%d}\n\n", f.version, from, f.version,
		base64.StdEncoding.EncodeToString(told), hash)
	for news := range f.streams {
		news <- text
	}
	_, _ = io.WriteString(w, "{}")
}

func (f *forger) cut(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for news := range f.streams {
		news <- text
	}
}

func visit(t *testing.T, f *forger) *Gallery {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	g, err := Open(t.Context(), Config{Target: server.URL, Event: "evt_1", Key: "k", Places: hall,
		Viewers: 20, Slow: 2, Batch: 1, Every: 5 * time.Millisecond, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// TestAnHonestServer is seen by all as it is, also after it has cut them off.
func TestAnHonestServer(t *testing.T) {
	f := newForger()
	g := visit(t, f)
	if err := g.Change(t.Context(), 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "event: resync\nid\ndata: {}\n\n"} {
		f.cut(end)
		if c := g.Settle(t.Context(), time.Now(), waitTime); !c.OK {
			t.Fatalf("%+v", c)
		}
	}
	r, err := g.Result()
	if err != nil {
		t.Fatal(err)
	}
	r.Settled = Consistency{OK: true}
	changes := int64(r.Changes)
	if !r.OK() || changes < 2 || r.Deltas != 20*changes || r.Seen.Count != 18*changes ||
		r.Seen.Max <= 0 {
		t.Errorf("%+v", r)
	}
	var table strings.Builder
	if err := r.WriteTable(&table); err != nil || !strings.Contains(table.String(), "20, 2 of") {
		t.Errorf("%v in\n%s", err, table.String())
	}
}

// TestLiesAreFound: each lie of a server shows in the verdict.
func TestLiesAreFound(t *testing.T) {
	for lie, found := range map[string]func(*Result) bool{
		"hash":  func(r *Result) bool { return r.WrongHashes > 0 && r.Gaps == 0 },
		"place": func(r *Result) bool { return r.WrongHashes > 0 },
		"gap":   func(r *Result) bool { return r.Gaps > 0 },
		"lost":  func(r *Result) bool { return r.Settled.Left == 20 },
	} {
		t.Run(lie, func(t *testing.T) {
			f := newForger()
			g := visit(t, f)
			f.mu.Lock()
			f.lie = lie
			f.mu.Unlock()
			if err := g.ChangeOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
			limit := waitTime
			if lie == "lost" || lie == "place" { // it will never be as the server says
				limit = waitTime / 50
			}
			settled := g.Settle(t.Context(), time.Now(), limit)
			r, err := g.Result()
			if err != nil {
				t.Fatal(err)
			}
			if r.Settled = settled; r.OK() || !found(r) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestWhatIsNotUnderstood(t *testing.T) {
	for _, text := range []string{"", "{}", `{"from":1}`, `{"from":1,"to":2,"places":"`,
		`{"from":x,"to":2,"places":"","hash":1}`, `{"from":1,"to":2,"places":"","hash":}`} {
		if d, err := parseDelta([]byte(text)); !errors.Is(err, errGarbled) {
			t.Errorf("%q is read as %+v, %v", text, d, err)
		}
	}
	for _, raw := range []string{"", "TFS1", "TFS2\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
		"TFS1\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01"} {
		if s, err := parseSnapshot([]byte(raw)); !errors.Is(err, errGarbled) {
			t.Errorf("%q is read as %+v, %v", raw, s, err)
		}
	}
	s := &state{places: 4, bits: make([]byte, 1)}
	ignore := func(uint32, uint32) {}
	for _, places := range []string{"?", "gA==", "EA=="} { // no base64, half a number, place 4
		d := delta{places: []byte(places)}
		if err := s.apply(d, make([]byte, 8), ignore); !errors.Is(err, errGarbled) {
			t.Errorf("%q is applied: %v", places, err)
		}
	}
}

func TestWhatCantBe(t *testing.T) {
	good := Config{Target: "http://127.0.0.1:1", Event: "evt_1", Places: 10, Viewers: 2, Batch: 1,
		Every: time.Second}
	for _, spoil := range []func(*Config){
		func(c *Config) { c.Viewers = 0 }, func(c *Config) { c.Viewers = maxViewers + 1 },
		func(c *Config) { c.Slow = 2 }, func(c *Config) { c.Batch = 11 },
		func(c *Config) { c.Every = 0 }, func(c *Config) { c.Target = "http://192.0.2.1" },
	} {
		c := good
		spoil(&c)
		if g, err := Open(t.Context(), c); err == nil {
			g.Close()
			t.Errorf("%+v is accepted", c)
		}
	}
	turn := newChanges(good)
	var all []uint32
	for range good.Places {
		places, block := turn.next()
		if all = append(all, places...); !block {
			t.Error("what is free is set free")
		}
	}
	slices.Sort(all)
	if _, block := turn.next(); block || len(slices.Compact(all)) != good.Places {
		t.Errorf("%v changed, and then %v", all, block)
	}
}
