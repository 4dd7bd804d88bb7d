package query

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Sales is where an event's sales are summed up.
type Sales interface {
	// TierSales is one row for each state of orders and tier that has any. Places of paid orders
	// whose ticket was returned are left out.
	TierSales(ctx context.Context, id catalog.EventID) ([]TierSale, error)
	// Returned is the money of an event, in minor units, that was captured and has gone back to
	// buyers or their banks, or is on its way. What banks have returned is left out.
	Returned(ctx context.Context, id catalog.EventID) (int64, error)
}

// TierSale is the places of one tier in orders of one state.
type TierSale struct {
	State  booking.OrderState
	Tier   uint8
	Places int
	Minor  int64 // sum of their prices
}
