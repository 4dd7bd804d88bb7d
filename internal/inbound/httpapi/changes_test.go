package httpapi_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const watchTime = 2 * time.Minute // no stream of a test lasts longer: who waits in vain fails

// happening is one server-sent event.
type happening struct {
	id, event, data, retry string
}

// viewer reads a stream of changes.
type viewer struct {
	tb   testing.TB
	body io.ReadCloser
	read *bufio.Reader
}

func (h *house) watch(query string, header ...string) *viewer {
	h.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), watchTime)
	h.tb.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		h.url+"/v1/events/"+h.event.String()+"/changes"+query, nil)
	if err != nil {
		h.tb.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := h.client.Do(req)
	if err != nil {
		h.tb.Fatal(err)
	}
	h.tb.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" ||
		res.Header.Get("X-Accel-Buffering") != "no" {
		h.tb.Fatalf("the stream starts with %d %v", res.StatusCode, res.Header)
	}
	return &viewer{h.tb, res.Body, bufio.NewReader(res.Body)}
}

// next waits for the next message.
func (v *viewer) next() (m happening, ok bool) {
	v.tb.Helper()
	for {
		line, err := v.read.ReadString('\n')
		if err != nil {
			return m, false
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			if m == (happening{}) {
				continue
			}
			return m, true
		}
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			m.data = value
		case "retry":
			m.retry = value
		}
	}
}

// start reads what every stream begins with.
func (v *viewer) start(want string) happening {
	v.tb.Helper()
	if m, ok := v.next(); !ok || m.retry == "" {
		v.tb.Fatalf("the stream starts with %+v, want retry", m)
	}
	m, ok := v.next()
	if !ok || m.event != want {
		v.tb.Fatalf("then comes %+v, want %s", m, want)
	}
	return m
}

// change is a delta, decoded.
type change struct {
	From, To uint64
	Places   string
	Hash     uint32
}

// delta waits for the next delta, past heartbeats, and reads its places and their states.
func (v *viewer) delta() (c change, states map[uint64]uint64) {
	v.tb.Helper()
	m, ok := v.next()
	for ok && m.event == "still" {
		m, ok = v.next()
	}
	if !ok || m.event != "delta" {
		v.tb.Fatalf("got %+v, want a delta", m)
	}
	if err := json.Unmarshal([]byte(m.data), &c); err != nil {
		v.tb.Fatal(err)
	}
	if m.id != fmt.Sprint(c.To) || c.To <= c.From {
		v.tb.Errorf("the delta %+v has the id %s", c, m.id)
	}
	raw, err := base64.StdEncoding.DecodeString(c.Places)
	if err != nil {
		v.tb.Fatal(err)
	}
	states = map[uint64]uint64{}
	for place := uint64(0); len(raw) > 0; {
		n, size := binary.Uvarint(raw)
		if size <= 0 {
			v.tb.Fatalf("the places %q can't be read", c.Places)
		}
		raw = raw[size:]
		place += n >> 2
		states[place] = n & 3
	}
	return c, states
}

// TestChanges watches, leaves, and comes back to what was missed.
func TestChanges(t *testing.T) {
	h := open(t)
	first := h.watch("")
	first.start("ready")
	second := h.watch("")
	second.start("ready")
	made := h.hold(2, "a")
	c, states := first.delta()
	for _, p := range made.Places {
		if states[uint64(p.Place)] != 1 || len(states) != 2 {
			t.Errorf("held are %+v, the delta says %v", made.Places, states)
		}
	}
	if other, _ := second.delta(); other != c {
		t.Errorf("one viewer got %+v, another %+v", c, other)
	}
	second.body.Close()
	h.call(http.MethodDelete, "/v1/holds/"+made.ID, "", "Hold-Token", made.Token).
		want(http.StatusNoContent, "")
	freed, states := first.delta()
	if freed.From != c.To || states[uint64(made.Places[0].Place)] != 0 {
		t.Errorf("after %+v came %+v with %v", c, freed, states)
	}
	for _, back := range []*viewer{
		h.watch("", "Last-Event-ID", fmt.Sprint(c.To)), h.watch(fmt.Sprintf("?from=%d", c.To)),
		h.watch("?from=1", "Last-Event-ID", fmt.Sprint(c.To)),
	} {
		back.start("ready")
		if missed, _ := back.delta(); missed != freed {
			t.Errorf("who comes back gets %+v, missed was %+v", missed, freed)
		}
	}
}

// TestChangesThatCantBeHad start anew, and the stream ends.
func TestChangesThatCantBeHad(t *testing.T) {
	h := open(t)
	for _, from := range []string{"18446744073709551615", "1"} {
		v := h.watch("?from=" + from)
		if m := v.start("resync"); m.id != "" {
			t.Errorf("resync keeps the id %q", m.id)
		}
		if m, ok := v.next(); ok {
			t.Errorf("after resync comes %+v", m)
		}
	}
	for _, from := range []string{"x", "-1", "18446744073709551616"} {
		h.call(http.MethodGet, "/v1/events/"+h.event.String()+"/changes?from="+from, "").
			want(http.StatusUnprocessableEntity, "bad_version")
	}
}

// TestChangesEnd when the board does: viewers are sent away to start anew.
func TestChangesEnd(t *testing.T) {
	h := open(t)
	v := h.watch("")
	v.start("ready")
	h.boards.Forget(h.event)
	if m, ok := v.next(); !ok || m.event != "resync" {
		t.Errorf("at the end comes %+v", m)
	}
	if m, ok := v.next(); ok {
		t.Errorf("after the end comes %+v", m)
	}
}
