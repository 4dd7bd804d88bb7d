package query

import (
	"context"
	"sync"
)

// loads keeps what was loaded, and lets one load serve all who ask while it runs. The zero value
// with a load function is ready.
type loads[K comparable, V any] struct {
	load func(context.Context, K) (V, error)

	mu   sync.Mutex
	rows map[K]*loading[V]
}

// loading is a value, once ready is closed.
type loading[V any] struct {
	ready chan struct{}
	value V
	err   error
}

// get returns the value, and loads it when it isn't there. Failures are not kept.
func (l *loads[K, V]) get(ctx context.Context, key K) (V, error) {
	row := l.row(ctx, key)
	select {
	case <-row.ready: // before ctx: what is there needs no waiting
		return row.value, row.err
	default:
	}
	select {
	case <-row.ready:
		return row.value, row.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

func (l *loads[K, V]) row(ctx context.Context, key K) *loading[V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	row, ok := l.rows[key]
	if ok {
		return row
	}
	row = &loading[V]{ready: make(chan struct{})}
	if l.rows == nil {
		l.rows = make(map[K]*loading[V])
	}
	l.rows[key] = row
	// The load serves all who wait, so it doesn't end with the first one's request.
	go l.fill(context.WithoutCancel(ctx), key, row)
	return row
}

func (l *loads[K, V]) fill(ctx context.Context, key K, row *loading[V]) {
	row.value, row.err = l.load(ctx, key)
	if row.err != nil {
		l.mu.Lock()
		if l.rows[key] == row { // it may have been forgotten, and another load begun
			delete(l.rows, key)
		}
		l.mu.Unlock()
	}
	close(row.ready)
}

// forget drops a value. Who asks from now on waits for a load that begins after this.
func (l *loads[K, V]) forget(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.rows, key)
}

// forgetAll drops all values.
func (l *loads[K, V]) forgetAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.rows)
}
