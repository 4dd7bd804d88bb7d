package httpapi

import (
	"context"
	"errors"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// BulkRefund asks to refund one page of a cancelled event's paid orders.
type BulkRefund struct {
	Limit int    `json:"limit" minimum:"1" maximum:"200" example:"50" doc:"How many orders at most"`
	After string `json:"after,omitempty" maxLength:"64" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr" doc:"next of the page before; absent for the first"`
	Block bool   `json:"block,omitempty" doc:"Keep the places off sale"`
}

// RefundedOrder is an order whose tickets were returned.
type RefundedOrder struct {
	Order   string `json:"order" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	Refund  string `json:"refund,omitempty" example:"ref_00000081m2agyg80000z22at2f3rgbqh15d17hr" doc:"Absent if there was nothing to give back"`
	Amount  Money  `json:"amount"`
	Tickets int    `json:"tickets" example:"2"`
}

// LeftOrder is an order that wasn't refunded.
type LeftOrder struct {
	Order   string `json:"order" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	Tickets int    `json:"tickets" example:"2"`
	Code    string `json:"code" example:"already_admitted" doc:"Why, for programs"`
	Text    string `json:"text" example:"This ticket was used already." doc:"Why, for people"`
}

// RefundPage is what became of one page of orders.
type RefundPage struct {
	Event     string          `json:"event" example:"evt_1"`
	Done      []RefundedOrder `json:"done" nullable:"false"`
	LeftAlone []LeftOrder     `json:"left_alone" nullable:"false" doc:"Orders with used tickets, and orders that cost nothing: somebody has to decide"`
	Failed    []LeftOrder     `json:"failed" nullable:"false" doc:"Orders that were refused for another reason"`
	Next      string          `json:"next,omitempty" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr" doc:"Where the next page begins; absent at the end"`
}

var (
	errNotCancelled = errs.New(errs.Conflict, "event_not_cancelled",
		"The event isn't cancelled. Refund its orders one by one.")
	errAfter = errs.New(errs.Invalid, "bad_cursor",
		"after is no order of this event. Use what the page before gave as next.")
	errNothingPaid = errs.New(errs.Conflict, "nothing_paid", "The order cost nothing.")
)

type bulkRefundInput struct {
	Event string `path:"event" example:"evt_1" doc:"Identifier of an event"`
	Body  BulkRefund
}

type refundPageOutput struct{ Body RefundPage }

// bulkRequest stands for every request to refund an order with its event, so that each order is
// refunded once, however often and in whatever words it is asked.
var bulkRequest = command.Idempotency{Key: "refund with its event", Body: []byte("everything")}

// refundEvent answers POST /v1/events/{event}/refunds.
func (s *Server) refundEvent(ctx context.Context, in *bulkRefundInput) (*refundPageOutput, error) {
	event, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(ctx, event)
	if err != nil {
		return nil, err
	}
	if offer.Event().Status != catalog.Cancelled {
		return nil, errNotCancelled
	}
	after := booking.OrderID{Event: event}
	if in.Body.After != "" {
		after, err = booking.ParseOrderID(in.Body.After)
		if err != nil || after.Event != event {
			return nil, errAfter
		}
	}
	ids, err := s.money.PaidOrders(ctx, after, in.Body.Limit)
	if err != nil {
		return nil, err
	}
	page := RefundPage{Event: event.String(), Done: []RefundedOrder{}, LeftAlone: []LeftOrder{},
		Failed: []LeftOrder{}}
	for i, id := range ids {
		if err := s.refundWithEvent(ctx, id, in.Body.Block, &page); err != nil {
			if i == 0 {
				return nil, err
			}
			// A trouble that passes: the client goes on from here.
			page.Next = ids[i-1].String()
			return &refundPageOutput{page}, nil
		}
	}
	if len(ids) == in.Body.Limit {
		page.Next = ids[len(ids)-1].String()
	}
	return &refundPageOutput{page}, nil
}

// refundWithEvent refunds one order and notes it. It fails only for troubles that pass.
func (s *Server) refundWithEvent(
	ctx context.Context, id booking.OrderID, block bool, page *RefundPage,
) error {
	o, tickets, err := s.bookings.OrderTickets(ctx, id)
	if err != nil {
		return err
	}
	living := 0
	for _, t := range tickets {
		if t.State.Living() {
			living++
		}
	}
	if o.Total.IsZero() {
		page.LeftAlone = append(page.LeftAlone, leftOf(id, living, errNothingPaid))
		return nil
	}
	made, err := s.office.RefundOrder(ctx, command.RefundWish{Order: id, Block: block,
		Idempotency: bulkRequest})
	told, refused := errors.AsType[*errs.Error](err)
	switch {
	case err == nil:
	case errors.Is(err, booking.ErrAlreadyIn):
		page.LeftAlone = append(page.LeftAlone, leftOf(id, living, told))
		return nil
	case refused && told.Kind() != errs.Unavailable && told.Kind() != errs.Internal:
		page.Failed = append(page.Failed, leftOf(id, living, told))
		return nil
	default:
		return err
	}
	refund, err := s.refundMade(ctx, id, made)
	if err != nil {
		return err
	}
	page.Done = append(page.Done, RefundedOrder{Order: id.String(), Refund: refund.ID,
		Amount: refund.Amount, Tickets: living})
	return nil
}

func leftOf(id booking.OrderID, tickets int, why *errs.Error) LeftOrder {
	return LeftOrder{Order: id.String(), Tickets: tickets, Code: why.Code(), Text: why.Text()}
}
