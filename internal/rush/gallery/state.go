package gallery

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Limits of what a server may send.
const (
	maxSnapshotBytes = 1 << 20
	headBytes        = 16
	magic            = "TFS1"
)

var errGarbled = errors.New("the server sent what docs/live-map.md doesn't know")

// state is what a viewer knows: two bits a place, and the hash that belongs to them.
type state struct {
	version uint64
	hash    uint32
	places  int
	bits    []byte
}

// mark is what a place adds to the hash.
func mark(place, two uint32) uint32 {
	if two == 0 {
		return 0
	}
	x := place<<2 | two
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}

// parseSnapshot reads a snapshot, and computes its hash anew.
func parseSnapshot(raw []byte) (*state, error) {
	if len(raw) < headBytes || string(raw[:4]) != magic {
		return nil, fmt.Errorf("%w: a snapshot begins with %q", errGarbled, raw[:min(4, len(raw))])
	}
	s := &state{places: int(binary.BigEndian.Uint32(raw[4:])),
		version: binary.BigEndian.Uint64(raw[8:]), bits: raw[headBytes:]}
	if len(s.bits) != (s.places+3)/4 {
		return nil, fmt.Errorf("%w: %d bytes for %d places", errGarbled, len(s.bits), s.places)
	}
	for p := range uint32(s.places) {
		s.hash ^= mark(p, uint32(s.bits[p/4]>>(p%4*2)&3))
	}
	return s, nil
}

func (s *state) clone() state {
	c := *s
	c.bits = bytes.Clone(s.bits)
	return c
}

// delta is a change as the stream tells it.
type delta struct {
	from, to uint64
	hash     uint32
	places   []byte // base64
}

// parseDelta reads {"from":1,"to":2,"places":"…","hash":3}, in this order, without a JSON parser:
// there are forty thousand a second.
func parseDelta(data []byte) (d delta, err error) {
	rest := data
	number := func(name string) uint64 {
		at := bytes.Index(rest, []byte(name))
		if at < 0 {
			err = fmt.Errorf("%w: %s", errGarbled, data)
			return 0
		}
		rest = rest[at+len(name):]
		end := max(bytes.IndexAny(rest, ",}"), 0)
		n, bad := strconv.ParseUint(string(rest[:end]), 10, 64)
		if bad != nil {
			err = fmt.Errorf("%w: %s", errGarbled, data)
		}
		rest = rest[end:]
		return n
	}
	d.from, d.to = number(`"from":`), number(`"to":`)
	text, found := bytes.CutPrefix(rest, []byte(`,"places":"`))
	end := bytes.IndexByte(text, '"')
	if err != nil || !found || end < 0 {
		return d, fmt.Errorf("%w: %s", errGarbled, data)
	}
	d.places, rest = text[:end], text[end:]
	d.hash = uint32(number(`"hash":`))
	return d, err
}

// apply brings a delta in, and tells each place and its new state.
func (s *state) apply(d delta, scratch []byte, each func(place, two uint32)) error {
	n, err := base64.StdEncoding.Decode(scratch, d.places)
	if err != nil {
		return fmt.Errorf("%w: %w", errGarbled, err)
	}
	place := uint32(0)
	for raw := scratch[:n]; len(raw) > 0; {
		v, size := binary.Uvarint(raw)
		place += uint32(v >> 2)
		if size <= 0 || int(place) >= s.places {
			return fmt.Errorf("%w: place %d", errGarbled, place)
		}
		raw = raw[size:]
		cell, shift := &s.bits[place/4], place%4*2
		was, is := uint32(*cell>>shift&3), uint32(v&3)
		*cell = *cell&^(3<<shift) | byte(is<<shift)
		s.hash ^= mark(place, was) ^ mark(place, is)
		each(place, is)
	}
	s.version = d.to
	return nil
}

// snapshots keeps the last snapshot decoded: in a rush thousands of viewers get the same one, and a
// gallery that unpacks each of them would be busy with nothing else.
type snapshots struct {
	mu   sync.Mutex
	tag  string
	last *state
}

// take asks for the snapshot, as a browser does.
func (g *Gallery) take(ctx context.Context, client *http.Client) (state, error) {
	address := "http://" + g.host + "/v1/events/" + g.cfg.Event + "/availability"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return state{}, err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := client.Do(r)
	if err != nil {
		return state{}, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxSnapshotBytes))
	if err != nil {
		return state{}, err
	}
	if answer.StatusCode != http.StatusOK {
		return state{}, fmt.Errorf("GET %s: %s", address, answer.Status)
	}
	g.kept.mu.Lock()
	defer g.kept.mu.Unlock()
	if tag := answer.Header.Get("Etag"); g.kept.last == nil || tag != g.kept.tag {
		s, err := unpack(answer.Header, raw)
		if err != nil {
			return state{}, err
		}
		if told := answer.Header.Get("State-Hash"); told != strconv.FormatUint(uint64(s.hash), 10) {
			g.events.mismatches.Add(1)
		}
		g.kept.tag, g.kept.last = tag, s
	}
	return g.kept.last.clone(), nil
}

func unpack(h http.Header, raw []byte) (*state, error) {
	if h.Get("Content-Encoding") == "gzip" {
		unzip, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		if raw, err = io.ReadAll(io.LimitReader(unzip, maxSnapshotBytes)); err != nil {
			return nil, err
		}
	}
	return parseSnapshot(raw)
}
