package postgres

import (
	"bytes"
	"context"

	"github.com/jackc/pgx/v5"

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
func (c *creation) AddVenue(ctx context.Context, v catalog.Venue) (catalog.VenueID, error) {
	id, err := c.store.add(ctx, c, venueRow(v))
	return catalog.VenueID(id), err
}

// AddPlan implements command.Catalogue.
func (c *creation) AddPlan(
	ctx context.Context, venue catalog.VenueID, plan *catalog.Plan, document []byte,
) (catalog.PlanID, error) {
	id, err := c.store.add(ctx, c, planRow(venue, plan, document))
	return catalog.PlanID(id), err
}

// AddEvent implements command.Catalogue.
func (c *creation) AddEvent(
	ctx context.Context, e catalog.Event, places int,
) (catalog.EventID, error) {
	id, err := c.store.add(ctx, c, eventRows(e, places))
	return catalog.EventID(id), err
}

// add stores something new; if once isn't nil, only if its key is new, in the same transaction.
func (s *Store) add(ctx context.Context, once *creation, insert insertion) (id int64, err error) {
	now, err := s.now(ctx)
	if err != nil {
		return 0, translate(err)
	}
	err = pgx.BeginFunc(ctx, s.commands, func(tx pgx.Tx) (err error) {
		if once == nil {
			id, err = insert(ctx, tx)
			return err
		}
		if id, err = once.claim(ctx, tx, millis(now)); err != nil || id != 0 {
			return err
		}
		if id, err = insert(ctx, tx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE creations SET made = $2 WHERE creation = $1", once.key[:], id)
		return err
	})
	return id, translate(err)
}

// claim is what the key has created before, or 0: then the key is this transaction's. Who comes
// with the same key meanwhile waits here for its end.
func (c *creation) claim(ctx context.Context, tx pgx.Tx, nowMillis int64) (id int64, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO creations (creation, request, made, made_ms)
VALUES ($1, $2, 0, $3) ON CONFLICT (creation) DO NOTHING`, c.key[:], c.request[:], nowMillis)
	if err != nil || tag.RowsAffected() == 1 {
		return 0, err
	}
	var request []byte
	err = tx.QueryRow(ctx, "SELECT made, request FROM creations WHERE creation = $1",
		c.key[:]).Scan(&id, &request)
	if err == nil && !bytes.Equal(request, c.request[:]) {
		err = booking.ErrKeyReused
	}
	return id, err
}
