package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

var _ command.Creations = (*Store)(nil)

// creation is a Catalogue for one request.
type creation struct {
	store        *Store
	key, request booking.Fingerprint
}

// Under implements command.Creations.
func (s *Store) Under(key, request booking.Fingerprint) command.Catalogue {
	return &creation{s, key, request}
}

// AddVenue implements command.Catalogue.
func (c *creation) AddVenue(_ context.Context, v catalog.Venue) (catalog.VenueID, error) {
	id, err := c.store.add(c, venueRow(v))
	return catalog.VenueID(id), err
}

// AddPlan implements command.Catalogue.
func (c *creation) AddPlan(
	_ context.Context, venue catalog.VenueID, plan *catalog.Plan, document []byte,
) (catalog.PlanID, error) {
	id, err := c.store.add(c, planRow(venue, plan, document))
	return catalog.PlanID(id), err
}

// AddEvent implements command.Catalogue.
func (c *creation) AddEvent(
	_ context.Context, e catalog.Event, places int,
) (catalog.EventID, error) {
	id, err := c.store.add(c, eventRows(e, places))
	return catalog.EventID(id), err
}

// add stores something new; if once isn't nil, only if its key is new, in the same transaction.
func (s *Store) add(once *creation, insert insertion) (id int64, err error) {
	err = s.write(func(w *writer) (err error) {
		if once == nil {
			id, err = insert(w)
			return err
		}
		if id, err = once.before(w); err != nil || id != 0 {
			return err
		}
		if id, err = insert(w); err != nil {
			return err
		}
		return once.keep(w, id)
	})
	return id, translate(err)
}

// before is what the key has created before, or 0.
func (c *creation) before(w *writer) (id int64, err error) {
	err = sqlitex.Execute(w.conn, "SELECT made, request FROM creations WHERE creation = ?",
		&sqlitex.ExecOptions{Args: []any{c.key[:]}, ResultFunc: func(stmt *sqlite.Stmt) error {
			if columnFingerprint(stmt, 1) != c.request {
				return booking.ErrKeyReused
			}
			id = stmt.ColumnInt64(0)
			return nil
		}})
	return id, err
}

func (c *creation) keep(w *writer, id int64) error {
	return sqlitex.Execute(w.conn,
		"INSERT INTO creations (creation, request, made, made_ms) VALUES (?,?,?,?)",
		&sqlitex.ExecOptions{Args: []any{c.key[:], c.request[:], id, millis(c.store.now())}})
}
