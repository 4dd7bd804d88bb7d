package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
)

var _ command.Catalogue = (*Store)(nil)

// placesLimit is the time that the places of a new event may take to write: more than a statement
// of a sale.
const placesLimit = time.Minute

// insertion stores something new within a transaction and returns its number.
type insertion func(ctx context.Context, tx pgx.Tx) (id int64, err error)

// AddVenue stores a venue and returns its number.
func (s *Store) AddVenue(ctx context.Context, v catalog.Venue) (catalog.VenueID, error) {
	id, err := s.add(ctx, nil, venueRow(v))
	return catalog.VenueID(id), err
}

// AddPlan stores a plan's document and returns its number.
func (s *Store) AddPlan(
	ctx context.Context, venue catalog.VenueID, plan *catalog.Plan, document []byte,
) (catalog.PlanID, error) {
	id, err := s.add(ctx, nil, planRow(venue, plan, document))
	return catalog.PlanID(id), err
}

// AddEvent stores a draft with all of its places, free, and returns its number.
func (s *Store) AddEvent(
	ctx context.Context, e catalog.Event, places int,
) (catalog.EventID, error) {
	id, err := s.add(ctx, nil, eventRows(e, places))
	return catalog.EventID(id), err
}

func venueRow(v catalog.Venue) insertion {
	return func(ctx context.Context, tx pgx.Tx) (id int64, err error) {
		err = tx.QueryRow(ctx, `INSERT INTO venues (name, address, city, country, time_zone)
VALUES ($1, $2, $3, $4, $5) RETURNING venue_id`,
			v.Name, v.Address, v.City, v.Country, v.TimeZone).Scan(&id)
		return id, err
	}
}

func planRow(venue catalog.VenueID, plan *catalog.Plan, document []byte) insertion {
	return func(ctx context.Context, tx pgx.Tx) (id int64, err error) {
		err = tx.QueryRow(ctx, `INSERT INTO plans (venue_id, name, places, document)
VALUES ($1, $2, $3, $4) RETURNING plan_id`, int64(venue), plan.Name(), plan.Places(),
			document).Scan(&id)
		return id, err
	}
}

func eventRows(e catalog.Event, places int) insertion {
	return func(ctx context.Context, tx pgx.Tx) (id int64, err error) {
		prices, err := planfile.EncodePrices(&e)
		if err != nil {
			return 0, err
		}
		_, err = tx.Exec(ctx, "SET LOCAL statement_timeout = "+inMillis(placesLimit))
		if err != nil {
			return 0, err
		}
		err = tx.QueryRow(ctx, `INSERT INTO events (venue_id, plan_id, status, revision, title,
description, time_zone, starts_ms, doors_ms, opens_ms, closes_ms, max_per_order, max_per_buyer,
hold_ms, pay_ms, max_extensions, prices, orphan_rule, kind, from_milli)
VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
RETURNING event_id`, int64(e.Venue), int64(e.Plan), int64(e.Status), e.Title, e.Description,
			e.TimeZone, millis(e.StartsAt), millis(e.DoorsAt), millis(e.Terms.OpensAt),
			millis(e.Terms.ClosesAt), e.Terms.MaxPerOrder, e.Terms.MaxPerBuyer,
			e.Terms.HoldTime.Milliseconds(), e.Terms.PayTime.Milliseconds(),
			e.Terms.MaxExtensions, prices, e.Terms.NoOrphans, e.Kind,
			e.LowestEver()).Scan(&id)
		if err != nil {
			return 0, err
		}
		_, err = tx.Exec(ctx, `INSERT INTO places (event_id, place, state, fence, until_ms)
SELECT $1, place, 0, 0, 0 FROM generate_series(0, $2::bigint - 1) place`, id, places)
		return id, err
	}
}
