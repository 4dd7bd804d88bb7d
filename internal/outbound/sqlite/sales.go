package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

var _ query.Sales = (*Store)(nil)

// TierSales implements query.Sales.
func (s *Store) TierSales(
	ctx context.Context, id catalog.EventID,
) (rows []query.TierSale, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		// A line is [place, fence, tier, price]; voided is the fence of a ticket that is void.
		stmt := c.Prep(`SELECT o.state, line.value ->> 2, count(*), sum(line.value ->> 3)
FROM orders o, json_each(o.lines) line WHERE o.event_id = ?
AND NOT (o.state = 2 AND EXISTS (SELECT 1 FROM tickets t WHERE t.event_id = o.event_id
	AND t.place = line.value ->> 0 AND t.voided = line.value ->> 1))
GROUP BY 1, 2 ORDER BY 1, 2`)
		return each(bind(stmt).int(int64(id)), func() error {
			rows = append(rows, query.TierSale{
				State:  booking.OrderState(stmt.ColumnInt(0)),
				Tier:   uint8(stmt.ColumnInt(1)),
				Places: stmt.ColumnInt(2), Minor: stmt.ColumnInt64(3)})
			return nil
		})
	})
	return rows, err
}

// Returned implements query.Sales.
func (s *Store) Returned(ctx context.Context, id catalog.EventID) (minor int64, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT coalesce(sum(amount), 0) FROM refunds " +
			"WHERE event_id = ? AND state <> 4")
		return each(bind(stmt).int(int64(id)), func() error {
			minor = stmt.ColumnInt64(0)
			return nil
		})
	})
	return minor, err
}
