package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/edge"
)

// lookTimeout bounds how long the page of an order waits for what the gateway knows. What isn't
// known by then is told as unknown.
const lookTimeout = 3 * time.Second

// longWait is from when on a payment takes longer than usual.
const longWait = 2 * time.Minute

// order is the page of an order: what is true about it now.
type order struct {
	booking.Order
	offer *query.Offer
	url   string

	heading, text, more string
	tone                string
	pay                 string // what the button says that leads to the payment; empty without one
	check               bool   // the buyer may have the gateway asked
	cancel              bool   // the buyer may cancel
	tickets             bool
	mailed              bool // a mail is on its way, or was sent
	waits               bool // it may change by itself at any moment

	start   time.Time
	places  []string
	total   string
	refunds []string
	history []historyLine
	back    int64  // how much went back, or will
	ask     bool   // the buyer may ask for the money back
	reason  string // of that wish, as it was typed
	asked   string // what became of that, in words; empty if nobody asked

	problems problems // with that form
}

type historyLine struct {
	at   time.Time // zero if it isn't known
	text string
}

// orderOf finds an order that the browser may see.
func (s *Site) orderOf(r *http.Request) (booking.OrderID, error) {
	id, err := booking.ParseOrderID(r.PathValue("order"))
	if err != nil {
		return id, command.ErrToken
	}
	if !slices.Contains(s.knownOrders(r), id) {
		return id, command.ErrToken
	}
	return id, nil
}

// showOrder answers GET /orders/{order}.
func (s *Site) showOrder(w http.ResponseWriter, v *visit) error {
	r := v.request
	if token := r.URL.Query().Get("token"); token != "" {
		id, err := booking.ParseOrderID(r.PathValue("order"))
		if err != nil || s.office.CheckOrder(id, token) != nil {
			return command.ErrToken
		}
		s.keepOrder(w, r, id)
		return awayError{r.URL.Path} // the token stays out of the history and of the referrer
	}
	id, err := s.orderOf(r)
	if err != nil {
		return err
	}
	page, err := s.orderPage(v, id)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, orderPage(v, page))
	return nil
}

// orderPage reads an order, and asks the gateway if it isn't decided.
func (s *Site) orderPage(v *visit, id booking.OrderID) (*order, error) {
	ctx := v.request.Context()
	o, offer, err := s.readOrder(v, id)
	if err != nil {
		return nil, err
	}
	doubt := policy.NotBegun
	if o.State == booking.AwaitingPayment {
		if doubt, o, err = s.look(ctx, o); err != nil {
			return nil, err
		}
	}
	p := &order{Order: o, offer: offer, url: "/orders/" + id.String(), total: v.Price(o.Total),
		start: inZone(offer.Event().StartsAt, offer.Event().TimeZone)}
	for _, l := range o.Lines {
		p.places = append(p.places, v.name(offer, l.Place))
	}
	p.judge(v, doubt)
	p.tell(v)
	if o.State == booking.AwaitingPayment {
		return p, nil
	}
	if err := s.money(v, p); err != nil {
		return nil, err
	}
	return p, s.wish(v, p)
}

// look asks the gateway about an order that awaits its payment. What it can't tell in time is
// undecided: nobody is told that it failed.
func (s *Site) look(
	ctx context.Context, o booking.Order,
) (policy.Doubt, booking.Order, error) {
	limited, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	doubt, err := s.cashier.LookAgain(limited, o)
	if err != nil {
		s.log.WarnContext(ctx, "a payment can't be checked now", "error", err)
		return policy.Undecided, o, nil
	}
	if doubt != policy.Decided {
		return doubt, o, nil
	}
	attempt := o.CurrentAttempt()
	if o, err = s.bookings.Order(ctx, o.ID); err != nil {
		return doubt, o, err
	}
	if o.State == booking.AwaitingPayment && o.CurrentAttempt() == attempt {
		return policy.Undecided, o, nil // it is not what was ordered: staff look at it
	}
	return policy.NotBegun, o, nil
}

