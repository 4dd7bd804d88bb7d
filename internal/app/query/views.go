package query

import (
	"cmp"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// How long views are kept.
const (
	viewTime       = time.Second      // in this process
	sharedViewTime = 10 * time.Second // by all instances, unless it is forgotten before
	distrustTime   = 2 * time.Second  // how long what others keep isn't asked after a change
	maxViews       = 1_024            // of a kind; more aren't kept
	maxViewKey     = 2_048            // bytes of a filter that is kept
)

// listGroup is the group of all pages of the list of events.
const listGroup = "events"

// Cache keeps what was read for all instances. It may lose anything at any time.
type Cache interface {
	// Get is what is kept under a key of a group. Where nothing is, one of those who ask, of all
	// instances, loads it for all; if that takes long, or the cache isn't there, each one loads.
	Get(ctx context.Context, group, key string, keep time.Duration,
		load func(context.Context) ([]byte, error)) ([]byte, error)
	// Forget drops a group, also what is being loaded now. It doesn't wait until it is done.
	Forget(group string)
}

// Views stand in front of the shelf and the sales: what many look at during a rush is read from
// the ledger at most once a second by each instance, however many ask, and less often where
// instances share a cache. An event's own page needs no view: its offer and its board are in
// memory. It is safe for concurrent use.
type Views struct {
	Shelf
	list  KindList
	sales Sales
	cache Cache // or nil
	clock func() time.Time
	stats ViewStats

	lists    kept[string, []EventRow]
	tiers    kept[catalog.EventID, []TierSale]
	returned kept[catalog.EventID, int64]
	kinds    kept[int64, []string] // by the hour that they are asked from
	trust    atomic.Int64          // time, in Unix ns, from which on the cache is asked again
}

// ViewStats counts what was asked. All fields may be read at any time.
type ViewStats struct {
	Asked  atomic.Int64
	Loaded atomic.Int64 // from the ledger
}

// NewViews makes views without content. cache is shared with other instances, or nil.
func NewViews(
	shelf Shelf, list KindList, sales Sales, cache Cache, clock func() time.Time,
) *Views {
	v := &Views{Shelf: shelf, list: list, sales: sales, cache: cache, clock: clock}
	v.lists.rows = make(map[string]*view[[]EventRow])
	v.tiers.rows = make(map[catalog.EventID]*view[[]TierSale])
	v.returned.rows = make(map[catalog.EventID]*view[int64])
	v.kinds.rows = make(map[int64]*view[[]string])
	return v
}

// Stats are the counters.
func (v *Views) Stats() *ViewStats { return &v.stats }

// Events implements Shelf. What organisers see, drafts included, is always read.
func (v *Views) Events(ctx context.Context, f EventFilter) ([]EventRow, error) {
	key, err := json.Marshal(f)
	if err != nil || f.Drafts || len(key) > maxViewKey {
		return v.Shelf.Events(ctx, f)
	}
	v.stats.Asked.Add(1)
	return v.lists.get(ctx, string(key), v.clock, func(ctx context.Context) ([]EventRow, error) {
		if v.cache == nil || v.clock().UnixNano() < v.trust.Load() {
			v.stats.Loaded.Add(1)
			return v.Shelf.Events(ctx, f)
		}
		return v.sharedEvents(ctx, string(key), f)
	})
}

func (v *Views) sharedEvents(
	ctx context.Context, key string, f EventFilter,
) (rows []EventRow, err error) {
	var own []EventRow
	load := func(ctx context.Context) ([]byte, error) {
		v.stats.Loaded.Add(1)
		if own, err = v.Shelf.Events(ctx, f); err != nil {
			return nil, err
		}
		return json.Marshal(own)
	}
	text, err := v.cache.Get(ctx, listGroup, key, sharedViewTime, load)
	if err != nil || own != nil {
		return own, err
	}
	if err := json.Unmarshal(text, &rows); err != nil { // of another release: the ledger knows
		return v.Shelf.Events(ctx, f)
	}
	return rows, nil
}

// Kinds implements KindList. They may be a second old.
func (v *Views) Kinds(ctx context.Context, from time.Time) ([]string, error) {
	from = from.Truncate(time.Hour)
	v.stats.Asked.Add(1)
	return v.kinds.get(ctx, from.Unix(), v.clock, func(ctx context.Context) ([]string, error) {
		v.stats.Loaded.Add(1)
		return v.list.Kinds(ctx, from)
	})
}

// TierSales implements Sales. It may be a second old.
func (v *Views) TierSales(ctx context.Context, id catalog.EventID) ([]TierSale, error) {
	v.stats.Asked.Add(1)
	return v.tiers.get(ctx, id, v.clock, func(ctx context.Context) ([]TierSale, error) {
		v.stats.Loaded.Add(1)
		return v.sales.TierSales(ctx, id)
	})
}

// Returned implements Sales. It may be a second old.
func (v *Views) Returned(ctx context.Context, id catalog.EventID) (int64, error) {
	v.stats.Asked.Add(1)
	return v.returned.get(ctx, id, v.clock, func(ctx context.Context) (int64, error) {
		v.stats.Loaded.Add(1)
		return v.sales.Returned(ctx, id)
	})
}

// Changed takes note of a batch that this instance has committed: it is quick.
func (v *Views) Changed(book *booking.Book) {
	for range book.ChangedEvents() {
		v.ForgetLists()
		if v.cache != nil {
			v.cache.Forget(listGroup)
		}
		return
	}
}

// ForgetLists drops the lists in this process, after an event was changed, here or elsewhere. For a
// moment the cache of all isn't asked either: it may not have heard of the change yet.
func (v *Views) ForgetLists() {
	v.trust.Store(v.clock().Add(distrustTime).UnixNano())
	v.lists.forget()
}

// kept are the values of one kind that were read a moment ago.
type kept[K comparable, V any] struct {
	keep time.Duration // viewTime if it is 0
	mu   sync.Mutex
	rows map[K]*view[V]
}

// view is a value, once ready is closed.
type view[V any] struct {
	ready chan struct{}
	until time.Time // zero while it is loaded
	value V
	err   error
}

// get returns the value that is kept, or lets the first who asks load it for all who wait.
func (k *kept[K, V]) get(
	ctx context.Context, key K, clock func() time.Time, load func(context.Context) (V, error),
) (V, error) {
	k.mu.Lock()
	row, ok := k.rows[key]
	if !ok || !row.until.IsZero() && !clock().Before(row.until) {
		row = &view[V]{ready: make(chan struct{})}
		if k.roomFor(key, clock()) {
			k.rows[key] = row
		}
		// The load serves all who wait, so it doesn't end with the first one's request.
		go k.fill(context.WithoutCancel(ctx), key, row, clock, load)
	}
	k.mu.Unlock()
	select {
	case <-row.ready:
		return row.value, row.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// roomFor tells whether a row may be kept, and drops what is over if that makes room.
func (k *kept[K, V]) roomFor(key K, now time.Time) bool {
	if _, ok := k.rows[key]; ok || len(k.rows) < maxViews {
		return true
	}
	for other, row := range k.rows {
		if !row.until.IsZero() && !now.Before(row.until) {
			delete(k.rows, other)
		}
	}
	return len(k.rows) < maxViews
}

func (k *kept[K, V]) fill(
	ctx context.Context, key K, row *view[V], clock func() time.Time,
	load func(context.Context) (V, error),
) {
	value, err := load(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	row.value, row.err, row.until = value, err, clock().Add(cmp.Or(k.keep, viewTime))
	if err != nil && k.rows[key] == row {
		delete(k.rows, key)
	}
	close(row.ready)
}

// forget drops all rows. Who asks from now on waits for a load that begins after this.
func (k *kept[K, V]) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.rows)
}
