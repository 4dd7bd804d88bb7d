package httpapi

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Captured is money that was taken for an order.
type Captured struct {
	Amount      Money     `json:"amount"`
	Refunded    Money     `json:"refunded" doc:"What of it has gone back, or will"`
	Use         string    `json:"use" enum:"applied,returned,quarantined" doc:"applied: it pays for the order; returned: it bought nothing and goes back; quarantined: somebody has to look at it"`
	CapturedAt  time.Time `json:"captured_at"`
	Provider    string    `json:"provider" example:"simpay"`
	Transaction string    `json:"transaction,omitempty" example:"spt_1" doc:"The gateway's name of the payment"`
	Order       string    `json:"order,omitempty" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	Event       string    `json:"event,omitempty" example:"evt_1"`
}

// OrderMoney is all money of an order.
type OrderMoney struct {
	Order    string     `json:"order" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	State    string     `json:"state" enum:"awaiting_payment,paid,expired,cancelled" doc:"State of the order"`
	Total    Money      `json:"total"`
	Attempt  int        `json:"attempt,omitempty" example:"1" doc:"Number of the attempt to pay that is open or would be the next; organisers only"`
	Payments []Captured `json:"payments" nullable:"false"`
	Refunds  []Refund   `json:"refunds" nullable:"false"`
	Owed     []Money    `json:"owed" nullable:"false" doc:"What goes back to the buyer and hasn't arrived, for each currency"`
}

type orderMoneyOutput struct{ Body OrderMoney }

// readOrderMoney answers GET /v1/orders/{order}/payments.
func (s *Server) readOrderMoney(ctx context.Context, _ *OrderPath) (*orderMoneyOutput, error) {
	r := requestIn(ctx)
	id, err := s.orderOf(r)
	if err != nil {
		return nil, err
	}
	o, err := s.bookings.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	shown, err := s.orderMoney(ctx, &o, s.organiser(r) == nil)
	return &orderMoneyOutput{shown}, err
}

func (s *Server) orderMoney(
	ctx context.Context, o *booking.Order, whole bool,
) (OrderMoney, error) {
	shown := OrderMoney{Order: o.ID.String(), State: o.State.String(),
		Total:    moneyOf(o.Total.Minor(), o.Total.Currency()),
		Payments: []Captured{}, Refunds: []Refund{}, Owed: []Money{}}
	books := s.money
	if whole {
		books, shown.Attempt = s.staff, o.CurrentAttempt()
	}
	payments, refunds, err := books.OrderMoney(ctx, o.ID)
	if err != nil {
		return shown, err
	}
	for i := range payments {
		shown.Payments = append(shown.Payments, capturedOf(&payments[i], whole))
	}
	for i := range refunds {
		shown.Refunds = append(shown.Refunds, refundOf(&refunds[i], whole))
		if st := refunds[i].State; st == booking.RefundRequested || st == booking.RefundFailed {
			shown.Owed = owe(shown.Owed, refunds[i].Amount)
		}
	}
	return shown, nil
}

func owe(sums []Money, m money.Money) []Money {
	for i := range sums {
		if sums[i].Currency == m.Currency().String() {
			sums[i].Amount += m.Minor()
			return sums
		}
	}
	return append(sums, moneyOf(m.Minor(), m.Currency()))
}

// capturedOf shows a payment. Buyers don't see what the gateway calls it.
func capturedOf(p *booking.Payment, whole bool) Captured {
	shown := Captured{Amount: moneyOf(p.Amount.Minor(), p.Amount.Currency()),
		Refunded: moneyOf(p.Refunded.Minor(), p.Amount.Currency()), Use: p.Use.String(),
		CapturedAt: p.CapturedAt, Provider: p.Ref.Provider}
	if whole {
		shown.Transaction, shown.Event = p.Ref.Transaction, p.Ref.Event.String()
		shown.Order = booking.OrderID{Event: p.Ref.Event, Key: p.Order}.String()
	}
	return shown
}

// StaffPayment is money that staff have taken: cash, or a bank transfer.
type StaffPayment struct {
	Provider  string `json:"provider" enum:"offline" doc:"Gateways tell of their payments themselves"`
	Amount    Money  `json:"amount" doc:"Exactly what the order costs"`
	Reference string `json:"reference" minLength:"1" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]+$" example:"receipt 2026-0412" doc:"Of the transfer or the receipt; the same one is recorded once"`
}

// StaffPaid says what such a payment did.
type StaffPaid struct {
	Result string     `json:"result" enum:"paid,paid_late,refund_due,known" doc:"refund_due: there was nothing left to pay for; give the money back and settle the refund"`
	Money  OrderMoney `json:"money"`
}

