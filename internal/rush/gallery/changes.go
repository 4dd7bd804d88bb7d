package gallery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	maxBatches   = 1 << 16
	maxAnswer    = 1 << 20
	stateBits    = 2
	stateMask    = 1<<stateBits - 1
	freeState    = 0
	blockedState = 3
)

// changes is what the organiser does to the places, and when, for viewers to compare with. Places
// change in an order of their own, so that one comes again only after all others.
type changes struct {
	start time.Time
	order []uint32
	batch int
	made  int             // batches so far
	of    []atomic.Uint32 // of each place: its last batch, counted from 1, and the new state
	times []atomic.Int64  // when the server was asked for each batch
}

func newChanges(c Config) *changes {
	t := &changes{start: time.Now(), batch: c.Batch, order: make([]uint32, c.Places),
		of: make([]atomic.Uint32, c.Places), times: make([]atomic.Int64, maxBatches)}
	for i := range t.order {
		t.order[i] = uint32(i)
	}
	draw := rand.New(rand.NewPCG(c.Seed, uint64(c.Places)))
	draw.Shuffle(len(t.order), func(i, j int) {
		t.order[i], t.order[j] = t.order[j], t.order[i]
	})
	return t
}

func (t *changes) now() time.Duration { return time.Since(t.start) }

// asked is when a batch was asked for.
func (t *changes) asked(batch uint32) time.Duration {
	return time.Duration(t.times[batch].Load())
}

// next draws the places of the next batch: those that are free are blocked, and the other way
// round.
func (t *changes) next() (places []uint32, block bool) {
	turn := len(t.order) / t.batch // batches until the first place comes again
	block = t.made/turn%2 == 0
	from := t.made % turn * t.batch
	places = t.order[from : from+t.batch]
	t.made++
	state := uint32(freeState)
	if block {
		state = blockedState
	}
	t.times[t.made].Store(int64(t.now()))
	for _, p := range places {
		t.of[p].Store(uint32(t.made)<<stateBits | state)
	}
	return places, block
}

// batches is the first and the last batch of which a delta brought something.
type batches struct{ first, last uint32 }

var noBatches = batches{first: maxBatches, last: 0}

func (t *changes) note(b *batches, place, state uint32) {
	if int(place) >= len(t.of) {
		return
	}
	was := t.of[place].Load()
	if was == 0 || was&stateMask != state {
		return
	}
	b.first, b.last = min(b.first, was>>stateBits), max(b.last, was>>stateBits)
}

// Change has the organiser change places for a while, and the slow viewers nap meanwhile.
func (g *Gallery) Change(ctx context.Context, duration time.Duration) error {
	g.napping.Store(true)
	defer g.napping.Store(false)
	ticks := time.NewTicker(g.cfg.Every)
	defer ticks.Stop()
	over := time.After(duration)
	for {
		if err := g.ChangeOnce(ctx); err != nil {
			return err
		}
		select {
		case <-ticks.C:
		case <-over:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ChangeOnce changes one batch of places.
func (g *Gallery) ChangeOnce(ctx context.Context) error {
	if g.table.made+1 == maxBatches {
		return fmt.Errorf("more than %d changes in a run", maxBatches)
	}
	places, block := g.table.next()
	path := "/unblock"
	if block {
		path = "/block"
	}
	body, err := json.Marshal(map[string]any{"places": places})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"http://"+g.host+"/v1/events/"+g.cfg.Event+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+g.cfg.Key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "gallery-"+g.cfg.Event+"-"+strconv.Itoa(g.table.made))
	answer, err := g.staff.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("POST %s: %s: %s", path, answer.Status, text)
	}
	return err
}