// judge says what is true.
func (p *order) judge(v *visit, doubt policy.Doubt) {
	words, until := &v.Orders, inZone(p.ExpiresAt, p.offer.Event().TimeZone)
	switch p.State {
	case booking.AwaitingPayment:
		p.waits = true
		clock := v.Dates.Full(until)
		switch {
		case doubt == policy.Undecided:
			p.heading, p.text, p.more = words.Unknown, words.UnknownHere, words.UnknownSoon
			if v.site.mails {
				p.text = words.UnknownHow(p.Buyer.Email)
			}
			if v.now.Sub(p.PlacedAt) > longWait {
				p.more = words.UnknownLong
			}
			p.check = true
			return
		case p.CurrentAttempt() > booking.MaxAttempts:
			p.heading, p.text, p.tone = words.Declined, words.TooOften, "bad"
		case v.request.URL.Query().Get(unavailable) != "":
			p.heading, p.text, p.tone = words.Unavailable, words.UnavailableHow(clock), "warn"
			p.pay = words.PayAgain
		case p.Declined > 0:
			p.heading, p.text, p.tone = words.Declined, words.DeclinedHow(clock), "bad"
			p.pay = words.PayAgain
		default:
			p.heading, p.text, p.tone = words.Waiting, words.WaitingHow(clock), "warn"
			p.pay = words.Pay(p.total)
		}
		p.cancel = true
	case booking.Paid:
		p.heading, p.text, p.tone, p.tickets = words.Paid, words.PaidHere, "ok", true
		if v.site.mails {
			p.text, p.mailed = words.PaidHow(p.Buyer.Email), true
		}
		if p.Total.IsZero() {
			p.heading = words.PaidFree
		}
	case booking.OrderExpired:
		p.heading, p.text = words.Expired, words.ExpiredHow
	case booking.OrderCancelled:
		p.heading, p.text = words.Cancelled, words.CancelledHow
	}
}

// tell writes the history of what the order knows itself.
func (p *order) tell(v *visit) {
	zone := p.offer.Event().TimeZone
	p.history = append(p.history, historyLine{inZone(p.PlacedAt, zone), v.Orders.Placed})
	if p.Declined > 0 {
		p.history = append(p.history, historyLine{text: v.Orders.DeclinedN(p.Declined)})
	}
	if !p.PaidAt.IsZero() && !p.Total.IsZero() {
		p.history = append(p.history, historyLine{inZone(p.PaidAt, zone), v.Orders.PaidAt})
	}
}

// money tells what has come and gone back. If too many ask at once, the page does without.
func (s *Site) money(v *visit, p *order) error {
	if p.Total.IsZero() {
		return nil
	}
	payments, refunds, err := s.books.OrderMoney(v.request.Context(), p.ID)
	if errors.Is(err, query.ErrManyReads) {
		return nil
	}
	if err != nil {
		return err
	}
	zone := p.offer.Event().TimeZone
	for i := range payments {
		if payments[i].Use != booking.Returned {
			p.back += payments[i].Refunded.Minor()
			continue
		}
		amount := v.Price(payments[i].Amount)
		p.history = append(p.history,
			historyLine{inZone(payments[i].CapturedAt, zone), v.Orders.Received(amount)})
		if p.State == booking.OrderExpired {
			p.text = v.Orders.LateHow(amount)
		}
	}
	for i := range refunds {
		if refunds[i].State == booking.RefundReversed {
			continue // the buyer's bank took it and gave it back
		}
		p.refunds = append(p.refunds, v.refund(&refunds[i], zone))
	}
	return nil
}

func (v *visit) refund(r *booking.Refund, zone string) string {
	amount := v.Price(r.Amount)
	switch r.State {
	case booking.RefundDone:
		return v.Orders.RefundDone(amount, v.Dates.Day(inZone(r.DoneAt, zone)))
	case booking.RefundFailed:
		return v.Orders.RefundFailed(amount)
	case booking.RefundRequested, booking.RefundReversed:
	}
	return v.Orders.RefundOpen(amount)
}

// mark changes whenever the page of an order has to.
func mark(o *booking.Order) string {
	return o.State.String() + "." + strconv.Itoa(o.Declined)
}

// readState answers GET /orders/{order}/state, which scripts ask again and again: it is cheap and
// asks no gateway.
func (s *Site) readState(w http.ResponseWriter, r *http.Request) {
	id, err := s.orderOf(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	o, err := s.bookings.Order(r.Context(), id)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	text, err := json.Marshal(struct {
		State string `json:"state"`
	}{mark(&o)})
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusOK, text)
}
