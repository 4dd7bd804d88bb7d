package query

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
)

// RefundRequests keeps buyers' wishes to get money back.
type RefundRequests interface {
	// AskRefund stores a wish, unless the order has one that is open or was declined: then that
	// one is returned. One that a refund has fulfilled makes room for the next.
	AskRefund(ctx context.Context, r booking.RefundRequest) (booking.RefundRequest, error)
	// RefundRequest is an order's wish: booking.ErrRequestNotFound.
	RefundRequest(ctx context.Context, id booking.OrderID) (booking.RefundRequest, error)
	// AnswerRefund ends an open wish that was asked until a time, or whenever if that is zero. The
	// same answer twice is as once; another one fails with booking.ErrRequestAnswered, and one to
	// nobody's wish, or to one asked later, with booking.ErrRequestNotFound.
	AnswerRefund(ctx context.Context, id booking.OrderID, state booking.RequestState,
		answer string, until time.Time) (booking.RefundRequest, error)
	// OpenRequests are the open wishes about orders that are still paid, the oldest first.
	OpenRequests(ctx context.Context, limit int) ([]booking.RefundRequest, error)
}