type staffPaymentInput struct {
	OrderPath
	Body StaffPayment
}

type staffPaidOutput struct{ Body StaffPaid }

// recordStaffPayment answers POST /v1/orders/{order}/payments.
func (s *Server) recordStaffPayment(
	ctx context.Context, in *staffPaymentInput,
) (*staffPaidOutput, error) {
	id, err := booking.ParseOrderID(in.Order)
	if err != nil {
		return nil, err
	}
	amount, err := readMoney(in.Body.Amount)
	if err != nil {
		return nil, err
	}
	o, err := s.bookings.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	result, err := s.cashier.TakeByStaff(ctx, o, amount, in.Body.Reference)
	if err != nil {
		return nil, err
	}
	if o, err = s.bookings.Order(ctx, id); err != nil {
		return nil, err
	}
	shown, err := s.orderMoney(ctx, &o, true)
	return &staffPaidOutput{StaffPaid{string(result), shown}}, err
}

// askTimeout bounds how long a buyer waits for what the gateway knows of a payment.
const askTimeout = 5 * time.Second

// checkPayment answers POST /v1/orders/{order}/payment/check. What the gateway can't tell now is
// told as unknown: the buyer may have paid.
func (s *Server) checkPayment(ctx context.Context, _ *OrderPath) (*orderOutput, error) {
	id, err := s.orderOf(requestIn(ctx))
	if err != nil {
		return nil, err
	}
	o, err := s.bookings.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	if o.State != booking.AwaitingPayment {
		return s.showOrder(ctx, &o, s.payment(ctx, &o))
	}
	limited, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if _, err := s.cashier.LookAgain(limited, o); err != nil {
		s.log.WarnContext(ctx, "a payment can't be checked now", "error", err)
		provider, _ := s.gateways.First()
		return s.showOrder(ctx, &o, Payment{Provider: provider, State: "unknown"})
	}
	if o, err = s.bookings.Order(ctx, id); err != nil {
		return nil, err
	}
	return s.showOrder(ctx, &o, s.payment(ctx, &o))
}

// showOrder answers with an order.
func (s *Server) showOrder(
	ctx context.Context, o *booking.Order, pay Payment,
) (*orderOutput, error) {
	offer, err := s.offers.Get(ctx, o.ID.Event)
	if err != nil {
		return nil, err
	}
	return &orderOutput{Order{ID: o.ID.String(), Reference: o.ID.Reference(),
		Event: o.ID.Event.String(), State: o.State.String(), ExpiresAt: o.ExpiresAt,
		Places:  placesOf(offer.Offer, o.Lines),
		Charges: chargesOf(offer.Offer, o.Charges),
		Total:   moneyOf(o.Total.Minor(), offer.Currency()),
		Payment: pay}}, nil
}

type orderOutput struct{ Body Order }

// CancelWish is what organisers decide about an order that they cancel.
type CancelWish struct {
	Refund *bool `json:"refund,omitempty" doc:"Give back what was paid; true if absent"`
	Block  bool  `json:"block,omitempty" doc:"Keep the places off sale"`
}

type cancelInput struct {
	OrderPath
	Key  string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"255" example:"c0ffee" doc:"Cancelling twice is as once, whatever the key"`
	Body *CancelWish
}

// errOrganisersDecide refuses a buyer who wants to decide for the organiser.
var errOrganisersDecide = errs.New(errs.Forbidden, "organisers_decide",
	"Only organisers decide about refunds and places. Send no body.")

// cancelOrder answers POST /v1/orders/{order}/cancel. A buyer can cancel what isn't paid.
func (s *Server) cancelOrder(ctx context.Context, in *cancelInput) (*orderOutput, error) {
	r := requestIn(ctx)
	id, err := s.orderOf(r)
	if err != nil {
		return nil, err
	}
	wish := booking.CancelOrder{ID: id, Unpaid: s.organiser(r) != nil}
	if in.Body != nil {
		if wish.Unpaid && *in.Body != (CancelWish{}) {
			return nil, errOrganisersDecide
		}
		wish.KeepMoney = in.Body.Refund != nil && !*in.Body.Refund
		wish.Block = in.Body.Block
	}
	o, err := s.bookings.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.cashier.Close(ctx, s.bookings, o); err != nil {
		return nil, err
	}
	if err := s.office.EndOrder(ctx, wish); err != nil {
		return nil, err
	}
	if o, err = s.bookings.Order(ctx, id); err != nil {
		return nil, err
	}
	return s.showOrder(ctx, &o, s.payment(ctx, &o))
}
