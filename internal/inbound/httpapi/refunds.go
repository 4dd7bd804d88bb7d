package httpapi

import (
	"context"
	"errors"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// NewRefund says what goes back: exactly one of places, amount and everything.
type NewRefund struct {
	Places     []uint32 `json:"places,omitempty" minItems:"1" maxItems:"50" nullable:"false" example:"[12]" doc:"Return the tickets of these places"`
	Amount     *Money   `json:"amount,omitempty" doc:"Goodwill: an amount that changes no ticket"`
	Everything bool     `json:"everything,omitempty" doc:"Return all tickets that are left, and all that is left of the payment; the order is cancelled"`
	Block      bool     `json:"block,omitempty" doc:"Keep the places off sale"`
}

// Refund is money on its way back to a buyer.
type Refund struct {
	ID          string     `json:"id,omitempty" example:"ref_00000081m2agyg80000z22at2f3rgbqh15d17hr" doc:"Absent if there was nothing left to give back"`
	Order       string     `json:"order,omitempty" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	Amount      Money      `json:"amount"`
	Reason      string     `json:"reason" enum:"late_payment,wrong_amount,doubtful,cancelled,tickets,goodwill,gateway,dispute" doc:"gateway: made at the gateway's side; dispute: taken by the buyer's bank; doubtful: returned from quarantine"`
	State       string     `json:"state" enum:"requested,done,failed,reversed" doc:"failed: the gateway has refused for certain, and it is still owed; reversed: a dispute that was won"`
	RequestedAt time.Time  `json:"requested_at"`
	DoneAt      *time.Time `json:"done_at,omitempty"`
	Provider    string     `json:"provider,omitempty" example:"simpay" doc:"Of the payment"`
	Transaction string     `json:"transaction,omitempty" example:"spt_1" doc:"The gateway's name of the payment"`
	GatewayRef  string     `json:"gateway_ref,omitempty" example:"spr_1" doc:"The gateway's name of the refund"`
	SettledWith string     `json:"settled_with,omitempty" example:"transfer 2026-117" doc:"What staff have paid it out with"`
	Retries     int        `json:"retries,omitempty" doc:"After failures that were certain"`
	Places      []uint32   `json:"places,omitempty" example:"[12]" doc:"Whose tickets were returned; absent for the whole order"`
}

var (
	errOneOfThree = errs.New(errs.Invalid, "bad_field",
		"Give exactly one of places, amount and everything.")
	errAmount = errs.New(errs.Invalid, "bad_amount",
		"This is no amount of a currency that payments are taken in.")
)

type refundOutput struct{ Body Refund }

// Moving is what every operation that moves money once takes besides its body.
type Moving struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"255" example:"refund-of-7-march-1" doc:"Made by the client before it sends. The same key with the same body moves money once; with another body 422."`
}

type newRefundInput struct {
	OrderPath
	Moving
	Body NewRefund
}

// OrderPath names an order.
type OrderPath struct {
	Order string `path:"order" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr" doc:"Identifier of an order"`
}

// createRefund answers POST /v1/orders/{order}/refunds.
func (s *Server) createRefund(ctx context.Context, in *newRefundInput) (*refundOutput, error) {
	id, err := booking.ParseOrderID(in.Order)
	if err != nil {
		return nil, err
	}
	wish := command.RefundWish{Order: id, Block: in.Body.Block}
	ways := 0
	if len(in.Body.Places) > 0 {
		ways++
		for _, p := range in.Body.Places {
			wish.Places = append(wish.Places, catalog.PlaceNo(p))
		}
	}
	if in.Body.Everything {
		ways++
	}
	if in.Body.Amount != nil {
		ways++
		if wish.Amount, err = readMoney(*in.Body.Amount); err != nil {
			return nil, err
		}
		if wish.Amount.IsZero() {
			return nil, booking.ErrRefundNothing
		}
	}
	if ways != 1 {
		return nil, errOneOfThree
	}
	same := Creating{Key: in.Key}
	wish.Idempotency = same.of(in.Body)
	made, err := s.office.RefundOrder(ctx, wish)
	if err != nil {
		return nil, err
	}
	shown, err := s.refundMade(ctx, id, made)
	return &refundOutput{shown}, err
}

// refundMade shows a refund that was just asked for. With the tickets of an order nothing goes back
// if all of it was given back before: then there is no refund.
func (s *Server) refundMade(
	ctx context.Context, id booking.OrderID, made booking.RefundRef,
) (Refund, error) {
	r, _, err := s.money.Refund(ctx, made)
	if err == nil {
		return refundOf(&r, true), nil
	}
	if !errors.Is(err, booking.ErrRefundNotFound) {
		return Refund{}, err
	}
	o, err := s.bookings.Order(ctx, id)
	return Refund{Order: id.String(), Amount: moneyOf(0, o.Total.Currency()),
		Reason: string(booking.ReasonCancelled), State: booking.RefundDone.String(),
		RequestedAt: s.clock().UTC()}, err
}

func readMoney(m Money) (money.Money, error) {
	currency, err := money.ParseCurrency(m.Currency)
	if err != nil {
		return money.Money{}, errAmount
	}
	amount, err := money.New(m.Amount, currency)
	if err != nil {
		return money.Money{}, errAmount
	}
	return amount, nil
}

// refundOf shows a refund. Buyers don't see how it is dealt with.
func refundOf(r *booking.Refund, whole bool) Refund {
	shown := Refund{Amount: moneyOf(r.Amount.Minor(), r.Amount.Currency()),
		Reason: string(r.Reason), State: r.State.String(), RequestedAt: r.RequestedAt}
	if !r.DoneAt.IsZero() && r.DoneAt.UnixMilli() != 0 {
		shown.DoneAt = &r.DoneAt
	}
	for _, p := range r.Places {
		shown.Places = append(shown.Places, uint32(p))
	}
	if !whole {
		return shown
	}
	shown.ID, shown.Retries = r.Ref.String(), r.Retries
	shown.Order = booking.OrderID{Event: r.Ref.Event, Key: r.Order}.String()
	shown.Provider, shown.Transaction = r.Payment.Provider, r.Payment.Transaction
	if shown.SettledWith = r.SettledWith(); shown.SettledWith == "" {
		shown.GatewayRef = r.GatewayRef
	}
	return shown
}

// RefundPath names a refund.
type RefundPath struct {
	Refund string `path:"refund" example:"ref_00000081m2agyg80000z22at2f3rgbqh15d17hr" doc:"Identifier of a refund"`
}

// readRefund answers GET /v1/refunds/{refund}.
func (s *Server) readRefund(ctx context.Context, in *RefundPath) (*refundOutput, error) {
	ref, err := booking.ParseRefundRef(in.Refund)
	if err != nil {
		return nil, err
	}
	return s.showRefund(ctx, ref)
}

func (s *Server) showRefund(ctx context.Context, ref booking.RefundRef) (*refundOutput, error) {
	r, _, err := s.money.Refund(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &refundOutput{refundOf(&r, true)}, nil
}

// retryRefund answers POST /v1/refunds/{refund}/retry.
func (s *Server) retryRefund(ctx context.Context, in *RefundPath) (*refundOutput, error) {
	ref, err := booking.ParseRefundRef(in.Refund)
	if err != nil {
		return nil, err
	}
	if err := s.office.RetryRefund(ctx, ref); err != nil {
		return nil, err
	}
	return s.showRefund(ctx, ref)
}

// Settlement says how staff have paid a refund out.
type Settlement struct {
	Reference string `json:"reference" minLength:"1" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]+$" example:"transfer 2026-117" doc:"Of the transfer or the receipt"`
}

type settleInput struct {
	RefundPath
	Body Settlement
}

// settleRefund answers POST /v1/refunds/{refund}/settle.
func (s *Server) settleRefund(ctx context.Context, in *settleInput) (*refundOutput, error) {
	ref, err := booking.ParseRefundRef(in.Refund)
	if err != nil {
		return nil, err
	}
	if err := s.office.SettleRefund(ctx, ref, in.Body.Reference); err != nil {
		return nil, err
	}
	return s.showRefund(ctx, ref)
}
