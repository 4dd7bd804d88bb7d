package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// AddVenue stores a venue and returns its number.
func (s *Store) AddVenue(_ context.Context, v catalog.Venue) (catalog.VenueID, error) {
	id, err := s.add(nil, venueRow(v))
	return catalog.VenueID(id), err
}

// AddPlan stores a plan's document and returns its number.
func (s *Store) AddPlan(
	_ context.Context, venue catalog.VenueID, plan *catalog.Plan, document []byte,
) (catalog.PlanID, error) {
	id, err := s.add(nil, planRow(venue, plan, document))
	return catalog.PlanID(id), err
}

// AddEvent stores a draft with all of its places, free, and returns its number.
func (s *Store) AddEvent(
	_ context.Context, e catalog.Event, places int,
) (catalog.EventID, error) {
	id, err := s.add(nil, eventRows(e, places))
	return catalog.EventID(id), err
}

// insertion writes something new and returns its number.
type insertion func(*writer) (id int64, err error)

func insert(w *writer, sql string, args ...any) (id int64, err error) {
	err = sqlitex.Execute(w.conn, sql, &sqlitex.ExecOptions{Args: args})
	return w.conn.LastInsertRowID(), err
}

func venueRow(v catalog.Venue) insertion {
	return func(w *writer) (int64, error) {
		return insert(w, `INSERT INTO venues
(name, address, city, country, time_zone) VALUES (?,?,?,?,?)`,
			v.Name, v.Address, v.City, v.Country, v.TimeZone)
	}
}

func planRow(venue catalog.VenueID, plan *catalog.Plan, document []byte) insertion {
	return func(w *writer) (int64, error) {
		return insert(w, "INSERT INTO plans (venue_id, name, places, document) VALUES (?,?,?,?)",
			int64(venue), plan.Name(), plan.Places(), document)
	}
}

