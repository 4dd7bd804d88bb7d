package postgres

import (
	"context"
	"sync"
	"time"
)

// Limits of gathered reads.
const (
	maxGatherKeys  = 512 // of one query
	gatherQueries  = 2   // at once, of each kind
	gatherLimit    = statementTimeout + time.Second
	gatherKeysHint = 16
)

// gathered lets many who look for single rows share queries: who comes while a query is under way
// goes with the next one. Nobody waits for company. A query begins after each of its keys was asked
// for, so that everybody sees what was committed before they asked.
type gathered[K, V any] struct {
	run func(ctx context.Context, keys []K, found func(i int, v V)) error

	mu      sync.Mutex
	waiting []*gathering[K, V] // the last one takes more keys
	running int
}

// gathering is one query, for as many keys as came together.
type gathering[K, V any] struct {
	keys   []K
	values []V
	found  []bool
	err    error
	done   chan struct{}
}

// get looks for one key.
func (g *gathered[K, V]) get(ctx context.Context, key K) (v V, found bool, err error) {
	q, i := g.join(ctx, key)
	select {
	case <-q.done:
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
	if q.err != nil {
		return v, false, q.err
	}
	return q.values[i], q.found[i], nil
}

func (g *gathered[K, V]) join(ctx context.Context, key K) (q *gathering[K, V], i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.waiting); n > 0 && len(g.waiting[n-1].keys) < maxGatherKeys {
		q = g.waiting[n-1]
	} else {
		q = &gathering[K, V]{keys: make([]K, 0, gatherKeysHint), done: make(chan struct{})}
		g.waiting = append(g.waiting, q)
	}
	q.keys = append(q.keys, key)
	if g.running < gatherQueries {
		g.running++
		// It serves all who have come, so it doesn't end with the first one's request.
		go g.serve(context.WithoutCancel(ctx))
	}
	return q, len(q.keys) - 1
}

// serve runs queries until nobody waits.
func (g *gathered[K, V]) serve(ctx context.Context) {
	for q := g.take(); q != nil; q = g.take() {
		g.query(ctx, q)
	}
}

func (g *gathered[K, V]) query(ctx context.Context, q *gathering[K, V]) {
	ctx, cancel := context.WithTimeout(ctx, gatherLimit)
	defer cancel()
	defer close(q.done)
	q.values, q.found = make([]V, len(q.keys)), make([]bool, len(q.keys))
	q.err = g.run(ctx, q.keys, func(i int, v V) { q.values[i], q.found[i] = v, true })
}

// take is the query that has waited longest; nil ends the caller's work.
func (g *gathered[K, V]) take() *gathering[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.running--
		return nil
	}
	q := g.waiting[0]
	g.waiting = append(g.waiting[:0], g.waiting[1:]...)
	return q
}
