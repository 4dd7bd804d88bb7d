package policy

import (
	"context"
	"fmt"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
)

// compareDisputes books the disputes, and their ends, that we haven't heard of. What banks have
// returned comes first, since they may have taken the same money again.
func (c *Cashier) compareDisputes(
	ctx context.Context, order booking.OrderID, known []booking.Refund, s *payment.Status,
	r *Reconciliation,
) error {
	for _, state := range []payment.State{payment.Declined, payment.Disputed} {
		for _, their := range s.Disputes {
			if their.State != state {
				continue
			}
			if err := c.compareDispute(ctx, order, known, s, r, their); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareDispute compares one dispute, by the gateway's name of it. One that is over and that we
// know nothing of moves no money any more, and is noted all the same: its first message may still
// come, or be kept because our own refund had taken what the bank had returned.
func (c *Cashier) compareDispute(
	ctx context.Context, order booking.OrderID, known []booking.Refund, s *payment.Status,
	r *Reconciliation, their payment.DisputeStatus,
) error {
	ours, heard := int64(0), false
	for _, k := range known {
		if k.GatewayRef != their.Dispute {
			continue
		}
		heard = true
		if k.State == booking.RefundDone { // what was owed may have been settled by the bank
			ours += k.Amount.Minor()
		}
	}
	won := their.State == payment.Declined
	switch {
	case !heard, won && ours > 0:
		return r.applied(s, "its dispute "+their.Dispute+" can't be applied",
			c.office.RecordGatewayRefund(ctx, booking.RecordGatewayRefund{Order: order,
				Payment:    paymentRef(order, r.Provider, s.Transaction),
				GatewayRef: their.Dispute, Amount: their.Amount, Dispute: true, Won: won}))
	case !won && ours != their.Amount.Minor():
		r.differs(s, fmt.Sprintf("its dispute %s is of %v, and here it has taken %d",
			their.Dispute, their.Amount, ours))
	}
	return nil
}
