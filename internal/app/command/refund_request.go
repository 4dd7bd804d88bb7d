package command

import (
	"context"
	"errors"
	"time"

	"ticketflow/internal/domain/booking"
)

// AskRefund records a buyer's wish to get the money of a paid order back. Asking twice is as once,
// until a refund has answered it.
func (o *Office) AskRefund(
	ctx context.Context, id booking.OrderID, reason string,
) (booking.RefundRequest, error) {
	reason, err := booking.CleanReason(reason)
	if err != nil {
		return booking.RefundRequest{}, err
	}
	order, err := o.bookings.Order(ctx, id)
	if err != nil {
		return booking.RefundRequest{}, err
	}
	// The order may be refunded at this very moment: then the wish is not among the open ones.
	if order.State != booking.Paid || order.Total.IsZero() {
		return booking.RefundRequest{}, booking.ErrOrderNotPaid
	}
	return o.requests.AskRefund(ctx, booking.RefundRequest{Order: id, State: booking.RequestOpen,
		Reason: reason})
}

// DeclineRefund answers a buyer's wish with no. Twice is as once.
func (o *Office) DeclineRefund(
	ctx context.Context, id booking.OrderID, answer string,
) (booking.RefundRequest, error) {
	answer, err := booking.CleanReason(answer)
	if err != nil {
		return booking.RefundRequest{}, err
	}
	return o.requests.AnswerRefund(ctx, id, booking.RequestDeclined, answer, time.Time{})
}

// answered ends the wish, if there is one, that a refund has fulfilled. The refund stands even if
// that fails: the wish then stays open until it is answered by hand, or the same request comes
// again. What the buyer has asked for since the refund was decided, it doesn't answer.
func (o *Office) answered(ctx context.Context, id booking.OrderID, decided time.Time) error {
	if o.requests == nil {
		return nil
	}
	_, err := o.requests.AnswerRefund(ctx, id, booking.RequestRefunded, "", decided)
	if errors.Is(err, booking.ErrRequestNotFound) || errors.Is(err, booking.ErrRequestAnswered) {
		return nil
	}
	return err
}
