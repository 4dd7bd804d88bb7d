package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

var _ query.Shelf = (*Store)(nil)

// browse runs a query on the replica; where there is none, or it can't be asked or lacks what is
// looked for, on the primary. Only for what never changes, and for what may be a moment old. begin
// forgets the rows that were shown before.
func (s *Store) browse(
	ctx context.Context, begin func(), lacking func() bool, show func(r row), sql string,
	args ...any,
) error {
	if s.replica != nil {
		err := fetch(ctx, s.replica, show, sql, args...)
		if err == nil && !lacking() {
			return nil
		}
		begin()
	}
	return s.read(ctx, show, sql, args...)
}

// never is for lists: what they lack is not told by an empty one.
func never() bool { return false }

// read runs a query on the primary's connections for readers. One that was lost before it showed
// anything is tried once more: after a restart of the server all connections are broken at first.
func (s *Store) read(ctx context.Context, show func(r row), sql string, args ...any) error {
	shown := false
	err := fetch(ctx, s.reads, func(r row) { shown = true; show(r) }, sql, args...)
	if err == nil || shown || ctx.Err() != nil || !lostConnection(err) {
		return err
	}
	s.lost()
	if err = fetch(ctx, s.reads, show, sql, args...); lostConnection(err) {
		return errors.Join(ErrUnreachable, err)
	}
	return err
}

// Venue implements query.Shelf.
func (s *Store) Venue(ctx context.Context, id catalog.VenueID) (v catalog.Venue, err error) {
	err = s.browse(ctx, func() {}, func() bool { return v.ID == 0 }, func(r row) {
		v = catalog.Venue{ID: id, Name: r.text(0), Address: r.text(1), City: r.text(2),
			Country: r.text(3), TimeZone: r.text(4)}
	}, "SELECT name, address, city, country, time_zone FROM venues WHERE venue_id = $1", int64(id))
	if err == nil && v.ID == 0 {
		err = query.ErrVenueNotFound
	}
	return v, err
}

// PlanDocument implements query.Shelf.
func (s *Store) PlanDocument(ctx context.Context, id catalog.PlanID) (doc []byte, err error) {
	err = s.browse(ctx, func() {}, func() bool { return doc == nil }, func(r row) {
		doc = append(make([]byte, 0, len(r[0])), r[0]...)
	}, "SELECT document FROM plans WHERE plan_id = $1", int64(id))
	if err == nil && doc == nil {
		err = query.ErrPlanNotFound
	}
	return doc, err
}

// Event implements query.Shelf, on the primary: it is read again right after each change.
func (s *Store) Event(
	ctx context.Context, id catalog.EventID,
) (e catalog.Event, revision int64, err error) {
	var broken error
	err = s.read(ctx, func(r row) { e, revision, broken = scanEvent(r) },
		`SELECT event_id, venue_id, plan_id, status, revision, title, description, time_zone,
starts_ms, doors_ms, opens_ms, closes_ms, max_per_order, max_per_buyer, hold_ms, pay_ms,
max_extensions, prices, orphan_rule, kind FROM events WHERE event_id = $1`, int64(id))
	switch {
	case err == nil && broken != nil:
		err = broken
	case err == nil && e.ID == 0:
		err = booking.ErrEventNotFound
	}
	return e, revision, err
}

func scanEvent(r row) (e catalog.Event, revision int64, err error) {
	e = catalog.Event{
		ID:          r.event(0),
		Venue:       catalog.VenueID(r.int(1)),
		Plan:        catalog.PlanID(r.int(2)),
		Status:      catalog.Status(r.int(3)),
		Title:       r.text(5),
		Description: r.text(6),
		TimeZone:    r.text(7),
		Kind:        r.text(19),
		StartsAt:    r.time(8),
		DoorsAt:     r.time(9),
		Terms: catalog.Terms{
			OpensAt:       r.time(10),
			ClosesAt:      r.time(11),
			MaxPerOrder:   int(r.int(12)),
			MaxPerBuyer:   int(r.int(13)),
			HoldTime:      r.duration(14),
			PayTime:       r.duration(15),
			MaxExtensions: int(r.int(16)),
			NoOrphans:     r.int(18) != 0,
		},
	}
	return e, r.int(4), planfile.DecodePrices(r.text(17), &e)
}

