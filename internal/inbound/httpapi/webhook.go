package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

var errNoProvider = errs.New(errs.NotFound, "provider_not_found",
	"Payments of this provider are not taken here.")

// NoticeTaken says what a payment notice did.
type NoticeTaken struct {
	Result string `json:"result" enum:"paid,paid_late,refund_due,known,noted,ignored" doc:"paid: the order is paid now; paid_late: it had expired, its places were still free; refund_due: there was nothing left to pay for; known: heard before; noted: a refund is done or a payment was declined; ignored: it is not about us"`
}

// The results of a notice.
const (
	noticeNoted   = "noted"
	noticeIgnored = "ignored"
)

// receiveNotice answers POST /v1/webhooks/{provider}: with success only after the commit.
func (s *Server) receiveNotice(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("provider") != s.provider {
		edge.Fail(w, r, errNoProvider)
		return
	}
	work := borrow(bodies)
	defer work.giveBack()
	if err := work.readAny(r); err != nil {
		edge.Fail(w, r, err)
		return
	}
	notice, err := s.gateway.ReadNotice(r.Header, work.text, s.clock())
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	result, err := s.take(r.Context(), &notice)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusOK, []byte(`{"result":"`+result+`"}`))
}

// take applies a notice, at most once however often it comes.
func (s *Server) take(ctx context.Context, n *payment.Notice) (string, error) {
	key, _, _ := strings.Cut(n.Key, ":")
	order, err := booking.ParseOrderID(key)
	if err != nil {
		return "", booking.ErrOrderNotFound
	}
	switch n.State {
	case payment.Paid:
		outcome, err := s.office.RecordPayment(ctx, command.Paid{Order: order,
			Provider: s.provider, Transaction: n.Transaction, Notice: n.NoticeID,
			Amount: n.Amount})
		return outcomeName(outcome), err
	case payment.Refunded:
		if n.RefundKey == "" {
			return noticeIgnored, nil
		}
		err := s.office.RecordRefund(ctx,
			booking.RefundRef{Event: order.Event, Key: n.RefundKey}, n.Transaction)
		if errors.Is(err, booking.ErrRefundNotFound) {
			return noticeIgnored, nil // somebody gave money back by hand at the gateway
		}
		return noticeNoted, err
	case payment.Declined:
		return noticeNoted, nil // the buyer may try again until the order expires
	case payment.Unknown, payment.Pending:
	}
	return noticeIgnored, nil
}

func outcomeName(o booking.PaymentOutcome) string {
	switch o {
	case booking.PaymentApplied:
		return "paid"
	case booking.PaymentTookBack:
		return "paid_late"
	case booking.PaymentGivenBack:
		return "refund_due"
	case booking.PaymentRepeated:
	}
	return "known"
}
