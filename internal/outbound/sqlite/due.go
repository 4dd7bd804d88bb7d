package sqlite

import (
	"context"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// due knows when each live hold, or each order that awaits its payment, runs out of time. An index
// in the file would be written four times in every checkout and read once a second; so it is kept
// in memory and read from the tables when the ledger is opened.
type due[ID comparable] struct {
	mu    sync.Mutex
	live  map[ID]int64 // when each ends, in milliseconds
	queue []dueEntry[ID]
}

// dueEntry is one place in the queue, a binary heap. It is void if live says otherwise.
type dueEntry[ID comparable] struct {
	at int64
	id ID
}

func (d *due[ID]) set(id ID, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ms := millis(at)
	if was, ok := d.live[id]; ok && was == ms {
		return
	}
	if d.live == nil {
		d.live = make(map[ID]int64)
	}
	d.live[id] = ms
	d.push(dueEntry[ID]{ms, id})
}

func (d *due[ID]) drop(id ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.live, id)
}

func (d *due[ID]) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live, d.queue = nil, nil
}

// before lists what ended before a time, the oldest first. It stays listed until it is dropped.
func (d *due[ID]) before(t time.Time, limit int) (ids []ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []dueEntry[ID]
	for len(d.queue) > 0 && d.queue[0].at < millis(t) && len(found) < limit {
		e := d.pop()
		if at, ok := d.live[e.id]; ok && at == e.at {
			found = append(found, e)
			ids = append(ids, e.id)
		}
	}
	for _, e := range found {
		d.push(e)
	}
	return ids
}

func (d *due[ID]) push(e dueEntry[ID]) {
	d.queue = append(d.queue, e)
	for i := len(d.queue) - 1; i > 0; {
		parent := (i - 1) / 2
		if d.queue[parent].at <= d.queue[i].at {
			return
		}
		d.queue[parent], d.queue[i] = d.queue[i], d.queue[parent]
		i = parent
	}
}

func (d *due[ID]) pop() dueEntry[ID] {
	top := d.queue[0]
	last := len(d.queue) - 1
	d.queue[0] = d.queue[last]
	d.queue = d.queue[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && d.queue[child+1].at < d.queue[child].at {
			child++
		}
		if d.queue[i].at <= d.queue[child].at {
			return top
		}
		d.queue[i], d.queue[child] = d.queue[child], d.queue[i]
		i = child
	}
}

// deadlines are all that is due one day.
type deadlines struct {
	holds  due[booking.HoldID]
	orders due[booking.OrderID]
}

// remember takes over what a committed batch has changed.
func (d *deadlines) remember(b *booking.Book) {
	for c := range b.ChangedHolds() {
		if c.Value.State == booking.HoldLive {
			d.holds.set(c.Key, c.Value.ExpiresAt)
			continue
		}
		d.holds.drop(c.Key)
	}
	for c := range b.ChangedOrders() {
		if c.Value.State == booking.AwaitingPayment {
			d.orders.set(c.Key, c.Value.ExpiresAt)
			continue
		}
		d.orders.drop(c.Key)
	}
}

// readDeadlines looks through the tables for what is still open.
func (w *writer) readDeadlines() error {
	w.deadlines.holds.clear()
	w.deadlines.orders.clear()
	err := scanOpen(w.openHolds, func(stmt *sqlite.Stmt, event catalog.EventID) {
		id := booking.HoldID{Event: event, Key: columnKey(stmt, 1)}
		w.deadlines.holds.set(id, columnTime(stmt, 2))
	})
	if err != nil {
		return err
	}
	return scanOpen(w.openOrders, func(stmt *sqlite.Stmt, event catalog.EventID) {
		id := booking.OrderID{Event: event, Key: columnKey(stmt, 1)}
		w.deadlines.orders.set(id, columnTime(stmt, 2))
	})
}

func scanOpen(stmt *sqlite.Stmt, row func(*sqlite.Stmt, catalog.EventID)) error {
	return each(bind(stmt), func() error {
		row(stmt, catalog.EventID(stmt.ColumnInt64(0)))
		return nil
	})
}

// DueHolds implements policy.Due: live holds past their time, the oldest first.
func (s *Store) DueHolds(_ context.Context, now time.Time, limit int) ([]booking.HoldID, error) {
	if s.w == nil {
		return nil, errClosed
	}
	return s.w.deadlines.holds.before(now, limit), nil
}

// DueOrders implements policy.Due: orders that still await a payment past their time and its grace.
func (s *Store) DueOrders(
	_ context.Context, now time.Time, limit int,
) ([]booking.OrderID, error) {
	if s.w == nil {
		return nil, errClosed
	}
	return s.w.deadlines.orders.before(now.Add(-booking.PayGrace), limit), nil
}