// Events implements query.Shelf: by start, then number. Text is matched in title, description and
// venue; place in the venue's name and city.
func (s *Store) Events(
	ctx context.Context, f query.EventFilter,
) (page []query.EventRow, err error) {
	const sql = `SELECT e.event_id, e.title, e.status, e.starts_ms, e.time_zone, e.opens_ms,
e.closes_ms, v.name, v.city, v.country, e.kind
FROM events e JOIN venues v USING (venue_id)
WHERE ($1::boolean OR e.status <> 1)
AND (e.starts_ms, e.event_id) > ($2::bigint, $3::bigint)
AND e.starts_ms >= $4::bigint AND e.starts_ms < $5::bigint
AND ($6::text = ''
	OR strpos(lower(e.title || ' ' || e.description || ' ' || v.name), lower($6)) > 0)
AND ($7::text = '' OR strpos(lower(v.name || ' ' || v.city), lower($7)) > 0)
AND ($8::text = '' OR e.kind = $8) AND ($9::bigint = 0 OR e.from_milli <= $9)
ORDER BY e.starts_ms, e.event_id LIMIT $10::bigint`
	to := f.To
	if to.IsZero() {
		to = time.UnixMilli(1 << 60)
	}
	err = s.browse(ctx, func() { page = nil }, never, func(r row) {
		page = append(page, query.EventRow{
			ID:       r.event(0),
			Title:    r.text(1),
			Status:   catalog.Status(r.int(2)),
			StartsAt: r.time(3),
			TimeZone: r.text(4),
			OpensAt:  r.time(5),
			ClosesAt: r.time(6),
			Venue:    r.text(7),
			City:     r.text(8),
			Country:  r.text(9),
			Kind:     r.text(10),
		})
	}, sql, f.Drafts, millis(f.AfterStart), int64(f.AfterID), millis(f.From), millis(to), f.Text,
		f.Place, f.Kind, f.MaxPrice, f.Limit)
	return page, err
}

// Kinds implements query.KindList.
func (s *Store) Kinds(ctx context.Context, from time.Time) (kinds []string, err error) {
	err = s.browse(ctx, func() { kinds = nil }, never, func(r row) {
		kinds = append(kinds, r.text(0))
	}, `SELECT DISTINCT kind FROM events
WHERE status <> 1 AND kind <> '' AND starts_ms >= $1::bigint ORDER BY kind LIMIT $2::bigint`,
		millis(from), query.MaxKinds)
	return kinds, err
}

// PlaceStates implements query.Shelf, on the primary: the board goes on from there with what is
// committed, and would never notice what a replica had not seen yet.
func (s *Store) PlaceStates(ctx context.Context, id catalog.EventID) (states []byte, err error) {
	missing := false
	err = s.read(ctx, func(r row) {
		missing = missing || r.int(0) != int64(len(states))
		states = append(states, byte(r.int(1)))
	}, "SELECT place, state FROM places WHERE event_id = $1 ORDER BY place", int64(id))
	if err == nil && missing {
		err = fmt.Errorf("a place of event %d is missing", id)
	}
	return states, err
}

// PlaceFences is the state and the fence of each place, in order and of one moment.
func (s *Store) PlaceFences(
	ctx context.Context, id catalog.EventID,
) (states []byte, fences []uint32, err error) {
	missing := false
	err = s.read(ctx, func(r row) {
		missing = missing || r.int(0) != int64(len(states))
		states = append(states, byte(r.int(1)))
		fences = append(fences, uint32(r.int(2)))
	}, "SELECT place, state, fence FROM places WHERE event_id = $1 ORDER BY place", int64(id))
	if err == nil && missing {
		err = fmt.Errorf("a place of event %d is missing", id)
	}
	return states, fences, err
}
