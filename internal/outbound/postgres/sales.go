package postgres

import (
	"context"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

var _ query.Sales = (*Store)(nil)

// TierSales implements query.Sales; the sums may be a moment old.
func (s *Store) TierSales(
	ctx context.Context, id catalog.EventID,
) (rows []query.TierSale, err error) {
	err = s.browse(ctx, func() { rows = nil }, never, func(r row) {
		rows = append(rows, query.TierSale{State: booking.OrderState(r.int(0)),
			Tier: uint8(r.int(1)), Places: int(r.int(2)), Minor: r.int(3)})
	}, `SELECT o.state, o.lines[i + 2], count(*), sum(o.lines[i + 3])::bigint
FROM orders o, generate_series(1, cardinality(o.lines), 4) i WHERE o.event_id = $1
AND NOT (o.state = 2 AND EXISTS (SELECT FROM tickets t WHERE t.event_id = o.event_id
	AND t.place = o.lines[i] AND t.voided = o.lines[i + 1]))
GROUP BY 1, 2 ORDER BY 1, 2`, int64(id))
	return rows, err
}

// Returned implements query.Sales.
func (s *Store) Returned(ctx context.Context, id catalog.EventID) (minor int64, err error) {
	err = s.browse(ctx, func() {}, never, func(r row) { minor = r.int(0) },
		"SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE event_id = $1 AND state <> 4",
		int64(id))
	return minor, err
}
