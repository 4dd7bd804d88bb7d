package httpapi

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
)

// NewRefundRequest is a buyer's wish.
type NewRefundRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"500" example:"I have fallen ill." doc:"For the organiser, as plain text"`
}

// NewDecline is an organiser's no.
type NewDecline struct {
	Answer string `json:"answer,omitempty" maxLength:"500" example:"Tickets can be returned until a week before." doc:"For the buyer, as plain text"`
}

// RefundRequest is a buyer's wish to get money back.
type RefundRequest struct {
	Order      string     `json:"order" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	Reference  string     `json:"reference" example:"BHXT-S55G"`
	Event      string     `json:"event" example:"evt_1"`
	State      string     `json:"state" enum:"open,refunded,declined" doc:"refunded: for at least one ticket, or an amount"`
	Reason     string     `json:"reason,omitempty" example:"I have fallen ill."`
	AskedAt    time.Time  `json:"asked_at"`
	Answer     string     `json:"answer,omitempty" example:"Tickets can be returned until a week before."`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
}

// RefundRequests are the open ones, the oldest first.
type RefundRequests struct {
	Requests []RefundRequest `json:"requests" nullable:"false"`
	More     bool            `json:"more" doc:"There are more than the 100 that are listed"`
}

type refundRequestOutput struct{ Body RefundRequest }

type refundRequestsOutput struct{ Body RefundRequests }

func requestOf(r *booking.RefundRequest) RefundRequest {
	shown := RefundRequest{Order: r.Order.String(), Reference: r.Order.Reference(),
		Event: r.Order.Event.String(), State: r.State.String(), Reason: r.Reason,
		AskedAt: r.AskedAt, Answer: r.Answer}
	if !r.AnsweredAt.IsZero() {
		shown.AnsweredAt = &r.AnsweredAt
	}
	return shown
}

// askRefund answers POST /v1/orders/{order}/refund-request.
func (s *Server) askRefund(ctx context.Context, in *struct {
	OrderPath
	Body NewRefundRequest
}) (*refundRequestOutput, error) {
	id, err := s.orderOf(requestIn(ctx))
	if err != nil {
		return nil, err
	}
	made, err := s.office.AskRefund(ctx, id, in.Body.Reason)
	return &refundRequestOutput{requestOf(&made)}, err
}

// readRefundRequest answers GET /v1/orders/{order}/refund-request.
func (s *Server) readRefundRequest(
	ctx context.Context, _ *OrderPath,
) (*refundRequestOutput, error) {
	id, err := s.orderOf(requestIn(ctx))
	if err != nil {
		return nil, err
	}
	found, err := s.requests.RefundRequest(ctx, id)
	return &refundRequestOutput{requestOf(&found)}, err
}

// declineRefund answers POST /v1/orders/{order}/refund-request/decline.
func (s *Server) declineRefund(ctx context.Context, in *struct {
	OrderPath
	Body NewDecline
}) (*refundRequestOutput, error) {
	id, err := booking.ParseOrderID(in.Order)
	if err != nil {
		return nil, err
	}
	made, err := s.office.DeclineRefund(ctx, id, in.Body.Answer)
	return &refundRequestOutput{requestOf(&made)}, err
}

// listRefundRequests answers GET /v1/refund-requests.
func (s *Server) listRefundRequests(
	ctx context.Context, _ *struct{},
) (*refundRequestsOutput, error) {
	open, err := s.requests.OpenRequests(ctx, maxOpen+1)
	if err != nil {
		return nil, err
	}
	shown := RefundRequests{Requests: []RefundRequest{}}
	for i := range cut(&shown.More, open) {
		shown.Requests = append(shown.Requests, requestOf(&open[i]))
	}
	return &refundRequestsOutput{shown}, nil
}