func eventRows(e catalog.Event, places int) insertion {
	return func(w *writer) (int64, error) {
		prices, err := planfile.EncodePrices(&e)
		if err != nil {
			return 0, err
		}
		id, err := insert(w, `INSERT INTO events (venue_id, plan_id, status, revision,
title, description, time_zone, starts_ms, doors_ms, opens_ms, closes_ms, max_per_order,
max_per_buyer, hold_ms, pay_ms, max_extensions, prices, orphan_rule, kind, from_milli)
VALUES (?,?,?,1,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			int64(e.Venue), int64(e.Plan), int64(e.Status), e.Title, e.Description, e.TimeZone,
			millis(e.StartsAt), millis(e.DoorsAt), millis(e.Terms.OpensAt),
			millis(e.Terms.ClosesAt), e.Terms.MaxPerOrder, e.Terms.MaxPerBuyer,
			e.Terms.HoldTime.Milliseconds(), e.Terms.PayTime.Milliseconds(),
			e.Terms.MaxExtensions, prices, e.Terms.NoOrphans, e.Kind,
			e.LowestEver())
		if err != nil {
			return 0, err
		}
		_, err = insert(w, `WITH RECURSIVE n(p) AS
(SELECT 0 UNION ALL SELECT p + 1 FROM n WHERE p + 1 < ?2)
INSERT INTO places (place_key, state, holder, fence, until_ms)
SELECT (?1 << 32) + p, 0, NULL, 0, 0 FROM n`, id, places)
		return id, err
	}
}

// Venue implements query.Shelf.
func (s *Store) Venue(ctx context.Context, id catalog.VenueID) (v catalog.Venue, err error) {
	found := false
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c, `SELECT name, address, city, country, time_zone
FROM venues WHERE venue_id = ?`, &sqlitex.ExecOptions{Args: []any{int64(id)},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				found = true
				v = catalog.Venue{ID: id, Name: stmt.ColumnText(0), Address: stmt.ColumnText(1),
					City: stmt.ColumnText(2), Country: stmt.ColumnText(3),
					TimeZone: stmt.ColumnText(4)}
				return nil
			}})
	})
	if err == nil && !found {
		err = query.ErrVenueNotFound
	}
	return v, err
}

// PlanDocument implements query.Shelf.
func (s *Store) PlanDocument(ctx context.Context, id catalog.PlanID) (doc []byte, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c, "SELECT document FROM plans WHERE plan_id = ?",
			&sqlitex.ExecOptions{Args: []any{int64(id)}, ResultFunc: func(stmt *sqlite.Stmt) error {
				doc = make([]byte, stmt.ColumnLen(0))
				stmt.ColumnBytes(0, doc)
				return nil
			}})
	})
	if err == nil && doc == nil {
		err = query.ErrPlanNotFound
	}
	return doc, err
}

const eventColumns = "event_id, venue_id, plan_id, status, revision, title, description, " +
	"time_zone, starts_ms, doors_ms, opens_ms, closes_ms, max_per_order, max_per_buyer, " +
	"hold_ms, pay_ms, max_extensions, prices, orphan_rule, kind"

func scanEvent(stmt *sqlite.Stmt) (e catalog.Event, revision int64, err error) {
	e = catalog.Event{
		ID:          catalog.EventID(stmt.ColumnInt64(0)),
		Venue:       catalog.VenueID(stmt.ColumnInt64(1)),
		Plan:        catalog.PlanID(stmt.ColumnInt64(2)),
		Status:      catalog.Status(stmt.ColumnInt(3)),
		Title:       stmt.ColumnText(5),
		Description: stmt.ColumnText(6),
		TimeZone:    stmt.ColumnText(7),
		Kind:        stmt.ColumnText(19),
		StartsAt:    columnTime(stmt, 8),
		DoorsAt:     columnTime(stmt, 9),
		Terms: catalog.Terms{
			OpensAt:       columnTime(stmt, 10),
			ClosesAt:      columnTime(stmt, 11),
			MaxPerOrder:   stmt.ColumnInt(12),
			MaxPerBuyer:   stmt.ColumnInt(13),
			HoldTime:      columnDuration(stmt, 14),
			PayTime:       columnDuration(stmt, 15),
			MaxExtensions: stmt.ColumnInt(16),
			NoOrphans:     stmt.ColumnInt(18) != 0,
		},
	}
	return e, stmt.ColumnInt64(4), planfile.DecodePrices(stmt.ColumnText(17), &e)
}

// Event implements query.Shelf.
func (s *Store) Event(
	ctx context.Context, id catalog.EventID,
) (e catalog.Event, revision int64, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c, "SELECT "+eventColumns+" FROM events WHERE event_id = ?",
			&sqlitex.ExecOptions{Args: []any{int64(id)},
				ResultFunc: func(stmt *sqlite.Stmt) (err error) {
					e, revision, err = scanEvent(stmt)
					return err
				}})
	})
	if err == nil && e.ID == 0 {
		err = booking.ErrEventNotFound
	}
	return e, revision, err
}

// Events implements query.Shelf: by start, then number. Text is matched in title, description and
// venue; place in the venue's name and city.
func (s *Store) Events(
	ctx context.Context, f query.EventFilter,
) (page []query.EventRow, err error) {
	const sql = `SELECT e.event_id, e.title, e.status, e.starts_ms, e.time_zone, e.opens_ms,
e.closes_ms, v.name, v.city, v.country, e.kind
FROM events e JOIN venues v USING (venue_id)
WHERE (?1 OR e.status <> 1)
AND (e.starts_ms, e.event_id) > (?2, ?3) AND e.starts_ms >= ?4 AND e.starts_ms < ?5
AND (?6 = '' OR instr(lower(e.title || ' ' || e.description || ' ' || v.name), lower(?6)))
AND (?7 = '' OR instr(lower(v.name || ' ' || v.city), lower(?7)))
AND (?8 = '' OR e.kind = ?8) AND (?9 = 0 OR e.from_milli <= ?9)
ORDER BY e.starts_ms, e.event_id LIMIT ?10`
	to := f.To
	if to.IsZero() {
		to = time.UnixMilli(1 << 60)
	}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c, sql, &sqlitex.ExecOptions{
			Args: []any{f.Drafts, millis(f.AfterStart), int64(f.AfterID), millis(f.From),
				millis(to), f.Text, f.Place, f.Kind, f.MaxPrice, f.Limit},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				page = append(page, query.EventRow{
					ID:       catalog.EventID(stmt.ColumnInt64(0)),
					Title:    stmt.ColumnText(1),
					Status:   catalog.Status(stmt.ColumnInt(2)),
					StartsAt: columnTime(stmt, 3),
					TimeZone: stmt.ColumnText(4),
					OpensAt:  columnTime(stmt, 5),
					ClosesAt: columnTime(stmt, 6),
					Venue:    stmt.ColumnText(7),
					City:     stmt.ColumnText(8),
					Country:  stmt.ColumnText(9),
					Kind:     stmt.ColumnText(10),
				})
				return nil
			}})
	})
	return page, err
}

// Kinds implements query.Shelf.
func (s *Store) Kinds(ctx context.Context, from time.Time) (kinds []string, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c, `SELECT DISTINCT kind FROM events
WHERE status <> 1 AND kind <> '' AND starts_ms >= ? ORDER BY kind LIMIT ?`,
			&sqlitex.ExecOptions{Args: []any{millis(from), query.MaxKinds},
				ResultFunc: func(stmt *sqlite.Stmt) error {
					kinds = append(kinds, stmt.ColumnText(0))
					return nil
				}})
	})
	return kinds, err
}
