package web

import (
	"errors"
	"net/http"
	"strconv"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/forms"
)

func errorAs(err error, told **errs.Error) bool { return errors.As(err, told) }

func numberText(n int) string { return strconv.Itoa(n) }

// placeOrder answers POST /checkout/{hold}.
func (s *Site) placeOrder(w http.ResponseWriter, v *visit) error {
	b, err := s.heldFor(w, v)
	if err != nil {
		return err
	}
	form := v.request.PostForm
	c := s.newCheckout(v, b)
	c.details = details{Name: clean(form.Get("name")), Email: clean(form.Get("email")),
		Remember: form.Get("remember") != ""}
	c.voucher, c.sure = clean(form.Get("voucher")), form.Get("sure")
	if b.State == booking.HoldExpired { // a little after the end that was shown is in time
		return s.sendCheckout(w, v, c, http.StatusGone)
	}
	applied := form.Get("applied")
	switch form.Get("do") {
	case "drop":
		return s.reload(w, v, c, "")
	case "use":
		if meant := forms.MailSlip(c.Email); meant != "" {
			c.Email = meant
		}
		return s.reload(w, v, c, applied)
	case "apply":
		return s.applyTyped(w, v, c)
	}
	if c.voucher != "" { // typed and not applied: the total isn't what the buyer expects
		return s.applyTyped(w, v, c)
	}
	if applied != "" {
		if err := s.apply(v, c, applied); err != nil {
			return err
		}
	}
	if c.check(v); len(c.problems) > 0 {
		return s.sendCheckout(w, v, c, http.StatusUnprocessableEntity)
	}
	return s.order(w, v, c)
}

// applyTyped shows the price with a voucher, on a page that can be reloaded.
func (s *Site) applyTyped(w http.ResponseWriter, v *visit, c *checkout) error {
	if c.voucher == "" {
		return s.reload(w, v, c, "")
	}
	if err := s.apply(v, c, c.voucher); err != nil {
		return err
	}
	if len(c.problems) > 0 {
		return s.sendCheckout(w, v, c, http.StatusUnprocessableEntity)
	}
	return s.reload(w, v, c, c.applied)
}

// reload keeps what was typed and sends the browser to the page anew.
func (s *Site) reload(w http.ResponseWriter, v *visit, c *checkout, voucher string) error {
	s.remember(w, c.details)
	to := c.url
	if voucher != "" {
		to += "?voucher=" + voucher
	}
	v.lead(w, to)
	return nil
}

// check says what is missing or looks wrong.
func (c *checkout) check(v *visit) {
	const sample = "a@b.c"
	if _, err := booking.NewBuyer(c.Name, sample); err != nil {
		c.problems = append(c.problems, problem{"name", v.Checkout.NoName})
	}
	if _, err := booking.NewBuyer("a", c.Email); err != nil {
		c.problems = append(c.problems, problem{"email", v.Checkout.BadEmail})
	} else if meant := forms.MailSlip(c.Email); meant != "" && c.sure != c.Email {
		c.meant, c.sure = meant, c.Email
		c.problems = append(c.problems, problem{"email", v.Checkout.DidYouMean(meant)})
	}
}

// order places the order and leads to where it is paid.
func (s *Site) order(w http.ResponseWriter, v *visit, c *checkout) error {
	buyer, err := booking.NewBuyer(c.Name, c.Email)
	if err != nil {
		return err
	}
	buyer.Language = v.Lang
	key := v.request.PostForm.Get("key")
	if key == "" {
		key = v.key()
	}
	// The language isn't part of what is asked for: who sends the form once more from the page in
	// another one has placed the same order, and it keeps the first.
	made, err := s.office.PlaceOrder(v.request.Context(), command.OrderWish{Hold: c.ID,
		Buyer: buyer, Voucher: c.applied, Seen: seen(v.request.PostForm.Get("seen")),
		ReturnTo: func(id booking.OrderID) string { return s.public + "/orders/" + id.String() },
		Idempotency: command.Idempotency{Key: key[:min(len(key), maxFormKey)],
			Body: []byte(buyer.Name + "\n" + buyer.Email + "\n" + c.applied)}})
	if err != nil {
		return s.refuseOrder(w, v, c, err)
	}
	s.remember(w, c.details)
	s.keepOrder(w, v.request, made.Order.ID)
	return s.toPayment(w, v, &made.Order)
}

// seen is how often the hold had been changed when its price was shown, or nil.
func seen(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &n
}

// refuseOrder says why the order wasn't placed: beside the field that can change it, where there is
// one.
func (s *Site) refuseOrder(w http.ResponseWriter, v *visit, c *checkout, failure error) error {
	told, ok := asRefusal(failure)
	switch {
	case errors.Is(failure, booking.ErrHoldOrdered), errors.Is(failure, booking.ErrKeyReused):
		return awayError{c.url} // which leads to the order
	case errors.Is(failure, booking.ErrHoldEnded):
		c.State = booking.HoldExpired
		return s.sendCheckout(w, v, c, http.StatusGone)
	case !ok:
		return failure
	case errors.Is(failure, booking.ErrBuyerLimit):
		limit, _ := told.Fields()["max_per_buyer"].(int)
		have, _ := told.Fields()["you_have"].(int)
		c.problems = append(c.problems, problem{"email", v.Checkout.Limit(limit, have)})
	case errors.Is(failure, booking.ErrHoldChanged):
		c.problems = append(c.problems, problem{"pay", v.reason(told.Code(), told.Text())})
	case c.applied != "" && told.Code() != booking.ErrRevised.Code():
		c.voucher, c.applied = c.applied, ""
		c.problems = append(c.problems,
			problem{"voucher", v.reason(told.Code(), told.Text())})
	default:
		c.problems = append(c.problems, problem{"pay", v.reason(told.Code(), told.Text())})
	}
	b, err := s.readBasket(v.request.Context(), c.ID, c.Offer)
	if err != nil {
		return err
	}
	c.basket, c.saved = b, ""
	return s.sendCheckout(w, v, c, http.StatusUnprocessableEntity)
}

// toPayment sends the buyer to the gateway's page. If there is none, the order's page knows why.
func (s *Site) toPayment(w http.ResponseWriter, v *visit, o *booking.Order) error {
	to := "/orders/" + o.ID.String()
	if o.State == booking.AwaitingPayment {
		_, gateway := s.gateways.First()
		page, err := s.cashier.Begin(v.request.Context(), o, gateway)
		switch {
		case err != nil:
			s.log.WarnContext(v.request.Context(), "payment page not available", "error", err)
			to += "?" + unavailable + "=1"
		case page.URL != "":
			to = page.URL
		}
	}
	v.lead(w, to)
	return nil
}

// unavailable says in an address that the payment page couldn't be opened a moment ago.
const unavailable = "unavailable"
