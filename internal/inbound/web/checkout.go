package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// checkout is the page on which an order is placed.
type checkout struct {
	*basket
	panel panel
	clock clock
	url   string // of this page
	seats string // where places are changed

	lines   []moneyLine // places and charges
	notes   []string    // taxes that the prices contain
	total   string
	saved   string // by the voucher; empty without one
	free    bool   // there is nothing to pay
	applied string // the voucher that is in the total

	details
	voucher  string // as it was typed
	sure     string // an e-mail address that the buyer has confirmed
	meant    string // the address that was probably meant instead
	problems problems
}

// details are who orders, as a browser remembers it.
type details struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Remember bool   `json:"remember"`
}

// problem is something that is wrong with a field.
type problem struct{ field, text string }

// problems is all that is wrong with a form.
type problems []problem

// of is what is wrong with one field, or empty.
func (l problems) of(field string) string {
	for _, p := range l {
		if p.field == field {
			return p.text
		}
	}
	return ""
}

// awayError sends a visitor to another page.
type awayError struct{ to string }

func (awayError) Error() string { return "the page is elsewhere" }

// heldFor finds the hold of a checkout, if it is the browser's.
func (s *Site) heldFor(w http.ResponseWriter, v *visit) (*basket, error) {
	r := v.request
	id, err := booking.ParseHoldID(r.PathValue("hold"))
	if err != nil {
		return nil, command.ErrToken
	}
	name, token := heldBy(r, id.Event)
	if name != id.String() || s.office.CheckHold(id, token) != nil {
		return nil, command.ErrToken
	}
	offer, err := s.offers.Get(r.Context(), id.Event)
	if err != nil {
		return nil, err
	}
	b, err := s.readBasket(r.Context(), id, offer)
	if err != nil {
		return nil, err
	}
	switch b.State {
	case booking.HoldOrdered:
		// Back, a second tab, or a second press: the order is what has become of it.
		order := booking.OrderID{Event: id.Event, Key: b.Order}
		s.keepOrder(w, r, order)
		return nil, awayError{"/orders/" + order.String()}
	case booking.HoldReleased:
		return nil, awayError{"/events/" + id.Event.String() + "/seats"}
	case booking.HoldLive, booking.HoldExpired:
	}
	return b, nil
}

// showCheckout answers GET /checkout/{hold}.
func (s *Site) showCheckout(w http.ResponseWriter, v *visit) error {
	b, err := s.heldFor(w, v)
	if err != nil {
		return err
	}
	c := s.newCheckout(v, b)
	c.details = rememberedBy(v.request)
	if b.lost(v.now) {
		return s.sendCheckout(w, v, c, http.StatusGone)
	}
	status := http.StatusOK
	if c.voucher = v.request.URL.Query().Get("voucher"); c.voucher != "" {
		if err := s.apply(v, c, c.voucher); err != nil {
			return err
		}
		if len(c.problems) > 0 {
			status = http.StatusUnprocessableEntity
		}
	}
	return s.sendCheckout(w, v, c, status)
}

func (s *Site) newCheckout(v *visit, b *basket) *checkout {
	return &checkout{basket: b, url: "/checkout/" + b.ID.String(), clock: v.clockOf(b),
		seats: "/events/" + b.ID.Event.String() + "/seats"}
}

// sendCheckout prices what is ordered and sends the page.
func (s *Site) sendCheckout(w http.ResponseWriter, v *visit, c *checkout, status int) error {
	var err error
	if c.panel, err = s.panel(v, c.Offer, c.basket, c.seats); err != nil {
		return err
	}
	c.price(v)
	s.send(w, v.request, status, checkoutPage(v, c))
	return nil
}

// apply takes a voucher into the total, or says what is wrong with it.
func (s *Site) apply(v *visit, c *checkout, typed string) error {
	before := c.Total
	charges, total, code, err := query.WithVoucher(v.request.Context(), s.vouchers, c.Offer.Offer,
		c.Hold, typed, v.now)
	if err != nil {
		return c.refuse(v, "voucher", err)
	}
	c.Charges, c.Total, c.applied, c.voucher = charges, total, code, ""
	if saved, err := before.Sub(total); err == nil && !saved.IsZero() {
		c.saved = v.Price(saved)
	}
	return nil
}

// refuse puts a failure that the buyer can do something about beside a field.
func (c *checkout) refuse(v *visit, field string, err error) error {
	told, ok := asRefusal(err)
	if !ok {
		return err
	}
	c.problems = append(c.problems, problem{field, v.reason(told.Code(), told.Text())})
	return nil
}

// asRefusal is a failure that says no for a reason, in contrast to a trouble that passes.
func asRefusal(err error) (*errs.Error, bool) {
	switch errs.KindOf(err) {
	case errs.Malformed, errs.Invalid, errs.NotFound, errs.Conflict, errs.Gone:
		var told *errs.Error
		return told, errorAs(err, &told)
	default:
		return nil, false
	}
}

// price writes down each line of what is paid.
func (c *checkout) price(v *visit) {
	amount := func(minor int64) string {
		m, _ := money.New(minor, c.Currency()) // a part of a total that was checked
		if minor < 0 {
			m, _ = money.New(-minor, c.Currency())
			return "−" + v.Price(m)
		}
		return v.Price(m)
	}
	type kind struct {
		tier  uint8
		price int64
	}
	count, order := make(map[kind]int), []kind{}
	for _, l := range c.Lines {
		k := kind{l.Tier, l.Price}
		if count[k]++; count[k] == 1 {
			order = append(order, k)
		}
	}
	for _, k := range order {
		name := ""
		if tiers := c.Event().Tiers; int(k.tier) < len(tiers) {
			name = tiers[k.tier].Name + ", "
		}
		c.lines = append(c.lines, moneyLine{name + v.Checkout.Each(count[k], amount(k.price)),
			amount(k.price * int64(count[k]))})
	}
	contained, rates := make(map[int]int64), []int{}
	for i := range c.Charges {
		l := &c.Charges[i]
		if l.Total != 0 {
			c.lines = append(c.lines, moneyLine{chargeName(v, l), amount(l.Total)})
		}
		if l.Tax != 0 && !l.Rate.Added {
			if !slices.Contains(rates, l.Rate.Rate) {
				rates = append(rates, l.Rate.Rate)
			}
			contained[l.Rate.Rate] += l.Tax
		}
	}
	for _, rate := range rates {
		if contained[rate] == 0 {
			continue // a voucher has taken it off
		}
		c.notes = append(c.notes, v.Checkout.Contained(v.Percent(rate), amount(contained[rate])))
	}
	c.total, c.free = v.Price(c.Total), c.Total.IsZero()
}

func chargeName(v *visit, l *pricing.Line) string {
	switch {
	case l.Kind == pricing.VoucherDiscount:
		return v.Checkout.VoucherOf(l.Name)
	case l.Kind == pricing.TicketTax:
		return v.Checkout.Added(v.Percent(l.Rate.Rate))
	case l.Kind == pricing.TicketFee && l.Quantity > 1:
		return l.Name + " × " + numberText(l.Quantity)
	}
	return l.Name
}

const (
	detailsCookie = "buyer"
	detailsPath   = "/checkout"
	detailsSecond = 365 * 24 * 60 * 60
	maxDetails    = 2_000 // bytes
)

// rememberedBy reads the details that a browser has kept. Without any, it is to keep them.
func rememberedBy(r *http.Request) details {
	d := details{Remember: true}
	cookie, err := r.Cookie(detailsCookie)
	if err != nil || len(cookie.Value) > maxDetails {
		return d
	}
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		return details{Remember: true}
	}
	return d
}

// remember lets the browser keep the details: for a year, or, for who doesn't want that, until it
// is closed.
func (s *Site) remember(w http.ResponseWriter, d details) {
	text, err := json.Marshal(d)
	if err != nil {
		return // a struct of texts can be written
	}
	//nolint:gosec // Secure wherever buyers come through TLS
	cookie := &http.Cookie{Name: detailsCookie, Value: base64.RawURLEncoding.EncodeToString(text),
		Path: detailsPath, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure()}
	if d.Remember {
		cookie.MaxAge = detailsSecond
	}
	http.SetCookie(w, cookie)
}

// clean is a line of text without what surrounds it.
func clean(text string) string { return strings.TrimSpace(text) }
